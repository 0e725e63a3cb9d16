#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# From a session in clear text to an encrypted one and back, and to the machine itself, each way to go.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/mppe.sh
. "$(dirname "$0")/mppe.sh"

l2tp_up
# PPPoE on a link and from a place of its own
ip netns add home
ip -n home link set lo up
link_pair home p0 access1
# pings NAMESPACE WHERE WHAT [OPTION...]
pings() {
	nsenter "--net=/run/netns/$1" ping -q -c 5 -i 0.1 -W 2 "${@:4}" "$2" > "$work/ping" 2>&1 ||
		fail "$name: $3: $(cat "$work/ping")"
}
for forward in "forward fast" "forward stack" "pipex no"; do
	write_mppe_conf pptp required "$forward"
	cat >> "$work/xpppd.conf" <<-EOC
	tunnel PPPOE protocol pppoe {
		listen on interface access1
		authentication-method pap chap mschapv2
		mppe no
		$forward
	}
	bind tunnel from PPPOE authenticated by LOCAL to pppac0
	EOC
	start
	name=${forward// /-}
	for state in stateless stateful; do
		seen "$name-$state"
		pptp_hold pptp 1 --user anna --password secret --mppe "128,required" --mppe-state $state --tun l%d
		nsenter --net=/run/netns/home "$dialer" dial --interface p0 --report "$work/pppoe.json" \
			--user berta --password secret --tun q%d --hold forever > "$work/pppoe.log" 2>&1 &
		echo $! > "$work/pppoe.pid"
		wait_for 20 ip -n home link show q0 || dial_failed pppoe
		address=$(ctl -j session brief | jq -rs 'map(.. | objects | select(.username == "anna").address) | first')
		ip -n home route replace "$address" dev q0
		in_sub ip route replace 10.65.0.7/32 dev l0
		in_sub ip route replace 10.64.0.1/32 dev l0
		pings home "$address" "clear to encrypted" -p 58504d31
		pings sub 10.65.0.7 "encrypted to clear" -s 1200
		pings sub 10.64.0.1 "to the concentrator itself"
		# larger than fits: the stack cuts it before it is encrypted
		pings home "$address" "fragments to encrypted" -s 2000
		pings sub 10.65.0.7 "fragments from encrypted" -s 2000
		hang_up pptp
		hang_up pppoe
		expect 0 "$(seen_clear "$name-$state")" "$name: packets in clear text on the wire"
		expect 0 "$(mppe_of pptp failures)" "$name: decrypted to no packet"
		at_least 20 "$(mppe_of pptp unsealed)" "$name: packets decrypted"
	done
	stop
done
