#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A CoA-Request has the session's server asked what it grants now (RFC 5176 3.2), or its peer who it
# is, while traffic flows.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"
# shellcheck source=tests/netns/dae.sh
. "$(dirname "$0")/dae.sh"

network_up
radius_user u0 'Cleartext-Password := "p0"' Session-Timeout=7200 Idle-Timeout=900 WISPr-Bandwidth-Max-Up=64000
radius_authorize='if (&Service-Type == Authorize-Only) {
	update control {
		&Auth-Type := Accept
	}
	if (&User-Name == "u2") {
		update control {
			&Auth-Type := Reject
		}
	}
	update reply {
		&Session-Timeout := 3600
		&WISPr-Bandwidth-Max-Down := 500000
	}
	return
}'
radius_up
bound=RADIUS write_conf "authentication-method chap" "$dae_conf"
radius_accounts=yes radius_statement
start
core_up
hold peers 4 --up-pps 20 --down-pps 20
expect "7200 900 64000" "$(of u0 session-timeout) $(of u0 idle-timeout) $(of u0 rate-up)" "granted at login"

# ---- the server is asked

requests=$(radius_requests)
expect "NAK Request-Initiated" "$(dae coa User-Name=u0 Service-Type=Authorize-Only 'State="what it is about"')" "Authorize-Only"
wait_for 5 test "$(radius_requests)" -gt "$requests" || fail "the server was not asked"
sed -n '/Received CoA-NAK/,$p' "$work/radclient.log" | grep -q 'Service-Type = Authorize-Only' ||
	fail "no Service-Type in the NAK"
expect Authorize-Only "$(radius_sent Service-Type)" "Service-Type that was sent"
expect "0x$(printf 'what it is about' | od -An -tx1 | tr -d ' ')" "$(radius_sent State)" "State that was sent"
expect "$(of u0 session-id)" "$(radius_sent Acct-Session-Id)" "Acct-Session-Id that was sent"
timeout_is() { [ "$(of u0 session-timeout)" = "$1" ]; }
wait_for 5 timeout_is 3600 || fail "Session-Timeout is $(of u0 session-timeout)"
expect "500000 " "$(of u0 rate-down) $(of u0 rate-up)" "rates that are granted now"
expect "" "$(of u1 session-timeout)" "u1 was authorized as well"

# Who is not granted anything any more has to go.
expect "NAK Request-Initiated" "$(dae coa User-Name=u2 Service-Type=Authorize-Only State=0x01)" "Authorize-Only of u2"
wait_for 8 sessions_are 3 || fail "u2 is still there"
expect "" "$(of u2 ppp-id)" "u2"

# ---- the peer is asked

requests=$(radius_requests)
expect ACK "$(dae coa User-Name=u1 'Cisco-AVPair="subscriber:command=reauthenticate"')" "re-authentication"
asked() { [ "$(radius_requests)" -gt "$requests" ]; }
wait_for 5 asked || fail "the peer was not asked again"
expect u1 "$(radius_sent User-Name)" "who was asked"
at_least 1 "$(radius_sent CHAP-Password | wc -l)" "CHAP-Password"
expect 3 "$(established)" "sessions after the re-authentication"

# ---- accounting is told

id=$(of u0 session-id)
expect ACK "$(dae coa User-Name=u0 Class=0x0a0b0c)" "another Class"
expect ACK "$(dae disconnect User-Name=u0)" "Disconnect-Request"
stopped() { [ "$(acct_last Stop Acct-Session-Id)" = "$id" ]; }
wait_for 10 stopped || fail "no Stop of the session"
expect Admin-Reset "$(acct_last Stop Acct-Terminate-Cause)" "cause in the Stop"
expect 0x0a0b0c "$(acct_last Stop Class)" "Class in the Stop"

# While no server answers all stays as it was.
radius_down
expect "NAK Request-Initiated" "$(dae coa User-Name=u3 Service-Type=Authorize-Only State=0x02)" "Authorize-Only of u3"
wait_for 30 grep -q 'not authorized anew' "$work/xpppd.log" || fail "no word of the silent server"
expect 2 "$(established)" "sessions without a server"
let_go peers 2> /dev/null || true
expect 0 "$(report peers .traffic.wrong)" "wrong packets"
stop
