#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# What the users file grants is what a session has.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/profile.sh
. "$(dirname "$0")/profile.sh"

user() {
	local attribute
	printf '%s:\\\n\t:password=secret:' "$1"
	shift
	for attribute in "$@"; do
		printf '\\\n\t:%s:' "$attribute"
	done
	printf '\n'
}

network_up
write_conf "mppe yes"
echo 'ipcp OTHER { pool-address 10.70.0.2-10.70.0.9 }' >> "$work/xpppd.conf"
profile_users >> "$work/npppd-users"
start
profile_all
stop
