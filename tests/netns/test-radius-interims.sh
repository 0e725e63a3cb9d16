#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# 10,000 interim updates: evenly spread, none lost, and the last numbers of sessions that dial again without
# hanging up are not.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

sessions=1000
network_up
bound=RADIUS
radius_accounts=yes
write_conf "" "set user-max-session 1"
radius_statement 'acct-interim-interval 2'
radius_up
start
core_up
hold many $sessions --auth chap --up-pps 1000
interims_are() { [ "$(acct_records Interim-Update)" -ge "$1" ]; }
wait_for 60 interims_are 10000 || fail "interim updates: $(acct_records Interim-Update)"
expect $sessions "$(acct_ids Interim-Update | sort -u | wc -l)" "sessions with interim updates"
# Each second of the middle has its share: half of the sessions are due in it.
awk -v RS= '/\tAcct-Status-Type = Interim-Update\n/' "$servers/main/accounting" |
	sed -n 's/^	Timestamp = //p' | sort -n | uniq -c | awk '{ print $1 }' > "$work/by-second"
sed '1,2d' "$work/by-second" | head -n -2 > "$work/middle"
at_least 5 "$(wc -l < "$work/middle")" "seconds with interim updates"
at_least $((sessions / 5)) "$(sort -n "$work/middle" | head -n 1)" "interim updates in the least busy second"
at_most $((sessions * 4 / 5)) "$(sort -n "$work/middle" | tail -n 1)" "interim updates in the busiest second"
# The same clients come again, and what they had before is ended.
kill -KILL "$(cat "$work/many.pid")"
wait "$(cat "$work/many.pid")" 2> /dev/null || true
nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --sessions $sessions --auth chap --hold forever \
	> "$work/again.log" 2>&1 &
echo $! > "$work/again.pid"
wait_for 30 acct_stops $sessions || fail "Stops of sessions that were replaced: $(acct_records Stop)"
expect Port-Preempted "$(acct_last Stop Acct-Terminate-Cause)" "why they ended"
ctl clear all > /dev/null
wait_for 30 acct_stops $((2 * sessions)) || fail "Stops in the end: $(acct_records Stop)"
expect $((2 * sessions)) "$(acct_records Stop)" "Stops"
expect "$(forwarded up 1)" "$(acct_sum Acct-Input-Packets)" "packets from subscribers"
expect "$(forwarded up 2)" "$(acct_sum Acct-Input-Octets)" "bytes from subscribers"
let_go again || true
stop
