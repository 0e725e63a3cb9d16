#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A password has expired at FreeRADIUS, and the subscriber changes it while he logs in by MS-CHAPv2.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

network_up
bound=RADIUS
write_conf "authentication-method mschapv2
	mppe yes"
radius_statement
# FreeRADIUS would change passwords itself, but Debian 12's crashes then.
ntlm="$top/tests/netns/ntlm_auth.py $work/passwords"
radius_mschap="
	ntlm_auth = \"$ntlm %{User-Name} %{mschap:Challenge} %{mschap:NT-Response}\"
	passchange {
		ntlm_auth = \"$ntlm change\"
		ntlm_auth_username = \"username: %{User-Name}\"
		ntlm_auth_domain = \"nt-domain: none\"
	}"
printf '%s\n' anna:secret:expired berta:secret:stubborn carla:secret:valid > "$work/passwords"
radius_up
start
core_up

# refused NAME OPTION...
refused() {
	in_sub "$dialer" "${access[@]}" --report "$work/$1.json" --auth mschapv2 "${@:2}" \
		> "$work/$1.log" 2>&1 && fail "$1: the dialer is content"
	expect 0 "$(established_by "$1")" "$1: sessions"
	expect 1 "$(report "$1" '.failures["auth-rejected"]')" "$1: who was told so"
	wait_for 5 sessions_are 0 || fail "$1: sessions stay"
}
password_of() { awk -F: -v name="$1" '$1 == name { print $2 }' "$work/passwords"; }

dial valid --auth mschapv2 --user carla --password secret --new-password other
expect secret "$(password_of carla)" "a password that has not expired"
refused kept --user anna --password secret
refused guessed --user anna --password wrong --new-password other
expect secret "$(password_of anna)" "the password so far"
dial changed --auth mschapv2 --user anna --password secret --new-password 'some other' --mppe 128,required --up-pps 100 --down-pps 100 --duration 0.5
expect 1 "$(established_by changed)" "sessions with the new password"
expect 1 "$(report changed .mppe.opened)" "sessions with keys of the new password"
traffic_is_clean changed
expect 'some other' "$(password_of anna)" "what the server was told"
refused old --user anna --password secret
dial new --auth mschapv2 --user anna --password 'some other'
refused stubborn --user berta --password secret --new-password other
expect secret "$(password_of berta)" "the password of who may not change it"
for secret in secret other; do
	! grep -qw $secret "$work/xpppd.log" || fail "a password is in the log"
done
stop
