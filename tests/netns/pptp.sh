# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-pptp-*.sh: the subscriber's side is a PNS behind a router.
#
#   sub: s0 192.0.2.2 ←veth→ access0 192.0.2.1 :concentrator

pac=192.0.2.1
pns=192.0.2.2

# pptp_up: the network, with an access side that is an IP network
pptp_up() {
	network_up
	local here there
	ip link set access0 mtu 1500
	ip -n sub link set s0 mtu 1500
	ip addr add $pac/24 dev access0
	ip -n sub addr add $pns/24 dev s0
	here=$(cat /sys/class/net/access0/address) there=$(mac_of sub s0)
	ip neigh replace $pns lladdr "$there" dev access0
	in_sub ip neigh replace $pac lladdr "$here" dev s0
}

# write_pptp_conf [TUNNEL_OPTIONS [GLOBAL [IPCP_OPTIONS]]]
write_pptp_conf() {
	cat > "$work/xpppd.conf" <<-EOC
	${2:-}
	tunnel PPTP protocol pptp {
		listen on $pac
		authentication-method pap chap mschapv2
		mppe no
		${1:-}
	}
	attach interface access0 mode ${mode:-auto}
	EOC
	serve PPTP "${3:-}"
}

# pptp NAME [OPTION...]: dials in to the end; its report is for `report NAME`
pptp() {
	local name=$1
	shift
	in_sub "$dialer" pptp --pac $pac --report "$work/$name.json" "${traffic[@]}" "$@" \
		> "$work/$name.log" 2>&1 || dial_failed "$name"
}

# pptp_hold NAME SESSIONS [OPTION...]: in the background, returns when the sessions are up
pptp_hold() {
	local name=$1 up
	up=$(($(established) + $2))
	nsenter --net=/run/netns/sub "$dialer" pptp --pac $pac --report "$work/$1.json" \
		--sessions "$2" --hold forever "${traffic[@]}" "${@:3}" > "$work/$1.log" 2>&1 &
	echo $! > "$work/$1.pid"
	wait_for 30 established_is "$up" || dial_failed "$name"
}

# connections FILTER: what the agent says of its control connections
connections() {
	ctl -j show tunnels |
		jq -rs "map(.. | objects | select(.type == \"tunnel\" and .protocol == \"pptp\")) | $1"
}
