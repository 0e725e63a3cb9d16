# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-mppe-lossy*.sh: mppe_lossy_test TUNNEL_OPTION goes over each tunnel, with packets that are lost or
# late, counts that are forged, keys that change in the middle.
#
# shellcheck source=tests/netns/mppe.sh
. "$(dirname "${BASH_SOURCE[0]}")/mppe.sh"

lossy_load=(--sessions 4 --auth mschapv2 --mppe "128,required" --up-pps 1000 --down-pps 1000 --size 28-1300 --duration 1)

# nothing_wrong NAME: what was taken was right, and sessions stayed
nothing_wrong() {
	expect 0 "$(report "$1" .traffic.wrong)" "$1: wrong packets"
	expect 0 "$(mppe_of "$1" failures)" "$1: decrypted to no packet"
	expect 0 "$(mppe_of "$1" clear_received)" "$1: clear text"
	expect 4 "$(report "$1" .up_at_end)" "$1: sessions at the end"
	expect 0 "$(report "$1" '[.terminated_by_server[], .padt_by_server[]] | add')" "$1: sessions that the server ended"
}

mppe_lossy() {
	local protocol=$1 name=$1
	write_mppe_conf "$protocol" required "$2
	ccp-timeout 1"
	start
	# Stateless: each packet stands for itself.
	mppe_dial "$protocol" "$name-lose" "${lossy_load[@]}" --lose 10
	nothing_wrong "$name-lose"
	at_most "$(report "$name-lose" '.bad_link | .lost_up + .lost_down')" \
		"$(report "$name-lose" .traffic.lost)" "$name: lost besides what the link lost"
	mppe_dial "$protocol" "$name-late" "${lossy_load[@]}" --reorder 20 --behind 50
	nothing_wrong "$name-late"
	at_least 20 "$(report "$name-late" .bad_link.reordered)" "$name: packets that came late"
	expect 0 "$(lost "$name-late" up)" "$name: lost though no more than 64 late"
	mppe_dial "$protocol" "$name-forged" "${lossy_load[@]}" --mppe-forge 3
	nothing_wrong "$name-forged"
	at_least 100 "$(mppe_of "$name-forged" forged)" "$name: forged packets"
	expect 0 "$(lost "$name-forged" up)" "$name: lost to forged counts"
	# a key far away takes the agent a while
	at_most 10 "$(lost "$name-forged" down)" "$name: lost downstream meanwhile"
	# Stateful: one request for each loss, and it goes on.
	mppe_dial "$protocol" "$name-stateful" "${lossy_load[@]}" --mppe-state stateful --lose 100
	nothing_wrong "$name-stateful"
	at_least 1 "$(mppe_of "$name-stateful" resets_received)" "$name: Reset-Requests"
	# and for what a session sends before the server's programs know it
	at_most $(($(report "$name-stateful" .bad_link.lost_up) + 4)) "$(mppe_of "$name-stateful" resets_received)" \
		"$name: Reset-Requests for each loss"
	at_least 1 "$(mppe_of "$name-stateful" flushed)" "$name: losses mended by the server"
	at_most $(($(report "$name-stateful" '.bad_link | .lost_up + .lost_down') * 20)) \
		"$(report "$name-stateful" .traffic.lost)" "$name: lost for each loss"
	# Linux' way to begin anew.
	mppe_dial "$protocol" "$name-linux" "${lossy_load[@]}" --mppe-state stateful --mppe-rekeys --lose 100
	nothing_wrong "$name-linux"
	at_least 1 "$(mppe_of "$name-linux" flushed)" "$name: losses mended by the server"
	# New keys under traffic: nothing passes in between, then it goes on.
	mppe_dial "$protocol" "$name-again" "${lossy_load[@]}" --duration 2 --ccp-again 0.5
	nothing_wrong "$name-again"
	at_least 12 "$(mppe_of "$name-again" opened)" "$name: times keys were made"
	at_most 600 "$(report "$name-again" .traffic.lost)" "$name: lost while keys were made"
	stop
}

mppe_lossy_test() {
	local protocol
	l2tp_up
	core_up
	for protocol in pppoe l2tp pptp; do
		mppe_lossy $protocol "$1"
	done
}
