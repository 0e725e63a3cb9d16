#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# MPPE over PPPoE with `pipex no`: the agent encrypts and decrypts, negotiates again while traffic
# flows, asks for what got lost, and lets nothing clear pass where encryption is required.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

access+=(--auth mschapv2)
flow=(--sessions 4 --up-pps 200 --down-pps 200 --size 28-1400 --duration 2)

# encryption: what the sessions have, one line for each kind
encryption() { ctl -j session all | jq -r 'select(.type == "session").encryption' | sort -u; }

network_up
write_conf "pipex no
		mppe required"
start
core_up

hold required 2 --mppe 128
expect "mppe-128 stateless" "$(encryption)" "encryption"
expect 1488 "$(ctl -j session all | jq -s 'map(select(.type == "session").mtu) | first')" "MTU"
hang_up required

dial stateless "${flow[@]}" --mppe 40,56,128 --max-loss 0
traffic_is_clean stateless
dial stateful "${flow[@]}" --mppe 40 --mppe-state stateful --max-loss 0
traffic_is_clean stateful
dial linux "${flow[@]}" --mppe 128 --mppe-state stateful --mppe-rekeys --lose 50 --max-loss 100
dial lossy "${flow[@]}" --mppe 128 --lose 7 --reorder 11 --behind 5 --max-loss 116
dial again "${flow[@]}" --mppe 128 --ccp-again 0.5 --max-loss 50
dial clear "${flow[@]}" --mppe 128 --mppe-clear 10 --max-loss 50
at_least 1 "$(drops mppe-clear)" "clear packets that were refused"
stop
