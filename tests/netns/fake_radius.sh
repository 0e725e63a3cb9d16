# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh and with who sources this
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# RADIUS servers that answer as a test tells them, and what the agent says of its servers; sourced
# after lib.sh.

fake_secret="the fake's secret"

# fake_up NAME ADDRESS [DELAY_MS]: on the core side; answers unless told otherwise
fake_up() {
	fake_is "$1" answers
	: > "$work/$1.requests"
	nsenter --net=/run/netns/core "$top/tests/netns/fake_radius.py" "$2" "$fake_secret" "$work/$1.manner" \
		"${3:-0}" > "$work/$1.requests" 2> "$work/$1.errors" &
	echo $! > "$work/$1.pid"
	wait_for 10 fake_listens "$2" || fail "the RADIUS server $1 does not start: $(cat "$work/$1.errors")"
}
fake_listens() { in_core ss -Huln "src $1:1812" | grep -q .; }
fake_is() { echo "$2" > "$work/$1.manner"; }
fake_down() {
	kill -KILL "$(cat "$work/$1.pid")"
	wait "$(cat "$work/$1.pid")" 2> /dev/null || true
}
# fake_asked NAME [CODE]: requests so far, 1: Access-Request
fake_asked() { grep -c "^${2:-1} " "$work/$1.requests" || true; }

# fake_statement OPTION...: adds to the configuration an `authentication FAKE` statement
fake_statement() {
	{
		echo "authentication FAKE type radius {"
		echo "	authentication-server {"
		printf '\t\t%s\n' "$@"
		printf '\t}\n}\n'
	} >> "$work/xpppd.conf"
}

# server_says ADDRESS FILTER: of `xpppctl show radius`, by jq
server_says() {
	ctl -j show radius | jq -rs --arg server "$1:1812" \
		"[.. | objects | select(.type? == \"radius\" and .server == \$server)] | first | $2"
}
server_is() { [ "$(server_says "$1" .state)" = "$2" ]; }
has_seen() { [ "$(server_says "$1" ".bad.\"$2\"")" -ge "${3:-1}" ]; }

# It knows no passwords, and MS-CHAPv2 would have it prove that it does.
access+=(--auth pap)
