# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-nexthop-*.sh: nexthop_test MODE changes routes, neighbours, devices and rules under
# traffic upstream. The programs keep next hops, and must forget them: what goes the old way is
# counted at the other end.

other_core=198.51.101.2 # behind core1, a second way to the core
moved_mac=02:00:00:00:00:99

# second_core_up: core1 ←veth→ c1, counters
second_core_up() {
	link_pair core c1 core1
	ip link set core1 mtu 1500
	ip -n core link set c1 mtu 1500
	ip addr add 198.51.101.1/24 dev core1
	ip -n core addr add $other_core/24 dev c1
	in_core sysctl -qw net.ipv4.conf.all.rp_filter=0
	ip neigh replace $other_core lladdr "$(mac_of core c1)" dev core1
	in_core nft -f - <<-EOC
		table netdev seen {
			chain c0 {
				type filter hook ingress device c0 priority 0
				udp dport $core_port ether daddr $(mac_of core c0) counter
				udp dport $core_port ether daddr $moved_mac counter
			}
			chain c1 {
				type filter hook ingress device c1 priority 0
				udp dport $core_port counter
			}
		}
	EOC
}

# seen c0|moved|c1: packets that came by this way
seen() {
	local -A rule=([c0]=0 [moved]=1 [c1]=2)
	in_core nft -j list table netdev seen |
		jq "[.nftables[].rule.expr? // empty | .[].counter? // empty | .packets][${rule[$1]}]"
}

# goes OLD NEW WHAT: a moment ago all packets went over to the new way
goes() {
	local old new
	sleep 0.6
	old=$(seen "$1") new=$(seen "$2")
	sleep 0.3
	expect "$old" "$(seen "$1")" "$3: packets by $1"
	at_least $((new + 50)) "$(seen "$2")" "$3: packets by $2"
}

# fast_path yes|no WHAT
fast_path() {
	local before
	sleep 0.6
	before=$(path up fast)
	sleep 0.3
	if [ "$1" = yes ]; then
		at_least $((before + 50)) "$(path up fast)" "$2: fast path"
	else
		expect "$before" "$(path up fast)" "$2: fast path"
	fi
}

by_c0() { ip route replace "$internet" via "$core_address"; }
by_c1() { ip route replace "$internet" via $other_core; }

# lag OLD COMMAND...: ms from the command's end to the last packet that went the old way
lag() {
	local old=$1 started last before now
	shift
	"$@"
	started=${EPOCHREALTIME/./} last=${EPOCHREALTIME/./}
	before=$(seen "$old")
	while [ $((${EPOCHREALTIME/./} - started)) -lt 600000 ]; do
		now=$(seen "$old")
		[ "$now" = "$before" ] || last=${EPOCHREALTIME/./}
		before=$now
	done
	echo $(((last - started) / 1000))
}

# by_events: what is kept is forgotten twice a second anyway, for which half of these would wait
# longer than a quarter of a second
by_events() {
	local lags i
	lags=$(for i in 1 2 3 4 5; do lag c0 by_c1; lag c1 by_c0; done | sort -n)
	echo "ms until the last packet the old way: ${lags//$'\n'/ }"
	at_most 50 "$(sed -n 6p <<< "$lags")" "ms until the last packet the old way, median"
}

neighbours() {
	ip neigh replace "$core_address" lladdr $moved_mac dev core0
	goes c0 moved "gateway with another MAC"
	ip neigh replace "$core_address" lladdr "$(mac_of core c0)" dev core0
	goes moved c0 "gateway with its MAC again"
	ip neigh del "$core_address" dev core0
	goes moved c0 "neighbour deleted and found again"
	fast_path yes "neighbour found again"
}

sizes() {
	ip route replace "$internet" via "$core_address" mtu lock 1000
	fast_path no "route with a smaller MTU"
	by_c0
	fast_path yes "route with its MTU again"
	ip link set core0 mtu 1000
	fast_path no "device with a smaller MTU"
	ip link set core0 mtu 1500
	fast_path yes "device with its MTU again"
}

devices() {
	ip route add "$internet" via $other_core metric 10
	ip route add "$internet" via "$core_address" metric 20
	ip route del "$internet" metric 0
	goes c0 c1 "route with a smaller metric"
	ip link set core1 down
	goes c1 c0 "device down"
	fast_path yes "device down"
	ip link set core1 up
	ip neigh replace $other_core lladdr "$(mac_of core c1)" dev core1
	ip route add "$internet" via $other_core metric 10
	goes c0 c1 "device up"
	by_c0
	ip route del "$internet" metric 10
	ip route del "$internet" metric 20
	goes c1 c0 "one route"
}

rules() {
	ip route add default via $other_core table 100
	ip rule add from 10.64.0.0/16 lookup 100
	goes c0 c1 "policy rule"
	fast_path yes "policy rule"
	ip rule del from 10.64.0.0/16 lookup 100
	goes c1 c0 "no policy rule"
	sysctl -qw net.ipv4.conf.pppac0.forwarding=0
	fast_path no "forwarding off"
	sysctl -qw net.ipv4.conf.pppac0.forwarding=1
	fast_path yes "forwarding on"
}

# absent: an agent that does not hear of a change, and none at all
absent() {
	kill -STOP "$(agent_pid)"
	by_c1
	sleep 0.6
	goes c0 c1 "agent stopped"
	by_c0
	kill -CONT "$(agent_pid)"
	goes c1 c0 "agent continued"
	crash
	sleep 1.1
	at_most 20 "$(lag c0 by_c1)" "agent dead: ms until the last packet the old way"
	goes c0 c1 "agent dead"
}

nexthop_test() {
	mode=$1
	network_up
	second_core_up
	write_conf
	echo "attach interface core1 mode $mode" >> "$work/xpppd.conf"
	start
	core_up
	hold traffic 4 --up-pps 1000 --size 1200 --duration 600
	fast_path yes "at first"
	by_events
	neighbours
	sizes
	devices
	rules
	absent
}
