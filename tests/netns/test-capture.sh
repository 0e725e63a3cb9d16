#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# `xpppctl capture` writes a session's packets, both ways, as pcap; other sessions stay out.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

# capture_anna NAME: while she and others have traffic
capture_anna() {
	local address packets up down
	address=$(ctl -j session brief username anna | jq -rs 'map(.. | objects | select(.username == "anna").address) | first')
	timeout 10 "$build/plain/xpppctl" -s "$control" capture -c 40 -w "$work/$1.pcap" username anna ||
		fail "capture: status $?"
	packets=$(tcpdump -nr "$work/$1.pcap" 2> /dev/null | wc -l)
	expect 40 "$packets" "packets in the file"
	up=$(tcpdump -nr "$work/$1.pcap" "src $address and dst $internet and udp port $core_port" 2> /dev/null | wc -l)
	down=$(tcpdump -nr "$work/$1.pcap" "dst $address and src $internet and udp port $core_port" 2> /dev/null | wc -l)
	expect "$packets" $((up + down)) "packets of this session"
	at_least 5 "$up" "packets upstream"
	at_least 5 "$down" "packets downstream"
	! tcpdump -vnr "$work/$1.pcap" 2> /dev/null | grep -q 'bad' || fail "a checksum is wrong"
	# Off again: the flag that makes the data plane copy packets is gone.
	expect 0 "$(bpftool -j map dump pinned "$pin_dir/sessions_up" |
		jq '[.[].formatted.value | select(.state != 0) | .flags | tonumber | . / 8 | floor % 2] | add')" \
		"sessions that are still copied"
}

network_up
write_conf
start
core_up
hold others 4 --up-pps 200 --down-pps 200 --duration 20
hold anna 1 --user anna --password secret --mac-base 02:aa:00:00:00:01 --up-pps 50 --down-pps 50 --duration 20
capture_anna pppoe
status=0
ctl capture -w "$work/none.pcap" username nobody 2> /dev/null || status=$?
expect 1 $status "status of a capture of nobody"
hang_up anna
hang_up others
stop

l2tp_link
for lns in $lns4 $lns6; do
	write_l2tp_conf
	start
	l2tp_hold others 4 --up-pps 200 --down-pps 200 --duration 20
	l2tp_hold anna 1 --user anna --password secret --data-sequence require --up-pps 50 --down-pps 50 --duration 20
	capture_anna "l2tp-$lns"
	hang_up anna
	hang_up others
	stop
done

# What the agent moves itself is copied there.
lns=$lns4
write_l2tp_conf "pipex no"
start
l2tp_hold anna 1 --user anna --password secret --up-pps 50 --down-pps 50 --duration 20
capture_anna slow
at_least 5 "$(path up slow)" "packets on the slow path"
hang_up anna
stop
