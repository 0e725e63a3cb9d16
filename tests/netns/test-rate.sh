#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Sessions of 1 Mbit/s up and 2 down are offered more than twice that. What passes is the burst and
# the rate, what does not is counted for its reason, and nothing is lost besides: on each way
# that packets can go.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

size=1000
burst=$((1000000 / 8 / 4 / size)) # packets: a quarter of a second at 1 Mbit/s
pace=$((1000000 / 8 / size))      # packets a second

limited_users() {
	seq 0 9 | sed 's/.*/u&:\\\n\t:password=p&:\\\n\t:WISPr-Bandwidth-Max-Up=1000000:\\\n\t:WISPr-Bandwidth-Max-Down=2000000:/' \
		> "$work/npppd-users"
}

# amount NAME up|down SESSIONS TIMES MS: what came is the burst and the rate. Of two seconds half a one
# must have been enough, and the longest that they can have taken is what the dialer ran.
amount() {
	local got
	got=$(report "$1" ".traffic.$2.received")
	at_least $(($3 * $4 * (burst + pace / 2))) "$got" "$1: packets $2"
	at_most $(($3 * $4 * (burst + pace * $5 / 1000 + 4))) "$got" "$1: packets $2"
}

# limited NAME [OPTION...]: three sessions
limited() {
	local began=$EPOCHREALTIME up down ms
	up=$(drops rate-up) down=$(drops rate-down)
	dial "$1" --sessions 3 --up-pps 1500 --down-pps 1500 --size $size --duration 2 "${@:2}"
	ms=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d", (b - a) * 1000 }')
	expect 0 "$(report "$1" .traffic.wrong)" "$1: wrong packets"
	amount "$1" up 3 1 "$ms"
	amount "$1" down 3 2 "$ms"
	expect "$(lost "$1" up)" $(($(drops rate-up) - up)) "$1: drops upstream"
	expect "$(lost "$1" down)" $(($(drops rate-down) - down)) "$1: drops downstream"
	wait_for 5 sessions_are 0 || fail "$1: sessions outlive their hang-up"
}

# limits NAME TUNNEL_OPTIONS [DIALER_OPTION...]
limits() {
	write_conf "$2"
	limited_users
	start
	limited "$1" "${@:3}"
}

# Each to the next: both buckets of a packet are asked, and the first is the smaller one.
between_subscribers() {
	local up
	up=$(drops rate-up)
	dial hairpin --sessions 2 --hairpin-pps 1000 --size $size --duration 2
	at_least $((2 * (burst + pace / 2))) "$(report hairpin .traffic.hairpin.received)" "packets between subscribers"
	at_least $((2 * pace)) "$(lost hairpin hairpin)" "packets beyond the rate"
	expect "$(lost hairpin hairpin)" $(($(drops rate-up) - up)) "drops between subscribers"
}

# The other end slows down to what there is.
tcp() {
	local passed
	nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --tun tun%d --hold forever --report "$work/tun.json" &
	pid=$!
	wait_for 10 ip -n sub link show tun0 || fail "no TUN device"
	in_sub ip route add $internet dev tun0
	in_core iperf3 -s -B $internet > /dev/null &
	wait_for 5 in_sub iperf3 -c $internet -n 1K || fail "iperf3 does not answer"
	in_sub iperf3 -J -c $internet -t 4 > "$work/iperf.json" || fail "iperf3: $(jq .error "$work/iperf.json")"
	passed=$(jq '.end.sum_received.bits_per_second | floor' "$work/iperf.json")
	at_least 300000 "$passed" "bit/s of TCP"
	at_most 1200000 "$passed" "bit/s of TCP"
	expect 1 "$(ctl -j session all | jq -s 'map(select(."rate-up-drops" > 0)) | length')" "sessions that show drops"
	kill -TERM $pid
	wait $pid || fail "status of a dialer that was told to end"
}

network_up
core_up
limits fast ""
between_subscribers
tcp
stop
limits mppe "mppe required" --auth mschapv2 --mppe 128
stop
limits stack "forward stack"
stop
limits slow "pipex no"
at_least 100 "$(path up slow)" "packets that the agent moved"
stop
mode=tc
limits tc ""
stop
