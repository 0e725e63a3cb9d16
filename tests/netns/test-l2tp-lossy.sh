#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Every n-th datagram is lost, control and data: no tunnel is lost, no call is there twice.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
write_l2tp_conf "lcp-timeout 1
		ipcp-timeout 1"
start
core_up
# lossy NAME N OPTION...: every Nth datagram is lost, each way
lossy() {
	local name=$1 drop=$2
	shift 2
	l2tp_hold "$name" 24 --drop "$drop" --control-timeout 300 --lcp-timeout 500 --ipcp-timeout 500 \
		--auth-timeout 500 --tries 60 --up-pps 500 --down-pps 500 --duration 1 "$@"
	sessions_are 24 || fail "$name: $(ctl -j show status | jq .sessions) sessions instead of 24"
	sleep 2
	hang_up "$name"
	tunnels_are_clean "$name"
	expect 0 "$(report "$name" .traffic.wrong)" "$name: wrong packets"
	at_least 1 "$(tunnels_of "$name" .dropped)" "$name: lost datagrams"
	at_least 1 "$(tunnels_of "$name" .control.retransmissions)" "$name: messages sent again"
	wait_for 10 sessions_are 0 || fail "$name: sessions stay"
	wait_for 30 no_tunnels || fail "$name: tunnels stay"
}
lossy one-11 11 --tunnels 1
lossy one-5 5 --tunnels 1
lossy many-7 7 --tunnels 24
lossy sequence-11 11 --tunnels 6 --data-sequence require
stop
