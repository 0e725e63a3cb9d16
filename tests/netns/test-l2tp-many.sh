#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A LAC with a thousand sessions in one tunnel, and a thousand tunnels with one session each.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

# Sanitizers would measure themselves.
xpppd=$build/plain/xpppd
l2tp_up
write_l2tp_conf
write_users 1000
start
core_up

l2tp_hold one 1000 --tunnels 1 --up-pps 4000 --down-pps 4000 --duration 2
tunnels_are 1 || fail "tunnels: $(tunnels .)"
expect 1000 "$(tunnels '.[0].sessions')" "sessions that show tunnels gives"
expect 1000 "$(ctl -j session brief protocol l2tp | grep -c '"type":"session"')" "sessions by protocol"
sleep 3
hang_up one
traffic_is_clean one
tunnels_are_clean one
wait_for 5 no_tunnels || fail "the tunnel outlives its end"

l2tp_hold many 1000 --tunnels 1000 --up-pps 4000 --down-pps 4000 --duration 2
tunnels_are 1000 || fail "tunnels: $(tunnels length)"
expect 1000 "$(tunnels 'map(.sessions) | add')" "sessions of all tunnels"
expect 1000 "$(tunnels 'map(."tunnel-id") | unique | length')" "tunnel ids"
sleep 3
hang_up many
traffic_is_clean many
tunnels_are_clean many
wait_for 5 no_tunnels || fail "tunnels outlive their end"
sessions_are 0 || fail "sessions outlive their tunnels"

# All from one port: they are told apart by their ids.
l2tp_hold shared 60 --tunnels 20 --same-port --source-port 1701 --up-pps 500 --down-pps 500 --duration 1
tunnels_are 20 || fail "tunnels of one port: $(tunnels length)"
sleep 2
hang_up shared
traffic_is_clean shared
tunnels_are_clean shared
stop
