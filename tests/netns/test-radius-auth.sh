#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Users that FreeRADIUS knows log in by each method, and others do not; who is asked, and by what
# name, follows from the realm; what the server says to its users they are told.
#
# shellcheck disable=SC2119 # what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

network_up
bound=RADIUS
write_conf
radius_statement
cat >> "$work/xpppd.conf" <<-EOC
	authentication STRIPPED type radius {
		username-suffix "@isp.example"
		strip-atmark-realm yes
		authentication-server { address $core_address secret "$radius_secret" }
	}
	authentication WHOLE type radius {
		username-prefix WORK\\\\
		strip-nt-domain no
		authentication-server { address $core_address secret "$radius_secret" }
	}
	authentication WRONG type radius {
		username-suffix "@wrong"
		authentication-server {
			address $core_address secret "not the server's secret"
			timeout 2
			max-tries 2
		}
	}
	bind tunnel from PPPOE authenticated by STRIPPED to pppac0
	bind tunnel from PPPOE authenticated by WHOLE to pppac0
	bind tunnel from PPPOE authenticated by WRONG to pppac0
EOC
radius_user anna 'Cleartext-Password := "pass of anna"' 'Reply-Message = "good morning anna"'
radius_user denied 'Auth-Type := Reject' 'Reply-Message = "you have not paid"'
radius_user anna@isp.example 'Cleartext-Password := "pass of anna"'
radius_authorize='if (&User-Name =~ /^WORK.eva$/) {
	update control {
		&Cleartext-Password := "pass of eva"
	}
}'
radius_user admin 'Cleartext-Password := "pass of admin"' 'Service-Type = Administrative-User'
radius_user lost 'Cleartext-Password := "pass of lost"' 'Framed-Pool = "no such pool"'
radius_user odd 'Cleartext-Password := "pass of odd"' 'Framed-MTU = 7' 'Class = 0x00ff'
: > "$work/xpppd.log"
start
radius_up

for method in pap chap mschapv2; do
	dial $method --auth $method --sessions 3 --hold 0
	expect 3 "$(established_by $method)" "sessions by $method"
done
expect 9 "$(grep -c 'established: user' "$work/xpppd.log")" "sessions here"
expect 9 "$(radius_requests)" "requests"

nsenter --net=/run/netns/sub tcpdump -i s0 -s 0 --immediate-mode -U -w "$work/said.pcap" > "$work/tcpdump" 2>&1 &
echo $! > "$work/tcpdump.pid"
wait_for 10 grep -q "listening on" "$work/tcpdump" || fail "tcpdump: $(cat "$work/tcpdump")"

logins() { grep -c 'established: user' "$work/xpppd.log"; }
# in_by METHOD USER PASSWORD
in_by() {
	local before
	before=$(logins)
	dial in --auth "$1" --user "$2" --password "$3"
	expect 1 "$(established_by in)" "sessions of $2 by $1"
	expect $((before + 1)) "$(logins)" "sessions of $2 by $1 here"
	wait_for 5 sessions_are 0 || fail "the session of $2 stays"
}
# out_by METHOD USER PASSWORD
out_by() {
	in_sub "$dialer" dial --interface s0 --report "$work/out.json" --auth "$1" --user "$2" --password "$3" \
		> "$work/out.log" 2>&1 && fail "$1: $2 comes in"
	expect 0 "$(established_by out)" "sessions of $2 by $1"
	wait_for 15 sessions_are 0 || fail "the session of $2 stays"
}
for method in pap chap mschapv2; do
	in_by $method anna "pass of anna"
	out_by $method anna "another's"
	out_by $method nobody "pass of anna"
	out_by $method denied "anything"
	# the response of MS-CHAPv2 is made with the realm
	sent=anna
	[ $method != mschapv2 ] || sent=anna@isp.example
	in_by $method anna@isp.example "pass of anna"
	expect $sent "$(radius_sent User-Name)" "$method: the name without its realm"
	in_by $method 'HOME\anna@isp.example' "pass of anna"
	expect $sent "$(radius_sent User-Name)" "$method: the name without domain and realm"
	in_by $method 'WORK\eva' "pass of eva"
	expect 'WORK\\eva' "$(radius_sent User-Name)" "$method: the whole name"
	out_by $method admin "pass of admin"
	out_by $method lost "pass of lost"
	in_by $method odd "pass of odd"
done
before=$(radius_requests)
out_by pap anna@wrong "pass of anna"
expect "$before" "$(radius_requests)" "requests that the server took with a wrong secret"
grep -q "Message-Authenticator" "$work/radius/main/log" || fail "the server did not see the wrong secret"

kill -INT "$(cat "$work/tcpdump.pid")"
wait "$(cat "$work/tcpdump.pid")" || true
at_least 3 "$(grep -aoF "good morning anna" "$work/said.pcap" | wc -l)" "messages to who is accepted"
at_least 3 "$(grep -aoF "you have not paid" "$work/said.pcap" | wc -l)" "messages to who is rejected"

grep -q 'user "admin": Service-Type: .*; he is not let in' "$work/xpppd.log" || fail "not logged: Service-Type"
grep -q 'user "odd": Framed-MTU: .*; it is left out' "$work/xpppd.log" || fail "not logged: Framed-MTU"
for secret in "pass of" "another's" "the server's secret"; do
	! grep -qF "$secret" "$work/xpppd.log" || fail "a secret is in the log"
done
stop
