#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# GRE packets that are lost, late or not acknowledged: sessions come up and stay, what comes no more than 64
# late is taken, and what is older is not.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

l2tp_up
core_up

# lossy NAME OPTION...: sessions with traffic; nothing is wrong
lossy() {
	local name=$1
	shift
	pptp_hold "$name" 12 --tunnels 3 --up-pps 1000 --down-pps 1000 --duration 1 --lcp-timeout 500 \
		--ipcp-timeout 500 --auth-timeout 500 --tries 20 "$@"
	sleep 2
	sessions_are 12 || fail "$name: $(ctl -j show status | jq .sessions) sessions instead of 12"
	hang_up "$name"
	tunnels_are_clean "$name"
	expect 0 "$(report "$name" .traffic.wrong)" "$name: wrong packets"
	expect 0 "$(tunnels_of "$name" .data.bad_acks)" "$name: acknowledgements of what was not sent"
	expect 0 "$(tunnels_of "$name" .data.duplicates)" "$name: numbers that came twice"
	wait_for 10 sessions_are 0 || fail "$name: sessions stay"
}
for way in "forward fast" "pipex no"; do
	write_pptp_conf "$way
		lcp-timeout 1
		ipcp-timeout 1"
	start
	name=${way/ /-}
	lossy "$name-drop-7" --drop 7
	at_least 1 "$(tunnels_of "$name-drop-7" .dropped)" "$name: lost GRE packets"
	# A packet that others have overtaken is not lost.
	lossy "$name-behind-3" --reorder 5 --behind 3
	at_least 50 "$(report "$name-behind-3" .bad_link.reordered)" "$name: packets that came late"
	expect 0 "$(lost "$name-behind-3" up)" "$name: lost though no more than 64 late"
	lossy "$name-behind-60" --reorder 50 --behind 60
	expect 0 "$(lost "$name-behind-60" up)" "$name: lost though no more than 64 late"
	# One that is far too late is, and nothing else.
	lossy "$name-behind-70" --reorder 50 --behind 70 --up-pps 2000
	at_least 1 "$(lost "$name-behind-70" up)" "$name: taken though 70 late"
	at_most "$(report "$name-behind-70" .bad_link.reordered)" "$(lost "$name-behind-70" up)" "$name: lost"
	expect 0 "$(lost "$name-behind-70" down)" "$name: lost downstream"
	stop
done

# Who never acknowledges gets everything all the same on the fast path, which keeps nothing back.
write_pptp_conf
start
lossy no-ack --no-ack
expect 0 "$(lost no-ack down)" "lost without acknowledgements"
stop
