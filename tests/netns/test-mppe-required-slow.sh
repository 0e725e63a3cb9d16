#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# What `mppe required` and `mppe yes` mean, where the agent moves the packets.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/mppe_required.sh
. "$(dirname "$0")/mppe_required.sh"

mppe_required_test "pipex no"
