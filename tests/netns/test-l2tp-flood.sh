#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Floods and forged messages: other tunnels lose nothing, memory does not grow.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

# The sanitizers keep freed memory: the plain build tells more about growth.
xpppd=$build/plain/xpppd
l2tp_up
write_l2tp_conf
start
core_up
# Who forges sends from an address of the same network.
ip -n sub addr add 192.0.2.66/24 dev s0

# flood KIND COUNT OPTION...: while sessions carry traffic
flood() {
	local kind=$1 count=$2 before
	shift 2
	before=$(rss)
	in_sub "$dialer" flood "$kind" --lns $lns --rate 50000 --count "$count" \
		--report "$work/flood-$kind.json" "$@" > "$work/flood.log" 2>&1 || fail "flood: $(cat "$work/flood.log")"
	at_most $((before + ${grow:-1024})) "$(rss)" "KiB of memory after the flood of $kind"
	expect 20 "$(established)" "sessions after the flood of $kind"
	expect 20 "$(tunnels 'map(.sessions) | add')" "sessions in tunnels after the flood of $kind"
	wait_for 5 has_control || fail "no answer after the flood of $kind"
}
l2tp_hold held 20 --tunnels 4 --up-pps 500 --down-pps 500 --duration 40
ids=$(tunnels 'map(."tunnel-id") | "\(min)-\(max)"')
sessions=$(ctl -j session all | jq -s 'map(.. | objects | ."carrier-id"? // empty) | "\(min)-\(max)"' -r)
# Half-open tunnels are bounded in number, so is their memory.
grow=16384 flood sccrq 150000
flood stopccn 60000 --spoof 192.0.2.66 --tunnel-id "$ids"
flood cdn 60000 --spoof 192.0.2.66 --tunnel-id "$ids" --sid "$sessions"
# The same from the right address, but another port.
flood stopccn 60000 --tunnel-id "$ids"
flood l2tp-data 150000
flood l2tp-data 60000 --spoof 192.0.2.66 --tunnel-id "$ids" --sid "$sessions"
for reason in l2tp-rate l2tp-peer l2tp-data-unknown; do
	at_least 1000 "$(drops $reason)" "drops counted as $reason"
done
# At most a line per second and reason.
at_most 500 "$(wc -l < "$work/xpppd.log")" "lines of log"
hang_up held
expect 0 "$(lost held up)" "lost upstream under flood"
expect 0 "$(lost held down)" "lost downstream under flood"
tunnels_are_clean held
l2tp after --sessions 20 --tunnels 4
stop
