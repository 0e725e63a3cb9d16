# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-forward-*.sh: forward_test MODE dials in with each way to authenticate, untagged, with one
# tag and with two, and counts packets both ways: none lost, none wrong, all on the fast path.

# dial_and_count AUTH TPID: sessions u0.. in turn on three kinds of link
dial_and_count() {
	local name=$1-$2 up down
	up=$(path up fast) down=$(path down fast)
	dial "$name" --sessions 9 --auth "$1" --vlan none,7,100.7 --tpid "$2" --max-loss 0 \
		--up-pps 2000 --down-pps 2000 --size 28-1492 --duration 1
	traffic_is_clean "$name"
	# Not all: the neighbours' entries may have to be refreshed.
	at_least $(($(sent "$name" up) * 99 / 100)) $(($(path up fast) - up)) "$name: fast path upstream"
	at_least $(($(sent "$name" down) * 99 / 100)) $(($(path down fast) - down)) \
		"$name: fast path downstream"
	wait_for 5 sessions_are 0 || fail "$name: sessions outlive their hang-up"
}

forward_test() {
	local auth
	mode=$1
	network_up
	write_conf
	start
	expect "$1" "$(mode_of access0)" "mode of access0"
	expect "$1" "$(mode_of core0)" "mode of core0"
	core_up
	for auth in pap chap mschapv2; do
		dial_and_count $auth 8100
	done
	dial_and_count pap 88a8
	stop
}
