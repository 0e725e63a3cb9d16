#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Floods of connections that are no PPTP, and of GRE packets: established calls lose nothing, memory does not
# grow, and clients get in.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

# The sanitizers keep freed memory: the plain build tells more about growth.
xpppd=$build/plain/xpppd
l2tp_up
write_pptp_conf
start
core_up
# Who floods sends from an address of the same network.
ip -n sub addr add 192.0.2.66/24 dev s0

# flood KIND COUNT RATE OPTION...: while sessions carry traffic
flood() {
	local kind=$1 count=$2 rate=$3 before
	shift 3
	before=$(rss)
	in_sub "$dialer" flood "$kind" --pac $pac --rate "$rate" --count "$count" --wait 0.5 \
		--report "$work/flood-$kind.json" "$@" > "$work/flood.log" 2>&1 || fail "flood: $(cat "$work/flood.log")"
	at_most $((before + ${grow:-1024})) "$(rss)" "KiB of memory after the flood of $kind"
	expect 20 "$(established)" "sessions after the flood of $kind"
	expect 20 "$(ctl -j show status | jq .sessions)" "sessions of any kind after the flood of $kind"
	wait_for 5 has_control || fail "no answer after the flood of $kind"
}
pptp_hold held 20 --tunnels 4 --up-pps 500 --down-pps 500 --duration 45 --hello-interval 1
# What is no PPTP is closed at once.
for kind in magic zero long garbage; do
	grow=4096 flood pptp-$kind 1000 500 --local 192.0.2.66
	at_least "$(report flood-pptp-$kind .connected)" "$(report flood-pptp-$kind .closed_by_server)" \
		"$kind: connections that the server has closed"
	expect 0 "$(report flood-pptp-$kind .answers)" "$kind: answers"
done
# What may still become PPTP has its time.
for kind in silent half sccrq; do
	grow=16384 flood pptp-$kind 1000 500 --local 192.0.2.66
done
at_least 100 "$(report flood-pptp-sccrq .answers)" "SCCRPs"
wait_for 20 tunnels_are 4 || fail "connections of the flood stay: $(tunnels length)"

# Of calls that are not there, from the clients' own address and another; of theirs, from another.
ids=$(ctl -j session all | jq -s 'map(.. | objects | ."carrier-id"? // empty) | "\(min)-\(max)"' -r)
flood gre 150000 50000 --sid "$((${ids#*-} + 1))-65535"
flood gre 60000 50000 --spoof 192.0.2.66
flood gre 60000 50000 --spoof 192.0.2.66 --sid "$ids"
at_least 1000 "$(($(drops pptp-peer) + $(drops pptp-data-peer)))" "drops for the peer"
at_least 1000 "$(drops pptp-data-unknown)" "drops counted as pptp-data-unknown"
at_least 100 "$(drops pptp-control-header)" "drops counted as pptp-control-header"
at_least 100 "$(drops pptp-control-length)" "drops counted as pptp-control-length"
# At most a line per second and reason, but for connections that were established.
at_most 500 "$(grep -vcE 'established with|connection lost' "$work/xpppd.log")" "lines of log"
hang_up held
expect 0 "$(lost held up)" "lost upstream under flood"
expect 0 "$(lost held down)" "lost downstream under flood"
expect 0 "$(report held .traffic.wrong)" "wrong packets under flood"
tunnels_are_clean held
numbers_are_right held
pptp after --sessions 20 --tunnels 4
stop
