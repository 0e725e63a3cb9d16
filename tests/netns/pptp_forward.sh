# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-pptp-forward-*.sh: pptp_forward_test MODE dials in with each way to authenticate and each form
# of the PPP header, and counts packets both ways: none lost, none wrong, all on the fast path, numbers
# without gaps, acknowledged in time.

# pptp_count NAME OPTION...
pptp_count() {
	count_fast pptp "$@"
	numbers_are_right "$1"
	at_least 1 "$(tunnels_of "$1" .data.piggybacked)" "$1: acknowledgements on data"
	at_most "$(tunnels_of "$1" .data.server_window)" "$(tunnels_of "$1" .data.in_flight)" \
		"$1: packets that were not acknowledged"
}

pptp_forward_test() {
	local auth
	mode=$1
	l2tp_up
	write_pptp_conf
	start
	expect "$1" "$(mode_of access0)" "mode of access0"
	core_up
	for auth in pap chap mschapv2; do
		pptp_count $auth --auth $auth
	done
	pptp_count compressed --pfc --acfc --compress
	# Nothing flows back: the server acknowledges by itself, and so does the client.
	pptp up --sessions 2 --max-loss 0 --up-pps 2000 --duration 1
	traffic_is_clean up
	numbers_are_right up
	at_least 10 "$(tunnels_of up .data.acks_received)" "up: acknowledgements alone"
	at_most "$(tunnels_of up .data.server_window)" "$(tunnels_of up .data.in_flight)" \
		"up: packets that were not acknowledged"
	pptp down --sessions 2 --max-loss 0 --down-pps 2000 --duration 1
	traffic_is_clean down
	numbers_are_right down
	stop
}
