#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Floods of discovery and of session frames: established sessions lose nothing, memory does not grow.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

# The sanitizers keep freed memory: the plain build tells more about growth.
xpppd=$build/plain/xpppd
network_up
write_conf
start
core_up
# flood KIND OPTION...: while sessions carry traffic
flood() {
	local kind=$1 before
	shift
	before=$(rss)
	in_sub "$dialer" flood "$kind" --interface s0 --rate 50000 --count 150000 \
		--report "$work/flood-$kind.json" "$@" > "$work/flood.log" 2>&1 || fail "flood: $(cat "$work/flood.log")"
	at_most $((before + 1024)) "$(rss)" "KiB of memory after the flood of $kind"
	expect 20 "$(established)" "sessions after the flood of $kind"
	expect 20 "$(ctl -j show status | jq .sessions)" "sessions of any kind after the flood of $kind"
}
dial warm --sessions 20 --first 50
in_sub "$dialer" flood padi --interface s0 --rate 10000 --count 10000 --report "$work/warm.json" > /dev/null 2>&1
hold held 20 --vlan none,7,100.7 --up-pps 500 --down-pps 500 --duration 60
flood padi
flood padr-forged
flood padr-forged --cookie-len 0
flood session-unknown
ids=$(ctl -j session all | jq -s 'map(.. | objects | ."carrier-id"? // empty) | "\(min)-\(max)"' -r)
flood wrong-mac --sid "$ids"
for reason in discovery-cookie discovery-no-cookie no-session wrong-peer; do
	at_least 1000 "$(drops $reason)" "drops counted as $reason"
done
# At most a line per second and reason.
at_most 300 "$(wc -l < "$work/xpppd.log")" "lines of log"
hang_up held
expect 0 "$(lost held up)" "lost upstream under flood"
expect 0 "$(lost held down)" "lost downstream under flood"
dial after --sessions 20 --first 50
stop
