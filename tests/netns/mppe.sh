# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For test-mppe-*.sh: sessions with MPPE over each tunnel, on the network of l2tp.sh.
#
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "${BASH_SOURCE[0]}")/pptp.sh"

# write_mppe_conf PROTOCOL MPPE [TUNNEL_OPTIONS]
write_mppe_conf() {
	local mppe=$2
	case $1 in
	pppoe) write_conf "mppe $2
		${3:-}" ;;
	l2tp) write_l2tp_conf "mppe $2
		${3:-}" ;;
	pptp) write_pptp_conf "${3:-}" ;;
	esac
}

# mppe_dial PROTOCOL NAME [OPTION...]
mppe_dial() {
	case $1 in
	pppoe) dial "${@:2}" ;;
	*) "$@" ;;
	esac
}

# mppe_hold PROTOCOL NAME SESSIONS [OPTION...]
mppe_hold() {
	case $1 in
	pppoe) hold "${@:2}" ;;
	*) "$1_hold" "${@:2}" ;;
	esac
}

# mppe_refused PROTOCOL NAME OPTION...: no session comes up with the server, whatever the client thinks, and
# no packet goes through
mppe_refused() {
	local name=$2 how before
	before=$(grep -c "established: user" "$work/xpppd.log" || true)
	case $1 in
	pppoe) how=(dial --interface s0) ;;
	l2tp) how=(l2tp --lns "$lns") ;;
	pptp) how=(pptp --pac "$pac") ;;
	esac
	in_sub "$dialer" "${how[@]}" --report "$work/$name.json" --sessions 2 "${traffic[@]}" "${@:3}" \
		> "$work/$name.log" 2>&1 || true
	expect "$before" "$(grep -c "established: user" "$work/xpppd.log" || true)" "$name: sessions so far"
	expect 0 "$(report "$name" '.traffic | .up.received + .down.received')" "$name: packets that came"
	wait_for 15 sessions_are 0 || fail "$name: sessions stay"
}

# mppe_of NAME COUNTER: what the dialer says of encryption
mppe_of() { report "$1" ".mppe.$2"; }

# mppe_is_clean NAME: every session had keys, what came was all encrypted, and was decrypted to packets
mppe_is_clean() {
	local what
	traffic_is_clean "$1"
	for what in failures missed waited late early clear_received resets_sent; do
		expect 0 "$(mppe_of "$1" $what)" "$1: MPPE $what"
	done
	# The very first packet may come before the programs know the session.
	at_most "$(established_by "$1")" "$(mppe_of "$1" resets_received)" "$1: Reset-Requests without a loss"
	at_least "$(established_by "$1")" "$(mppe_of "$1" opened)" "$1: sessions with keys"
	at_least "$(sent "$1" up)" "$(mppe_of "$1" sealed)" "$1: packets encrypted"
	at_least "$(sent "$1" down)" "$(mppe_of "$1" unsealed)" "$1: packets decrypted"
}

load=(--up-pps 1000 --down-pps 1000 --size 28-1300 --duration 1)

# mppe_count PROTOCOL NAME OPTION...: traffic both ways without a loss. None between subscribers: that goes over
# the stack, where another CPU encrypts it, and packets of two CPUs may overtake each other.
mppe_count() {
	mppe_dial "$1" "$2" --sessions 6 --max-loss 0 --auth mschapv2 "${load[@]}" "${@:3}"
	mppe_is_clean "$2"
	wait_for 5 sessions_are 0 || fail "$2: sessions outlive their hang-up"
}

# seen NAME: what the concentrator sends to the access side from now on; seen_clear NAME: packets of traffic that could be read
seen() {
	nsenter --net=/run/netns/sub tcpdump -i s0 -s 0 -Q in -B 16384 --immediate-mode -U -w "$work/$1.pcap" > "$work/$1.tcpdump" 2>&1 &
	echo $! > "$work/$1.tcpdump.pid"
	wait_for 10 grep -q "listening on" "$work/$1.tcpdump" || fail "tcpdump: $(cat "$work/$1.tcpdump")"
}
seen_clear() {
	sleep 0.2
	kill -INT "$(cat "$work/$1.tcpdump.pid")"
	wait "$(cat "$work/$1.tcpdump.pid")" || true
	# The first word of the dialer's packets.
	grep -aoF XPM1 "$work/$1.pcap" | wc -l
}

# mppe_test PROTOCOL PATH TUNNEL_OPTION KEY...: in both states, all packets on that path, none in clear text
mppe_test() {
	local key state name up down
	write_mppe_conf "$1" required "$3"
	start
	for state in stateless stateful; do
		for key in "${@:4}"; do
			name=$1-$key-$state up=$(path up "$2") down=$(path down "$2")
			seen "$name"
			mppe_count "$1" "$name" --mppe "$key,required" --mppe-state $state
			expect 0 "$(seen_clear "$name")" "$name: packets in clear text on the wire"
			at_least $(($(sent "$name" up) * 99 / 100)) $(($(path up "$2") - up)) "$name: $2 path upstream"
			at_least $(($(sent "$name" down) * 99 / 100)) $(($(path down "$2") - down)) \
				"$name: $2 path downstream"
		done
	done
	stop
}
