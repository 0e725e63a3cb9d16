# shellcheck shell=bash disable=SC2154 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# One agent's life with many PPPoE sessions, sourced after lib.sh:
#
#   set-up      as fast as it goes, 1,000 under way at a time; then the clients lose their power
#   storm       all dial at the same moment and ask again until they are in; the agent still has their old sessions
#   keepalive   an echo for each session
#   disconnect  all are cleared, while 100 sessions of others have traffic
#
# CPU time of the agent has in it what the kernel does with its frames up to the client's socket.

others=100
half_open=5000 # room for those that dial while their old sessions are still there

# configure SESSIONS
configure() {
	keepalive=$((10 + $1 / 3000)) # seconds: longer than a storm, or it has them in it
	write_conf "lcp-keepalive-interval $keepalive
lcp-keepalive-retry-interval $keepalive" "set max-session $(($1 + half_open + others))
set max-half-open $half_open
set user-max-session 1
$metrics_conf" "$([ "$1" -le 60000 ] || echo "pool-address 10.66.0.0/16")"
	cat >> "$work/xpppd.conf" <<-EOC
	authentication OTHERS type local {
		username-suffix "@others"
		strip-atmark-realm yes
		users-file "$work/npppd-users"
	}
	bind tunnel from PPPOE authenticated by OTHERS to pppac0
	EOC
	write_users $(($1 + others))
}

# mark WHEN: the agent as it is now, for `took` and `turn`
mark() {
	scrape "$1"
	agent_ns > "$work/$1.ns"
}
# took BEFORE AFTER COUNT: µs of the agent for each
took() { awk -v n="$3" '{ ns[NR] = $1 } END { printf "%.2f", (ns[2] - ns[1]) / n / 1000 }' "$work/$1.ns" "$work/$2.ns"; }
turn() { p99 xpppd_loop_turn_seconds "$@"; }

# they_are COUNT: without jq, which takes more than the question
they_are() { ctl -j show status | grep -q "\"sessions\":$1[,}]"; }

# storm SESSIONS [OPTION...]: returns when all are back; the clients stay
storm() {
	nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --sessions "$1" --auth chap --outstanding "$1" --redials 100 \
		--hold forever --ring-mb 256 --ready "$work/storm.json" --report "$work/clients.json" \
		"${@:2}" > "$work/clients.log" 2>&1 &
	echo $! > "$work/clients.pid"
	wait_for 300 test -e "$work/storm.json" || fail "they do not come back"
	expect "$1" "$(established_by storm)" "sessions after the storm"
}

# disconnect: writes how long it takes until they are gone
disconnect() {
	local began=$EPOCHREALTIME
	ctl clear realm LOCAL > /dev/null
	wait_for 120 they_are $others || fail "sessions stay"
	ms_since "$began" > "$work/disconnect.ms"
}

# live SESSIONS ROUND [OPTION...]: figures to $work/run-SESSIONS-ROUND.json; options are of the dialer
live() {
	local n=$1 round=$2 bytes now
	shift 2
	rm -f "$work"/{setup,storm,clients,others}.json
	configure "$n"
	begin
	bytes=$(agent_bytes)
	mark born
	dial setup --sessions "$n" --auth chap --tries 10 --hangup silent "$@"
	mark up
	bytes=$(($(agent_bytes) - bytes))
	storm "$n" "$@"
	mark back
	sleep $keepalive
	mark kept
	hold others $others --first "$n" --mac-base 02:d2:00:00:00:00 --user u%d@others --up-pps 1000 \
		--down-pps 1000 --duration 600 --drain 2 "$@"
	sleep 1
	mark before
	disconnect
	mark after
	now=$(agent_bytes)
	hang_up others
	# what came for their old sessions counts as misdirected: the status does not matter
	wait "$(cat "$work/clients.pid")" || true
	expect "$n" "$(report clients '[.terminated_by_server.up, .padt_by_server.up] | add')" "clients that were told"
	at_least "$n" "$(report clients .lcp_echo.received)" "echoes of the agent"
	jq -n --slurpfile setup "$work/setup.json" --slurpfile storm "$work/storm.json" --slurpfile others "$work/others.json" \
		--argjson n "$n" --argjson bytes "$bytes" --argjson left "$now" --argjson maps "$(map_bytes)" \
		--argjson setup_us "$(took born up "$n")" --argjson setup_turn "$(turn born up)" \
		--argjson storm_us "$(took up back "$n")" --argjson storm_turn "$(turn up back)" \
		--argjson keepalive_us "$(took back kept "$n")" --argjson keepalive_turn "$(turn back kept)" \
		--argjson gone_ms "$(cat "$work/disconnect.ms")" \
		--argjson gone_us "$(took before after "$n")" --argjson gone_turn "$(turn before after)" '
		def ms: . / 100 | round / 10;
		def of($d; $name; $us; $turn): {
			"\($name)_seconds": $d.setup_seconds, "\($name)s_per_second": $d.setups_per_second,
			"\($name)_ms_p50": ($d.latency_us.total.p50 | ms), "\($name)_ms_p95": ($d.latency_us.total.p95 | ms),
			"\($name)_ms_p99": ($d.latency_us.total.p99 | ms), "\($name)_ms_max": ($d.latency_us.total.max | ms),
			"\($name)_agent_us": $us, "\($name)_turn_p99_ms": $turn,
			"\($name)_client_us": ($d.cpu_seconds * 1e6 / $n),
			"\($name)_asked_again": (($d.retransmissions | add) / $n)
		};
		{ sessions: $n } + of($setup[0]; "setup"; $setup_us; $setup_turn) + of($storm[0]; "storm"; $storm_us; $storm_turn) + {
			agent_bytes: ($bytes / $n), agent_bytes_in_all: $left, map_bytes: ($maps / $n),
			keepalive_agent_us: $keepalive_us, keepalive_turn_p99_ms: $keepalive_turn,
			disconnect_seconds: ($gone_ms / 1e3), disconnect_agent_us: $gone_us, disconnect_turn_p99_ms: $gone_turn,
			others_sent: ($others[0].traffic | .up.sent + .down.sent), others_lost: $others[0].traffic.lost,
			others_not_read: ($others[0].frames.ring_drops + $others[0].traffic.core_overflow)
		}' > "$work/run-$n-$round.json"
	stop
	say "$(jq -r '"\(.sessions) sessions: \(.setups_per_second | floor) set-ups a second, " +
		"back after \(.storm_seconds) s, gone after \(.disconnect_seconds) s, lost meanwhile: \(.others_lost)"' \
		"$work/run-$n-$round.json")"
}
