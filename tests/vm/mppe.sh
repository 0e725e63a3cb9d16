#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# pppd's MPPE over all three tunnels, in each of its homes. Runs in the guest; each function scenario_* is one
# result.
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

# mppe_through NAME: what every home has to do
mppe_through() {
	local tunnel before
	before=$(drops mppe-count)
	for tunnel in pptp pppoe l2tp; do
		dial "$tunnel" "${mppe_128[@]}"
		encrypted '128 stateless'
		! legible ping_text || fail "$1, $tunnel: clear text on the access side"
		in_core ping -q -c 3 -i 0.2 -W 3 "$(address ppp9)" || fail "no answer from the client"
		reaches "$internet" -s 1300
		transfers "$1, $tunnel"
		hang_up
	done
	dial pptp "${mschapv2[@]}" require-mppe-40 nomppe-stateful
	encrypted '40 stateless'
	reaches "$internet"
	hang_up
	expect "$before" "$(drops mppe-count)" "stateless packets that did not fit"
	reconfigure "mppe required
		mppe-key-state stateful
		${2:-}"
	dial pptp "${mschapv2[@]}" require-mppe-128 mppe-stateful
	encrypted '128 stateful'
	reaches "$internet" -c 300 -i 0.002
	# Here two packets that overtake each other on their way are a loss, which ends with a reset.
	transfers "$1, stateful"
	echo "$1, stateful: $(($(drops mppe-count) - before)) packets dropped until a reset came"
	reaches "$internet"
	hang_up
}

# home_is NAME: which one `show dataplane` says is in use
home_is() { ctl -j show dataplane | jq -es --arg home "$1" 'any(.. | objects; .mppe == $home)'; }

scenario_plain() {
	! lsmod | grep -q xppp_mppe || rmmod xppp_mppe
	reconfigure 'mppe required'
	home_is plain || fail "the home is not plain BPF: $(ctl show dataplane)"
	mppe_through plain
}

scenario_slow() {
	reconfigure 'mppe required
		pipex no'
	mppe_through slow 'pipex no'
}

# ---- the kernel module

modules=build/module/$(uname -r)
module_gone() { ! lsmod | grep -q xppp_mppe || rmmod xppp_mppe; }

scenario_module() {
	insmod "$modules/xppp_mppe.ko"
	reconfigure 'mppe required'
	dial pptp "${mppe_128[@]}"
	wait_for 40 home_is module || fail "the home is not the module: $(ctl show dataplane)"
	hang_up
	mppe_through module
	wait_for 20 module_gone || fail "the module cannot go although no session needs it"
}

# The module comes, is replaced by another build and goes, and sessions go on.
scenario_module_changes() {
	local before
	wait_for 20 module_gone || fail "the module is there"
	reconfigure 'mppe required'
	dial pptp "${mppe_128[@]}"
	home_is plain || fail "the home is not plain BPF: $(ctl show dataplane)"
	in_sub ping -q -i 0.05 -c 400 -W 3 "$internet" > "$work/ping" &
	before=$!
	sleep 1
	insmod "$modules/xppp_mppe.ko"
	wait_for 40 home_is module || fail "the home is not the module: $(ctl show dataplane)"
	! rmmod xppp_mppe || fail "the module goes although a session needs it"
	wait "$before" || true
	at_least 398 "$(awk '/received/ { print $4 }' "$work/ping")" "answers while the module came"
	hang_up
	wait_for 20 module_gone || fail "the module cannot go although no session needs it"
	dial pptp "${mppe_128[@]}"
	reaches "$internet"
	insmod "$modules-debug/xppp_mppe.ko"
	wait_for 40 home_is module || fail "the home is not the other build: $(ctl show dataplane)"
	reaches "$internet" -c 20 -i 0.05
	hang_up
	wait_for 20 module_gone || fail "the other build cannot go"
}

run_scenarios "$@"
