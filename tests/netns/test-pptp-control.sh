#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Control connections: however TCP brings the messages, echoes both ways, each way to end, data that is not
# the call's.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

l2tp_up
write_pptp_conf "pptp-hostname pac.example
		pptp-echo-interval 1
		pptp-echo-timeout 2"
start
core_up

# Messages in pieces of any size; several in one are what a dialer with many calls sends anyway.
for size in 1 7 100 0; do
	pptp "segment-$size" --sessions 8 --tunnels 2 --segment "$size" --max-loss 0 --up-pps 200 --down-pps 200 --duration 0.5
	traffic_is_clean "segment-$size"
	tunnels_are_clean "segment-$size"
	numbers_are_right "segment-$size"
done

# Idle, but alive: the server asks.
pptp_hold idle 4 --tunnels 2 --host-name pns.example
sleep 4
expect 4 "$(established)" "sessions of an idle client that answers"
expect pns.example "$(tunnels '.[0].hostname')" "host name of the client"
expect pptp "$(tunnels '.[0].protocol')" "protocol of a connection"
ctl show tunnels | grep -q "$client" || fail "the client's address is not shown"
expect 4 "$(ctl -j session brief protocol pptp | grep -c '"type":"session"')" "sessions by protocol"
hang_up idle
at_least 4 "$(tunnels_of idle .control.echo_received)" "Echo-Requests of the server"
tunnels_are_clean idle
pptp asks --sessions 2 --hello-interval 0.5 --hold 3
at_least 4 "$(tunnels_of asks .control.echo_answered)" "echoes of the client that were answered"
tunnels_are_clean asks

# Alive for TCP alone.
pptp_hold deaf 2 --no-control-echo
wait_for 10 no_tunnels || fail "a connection stays whose echoes are not answered"
wait_for 5 sessions_are 0 || fail "its sessions stay"
let_go deaf || true
# Stopped: nobody answers.
pptp_hold silent 2
kill -STOP "$(cat "$work/silent.pid")"
wait_for 10 no_tunnels || fail "a silent client's connection stays"
wait_for 5 sessions_are 0 || fail "a silent client's sessions stay"
kill -KILL "$(cat "$work/silent.pid")"
# Gone: TCP says so.
pptp_hold gone 2
kill -KILL "$(cat "$work/gone.pid")"
wait_for 5 no_tunnels || fail "the connection of a client that is gone stays"
wait_for 5 sessions_are 0 || fail "the sessions of a client that is gone stay"

# Each way to hang up leaves nothing.
for how in terminate cdn stopccn silent; do
	pptp "end-$how" --sessions 4 --tunnels 2 --hangup $how
	wait_for 5 no_tunnels || fail "$how: a connection stays"
	wait_for 5 sessions_are 0 || fail "$how: sessions stay"
done

# The server hangs up: a session, then a connection with all it has.
pptp_hold cleared 6 --tunnels 2
ctl clear username u0 > /dev/null || fail "clear of a session"
wait_for 5 sessions_are 5 || fail "sessions after clear: $(ctl -j show status | jq .sessions)"
id=$(tunnels 'max_by(.sessions)."tunnel-id"')
left=$(tunnels 'min_by(.sessions).sessions')
ctl clear tunnel "$id" > /dev/null || fail "clear of a connection"
wait_for 5 tunnels_are 1 || fail "the connection outlives clear"
wait_for 5 sessions_are "$left" || fail "sessions outlive their connection"
let_go cleared || true
expect 1 "$(tunnels_of cleared .control.stopccrq_by_server.count)" "StopCCRQ"
# PPP ended first: to the client the call is over when its CDN comes.
at_least 1 "$(tunnels_of cleared ".control | .cdn_by_server.count + .hung_up")" "CDN"

# strays NAME REASON OPTION...: the data is not the call's, so it never comes up
strays() {
	local name=$1 reason=$2 before
	shift 2
	before=$(drops "$reason")
	in_sub "$dialer" pptp --pac $pac --report "$work/$name.json" --sessions 2 --tries 2 "$@" \
		> "$work/$name.log" 2>&1 && fail "$name: a session came up"
	expect 0 "$(established_by "$name")" "$name: sessions"
	at_least $((before + 2)) "$(drops "$reason")" "$name: drops counted as $reason"
	wait_for 5 sessions_are 0 || fail "$name: sessions stay"
}
ip -n sub addr add 192.0.2.66/24 dev s0
strays wrong-call pptp-data-unknown --wrong-call 1000
strays foreign pptp-data-peer --gre-from 192.0.2.66
pptp after --sessions 4
stop
