#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Metrics: what they say is what the dialer saw; strangers' requests are refused.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/metrics.sh
. "$(dirname "$0")/metrics.sh"

network_up
core_up
write_conf "" "$metrics_conf"
cat >> "$work/xpppd.conf" <<-EOC
	authentication ASKED type radius {
		username-suffix "@asked"
		authentication-server { address $core_address secret "nobody is there" }
	}
	bind tunnel from PPPOE authenticated by ASKED to pppac0
EOC
start
scrape empty
expect 0 "$(metric empty xpppd_sessions)" "sessions before any"
expect 6 "$(jq '.xpppd_sessions | length' "$work/empty.metrics")" "states of the tunnel"
expect 10000 "$(metric empty xpppd_sessions_max)" "max-session"

hold held 7 --up-pps 200 --down-pps 200
dial gone --first 20 --sessions 5
! (dial refused --first 30 --sessions 2 --auth pap --password wrong --tries 1) > /dev/null ||
	fail "logins with a wrong password"
scrape full
expect 7 "$(metric full xpppd_sessions state=opened tunnel=PPPOE protocol=pppoe)" "established sessions"
expect 7 "$(metric full xpppd_pppoe_sessions)" "PPPoE sessions"
expect 0 "$(metric full xpppd_sessions_half_open)" "half-open sessions"
expect 12 "$(metric full xpppd_authentications_total result=accepted)" "logins accepted"
expect 2 "$(metric full xpppd_authentications_total result=rejected)" "logins rejected"
expect 2 "$(metric full xpppd_sessions_ended_total "cause=authentication failed")" "sessions ended for it"
expect 12 "$(metric full xpppd_session_setup_seconds_count step=all)" "set-ups"
for step in carrier lcp authentication ipcp; do
	at_least 12 "$(metric full xpppd_session_setup_seconds_count step=$step)" "set-ups: $step"
done
at_least 12 "$(metric full xpppd_pppoe_discovery_total type=pads)" "PADS"
expect 7 "$(metric full xpppd_pool_addresses_used pool=IPCP kind=dynamic)" "addresses in use"
expect 65533 "$(metric full xpppd_pool_addresses pool=IPCP kind=dynamic)" "addresses"
expect 7 "$(metric full xpppd_map_entries map=sessions_up)" "entries of sessions_up"
expect 1 "$(metric full xpppd_device_attached device=access0)" "access0"
at_least 1 "$(metric full xpppd_loop_turn_seconds_count)" "turns of the loop"
at_least 1 "$(metric full xpppd_timer_lateness_seconds_count)" "timers"
at_least 1000000 "$(metric full process_resident_memory_bytes)" "memory"

# The dashboard asks for nothing that is not there.
jq -r '.. | strings' "$top/packaging/grafana-dashboard.json" | grep -oE '\b(xpppd|process)_[a-z0-9_]+' | sort -u > "$work/asked"
at_least 20 "$(wc -l < "$work/asked")" "metrics of the dashboard"
while read -r name; do
	jq -e --arg name "$name" 'has($name)' "$work/full.metrics" > /dev/null || fail "the dashboard asks for $name"
done < "$work/asked"

scrape series /metrics/sessions
expect 7 "$(metric series xpppd_session_info)" "series of sessions"
expect 1 "$(metric series xpppd_session_info username=u3 state=opened protocol=pppoe device=access0)" "u3's series"
at_least 1 "$(metric series xpppd_session_packets_total username=u3 direction=up)" "u3's packets"

# Requests that are none of ours, bad ones, slow ones and many.
status_of() { http "$@" 2> /dev/null | head -n 1 | cut -d' ' -f2; }
expect 405 "$(status_of "POST /metrics HTTP/1.0" "Content-Length: 0")" "POST"
expect 405 "$(status_of "DELETE /metrics HTTP/1.0")" "DELETE"
expect 404 "$(status_of "GET / HTTP/1.0")" "the root"
expect 404 "$(status_of "GET /metrics/../../etc/passwd HTTP/1.0")" "a path elsewhere"
{ head -c 300000 /dev/urandom > "/dev/tcp/127.0.0.1/$metrics_port"; } 2> /dev/null || true
{ head -c 300000 /dev/zero | tr '\0' A > "/dev/tcp/127.0.0.1/$metrics_port"; } 2> /dev/null || true
slow=()
for _ in $(seq 40); do
	socat -u "EXEC:sleep 30" "TCP:127.0.0.1:$metrics_port" 2> /dev/null &
	slow+=($!)
done
sleep 1
established_is 7 || fail "sessions were lost"
at_most 45 "$(find "/proc/$(agent_pid)/fd" -lname 'socket:*' | wc -l)" "sockets of the agent"
kill "${slow[@]}" 2> /dev/null || true
scrape again
expect 1 "$(ss -Hltn "sport = :$metrics_port" | wc -l)" "listening sockets"
expect "127.0.0.1:$metrics_port" "$(ss -Hltn "sport = :$metrics_port" | awk '{ print $4 }')" "where it listens"
hang_up held
traffic_is_clean held
scrape over
expect 0 "$(metric over xpppd_sessions)" "sessions at the end"
expect 12 "$(($(metric over xpppd_sessions_ended_total 'cause=user request')))" "sessions that hung up"
expect "$(path up fast)" "$(metric over xpppd_packets_total direction=up path=fast)" "packets up"
at_least "$(report held .traffic.up.sent)" "$(metric over xpppd_packets_total direction=up)" "packets up against the dialer's"
stop
