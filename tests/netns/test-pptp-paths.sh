#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# The stack and the agent as ways for PPTP sessions; numbers go on over programs and agent alike.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

l2tp_up
core_up
# way NAME PATH OPTION: all packets take it, and none the fast path
way() {
	local name=$1
	write_pptp_conf "$3"
	start
	pptp "$name" --sessions 6 --tunnels 2 --max-loss 0 --up-pps 500 --down-pps 500 --duration 2 --size 28-1360 \
		--echo-interval 0.3
	traffic_is_clean "$name"
	tunnels_are_clean "$name"
	numbers_are_right "$name"
	at_least 12 "$(report "$name" .lcp_echo.answered)" "$name: LCP echoes among the data"
	at_least "$(sent "$name" up)" "$(path up "$2")" "$name: $2 path upstream"
	at_least "$(sent "$name" down)" "$(path down "$2")" "$name: $2 path downstream"
	[ "$2" = fast ] || expect 0 "$(path up fast)" "$name: fast path upstream"
	stop
}
way fast fast "forward fast"
way stack stack "forward stack"
way slow slow "pipex no"
