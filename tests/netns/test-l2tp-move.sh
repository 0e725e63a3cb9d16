#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A peer whose port changes while its sessions are up, as behind a NAT that forgets: its next control
# message takes the tunnel along, the data plane follows, on the fast path and on the slow one.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

pps=200 # each way
most=60 # packets that may be lost each way while the agent does not know of the move: 0.3 s of 4

ports() { tunnels 'map(.peer | split(":") | last) | sort | join(" ")'; }
# moves: how often the agent has said that a tunnel did
moves() { grep -c "now sends from" "$work/xpppd.log"; }

# moved NAME PATH [OPTION...]: under traffic
moved() {
	local name=$1 path=$2 before up down way
	shift 2
	before=$(moves) up=$(path up "$path") down=$(path down "$path")
	l2tp "$name" --sessions 8 --tunnels 4 --up-pps $pps --down-pps $pps --size 100-1300 --duration 4 --move 1 "$@"
	tunnels_are_clean "$name"
	expect 8 "$(established_by "$name")" "$name: sessions"
	expect 8 "$(report "$name" .hangups_answered)" "$name: hang-ups answered"
	expect 4 "$(tunnels_of "$name" .moved)" "$name: tunnels that moved"
	expect 4 $(($(moves) - before)) "$name: tunnels that the agent saw move"
	expect 0 "$(report "$name" .traffic.wrong)" "$name: packets that arrived wrong"
	for way in up down; do
		at_least $((3 * pps)) "$(sent "$name" $way)" "$name: packets sent $way"
		at_least $(($(sent "$name" $way) - most)) "$(report "$name" .traffic.$way.received)" "$name: packets $way"
	done
	at_least $((3 * pps)) $(($(path up "$path") - up)) "$name: $path path upstream"
	at_least $((3 * pps)) $(($(path down "$path") - down)) "$name: $path path downstream"
	wait_for 5 sessions_are 0 || fail "$name: sessions outlive their hang-up"
	wait_for 5 no_tunnels || fail "$name: tunnels stay"
}

l2tp_up
write_l2tp_conf
start
core_up
moved four fast
moved numbered fast --data-sequence require
moved one-port fast --same-port
lns=$lns6
moved six fast
lns=$lns4

# Idle ones too, and it is seen.
l2tp_hold held 4 --tunnels 2 --source-port 1701 --move 2
expect "1701 1702" "$(ports)" "ports before"
has_moved() { [ "$(ports)" != "1701 1702" ]; }
wait_for 10 has_moved || fail "the tunnels stay where they were"
sleep 1
! ports | grep -q "170[12]" || fail "a tunnel stays where it was: $(ports)"
expect 4 "$(established)" "sessions of a peer that moved"
hang_up held
tunnels_are_clean held
stop

sed -i 's/listen on 2001:db8::1/&\n		pipex no/' "$work/xpppd.conf"
start
moved slow slow
stop
