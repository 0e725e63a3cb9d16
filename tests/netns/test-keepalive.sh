#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A client that has gone silent is found out by echoes; one that answers stays.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "
	lcp-keepalive yes
	lcp-keepalive-interval 1
	lcp-keepalive-retry-interval 1
	lcp-keepalive-max-retries 2
"
start
hold alive 3
hold silent 3 --first 10 --no-echo-reply
dial gone --first 20 --sessions 3 --hangup silent
wait_for 20 sessions_are 3 || fail "$(ctl -j show status | jq .sessions) sessions after the echoes"
ctl -j session brief | jq -r '.. | objects | select(.type == "session").username' | sort | tr '\n' ' ' |
	grep -qx 'u0 u1 u2 ' || fail "the wrong sessions are left"
sleep 3
sessions_are 3 || fail "clients that answer were ended"
hang_up alive
stop
