# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-mppe-required*.sh: mppe_required_test TUNNEL_OPTION shows over each tunnel that `mppe required` means
# it: nothing in clear text leaves or is accepted. `mppe yes` encrypts from the moment on at which both agree.
#
# shellcheck source=tests/netns/mppe.sh
. "$(dirname "${BASH_SOURCE[0]}")/mppe.sh"

required_load=(--up-pps 1000 --down-pps 1000 --size 72-1300 --duration 0.5)

mppe_required() {
	local protocol=$1 name=$1
	write_mppe_conf "$protocol" required "$2
	mppe-key-length 128
	ccp-timeout 1
	ccp-max-configure 4"
	start
	seen "$name"
	# who does not know it, who has no keys, who knows too little
	mppe_refused "$protocol" "$name-none" "${required_load[@]}"
	mppe_refused "$protocol" "$name-pap" --auth pap --mppe 128 "${required_load[@]}"
	mppe_refused "$protocol" "$name-weak" --mppe 40 "${required_load[@]}"
	expect 0 "$(seen_clear "$name")" "$name: packets in clear text on the wire"
	# who encrypts most packets only: the others are not taken
	mppe_dial "$protocol" "$name-leaky" --sessions 4 --mppe 128,required --mppe-clear 5 "${required_load[@]}"
	expect 0 "$(mppe_of "$name-leaky" clear_received)" "$name: clear text from the server"
	at_least 50 "$(mppe_of "$name-leaky" clear_sent)" "$name: clear text to the server"
	# one of them may have been the packet that tells the core the session's address
	at_least $(($(mppe_of "$name-leaky" clear_sent) - 4)) "$(lost "$name-leaky" up)" "$name: clear text that was refused"
	at_most "$(mppe_of "$name-leaky" clear_sent)" "$(lost "$name-leaky" up)" "$name: packets that were refused"
	at_least 50 "$(drops mppe-clear)" "$name: drops counted as mppe-clear"
	# who agrees late: not up before
	mppe_dial "$protocol" "$name-late" --sessions 2 --mppe 128,required --ccp-after 1 "${required_load[@]}" --max-loss 0
	mppe_is_clean "$name-late"
	at_least 900000 "$(report "$name-late" .latency_us.ipcp.p50)" "$name: microseconds to come up"
	stop
}

mppe_wanted() {
	local protocol=$1
	write_mppe_conf "$protocol" yes "$2
	ccp-timeout 1"
	start
	seen "$protocol-yes-none"
	mppe_dial "$protocol" "$protocol-yes-none" --sessions 2 "${required_load[@]}" --max-loss 0
	at_least 400 "$(seen_clear "$protocol-yes-none")" "packets in clear text, where they are not encrypted"
	traffic_is_clean "$protocol-yes-none"
	expect 0 "$(mppe_of "$protocol-yes-none" unsealed)" "$protocol: encrypted for who does not know it"
	mppe_dial "$protocol" "$protocol-yes-pap" --sessions 2 --auth pap --mppe 128 "${required_load[@]}" --max-loss 0
	traffic_is_clean "$protocol-yes-pap"
	# in the middle of traffic
	mppe_dial "$protocol" "$protocol-yes-late" --sessions 2 --auth mschapv2 --mppe 128 --ccp-after 1.2 "${required_load[@]}" --duration 3
	expect 2 "$(mppe_of "$protocol-yes-late" opened)" "$protocol: sessions with keys"
	at_least 200 "$(mppe_of "$protocol-yes-late" sealed)" "$protocol: packets encrypted"
	at_least 200 "$(mppe_of "$protocol-yes-late" unsealed)" "$protocol: packets decrypted"
	expect 0 "$(mppe_of "$protocol-yes-late" failures)" "$protocol: decrypted to no packet"
	expect 0 "$(report "$protocol-yes-late" .traffic.wrong)" "$protocol: wrong packets"
	at_most 400 "$(report "$protocol-yes-late" .traffic.lost)" "$protocol: lost while they agreed"
	stop
}

mppe_required_test() {
	local protocol
	l2tp_up
	core_up
	for protocol in pppoe l2tp pptp; do
		mppe_required $protocol "$1"
		mppe_wanted $protocol "$1"
	done
}
