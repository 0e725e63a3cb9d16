#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# An interface that is missing at the start or vanishes is attached when it is there (again).
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
ip link del access0
write_conf
start
grep -q access0 "$work/xpppd.log" || fail "the log does not speak of the missing interface"
link_pair sub s0 access0
core_up
attached() { [ "$(mode_of access0)" = native ]; }
wait_for 5 attached || fail "access0 is not attached when it comes"
dial first --sessions 3 --max-loss 0 --up-pps 200 --down-pps 200 --duration 1
traffic_is_clean first

dial stays --sessions 3 --hangup silent --first 10
ip link del access0
wait_for 5 sessions_are 0 || fail "sessions outlive their interface"
link_pair sub s0 access0
wait_for 5 attached || fail "access0 is not attached when it comes back"
dial second --sessions 3 --max-loss 0 --up-pps 200 --down-pps 200 --duration 1
traffic_is_clean second

# The core side as well, with sessions that stay.
hold held 2
ip link del core0
link_pair core c0 core0
core_side_up
core_attached() { [ "$(mode_of core0)" = native ]; }
wait_for 5 core_attached || fail "core0 is not attached when it comes back"
expect 2 "$(established)" "sessions after the core side came back"
dial third --first 10 --sessions 3 --max-loss 0 --up-pps 200 --down-pps 200 --duration 1
traffic_is_clean third
hang_up held
stop
