#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Debian's pptp-linux and pppd dial in by PPTP. Runs in the guest; each function scenario_* is one result.
#
# shellcheck disable=SC2317,SC2119 # functions are called by name, with words or without

# On Debian's own kernel runs what is installed, on the other what finds more.
case $(uname -r) in
6.1.*) XPPPD_FLAVOUR=plain ;;
esac
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/../netns/l2tp.sh"
# shellcheck source=tests/vm/scenarios.sh
. "$(dirname "$0")/scenarios.sh"
# shellcheck source=tests/vm/tunnels.sh
. "$(dirname "$0")/tunnels.sh"

scenario_login() {
	local method
	for method in pap chap mschap-v2; do
		local refuse=(refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap)
		refuse=("${refuse[@]/#refuse-$method/}")
		reconfigure 'mppe yes'
		# shellcheck disable=SC2068 # the empty one goes
		dial pptp ${refuse[@]} noccp
		legible ping_text || fail "no clear text without MPPE: the test sees nothing"
		in_core ping -q -c 3 -i 0.2 -W 3 "$(address ppp9)" || fail "no answer from the client"
		hang_up
	done
	! grep -qw secret "$work/xpppd.log" || fail "the password is in the log"
}

scenario_wrong_password() {
	local status=0
	reconfigure 'mppe yes'
	call_pptp "${mschapv2[@]}" password wrong
	wait_for 30 pppd_gone || client_fail "pppd goes on with a wrong password"
	wait "$pppd" || status=$?
	expect 19 "$status" "pppd's exit status (authentication failed)"
	wait_for 5 no_session || fail "the session goes on with a wrong password"
}

scenario_mtu() {
	reconfigure 'mppe no'
	dial pptp noccp
	reaches "$internet" -M 'do' -s 1372
	in_core ping -c 2 -i 0.2 -W 3 -M 'do' -s 1373 "$(address ppp9)" > "$work/ping" || true
	grep -qiE 'frag needed.*mtu ?= ?1400' "$work/ping" || fail "no ICMP to the core: $(cat "$work/ping")"
	reaches "$internet" -s 4000
	in_core ping -q -c 3 -i 0.2 -W 3 -M dont -s 4000 "$(address ppp9)" || fail "fragments downstream"
	hang_up
}

scenario_operator_clears() {
	reconfigure 'mppe yes'
	dial pptp "${mppe_128[@]}"
	ctl clear username anna > /dev/null
	wait_for 5 no_session || fail "the session outlives its end"
	wait_for 15 no_pppd || client_fail "pppd goes on"
	logged 'LCP terminated by peer'
}

scenario_cable_pulled() {
	reconfigure 'mppe yes'
	dial pptp "${mppe_128[@]}"
	ip -n sub link set s0 down
	wait_for 25 no_session || fail "the session outlives the cable"
	wait_for 25 no_tunnels || fail "the control connection outlives the cable"
	ip -n sub link set s0 up
}

scenario_agent_restarts() {
	dial pptp "${mppe_128[@]}"
	crash
	start
	wait_for 25 no_pppd || fail "pppd does not notice"
	dial pptp "${mppe_128[@]}"
	reaches "$internet"
	hang_up
}

scenario_required() {
	reconfigure 'mppe required'
	for tunnel in pptp pppoe l2tp; do
		call_"$tunnel" "${mschapv2[@]}" noccp
		sleep 6
		! has_address || fail "$tunnel: a session in clear text"
		pkill -x pppd || true
		kill "$pppd" || true
		wait_for 15 no_pppd || fail "pppd does not end"
		wait_for 10 no_session || fail "$tunnel: the session goes on"
	done
	dial pptp "${mppe_128[@]}"
	encrypted '128'
	! legible ping_text || fail "clear text on the access side"
	hang_up
}

run_scenarios "$@"
