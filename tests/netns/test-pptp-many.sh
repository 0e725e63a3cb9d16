#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A client with a hundred calls in one connection, and a thousand connections with one call each.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

# Sanitizers would measure themselves.
xpppd=$build/plain/xpppd
l2tp_up
write_pptp_conf
write_users 1000
start
core_up

# many NAME SESSIONS TUNNELS OPTION...: none lost, none there twice, and nothing stays
many() {
	local name=$1 sessions=$2 tunnels=$3
	pptp_hold "$name" "$sessions" --tunnels "$tunnels" --up-pps 4000 --down-pps 4000 --duration 2 "${@:4}"
	tunnels_are "$tunnels" || fail "$name: $(tunnels length) connections"
	expect "$sessions" "$(tunnels 'map(.sessions) | add')" "$name: sessions of all connections"
	expect "$sessions" "$(ctl -j session brief protocol pptp | grep -c '"type":"session"')" "$name: sessions by protocol"
	expect "$sessions" "$(ctl -j session all | jq -s 'map(.. | objects | ."carrier-id"? // empty) | unique | length')" \
		"$name: call ids"
	sleep 3
	hang_up "$name"
	traffic_is_clean "$name"
	tunnels_are_clean "$name"
	numbers_are_right "$name"
	wait_for 5 no_tunnels || fail "$name: connections outlive their end"
	sessions_are 0 || fail "$name: sessions outlive their connections"
}
many one 100 1
# Connections of one address are limited in rate.
many many 1000 1000 --rate 120
stop
