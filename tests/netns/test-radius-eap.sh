#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# EAP between subscribers and FreeRADIUS, by MD5 and MS-CHAPv2: what passes through, keys for MPPE, a
# name that only the server knows.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"
# shellcheck source=tests/netns/dae.sh
. "$(dirname "$0")/dae.sh"

network_up
bound=RADIUS
write_conf "authentication-method eap mschapv2
	mppe yes
	debug-dump-pktin eap
	debug-dump-pktout eap" "$dae_conf"
radius_statement "strip-atmark-realm yes"
radius_modules='
	eap {
		default_eap_type = md5
		timer_expire = 60
		md5 {
		}
		mschapv2 {
		}
	}'
radius_authorize='eap'
radius_authenticate='
	eap
	Auth-Type MS-CHAP {
		mschap
	}'
radius_user 'nobody@isp' 'Cleartext-Password := "secret"' 'User-Name = "anna@isp"'
radius_up
printf '#!/bin/sh\nexec %s -v "$@"\n' "$xpppd" > "$work/verbose"
chmod +x "$work/verbose"
xpppd=$work/verbose
start
core_up

# login NAME [OPTION...]: three sessions by EAP
login() {
	dial "$1" --auth eap --sessions 3 --hold 0.2 "${@:2}"
	expect 3 "$(established_by "$1")" "$1: sessions"
	expect 0 "$(report "$1" .anomalies.protocol_errors)" "$1: protocol errors"
	wait_for 5 sessions_are 0 || fail "$1: sessions stay"
}

login md5 --eap md5
for direction in in out; do
	at_least 6 "$(grep -c " $direction 0xc227, " "$work/xpppd.log")" "packets of EAP that were logged, $direction"
done
expect 1492 "$(radius_sent Framed-MTU)" "Framed-MTU"
[ -n "$(radius_sent State)" ] || fail "the State did not come back"
login nak --eap mschapv2 # the server begins with MD5
login mppe --eap mschapv2 --mppe 128,required --up-pps 100 --down-pps 100 --duration 0.5
at_least 3 "$(report mppe .mppe.opened)" "sessions with the server's keys"
traffic_is_clean mppe

# The name goes to the server as it is, and what the server calls the user is who he is.
hold named 1 --auth eap --user 'nobody@isp' --password secret
expect 'nobody@isp' "$(radius_sent User-Name)" "User-Name"
expect 'anna@isp' "$(ctl -j session all | jq -r .username)" "the session's user"
expect eap "$(ctl -j session all | jq -r .auth)" "how he authenticated"

# Asked again while the session is up, by the name that the server gave him.
before=$(radius_requests)
reauthenticate() { dae coa User-Name=anna@isp 'Cisco-AVPair="subscriber:command=reauthenticate"'; }
asked_again() { [ "$(radius_requests)" -ge $((before + $1)) ]; }
for rounds in 2 4; do
	expect ACK "$(reauthenticate)" "re-authentication"
	wait_for 5 asked_again $rounds || fail "the server was not asked again: $(radius_requests) after $before"
done
sleep 0.3
expect 1 "$(established)" "sessions that proved themselves again"
expect 'anna@isp' "$(ctl -j session all | jq -r .username)" "the session's user"
hang_up named

# Many at a time, each with rounds of its own.
dial many --auth eap --sessions 200 --eap mschapv2 --hold 0.2
expect 200 "$(established_by many)" "sessions at a time"
expect 0 "$(ctl -j show status | jq '."auth-rejected"')" "questions that were counted as rejections"
wait_for 5 sessions_are 0 || fail "sessions stay"

# rejected NAME OPTION...
rejected() {
	in_sub "$dialer" "${access[@]}" --report "$work/$1.json" --sessions 2 --auth eap "${@:2}" \
		> "$work/$1.log" 2>&1 && fail "$1: the dialer is content"
	expect 0 "$(established_by "$1")" "$1: sessions"
	expect 2 "$(report "$1" '.failures["auth-rejected"]')" "$1: who was told so"
	wait_for 5 sessions_are 0 || fail "$1: sessions stay"
}
rejected wrong-md5 --eap md5 --password wrong
rejected wrong-mschapv2 --eap mschapv2 --password wrong
rejected stranger --user eve --password secret
# Who does not speak EAP gets the next method.
dial fallback --auth mschapv2
expect 1 "$(established_by fallback)" "sessions without EAP"
radius_down
rejected silence
! grep -qw secret "$work/xpppd.log" || fail "a password is in the log"
stop
