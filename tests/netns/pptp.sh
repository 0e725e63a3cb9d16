# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-pptp-*.sh: the subscriber's side is a client on the network of l2tp.sh.
#
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "${BASH_SOURCE[0]}")/l2tp.sh"

pac=$lns4
client=$lac

# write_pptp_conf [TUNNEL_OPTIONS [GLOBAL [IPCP_OPTIONS]]]: a server with the programs on both sides
write_pptp_conf() {
	cat > "$work/xpppd.conf" <<-EOC
	${2:-}
	tunnel PPTP protocol pptp {
		listen on $pac
		authentication-method pap chap mschapv2
		mppe ${mppe:-no}
		${1:-}
	}
	attach interface access0 mode ${mode:-auto}
	EOC
	serve PPTP "${3:-}"
}

# pptp NAME [OPTION...], pptp_hold NAME SESSIONS [OPTION...]: as `dial` and `hold`
pptp() {
	local access=(pptp --pac "$pac")
	dial "$@"
}
pptp_hold() {
	local access=(pptp --pac "$pac")
	hold "$@"
}

# numbers_are_right NAME: what came had all its numbers once, and what was acknowledged had been sent
numbers_are_right() {
	local what
	for what in gaps duplicates bad_acks; do
		expect 0 "$(tunnels_of "$1" ".data.$what")" "$1: GRE $what"
	done
}
