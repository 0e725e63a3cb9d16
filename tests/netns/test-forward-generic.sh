#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Logins and forwarding, programs attached in mode generic.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/forward.sh
. "$(dirname "$0")/forward.sh"

forward_test generic
