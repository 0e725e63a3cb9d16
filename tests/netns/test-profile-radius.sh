#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# What FreeRADIUS grants is what a session has.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"
# shellcheck source=tests/netns/profile.sh
. "$(dirname "$0")/profile.sh"

user() {
	local name=$1 attribute list=()
	shift
	for attribute in "$@"; do
		list+=("${attribute%%=*} += \"${attribute#*=}\"")
	done
	radius_user "$name" 'Cleartext-Password := "secret"' "${list[@]}"
}

network_up
bound=RADIUS
write_conf "mppe yes"
radius_statement
echo 'ipcp OTHER { pool-address 10.70.0.2-10.70.0.9 }' >> "$work/xpppd.conf"
profile_users
radius_up
start
profile_all
stop
