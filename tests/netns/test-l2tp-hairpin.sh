#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# From an L2TP session to a PPPoE session and back, each way to go.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
# PPPoE on a link and from a place of its own
ip netns add home
ip -n home link set lo up
link_pair home p0 access1
for forward in "forward fast" "forward stack" "pipex no"; do
	write_l2tp_conf "$forward"
	cat >> "$work/xpppd.conf" <<-EOC
	tunnel PPPOE protocol pppoe {
		listen on interface access1
		authentication-method pap chap mschapv2
		$forward
	}
	bind tunnel from PPPOE authenticated by LOCAL to pppac0
	EOC
	start
	name=${forward// /-}
	l2tp "$name" --sessions 6 --tunnels 2 --max-loss 0 --hairpin-pps 500 --duration 1
	traffic_is_clean "$name"
	tunnels_are_clean "$name"
	[ "$forward" != "forward fast" ] ||
		at_least "$(sent "$name" hairpin)" "$(path up hairpin)" "packets that turned round"

	# One client of each kind, with a device each; what one sends leaves by the other.
	l2tp_hold l2tp 1 --user anna --password secret --tun l%d
	nsenter --net=/run/netns/home "$dialer" dial --interface p0 --report "$work/pppoe.json" \
		--user berta --password secret --tun q%d --hold forever > "$work/pppoe.log" 2>&1 &
	echo $! > "$work/pppoe.pid"
	wait_for 20 ip -n home link show q0 || dial_failed pppoe
	address=$(ctl -j session brief | jq -rs 'map(.. | objects | select(.username == "anna").address) | first')
	ip -n home route replace "$address" dev q0
	in_sub ip route replace 10.65.0.7/32 dev l0
	nsenter --net=/run/netns/home ping -q -c 5 -i 0.2 -W 2 "$address" > "$work/ping" 2>&1 ||
		fail "$name: PPPoE to L2TP: $(cat "$work/ping")"
	hang_up l2tp
	hang_up pppoe
	stop
done
