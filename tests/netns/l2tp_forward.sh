# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-l2tp-forward-*.sh: l2tp_forward_test MODE dials in with each form of the data header over
# IPv4 and IPv6, and counts packets both ways: none lost, none wrong, all on the fast path.

# l2tp_count NAME OPTION...
l2tp_count() {
	local name=$1 up down
	shift
	up=$(path up fast) down=$(path down fast)
	l2tp "$name" --sessions 6 --tunnels 2 --max-loss 0 --up-pps 2000 --down-pps 2000 \
		--size 28-1360 --duration 1 "$@"
	traffic_is_clean "$name"
	tunnels_are_clean "$name"
	at_least $(($(sent "$name" up) * 99 / 100)) $(($(path up fast) - up)) "$name: fast path upstream"
	at_least $(($(sent "$name" down) * 99 / 100)) $(($(path down fast) - down)) \
		"$name: fast path downstream"
	wait_for 5 sessions_are 0 || fail "$name: sessions outlive their hang-up"
}

l2tp_forward_test() {
	local address
	mode=$1
	l2tp_up
	write_l2tp_conf
	start
	expect "$1" "$(mode_of access0)" "mode of access0"
	core_up
	for address in "$lns4" "$lns6"; do
		lns=$address
		l2tp_count plain
		l2tp_count length --length --pfc --acfc
		l2tp_count offset --offset 6
		l2tp_count sequence --data-sequence require
		at_least 1 "$(tunnels_of sequence .data.sequenced)" "data messages with sequence numbers"
		expect 0 "$(tunnels_of sequence .data.gaps)" "gaps in the sequence"
		l2tp_count all --length --offset 3 --data-sequence require --compress
	done
	lns=$lns4
	l2tp_count no-checksum --no-udp-checksum
	stop
	sed -i 's/listen on 2001:db8::1/&\n		l2tp-data-use-seq no/' "$work/xpppd.conf"
	start
	l2tp_count unsequenced
	expect 0 "$(tunnels_of unsequenced .data.sequenced)" "data messages with sequence numbers"
	stop
}
