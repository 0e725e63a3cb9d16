#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# 10,000 CoA-Requests over 1,000 sessions, many at a time: none is lost, none is done twice, and traffic and
# keepalive of other sessions do not notice.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/dae.sh
. "$(dirname "$0")/dae.sh"

sessions=1000 rounds=10

network_up
write_conf "lcp-keepalive-interval 1
lcp-keepalive-retry-interval 1" "$dae_conf"
write_users $((sessions + 100))
start
core_up
hold other 20 --first $sessions --mac-base 02:bb:00:00:00:01 --up-pps 50 --down-pps 50
hold many $sessions

# Each change of a user differs from his others, so that what is left is one of them.
ctl -j session all | jq -r --argjson rounds $rounds --argjson first $sessions '
	.. | objects | select(.type == "session" and (.username[1:] | tonumber) < $first) |
	."session-id" as $id | range(1; $rounds + 1) |
	"Message-Authenticator = 0x00\nAcct-Session-Id = \"\($id)\"\nSession-Timeout = \(100000 + .)\n"' > "$work/storm"
expect $((sessions * rounds)) "$(grep -c Acct-Session-Id "$work/storm")" "requests"
started=$SECONDS
in_core radclient -s -q -p 64 -r 10 -t 3 -f "$work/storm" $dae_server coa "$dae_secret" > "$work/radclient.log" 2>&1 || {
	tail -n 5 "$work/radclient.log"
	fail "radclient: status $?"
}
echo "$((sessions * rounds)) changes in $((SECONDS - started)) s"
expect $((sessions * rounds)) "$(awk '/Accepted|Total approved/ { print $NF; exit }' "$work/radclient.log")" "changes that were acknowledged"
expect $((sessions * rounds)) "$(grep -c 'authorization changed' "$work/xpppd.log")" "changes that were made"
expect $sessions "$(ctl -j session all | jq -s 'map(.. | objects | select(.type == "session" and ."session-timeout" > 100000)) | length')" \
	"sessions that were changed"
expect $((sessions + 20)) "$(established)" "sessions that are still there"

# The same number of sessions goes at once, each by its own request.
sed -n 's/^Acct-Session-Id = /&/p' "$work/storm" | sort -u |
	sed 's/$/\nMessage-Authenticator = 0x00\n/' > "$work/goodbye"
in_core radclient -s -q -p 64 -r 10 -t 3 -f "$work/goodbye" $dae_server disconnect "$dae_secret" > "$work/radclient.log" 2>&1 ||
	fail "radclient: status $?"
expect $sessions "$(awk '/Accepted/ { print $NF; exit }' "$work/radclient.log")" "ends that were acknowledged"
expect 20 "$(established)" "sessions that were not meant"
wait_for 20 sessions_are 20 || fail "$(ctl -j show status | jq .sessions) sessions are left"
expect $sessions "$(grep -c 'ended: admin reset' "$work/xpppd.log")" "sessions that were ended"
hang_up other
traffic_is_clean other
expect 20 "$(established_by other)" "sessions beside the storm"
let_go many 2> /dev/null || true
expect $sessions "$(report many '[.terminated_by_server[], .padt_by_server[]] | add')" "clients that were told"
stop
