#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# L2TP logins and forwarding, programs attached in mode native.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

# shellcheck source=tests/netns/l2tp_forward.sh
. "$(dirname "$0")/l2tp_forward.sh"

l2tp_forward_test native
