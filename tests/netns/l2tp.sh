# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-l2tp-*.sh and, by pptp.sh, test-pptp-*.sh: the subscriber's side is a LAC behind a router.
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
		mppe $mppe_default
		${1:-}
	}
	attach interface access0 mode ${mode:-auto}
	EOC
	serve L2TP "${3:-}"
}

# l2tp NAME [OPTION...], l2tp_hold NAME SESSIONS [OPTION...]: as `dial` and `hold`
l2tp() {
	local access=(l2tp --lns "$lns")
	dial "$@"
}
l2tp_hold() {
	local access=(l2tp --lns "$lns")
	hold "$@"
}

# count_fast DIAL NAME OPTION...: dials by that function; traffic both ways, all on the fast path
count_fast() {
	local name=$2 up down
	up=$(path up fast) down=$(path down fast)
	"$1" "$name" --sessions 6 --tunnels 2 --max-loss 0 --up-pps 2000 --down-pps 2000 \
		--size 28-1360 --duration 1 "${@:3}"
	traffic_is_clean "$name"
	tunnels_are_clean "$name"
	at_least $(($(sent "$name" up) * 99 / 100)) $(($(path up fast) - up)) "$name: fast path upstream"
	at_least $(($(sent "$name" down) * 99 / 100)) $(($(path down fast) - down)) \
		"$name: fast path downstream"
	wait_for 5 sessions_are 0 || fail "$name: sessions outlive their hang-up"
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
		expect 0 "$(report "$1" "$what // 0")" "$1: $what"
	done
	expect "$(tunnels_of "$1" .wanted)" "$(tunnels_of "$1" .established)" "$1: tunnels"
}
