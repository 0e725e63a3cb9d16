#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Users that FreeRADIUS knows log in by each method, and others do not.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

network_up
bound=RADIUS
write_conf
radius_statement
start
radius_up
for method in pap chap mschapv2; do
	dial $method --auth $method --sessions 3 --hold 0
	expect 3 "$(established_by $method)" "sessions by $method"
done
stop
