#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# `xpppctl monitor` tells of sessions as they come and go.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
start
xpppctl=("$build/plain/xpppctl" -s "$control")
"${xpppctl[@]}" -j monitor all > "$work/all" &
"${xpppctl[@]}" -j monitor username u1 > "$work/u1" &
filtered=$!
"${xpppctl[@]}" monitor all > "$work/text" &
wait_for 5 test -e "$work/text"
sleep 0.5
dial two --sessions 2 --hold 0.5
wait_for 5 sessions_are 0 || fail "sessions stay"
# events FILE USER: in the order they came
events() { jq -rs "map(.. | objects | select(.type == \"event\" and .username == \"$2\").event) | join(\" \")" "$work/$1"; }
monitored() { [ "$(events all u1)" = "established ended" ]; }
wait_for 5 monitored || fail "events of u1: $(events all u1)"
expect "established ended" "$(events all u0)" "events of u0"
expect "established ended" "$(events u1 u1)" "events of u1, filtered"
expect "" "$(events u1 u0)" "events of u0 among those of u1"
at_least 2 "$(grep -c started "$work/all")" "sessions started"
at_least 1 "$(jq -s 'map(.. | objects | select(.event == "ended" and (.cause | length > 0))) | length' "$work/all")" \
	"ends with a cause"
grep -q established "$work/text" || fail "the text form says nothing"
# One that goes away in the middle is no harm.
kill "$filtered"
dial more --sessions 2
stop
