# shellcheck shell=bash disable=SC2034 # who sources this uses the variables
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A client of dynamic authorization on the core side, Debian's radclient; sourced after lib.sh.

dae_secret="what the client knows"
dae_server=198.51.100.1:3799
dae_conf="radius nas-id \"the nas\"
radius dae listen on 198.51.100.1
radius dae client ${core_address:?} secret \"$dae_secret\""

# dae disconnect|coa ATTRIBUTE=VALUE...: what is answered, as ACK, or "NAK Error-Cause", or none.
# Settings: dae_server, dae_secret, dae_unsigned.
dae() {
	local code=$1 out
	shift
	out=$({
		[ -n "${dae_unsigned:-}" ] || echo "Message-Authenticator = 0x00"
		printf '%s\n' "$@"
	} | in_core radclient -x -r 1 -t "${dae_patience:-3}" "$dae_server" "$code" "$dae_secret" 2>&1) || true
	echo "$out" >> "${work:?}/radclient.log"
	case $out in
	*'Received '*-ACK*) echo ACK "$(sed -n 's/.*Error-Cause = //p' <<< "$out")" | sed 's/ *$//' ;;
	*'Received '*-NAK*) echo NAK "$(sed -n 's/.*Error-Cause = //p' <<< "$out")" ;;
	*) echo none ;;
	esac
}

# of USER FIELD: of his session
of() {
	ctl -j session all username "$1" |
		jq -rs --arg field "$2" 'map(.. | objects | select(.type == "session")) | first | .[$field] // empty'
}
