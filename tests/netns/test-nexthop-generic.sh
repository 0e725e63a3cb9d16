#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Routes, neighbours, devices and rules change under traffic, programs attached in mode generic.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/nexthop.sh
. "$(dirname "$0")/nexthop.sh"

nexthop_test generic
