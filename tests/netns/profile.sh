# shellcheck shell=bash disable=SC2154 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# What users are granted, whoever grants it; sourced after lib.sh by a test that says how a user is
# made: user NAME [ATTRIBUTE=VALUE...], with the password "secret".

profile_users() {
	user plain
	user pooled Framed-Pool=OTHER
	user nowhere Framed-Pool=NONE
	user own Framed-IP-Address=10.66.0.9
	user selects Framed-IP-Address=255.255.255.255
	user chosen Framed-IP-Address=255.255.255.254
	user small Framed-MTU=1300
	user names MS-Primary-DNS-Server=203.0.113.53 MS-Secondary-DNS-Server=203.0.113.54
	user short Session-Timeout=3
	user idle Idle-Timeout=3
	user one Port-Limit=1
	user kept Filter-Id=blocked Filter-Id=watched
	user lost Filter-Id=missing
	user routed "Framed-Route=198.18.1.0/24 0.0.0.0 7" "Framed-Route=198.18.2.128/25"
	user greedy "Framed-Route=198.51.100.0/24" "Framed-Route=10.64.7.0/24" "Framed-Route=198.18.3.0/24" \
		"Framed-Route=$internet/32"
	user slow WISPr-Bandwidth-Max-Up=1000000 WISPr-Bandwidth-Max-Down=2000000
	user secret MS-MPPE-Encryption-Policy=2
}

# as NAME [OPTION...]: dials as this user; the report has his name
as() { dial "$1" --user "$1" --password secret --auth chap "${@:2}"; }
held() { hold "$1" 1 --user "$1" --password secret --auth chap "${@:2}"; }
# refused NAME OPTION...: he is not let in
refused() {
	in_sub "$dialer" "${access[@]}" --report "$work/$1.json" --user "$1" --password secret \
		--auth chap "${@:2}" > "$work/$1.log" 2>&1 && fail "$1 was let in"
	expect 0 "$(established_by "$1")" "sessions of $1"
}

# session NAME FILTER: of what is shown of his session
session() { ctl -j session all username "$1" | jq -r "select(.type == \"session\") | $2"; }
address_of() { session "$1" .address; }
logged() { grep -qF "$1" "$work/xpppd.log" || fail "not in the log: $1"; }
ended_by() { ctl -j show status | jq ".\"ended-by\".\"$1\" // 0"; }
in_set() { nft list set inet xpppd "$1" | grep -F "$2 " > /dev/null; }
no_sessions() { wait_for 10 sessions_are 0 || fail "sessions are left"; }

profile_addresses() {
	held pooled
	expect 10.70.0.2 "$(address_of pooled)" "address out of another pool"
	expect OTHER "$(session pooled .pool)" "the pool"
	hang_up pooled
	refused nowhere
	logged 'Framed-Pool "NONE" is none of the ipcp statements'
	held own
	expect 10.66.0.9 "$(address_of own)" "an address of his own"
	hang_up own
	held selects --address 10.64.3.77
	expect 10.64.3.77 "$(address_of selects)" "the address that he selects"
	hang_up selects
	held chosen --address 10.64.3.78
	[ "$(address_of chosen)" != 10.64.3.78 ] || fail "he selected an address that he must not"
	hang_up chosen
}

profile_link() {
	held small
	expect 1300 "$(session small .mtu)" "Framed-MTU"
	ip route show "$(address_of small)" proto 120 | grep 'mtu 1300' > /dev/null || fail "no route with his MTU"
	hang_up small
	rm -f "$work/names.sessions" "$work/plain.sessions"
	as names --sessions-file "$work/names.sessions"
	expect "203.0.113.53 203.0.113.54" "$(jq -r '.dns1 + " " + .dns2' "$work/names.sessions")" "name servers"
	as plain --sessions-file "$work/plain.sessions"
	expect "192.0.2.53 192.0.2.54" "$(jq -r '.dns1 + " " + .dns2' "$work/plain.sessions")" "those of others"
	# his IPCP opens, but for us there is no session before it is encrypted
	in_sub "$dialer" "${access[@]}" --user secret --password secret --auth mschapv2 --hold 5 \
		> "$work/clear.log" 2>&1 || true
	at_least 1 "$(ended_by 'encryption not agreed on')" "ends without encryption"
	held secret --auth mschapv2 --mppe 128
	expect "mppe-128 stateless" "$(session secret .encryption)" "required encryption"
	hang_up secret
}

profile_limits() {
	held short
	held idle
	expect 3 "$(session short '."session-timeout"')" "Session-Timeout"
	at_most 3 "$(session short '."session-left"')" "what is left of it"
	expect 3 "$(session idle '."idle-timeout"')" "Idle-Timeout"
	no_sessions
	expect 1 "$(ended_by 'session timeout')" "ends by Session-Timeout"
	expect 1 "$(ended_by 'idle timeout')" "ends by Idle-Timeout"
	let_go short || true
	let_go idle || true
	held one
	refused one2 --user one --first 1
	expect 1 "$(ended_by 'session limit')" "ends by Port-Limit"
	hang_up one
}

# The operator's part.
profile_rules() {
	nft -f - <<-EOC
	table inet xpppd
	flush table inet xpppd
	table inet xpppd {
		set blocked {
			type ipv4_addr
		}
		set watched {
			type ipv4_addr
		}
		chain forward {
			type filter hook forward priority filter
			ip saddr @blocked counter drop
		}
	}
	EOC
}

profile_filters() {
	local addr
	profile_rules
	held kept --up-pps 20
	addr=$(address_of kept)
	in_set blocked "$addr" || fail "$addr is not in the set"
	in_set watched "$addr" || fail "$addr is not in the second set"
	expect "blocked watched" "$(session kept '.filters | join(" ")')" "filters shown"
	expect stack "$(session kept .path)" "the path of a filtered session"
	sleep 1
	held plain --up-pps 20 --first 1
	sleep 1
	hang_up plain
	expect 0 "$(lost plain up)" "packets lost of who is not filtered"
	nft list chain inet xpppd forward | grep 'packets 0 ' > /dev/null && fail "nothing was filtered"
	profile_rules # loaded anew
	wait_for 5 in_set blocked "$addr" || fail "$addr is not in the new set"
	let_go kept || true # its packets are lost
	no_sessions
	! in_set blocked "$addr" || fail "$addr stays in the set"
	! in_set watched "$addr" || fail "$addr stays in the second set"
	refused lost
	logged 'Filter-Id "missing": there is no such set in the table inet xpppd of nftables'
	expect 1 "$(ended_by 'filter not available')" "ends for want of a filter"
}

# arrive ADDRESS DEVICE-OF-SUB: does what the core sends there come out of the tunnel?
arrives() {
	nsenter --net=/run/netns/sub timeout 4 tcpdump -c 1 -n -i s0 "pppoes and dst host $1" \
		> "$work/tcpdump.log" 2>&1 &
	local pid=$!
	sleep 1
	in_core ping -q -c 3 -i 0.2 -W 1 "$1" > /dev/null || true
	wait $pid
}

profile_routes() {
	held routed
	expect "198.18.1.0/24 198.18.2.128/25" "$(session routed '.routes | join(" ")')" "routes shown"
	ip route show proto 120 | grep '^198.18.1.0/24 dev pppac0 .*metric 7' > /dev/null ||
		fail "no route in the kernel"
	arrives 198.18.1.77 || fail "nothing comes through to the first net"
	arrives 198.18.2.200 || fail "nothing comes through to the second net"
	! arrives 198.18.2.1 || fail "something comes through to beside the second net"
	let_go routed || true # it was sent packets that are not to its address
	no_sessions
	expect "" "$(ip route show proto 120 | grep '^198.18' || true)" "routes of who has gone"
	held greedy
	expect 198.18.3.0/24 "$(session greedy '.routes | join(" ")')" "routes that he may have"
	logged "no route to 198.51.100.0/24: an address of this machine is in it"
	logged "no route to 10.64.7.0/24: addresses of a pool are in it"
	logged "no route to $internet/32: this machine has a route to it"
	ip route get "$internet" | grep core0 > /dev/null || fail "the machine's own route was replaced"
	hang_up greedy
}

profile_rates() {
	held slow --down-pps 3000
	expect 1000000 "$(session slow '."rate-up"')" "rate up"
	expect 2000000 "$(session slow '."rate-down"')" "rate down"
	sleep 2
	at_least 100 "$(session slow '."rate-down-drops"')" "packets beyond the rate"
	let_go slow || true
	no_sessions
}

# An agent that dies leaves elements and routes behind, the next one takes them away.
profile_crash() {
	local addr
	held kept
	held routed --first 1
	addr=$(address_of kept)
	crash
	in_set blocked "$addr" || fail "the set was cleared by nobody"
	start
	expect "" "$(ip route show proto 120 | grep '^198.18' || true)" "routes after a crash"
	! in_set blocked "$addr" || fail "$addr stays in the set after a crash"
	logged "addresses of sessions of an earlier run removed"
	let_go kept || true
	let_go routed || true
}

profile_all() {
	core_up
	profile_addresses
	profile_link
	profile_limits
	profile_filters
	profile_routes
	profile_rates
	profile_crash
}
