#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Who does not know the password gets no session, whatever the method; the log holds no secret.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
start
# rejected METHOD USER PASSWORD
rejected() {
	local before
	before=$(ctl -j show status | jq '."auth-rejected"')
	in_sub "$dialer" dial --interface s0 --report "$work/rejected.json" --sessions 3 --auth "$1" \
		--user "$2" --password "$3" > "$work/rejected.log" 2>&1 &&
		fail "$1: the dialer is content with a wrong password"
	expect 0 "$(established_by rejected)" "$1: sessions of $2"
	at_least $((before + 3)) "$(ctl -j show status | jq '."auth-rejected"')" "$1: rejections counted"
	wait_for 5 sessions_are 0 || fail "$1: rejected sessions stay"
}
for method in pap chap mschapv2; do
	rejected $method anna wrong-password
	rejected $method nobody secret
	rejected $method anna ""
done
# A second try within the same login.
dial retry --auth mschapv2 --user anna --password wrong-password --retry-password secret
expect 1 "$(established_by retry)" "sessions with the right password at the second try"
dial odd --user berta --password secret --hold 0
for secret in wrong-password secret; do
	! grep -qw "$secret" "$work/xpppd.log" || fail "a password is in the log"
done
stop
