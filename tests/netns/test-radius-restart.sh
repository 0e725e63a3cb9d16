#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A server is killed and started again while 1,000 sessions are being set up: all come up at the first try, each
# once, although the configuration is read again meanwhile, and sessions that are there already keep their
# keepalives. All are accounted for.
#
# shellcheck disable=SC2119 # what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

sessions=1000
network_up
bound=RADIUS
write_conf "lcp-keepalive-interval 1
	lcp-keepalive-retry-interval 1
	lcp-keepalive-max-retries 3" "set max-half-open 0"
cat >> "$work/xpppd.conf" <<-EOC
	authentication RADIUS type radius {
		authentication-server {
			address $core_address secret "$radius_secret"
			timeout 12
			max-tries 6
		}
		accounting-server {
			address $core_address secret "$radius_secret"
			timeout 2
		}
	}
EOC
start
radius_up
nsenter --net=/run/netns/sub "$dialer" dial --interface s0 --report "$work/many.json" --sessions $sessions --rate 120 \
	--auth pap,chap --auth-timeout 20000 --lcp-timeout 5000 --hold forever > "$work/many.log" 2>&1 &
dialer_pid=$!
at_least_up() { [ "$(established)" -ge "$1" ]; }
wait_for 20 at_least_up $((sessions / 10)) || fail "sessions do not come up"
for _ in 1 2; do
	radius_down
	before=$(established)
	[ "$before" -lt $sessions ] || fail "all are up before the server could be killed"
	sleep 1
	ctl reload > /dev/null || fail "reload with logins under way"
	sleep 0.5
	radius_up
	wait_for 20 at_least_up $((before + 100)) || fail "no more sessions come up after the server's return"
done
wait_for 60 established_is $sessions || fail "sessions: $(established) of $sessions"
sleep 3 # keepalives
expect $sessions "$(established)" "sessions a little later"
expect $sessions "$(ctl -j session brief | jq -r '.. | .username? // empty' | sort -u | wc -l)" "users that have a session"
kill -TERM $dialer_pid
wait $dialer_pid || dial_failed many
expect $sessions "$(established_by many)" "sessions that the dialer had"
expect $sessions "$(report many .attempts)" "tries that it took"
expect 0 "$(report many .failed)" "sessions that failed"
for what in second_session address_conflicts misdirected protocol_errors; do
	expect 0 "$(report many .anomalies.$what)" $what
done
# Asked again after the server's death or not, it was asked for the same session.
sed -n 's/^	\(User-Name\|Acct-Session-Id\) = //p' "$work/radius/main/requests" | paste - - | sort -u > "$work/asked"
expect $sessions "$(wc -l < "$work/asked")" "users and sessions that the server was asked for"
wait_for 10 sessions_are 0 || fail "sessions stay"
# What the server had written down when it was killed comes again if its answer was lost.
accounted() { [ "$(acct_sessions "$1")" = $sessions ]; }
acct_sessions() {
	awk -v RS= -v type="\tAcct-Status-Type = $1\n" 'index($0 "\n", type)' "$work/radius/main/accounting" |
		sed -n 's/^	Acct-Session-Id = //p' | sort -u | wc -l
}
wait_for 30 accounted Start || fail "Starts of $(acct_sessions Start) sessions"
wait_for 30 accounted Stop || fail "Stops of $(acct_sessions Stop) sessions"
stop
