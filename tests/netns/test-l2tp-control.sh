#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Tunnel secret: right, wrong, missing; hidden AVPs; what show tunnels and clear do.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
# refused NAME RESULT OPTION...
refused() {
	local name=$1 result=$2
	shift 2
	in_sub "$dialer" l2tp --lns $lns --report "$work/$name.json" --control-tries 3 --control-timeout 300 \
		--discovery-timeout 700 "$@" > "$work/$name.log" 2>&1 && fail "$name: not refused"
	expect 0 "$(established_by "$name")" "$name: sessions"
	expect "$result" "$(tunnels_of "$name" .control.stopccn_by_server.result)" "$name: result code"
	wait_for 20 no_tunnels || fail "$name: a tunnel stays"
}
write_l2tp_conf 'l2tp-secret "tunnel secret"'
start
l2tp right --sessions 2 --secret "tunnel secret"
tunnels_are_clean right
l2tp hidden --sessions 2 --secret "tunnel secret" --hide --called 5550001 --calling "0123456789-0123456789-%d"
tunnels_are_clean hidden
refused wrong 4 --secret "tunnel secreT" --trust
refused missing 4
! grep -q "tunnel secre" "$work/xpppd.log" || fail "the secret is in the log"
l2tp after --sessions 2 --secret "tunnel secret"
stop

# Without a secret nothing hidden can be read, and a peer that wants proof is not given any.
write_l2tp_conf
start
in_sub "$dialer" l2tp --lns $lns --report "$work/none.json" --control-tries 3 --control-timeout 300 \
	--discovery-timeout 700 --secret x > "$work/none.log" 2>&1 && fail "proof without a secret"
in_sub "$dialer" l2tp --lns $lns --report "$work/none.json" --control-tries 3 --control-timeout 300 \
	--discovery-timeout 700 --secret x --hide > "$work/none.log" 2>&1 && fail "hidden AVPs without a secret"
wait_for 40 no_tunnels || fail "a tunnel stays"

l2tp_hold held 6 --tunnels 2 --host-name lac1.example
expect lac1.example "$(tunnels '.[0].hostname')" "host name of the peer"
expect 16 "$(tunnels '.[0].window')" "window of the peer"
ctl show tunnels | grep -q "$lac" || fail "the peer's address is not shown"
expect 6 "$(ctl -j session brief protocol l2tp | grep -c '"type":"session"')" "sessions by protocol"
# A session, then a tunnel with all it has.
ctl clear username u0 > /dev/null || fail "clear of a session"
wait_for 5 sessions_are 5 || fail "sessions after clear: $(ctl -j show status | jq .sessions)"
id=$(tunnels 'max_by(.sessions)."tunnel-id"')
left=$(tunnels 'min_by(.sessions).sessions')
ctl clear tunnel "$id" > /dev/null || fail "clear of a tunnel"
wait_for 5 tunnels_are 1 || fail "the tunnel outlives clear"
wait_for 5 sessions_are "$left" || fail "sessions outlive their tunnel"
let_go held || true
expect 1 "$(tunnels_of held .control.stopccn_by_server.count)" "StopCCN"
at_least 1 "$(tunnels_of held .control.cdn_by_server.count)" "CDN"
stop
