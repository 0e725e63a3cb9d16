#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# MPPE where the agent or the stack moves the packets, over each tunnel.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/mppe.sh
. "$(dirname "$0")/mppe.sh"

l2tp_up
core_up
load=(--up-pps 300 --down-pps 300 --size 28-1300 --duration 0.5)
for protocol in pppoe l2tp pptp; do
	mppe_test $protocol slow "pipex no" 128
	mppe_test $protocol stack "forward stack" 128
done
