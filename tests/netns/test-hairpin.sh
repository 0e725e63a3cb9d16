#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Packets from subscriber to subscriber turn round in the data plane, each way to go.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
core_up
for forward in "forward fast" "forward stack" "pipex no"; do
	write_conf "$forward"
	start
	name=${forward// /-}
	dial "$name" --sessions 6 --vlan none,7,100.7 --max-loss 0 --hairpin-pps 500 --duration 1
	traffic_is_clean "$name"
	at_least 400 "$(sent "$name" hairpin)" "$name: packets between subscribers"
	[ "$forward" != "forward fast" ] ||
		at_least "$(sent "$name" hairpin)" "$(path up hairpin)" "packets that turned round"
	stop
done
