#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# No more sessions than allowed: of all, of one user, of a pool.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
# allowed LIMIT TEXT USER PASSWORD: six ask, LIMIT get; what is refused leaves nothing, so twice
allowed() {
	start
	for _ in 1 2; do
		in_sub "$dialer" dial --interface s0 --report "$work/limit.json" --sessions 6 --user "$3" \
			--password "$4" --hold 0.5 --tries 2 > "$work/limit.log" 2>&1 || true
		expect "$1" "$(established_by limit)" "sessions with $2"
		wait_for 5 sessions_are 0 || fail "$2: sessions stay"
	done
	stop
}
write_conf "" "set max-session 4"
allowed 4 "max-session 4" u%d p%d
write_conf "" "set user-max-session 2"
allowed 2 "user-max-session 2" anna secret
write_conf "" "" "max-session 3"
allowed 3 "max-session 3 of the pool" u%d p%d
write_conf
sed -i 's|pool-address .*|pool-address 10.64.0.2-10.64.0.3|' "$work/xpppd.conf"
allowed 2 "a pool of two addresses" u%d p%d
# A fixed address is given once.
write_conf
allowed 1 "one fixed address" berta secret
