#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Both sides on one device: what comes in goes out there again.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
# The core is behind the subscriber's link, as on a router with one arm.
ip link set core0 down
ip -n sub addr add 198.51.100.2/24 dev s0
ip -n sub addr add $internet/32 dev lo
ip addr flush dev core0
ip addr add 198.51.100.1/24 dev access0
ip neigh replace 198.51.100.2 lladdr "$(mac_of sub s0)" dev access0
ip route replace $internet via 198.51.100.2
in_sub ip route add 10.64.0.0/16 via 198.51.100.1
in_sub ip neigh replace 198.51.100.1 lladdr "$(cat /sys/class/net/access0/address)" dev s0
for mode in native generic tc; do
	write_l2tp_conf
	sed -i '/^attach interface core0/d' "$work/xpppd.conf"
	start
	rm -f /run/core
	nsenter --net=/run/netns/sub "$dialer" core --listen "$internet:$core_port" --control /run/core > "$work/core.log" 2>&1 &
	core=$!
	wait_for 5 test -S /run/core || fail "the dialer's core companion does not start"
	traffic=(--core "$internet:$core_port" --core-control /run/core)
	up=$(path up fast) down=$(path down fast)
	l2tp "$mode" --sessions 4 --tunnels 2 --max-loss 0 --up-pps 1000 --down-pps 1000 --duration 1
	traffic_is_clean "$mode"
	at_least $(($(sent "$mode" up) * 99 / 100)) $(($(path up fast) - up)) "$mode: fast path upstream"
	at_least $(($(sent "$mode" down) * 99 / 100)) $(($(path down fast) - down)) "$mode: fast path downstream"
	kill $core
	wait $core || true
	stop
done
