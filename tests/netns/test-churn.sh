#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Sessions that come and go by the hundred disturb none that stay, and leave nothing.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
write_users 700
start
core_up
hold held 20 --vlan none,7,100.7 --up-pps 500 --down-pps 500 --duration 60
dial many --first 100 --sessions 500 --vlan none,7,100.1-100 --rate 500 --hold 0.5
expect 500 "$(established_by many)" "sessions"
dial churn --first 100 --sessions 50 --hold 3 --churn 50
wait_for 10 sessions_are 20 || fail "sessions stay behind"
hang_up held
expect 0 "$(lost held up)" "lost upstream"
expect 0 "$(lost held down)" "lost downstream"
wait_for 10 sessions_are 0 || fail "sessions stay behind"
for map in sessions_up sessions_down; do
	expect 0 "$(bpftool -j map dump pinned "$pin_dir/$map" | jq '[.[].formatted.value | select(.state != 0)] | length')" \
		"lines of $map in use"
done
stop
