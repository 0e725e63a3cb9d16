#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Packets of the MTU pass, larger ones with DF are answered with ICMP, without DF they are cut.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "pppoe-max-payload 1500
		mru 1500"
start
core_up
hold tun 1 --user anna --password secret --tun tun%d
address=$(ctl -j session brief | jq -rs 'map(.. | objects | select(.username == "anna").address) | first')
in_sub ip route replace default dev tun0
ip -n sub link set tun0 mtu 1492
ping_to() { in_sub ping -q -c 3 -i 0.2 -W 2 "$@" "$internet" > "$work/ping" 2>&1; }
ping_from_core() { in_core ping -c 3 -i 0.2 -W 2 "$@" "$address" > "$work/ping" 2>&1; }
ping_to -M 'do' -s 1464 || fail "1492 bytes upstream: $(cat "$work/ping")"
ping_from_core -M 'do' -s 1464 || fail "1492 bytes downstream: $(cat "$work/ping")"
! ping_from_core -M 'do' -s 1465 || fail "1493 bytes went through"
grep -qiE 'frag needed.*mtu ?= ?1492' "$work/ping" || fail "no ICMP to the core: $(cat "$work/ping")"
in_core ip route flush cache
ping_from_core -M dont -s 3000 || fail "fragments downstream: $(cat "$work/ping")"
ping_to -M dont -s 3000 || fail "fragments upstream: $(cat "$work/ping")"

# Both ends: a veth takes in no frame that is longer than its own MTU.
ip link set core0 mtu 1400
ip -n core link set c0 mtu 1400
in_sub ping -c 3 -i 0.2 -W 2 -M 'do' -s 1464 "$internet" > "$work/ping" 2>&1 || true
grep -qiE 'frag needed.*mtu ?= ?1400' "$work/ping" || fail "no ICMP to the subscriber: $(cat "$work/ping")"
in_sub ip route flush cache
ping_to -M dont -s 1464 || fail "cut for a smaller core: $(cat "$work/ping")"
ip link set core0 mtu 1500
ip -n core link set c0 mtu 1500

# TTL over: the concentrator is seen on the way.
in_sub ping -c 1 -W 2 -t 1 "$internet" > "$work/ping" 2>&1 || true
grep -q 'Time to live exceeded' "$work/ping" || fail "no ICMP time exceeded: $(cat "$work/ping")"
# The concentrator itself answers.
in_sub ping -q -c 2 -i 0.2 -W 2 10.64.0.1 > "$work/ping" 2>&1 || fail "10.64.0.1: $(cat "$work/ping")"
hang_up tun

# RFC 4638
hold big 1 --first 5 --max-payload 1500 --tun tun%d
expect 1500 "$(ctl -j session all username u5 | jq -rs 'map(.. | objects | select(.username == "u5").mtu) | first')" "MTU (RFC 4638)"
in_sub ip route replace default dev tun5
ip -n sub link set tun5 mtu 1500
ping_to -M 'do' -s 1472 || fail "1500 bytes upstream: $(cat "$work/ping")"
hang_up big
stop
