#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# `callnum-check` over PPTP: the calling number is the address that the client connects from.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

l2tp_up
ip -n sub addr add 192.0.2.66/24 dev s0
write_pptp_conf "callnum-check yes"
printf 'clara:\\\n\t:password=secret:\\\n\t:calling-number=192.0.2.66:\n' >> "$work/npppd-users"
start
pptp right --user clara --password secret --local 192.0.2.66
expect 1 "$(established_by right)" "logins from the user's address"
in_sub "$dialer" pptp --pac $pac --user clara --password secret --report "$work/wrong.json" \
	> "$work/wrong.log" 2>&1 && fail "a login from another address"
expect 0 "$(established_by wrong)" "logins from another address"
in_sub "$dialer" pptp --pac $pac --user anna --password secret --report "$work/none.json" \
	> "$work/none.log" 2>&1 && fail "a login without a calling number"
expect 0 "$(established_by none)" "logins of a user without a calling number"
stop
