#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# An idle session is ended, one with traffic is not.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "idle-timeout 3"
start
core_up
hold idle 2
hold busy 2 --first 10 --up-pps 20 --down-pps 20 --duration 8
sleep 1
expect 4 "$(established)" "sessions before the timeout"
wait_for 8 established_is 2 || fail "$(established) sessions after the timeout"
ctl -j session brief | jq -r '.. | objects | select(.type == "session").username' | grep -q u10 ||
	fail "the wrong sessions were ended"
at_least 2 "$(ctl -j show status | jq '."ended-by" | to_entries | map(select(.key | test("idle"))) | map(.value) | add')" \
	"ends by idle timeout"
hang_up busy
stop
