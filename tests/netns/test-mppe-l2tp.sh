#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# MPPE over L2TP, each strength and state, in the programs.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/mppe.sh
. "$(dirname "$0")/mppe.sh"

l2tp_up
core_up
mppe_test l2tp fast "forward fast" 128 56 40
