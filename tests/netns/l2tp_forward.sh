# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-l2tp-forward-*.sh: l2tp_forward_test MODE dials in with each form of the data header over
# IPv4 and IPv6, and counts packets both ways: none lost, none wrong, all on the fast path.

l2tp_forward_test() {
	local address
	mode=$1
	l2tp_up
	# The agent numbers its own messages between those of the programs, which may overtake them: no CCP
	# a second after the login.
	write_l2tp_conf
	start
	expect "$1" "$(mode_of access0)" "mode of access0"
	core_up
	for address in "$lns4" "$lns6"; do
		lns=$address
		count_fast l2tp plain
		count_fast l2tp length --length --pfc --acfc
		count_fast l2tp offset --offset 6
		count_fast l2tp sequence --data-sequence require
		at_least 1 "$(tunnels_of sequence .data.sequenced)" "data messages with sequence numbers"
		expect 0 "$(tunnels_of sequence .data.gaps)" "gaps in the sequence"
		count_fast l2tp all --length --offset 3 --data-sequence require --compress
	done
	lns=$lns4
	count_fast l2tp no-checksum --no-udp-checksum
	stop
	sed -i 's/listen on 2001:db8::1/&\n		l2tp-data-use-seq no/' "$work/xpppd.conf"
	start
	count_fast l2tp unsequenced
	expect 0 "$(tunnels_of unsequenced .data.sequenced)" "data messages with sequence numbers"
	stop
}
