# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-l2tp-*.sh: the subscriber's side is a LAC behind a router.
#
#   sub: s0 192.0.2.2, 2001:db8::2 ←veth→ access0 192.0.2.1, 2001:db8::1 :concentrator

lns4=192.0.2.1
lns6=2001:db8::1
lns=$lns4 # where the dialer dials
lac=192.0.2.2
lac6=2001:db8::2

# l2tp_up: the network, with an access side that is an IP network
l2tp_up() {
	network_up
	l2tp_link
}

# l2tp_link: addresses on the access side
l2tp_link() {
	ip link set access0 mtu 1500
	ip -n sub link set s0 mtu 1500
	ip addr add $lns4/24 dev access0
	ip -n sub addr add $lac/24 dev s0
	sysctl -qw net.ipv6.conf.access0.disable_ipv6=0 net.ipv6.conf.access0.accept_dad=0
	in_sub sysctl -qw net.ipv6.conf.s0.disable_ipv6=0 net.ipv6.conf.s0.accept_dad=0
	ip addr add $lns6/64 dev access0 nodad
	ip -n sub addr add $lac6/64 dev s0 nodad
	local here there
	here=$(cat /sys/class/net/access0/address) there=$(mac_of sub s0)
	ip neigh replace $lac lladdr "$there" dev access0
	ip neigh replace $lac6 lladdr "$there" dev access0
	in_sub ip neigh replace $lns4 lladdr "$here" dev s0
	in_sub ip neigh replace $lns6 lladdr "$here" dev s0
}

# write_l2tp_conf [TUNNEL_OPTIONS [GLOBAL [IPCP_OPTIONS]]]: an LNS on both addresses
write_l2tp_conf() {
	cat > "$work/xpppd.conf" <<-EOC
	${2:-}
	tunnel L2TP protocol l2tp {
		listen on $lns4
		listen on $lns6
		authentication-method pap chap mschapv2
		${1:-}
	}
	attach interface access0 mode ${mode:-auto}
	EOC
	serve L2TP "${3:-}"
}

# l2tp NAME [OPTION...]: dials in to the end; its report is for `report NAME`
l2tp() {
	local name=$1
	shift
	in_sub "$dialer" l2tp --lns "$lns" --report "$work/$name.json" "${traffic[@]}" "$@" \
		> "$work/$name.log" 2>&1 || dial_failed "$name"
}

# l2tp_hold NAME SESSIONS [OPTION...]: in the background, returns when the sessions are up
l2tp_hold() {
	local name=$1 up
	up=$(($(established) + $2))
	nsenter --net=/run/netns/sub "$dialer" l2tp --lns "$lns" --report "$work/$1.json" \
		--sessions "$2" --hold forever "${traffic[@]}" "${@:3}" > "$work/$1.log" 2>&1 &
	echo $! > "$work/$1.pid"
	wait_for 30 established_is "$up" || dial_failed "$name"
}

# tunnels_of NAME FILTER: what the dialer says of its control connections
tunnels_of() { report "$1" ".tunnels$2"; }

# tunnels FILTER: what the agent says of its control connections; one that lingers has ended, and waits only
# for its StopCCN to come again
tunnels() {
	ctl -j show tunnels |
		jq -rs "map(.. | objects | select(.type == \"tunnel\" and .state != \"lingering\")) | $1"
}
no_tunnels() { [ "$(tunnels length)" = 0 ]; }
tunnels_are() { [ "$(tunnels length)" = "$1" ]; }

# tunnels_are_clean NAME: no connection was lost, no connection and no call is there twice
tunnels_are_clean() {
	local what
	for what in .tunnels.lost .tunnels.timeouts .tunnels.second_tunnel .anomalies.second_session; do
		expect 0 "$(report "$1" $what)" "$1: $what"
	done
	expect "$(tunnels_of "$1" .wanted)" "$(tunnels_of "$1" .established)" "$1: tunnels"
}
