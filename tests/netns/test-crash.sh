#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# After kill -9 the next start is clean: nothing attached twice, no stale session, clients dial again.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
start
core_up
hold held 6 --vlan none,7,100.7 --echo-interval 0.5 --echo-tries 3 --persist --redials 10
programs() { bpftool -j net | jq '.[0].xdp + .[0].tc | length'; }
before=$(programs)
for _ in 1 2; do
	crash
	start
	expect "$before" "$(programs)" "programs after a restart"
done
expect native "$(mode_of access0)" "mode after a restart"
wait_for 20 established_is 6 || fail "clients do not come back"
dial traffic --first 20 --max-loss 0 --up-pps 200 --down-pps 200 --duration 1
traffic_is_clean traffic
let_go held || true
stop
# Another mode after a crash: what the last one left attached goes.
start
crash
mode=tc write_conf
start
expect tc "$(mode_of access0)" "mode after a restart with another one"
dial tc --max-loss 0 --up-pps 200 --down-pps 200 --duration 1
traffic_is_clean tc
stop
expect "" "$(find "$pin_dir" -mindepth 1 2> /dev/null)" "pins after the end"
expect 0 "$(bpftool -j net | jq '.[0].xdp + .[0].tc | length')" "programs attached after the end"
! ip link show pppac0 > /dev/null 2>&1 || fail "pppac0 is still there after the end"
