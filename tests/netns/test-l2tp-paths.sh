#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# The stack and the agent as ways for L2TP sessions, with IPv4 and IPv6 outside.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
core_up
# way NAME PATH OPTION: all packets take it
way() {
	local address name up=0 down=0
	write_l2tp_conf "$3"
	start
	for address in "$lns4" "$lns6"; do
		lns=$address name=$1-${address//[:.]/-}
		l2tp "$name" --sessions 6 --tunnels 2 --max-loss 0 --up-pps 500 --down-pps 500 --duration 1 --size 28-1360
		traffic_is_clean "$name"
		tunnels_are_clean "$name"
		up=$((up + $(sent "$name" up)))
		down=$((down + $(sent "$name" down)))
	done
	at_least "$up" "$(path up "$2")" "$1: $2 path upstream"
	at_least "$down" "$(path down "$2")" "$1: $2 path downstream"
	expect 0 "$(path up fast)" "$1: fast path upstream"
	stop
}
way stack stack "forward stack"
way slow slow "pipex no"
