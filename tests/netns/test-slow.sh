#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# With `pipex no` the agent moves every packet, and none is lost or wrong.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "pipex no"
start
core_up
dial slow --sessions 6 --vlan none,7,100.7 --max-loss 0 --up-pps 500 --down-pps 500 --size 28-1492 --duration 1
traffic_is_clean slow
at_least "$(sent slow up)" "$(path up slow)" "slow path upstream"
at_least "$(sent slow down)" "$(path down slow)" "slow path downstream"
expect 0 $(($(path up fast) + $(path up stack))) "other paths upstream"
stop
