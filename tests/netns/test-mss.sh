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
# Larger than the session's: an end that does not know better asks for 1460.
ip -n sub link set tun0 mtu 1500
in_core iperf3 -s -B "$internet" > /dev/null &
wait_for 5 in_core sh -c 'ss -Hltn | grep -q :5201'
nsenter --net=/run/netns/core tcpdump -i c0 --immediate-mode -U -w "$work/syn.pcap" 'tcp[tcpflags] & tcp-syn != 0' 2> "$work/tcpdump" &
tcpdump=$!
wait_for 5 grep -q listening "$work/tcpdump"
for way in "" -R; do
	# shellcheck disable=SC2086 # an option or nothing
	in_sub iperf3 -J -c "$internet" -n 20M $way > "$work/iperf.json" || fail "iperf3 $way: $(jq .error "$work/iperf.json")"
	at_least 10000000 "$(jq '.end.sum_received.bits_per_second | floor' "$work/iperf.json")" "bits per second ($way)"
done
kill $tcpdump
wait $tcpdump || true
# mss FILTER: the largest that was asked for
mss() { tcpdump -nr "$work/syn.pcap" "$1" 2> /dev/null | grep -o 'mss [0-9]*' | cut -d' ' -f2 | sort -n | tail -n 1; }
at_most 1452 "$(mss 'src net 10.64.0.0/16')" "MSS from the subscriber"
hang_up tun
stop
