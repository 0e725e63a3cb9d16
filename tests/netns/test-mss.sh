#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# TCP between subscriber and core: segments are clamped on SYN, and much data goes through each way.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "tcp-mss-adjust yes"
start
hold tun 1 --user anna --password secret --tun tun%d
in_sub ip route replace default dev tun0
in_core iperf3 -s -B "$internet" > /dev/null &
wait_for 5 in_core sh -c 'ss -Hltn | grep -q :5201'
in_core tcpdump -i c0 -c 2 -U -w "$work/syn.pcap" 'tcp[tcpflags] & tcp-syn != 0' 2> "$work/tcpdump" &
wait_for 5 grep -q listening "$work/tcpdump"
for way in "" -R; do
	# shellcheck disable=SC2086 # an option or nothing
	in_sub iperf3 -J -c "$internet" -n 20M $way > "$work/iperf.json" || fail "iperf3 $way: $(jq .error "$work/iperf.json")"
	at_least 10000000 "$(jq '.end.sum_received.bits_per_second | floor' "$work/iperf.json")" "bits per second ($way)"
done
wait_for 5 test -s "$work/syn.pcap"
mss=$(tcpdump -nr "$work/syn.pcap" "src net 10.64.0.0/16" 2> /dev/null | grep -o 'mss [0-9]*' | head -n 1)
at_most 1452 "${mss#mss }" "MSS on the core side"
hang_up tun
stop
