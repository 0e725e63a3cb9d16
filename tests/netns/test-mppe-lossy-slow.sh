#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# MPPE over bad links, where the agent moves the packets.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/mppe_lossy.sh
. "$(dirname "$0")/mppe_lossy.sh"

mppe_lossy_test "pipex no"
