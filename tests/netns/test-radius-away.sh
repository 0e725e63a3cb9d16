#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# The accounting server is away while 1,000 sessions end, the agent is killed meanwhile and started
# again, and killed once more with sessions that are up: the server gets a Stop for each, with its numbers.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

network_up
bound=RADIUS
radius_accounts=yes
write_conf
radius_statement 'acct-interim-interval 2'
radius_up
start
core_up
# accounting FIELD: of `show radius`
accounting() { ctl -j show radius | jq -s "map(.. | objects | select(.type == \"accounting\").\"$1\") | first"; }
starts_are() { [ "$(acct_ids Start | sort -u | wc -l)" -ge "$1" ]; }

hold many 1000 --auth chap --up-pps 1000 --down-pps 500
wait_for 20 starts_are 1000 || fail "Starts: $(acct_records Start)"
sleep 2
radius_down
hang_up many
wait_for 20 sessions_are 0 || fail "sessions stay"
expect 0 "$(acct_records Stop)" "Stops while the server is away"
at_least 1000 "$(accounting waiting)" "records that wait"
sleep 1
crash
start
at_least 1000 "$(accounting waiting)" "records that wait after a restart"
radius_up
wait_for 60 acct_stops 1000 || fail "Stops after the server came back: $(acct_ids Stop | sort -u | wc -l)"
sleep 2
expect 1000 "$(acct_ids Stop | sort -u | wc -l)" "sessions with a Stop"
expect 1000 "$(acct_records Stop)" "Stops"
expect 1000 "$(acct_ids Start | sort -u | wc -l)" "sessions with a Start"
expect "$(forwarded up 1)" "$(acct_first_stops Acct-Input-Packets)" "packets from subscribers"
expect "$(forwarded up 2)" "$(acct_first_stops Acct-Input-Octets)" "bytes from subscribers"
expect "$(forwarded down 1)" "$(acct_first_stops Acct-Output-Packets)" "packets to subscribers"
expect "$(forwarded down 2)" "$(acct_first_stops Acct-Output-Octets)" "bytes to subscribers"
expect 0 "$(accounting waiting)" "records that wait in the end"
expect 0 "$(accounting lost)" "Stops that were lost"
at_least 2 "$(acct_last Stop Acct-Delay-Time)" "how late the last Stop is"
expect User-Request "$(acct_last Stop Acct-Terminate-Cause)" "why they ended"

# Sessions that are up when the agent dies
hold live 50 --first 2000 --auth chap --up-pps 200
wait_for 10 starts_are 1050 || fail "Starts of those that are up: $(acct_records Start)"
sleep 4
crash
start
wait_for 20 acct_stops 1050 || fail "Stops of sessions that died: $(acct_ids Stop | sort -u | wc -l)"
expect 1050 "$(acct_records Stop)" "Stops in the end"
expect NAS-Reboot "$(acct_last Stop Acct-Terminate-Cause)" "why they ended"
at_least 4 "$(acct_last Stop Acct-Input-Packets)" "packets of the last"
expect 50 "$(accounting recovered)" "sessions of the run that died"
ons_are() { [ "$(acct_records Accounting-On)" = "$1" ]; }
wait_for 5 ons_are 3 || fail "Accounting-On: $(acct_records Accounting-On)"
let_go live || true
stop
