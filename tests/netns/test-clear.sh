#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# `xpppctl clear` ends what its filter names, and nothing else.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
start
core_up
hold many 9 --vlan none,7,100.7
hold anna 1 --user anna --password secret --mac-base 02:aa:00:00:00:01

cleared() {
	local left=$1
	shift
	ctl clear "$@" > /dev/null || fail "clear $*: status $?"
	wait_for 5 sessions_are "$left" || fail "clear $*: $(ctl -j show status | jq .sessions) sessions left"
}
not_cleared() {
	local status=0 want=$1
	shift
	ctl clear "$@" > /dev/null 2>&1 || status=$?
	expect "$want" $status "status of clear $*"
	sessions_are 10 || fail "clear $* ended something"
}
not_cleared 1 username nobody
not_cleared 1 address 10.64.99.99
not_cleared 2 username
not_cleared 2 address 10.64
not_cleared 2
not_cleared 2 all username anna
cleared 9 username anna
cleared 8 address "$(ctl -j session brief username u3 | jq -rs 'map(.. | objects | select(.username == "u3").address) | first')"
cleared 7 ppp-id "$(ctl -j session brief username u4 | jq -rs 'map(.. | objects | select(.username == "u4")."ppp-id") | first')"
cleared 6 peer 02:d1:00:00:00:05
cleared 5 realm LOCAL username u6
cleared 0 interface pppac0 protocol pppoe
let_go many || true
expect 9 "$(report many '[.terminated_by_server[], .padt_by_server[]] | add')" "clients that were told"
stop
