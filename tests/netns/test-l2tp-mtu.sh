#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Packets of the MTU pass whole, larger ones with DF are answered with ICMP, without DF they are cut.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
write_l2tp_conf "mru 1500"
start
core_up
ping_to() { in_sub ping -q -c 3 -i 0.2 -W 2 "$@" "$internet" > "$work/ping" 2>&1; }
ping_from_core() { in_core ping -c 3 -i 0.2 -W 2 "$@" "$address" > "$work/ping" 2>&1; }
# No outer packet may come out of the concentrator in pieces.
in_sub nft -f - <<-'EOC'
	table netdev seen {
		chain pieces {
			type filter hook ingress device s0 priority 0
			ip frag-off & 0x3fff != 0 counter
			exthdr frag exists counter
		}
	}
EOC
outer_pieces() { in_sub nft -j list table netdev seen | jq '[.nftables[].rule.expr? // empty | .[].counter? // empty | .packets] | add'; }

# mtu_test NAME LNS: of the link's 1,500 bytes the outer headers take their part
mtu_test() {
	local overhead=$3 mtu
	lns=$2
	l2tp_hold "$1" 1 --user anna --password secret --mru 1500 --tun tun%d
	address=$(ctl -j session brief | jq -rs 'map(.. | objects | select(.username == "anna").address) | first')
	in_sub ip route replace default dev tun0
	ip -n sub link set tun0 mtu 1500
	in_core ip route flush cache
	mtu=$((1500 - overhead))
	ping_from_core -M 'do' -s $((mtu - 28)) || fail "$1: $mtu bytes downstream: $(cat "$work/ping")"
	! ping_from_core -M 'do' -s 1472 || fail "$1: 1500 bytes went through"
	grep -qiE 'frag needed' "$work/ping" || fail "$1: no ICMP to the core: $(cat "$work/ping")"
	in_core ip route flush cache
	ping_from_core -M dont -s 3000 || fail "$1: fragments downstream: $(cat "$work/ping")"
	expect 0 "$(outer_pieces)" "$1: outer fragments from the concentrator"
	# The client's outer packets may come in pieces: the stack puts them together.
	ping_to -M 'do' -s 1472 || fail "$1: outer fragments upstream: $(cat "$work/ping")"
	ping_to -M dont -s 3000 || fail "$1: fragments upstream: $(cat "$work/ping")"
	hang_up "$1"
}
# IP, UDP, L2TP with sequence numbers and length at most, PPP
mtu_test ipv4 $lns 46
mtu_test ipv6 $lns6 66
stop
