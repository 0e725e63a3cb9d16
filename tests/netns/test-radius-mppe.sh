#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# MPPE with keys that the server made: what is encrypted at one end is readable at the other, both ways.
#
# shellcheck disable=SC2119 # what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/mppe.sh
. "$(dirname "$0")/mppe.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

l2tp_up
core_up
bound=RADIUS
radius_user keyless 'Auth-Type := Accept'
radius_up
for protocol in pppoe pptp; do
	write_mppe_conf $protocol required
	radius_statement
	start
	for state in stateless stateful; do
		name=$protocol-$state
		mppe_count $protocol "$name" --mppe 128,required --mppe-state $state
	done
	# The server wants 128 bits, and a session without keys is none.
	mppe_refused $protocol $protocol-weak --auth mschapv2 --mppe 40,required
	mppe_refused $protocol $protocol-pap --auth pap --user keyless
	stop
done
