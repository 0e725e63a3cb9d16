#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# `xpppctl top` names the sessions that have traffic, with their rates.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
core_up
write_conf
start
dial idle --first 20 --sessions 30 --hangup silent
hold busy 2 --up-pps 200 --down-pps 400 --size 500 --duration 60
sleep 1
ctl -j top -n 5 -b 2 -i 1 > "$work/top.json" || fail "top"
rounds=$(jq -s 'map(select(.type == "round")) | length' "$work/top.json")
expect 2 "$rounds" "rounds"
expect 32 "$(jq -s 'map(select(.type == "round")) | last | .sessions' "$work/top.json")" "sessions looked at"
last_round() { jq -s '[.[] | select(.type == "busy")][-2:]' "$work/top.json"; }
expect '["u0","u1"]' "$(last_round | jq -c 'map(.username) | sort')" "the busy ones"
# over both sessions, as the dialer sends: packets a second, and bits of 500 bytes each
up=$(last_round | jq 'map(."up-pps") | add') down=$(last_round | jq 'map(."down-bps") | add')
at_least 150 "$up" "packets a second up"
at_most 250 "$up" "packets a second up"
at_least 1200000 "$down" "bits a second down"
at_most 2000000 "$down" "bits a second down"
expect 1 "$(ctl -j top -n 1 -b 1 | grep -c '"busy"')" "sessions with -n 1"
expect 0 "$(ctl -j top -b 1 username u25 | grep -c '"busy"' || true)" "an idle session"
ctl top -b 1 | grep -qE '^ *[0-9]+ 10\.64\.[0-9.]+ +u[01] ' || fail "text of top"

# Each keeps the counters of all sessions: there is a bound, and who goes frees his place.
watchers=()
for _ in 1 2 3 4; do
	"$build/plain/xpppctl" -s $control -j top > /dev/null &
	watchers+=($!)
done
sleep 1
! ctl top -b 1 > /dev/null 2>&1 || fail "a fifth that watches"
kill -KILL "${watchers[@]}"
wait_for 5 ctl top -b 1 || fail "nobody can watch any more"
stop
