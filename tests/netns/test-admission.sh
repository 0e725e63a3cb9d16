#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# New dials wait for those that are under way: the bound of half-open sessions, offers that are
# delayed or left out by load; sessions that are there notice nothing of it.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
core_up
write_conf "pppoe-pado-delay 0 300:20 -1:40" "set max-half-open 5"
start
hold held 3 --up-pps 100 --down-pps 100

# A storm of clients: each gets its session when others have got theirs.
dial storm --first 20 --sessions 15 --auth chap --discovery-timeout 200 --tries 50
expect 15 "$(established_by storm)" "sessions of a storm"
wait_for 5 established_is 3 || fail "sessions of the storm stay"

# Clients that never speak PPP fill the bound, and only it.
half_open() { ctl -j show status | jq '."sessions-half-open"'; }
half_open_is() { [ "$(half_open)" = "$1" ]; }
before=$(drops admission-half-open)
nsenter --net=/run/netns/sub "$dialer" dial --interface s0 --first 50 --sessions 20 --tries 1 --mute \
	> "$work/mute.log" 2>&1 &
mute_pid=$!
wait_for 5 half_open_is 5 || fail "half-open sessions: $(half_open)"
! (dial late --first 80 --tries 2 --discovery-timeout 300) > /dev/null || fail "a dial beyond the bound"
expect 5 "$(half_open)" "half-open sessions at the bound"
at_least $((before + 1)) "$(drops admission-half-open)" "dials that were not answered"
established_is 3 || fail "sessions were lost"
kill "$mute_pid" 2> /dev/null || true
wait "$mute_pid" || true
hang_up held
traffic_is_clean held
stop

# Offers by load: at once, later, none.
: > "$work/xpppd.log"
write_conf "pppoe-pado-delay 0 300:20 -1:40"
start
dial few --first 10 --sessions 20 --hangup silent
at_most 250000 "$(report few .latency_us.discovery.p50)" "offers below the first step, microseconds"
dial more --first 40 --sessions 20 --hangup silent
at_least 300000 "$(report more .latency_us.discovery.p50)" "delayed offers, microseconds"
expect 40 "$(established)" "sessions"
! (dial none --first 90 --tries 2 --discovery-timeout 300) > /dev/null || fail "an offer beyond the last step"
at_least 1 "$(drops admission-pado)" "PADI without an answer"
expect 40 "$(established)" "sessions at the last step"
ctl clear username u10 > /dev/null || fail "clear"
wait_for 15 sessions_are 39 || fail "u10 stays"
dial again --first 10 --sessions 1 --hangup silent
expect 40 "$(established)" "sessions again"
stop
