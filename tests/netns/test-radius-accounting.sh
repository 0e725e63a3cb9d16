#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# FreeRADIUS is told of sessions from Start to Stop, and what they used adds up to what was forwarded.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

network_up
bound=RADIUS
radius_accounts=yes
write_conf
radius_statement 'acct-interim-interval 1'
radius_user vera 'Cleartext-Password := "secret"' 'Class = 0x0102, Class = "gold"' 'Acct-Interim-Interval = 2'
radius_up
start
core_up
wait_for 5 grep -q 'Acct-Status-Type = Accounting-On' "$servers/main/accounting" || fail "no Accounting-On"

dial traffic --auth chap --sessions 10 --max-loss 0 --up-pps 300 --down-pps 500 --duration 4
wait_for 10 acct_stops 10 || fail "Stops: $(acct_records Stop)"
traffic_is_clean traffic
expect 10 "$(acct_records Start)" "Starts"
expect 10 "$(acct_records Stop)" "Stops"
at_least 20 "$(acct_records Interim-Update)" "interim updates"
# what the programs count by path, and nobody else was there; the dialer's own word is two greetings short
expect "$(($(path up fast) + $(path up stack)))" "$(acct_sum Acct-Input-Packets)" "packets from subscribers"
expect "$(($(path down fast) + $(path down stack)))" "$(acct_sum Acct-Output-Packets)" "packets to subscribers"
at_least "$(sent traffic up)" "$(acct_sum Acct-Input-Packets)" "packets that the dialer sent"
expect "$(sent traffic down)" "$(acct_sum Acct-Output-Packets)" "packets that the core sent"
expect "$(forwarded up 1)" "$(acct_sum Acct-Input-Packets)" "packets from subscribers, as logged"
expect "$(forwarded up 2)" "$(acct_sum Acct-Input-Octets)" "bytes from subscribers"
expect "$(forwarded down 2)" "$(acct_sum Acct-Output-Octets)" "bytes to subscribers"
expect User-Request "$(acct_last Stop Acct-Terminate-Cause)" "why they ended"
expect 0 "$(acct_last Stop Acct-Input-Gigawords)" "gigawords"

# One session, looked at closely.
hold vera 1 --auth pap --user vera --password secret
last_interim_is() { [ "$(acct_last Interim-Update User-Name)" = "$1" ]; }
wait_for 8 last_interim_is vera || fail "no interim update of a session"
for type in Start Interim-Update; do
	expect vera "$(acct_last $type User-Name)" "$type: the user"
	expect "$(printf '0x0102\n0x676f6c64')" "$(acct_last $type Class)" "$type: classes"
	expect RADIUS "$(acct_last $type Acct-Authentic)" "$type: who knew him"
	at_least 1 "$(acct_last $type NAS-Port)" "$type: NAS-Port"
	expect "$(ctl -j session all | jq -r .address)" "$(acct_last $type Framed-IP-Address)" "$type: the address"
	expect 0 "$(acct_last $type Acct-Delay-Time)" "$type: how late"
done
expect "$(radius_sent Acct-Session-Id)" "$(acct_last Start Acct-Session-Id)" "the session's id"
ctl clear username vera > /dev/null
wait_for 5 acct_stops 11 || fail "no Stop of a session that was cleared"
expect Admin-Reset "$(acct_last Stop Acct-Terminate-Cause)" "why it was cleared"
let_go vera || true

# The agent ends with sessions.
hold rest 5 --auth chap --first 20
stop
expect 16 "$(acct_records Stop)" "Stops with those that the agent's end ended"
expect Admin-Reboot "$(acct_last Stop Acct-Terminate-Cause)" "why they ended"
expect 1 "$(acct_records Accounting-Off)" "Accounting-Off"
expect 16 "$(acct_ids Stop | sort -u | wc -l)" "sessions with a Stop"
let_go rest || true
