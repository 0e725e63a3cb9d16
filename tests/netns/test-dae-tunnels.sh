#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Dynamic authorization of L2TP and PPTP sessions: they are found by what RADIUS is told of their calls, and
# their tunnels stay.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"
# shellcheck source=tests/netns/dae.sh
. "$(dirname "$0")/dae.sh"

l2tp_up
cat > "$work/xpppd.conf" <<-EOC
	$dae_conf
	tunnel L2TP protocol l2tp {
		listen on $lns4
		authentication-method pap chap mschapv2
	}
	tunnel PPTP protocol pptp {
		listen on $pac
		authentication-method pap chap mschapv2
		mppe no
	}
	attach interface access0 mode auto
EOC
serve L2TP
echo "bind tunnel from PPTP authenticated by LOCAL to pppac0" >> "$work/xpppd.conf"
start
core_up
l2tp_hold lac 5 --tunnels 1 --calling '555%d' --called 100
pptp_hold client 2 --first 20

# ended LEFT WHAT ANSWER
ended() {
	expect ACK "$3" "$2"
	wait_for 8 sessions_are "$1" || fail "$2: $(ctl -j show status | jq .sessions) sessions left"
}
# port_id USER: as agent/aaa/subject.c composes it
port_id() { echo "$(of "$1" protocol) $(of "$1" peer) $(of "$1" tunnel-id)/$(of "$1" carrier-id)"; }

expect ACK "$(dae coa "Acct-Session-Id=$(of u0 session-id)" Session-Timeout=3600)" "a change of an L2TP session"
expect ACK "$(dae coa "NAS-Port=$(of u20 slot)" Idle-Timeout=600)" "a change of a PPTP session"
expect "3600 600" "$(of u0 session-timeout) $(of u20 idle-timeout)" "what was changed"
ended 6 "L2TP by NAS-Port" "$(dae disconnect "NAS-Port=$(of u0 slot)")"
ended 5 "L2TP by NAS-Port-Id" "$(dae disconnect "NAS-Port-Id=\"$(port_id u1)\"")"
ended 4 "L2TP by the numbers of its call" "$(dae disconnect "Calling-Station-Id=$(of u2 calling)" Called-Station-Id=100)"
expect "NAK Session-Context-Not-Found" "$(dae disconnect "Calling-Station-Id=$(of u3 calling)" Called-Station-Id=200)" "another number"
ended 3 "PPTP by NAS-Port-Id" "$(dae disconnect "NAS-Port-Id=\"$(port_id u20)\"")"
ended 2 "PPTP by its peer" "$(dae disconnect "Calling-Station-Id=$client")"
expect "u3 u4" "$(ctl -j session brief | jq -rs 'map(.. | objects | select(.type == "session").username) | sort | join(" ")')" \
	"sessions that are left"
tunnels_are 1 || fail "tunnels: $(tunnels .)"
let_go lac 2> /dev/null || true
let_go client 2> /dev/null || true
stop
