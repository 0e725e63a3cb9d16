# shellcheck shell=bash disable=SC2034 # who sources this uses the variables
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For tests with real devices, sourced as the first thing: subscriber ↔ concentrator ↔ core, each in
# a network namespace.
#
#   sub: s0 ←veth→ access0 :concentrator: core0 ←veth→ c0 :core
#
# The script runs itself again in network, mount and process namespaces of its own. This network
# namespace is the concentrator; `sub` and `core` are named. When the script ends, however it
# ends, its processes, namespaces, devices, mounts and pins go with it.
set -euo pipefail

if [ "${XPPPD_INSIDE:-}" != "$0" ]; then
	[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
	export XPPPD_INSIDE=$0
	exec unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

top=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
build=${BUILD:-$top/build}
# The flavour that tests run; bench and demo want the other.
flavour=${XPPPD_FLAVOUR:-asan}
xpppd=$build/$flavour/xpppd
dialer=$build/dialer
work=${XPPPD_WORK:-$build/test/$(basename "$0" .sh)}
mkdir -p "$work"
work=$(readlink -f "$work")
control=/run/xpppd/control
pin_dir=/sys/fs/bpf/xpppd
export ASAN_OPTIONS=exitcode=99:${ASAN_OPTIONS:-}
export UBSAN_OPTIONS=print_stacktrace=1

core_address=198.51.100.2
internet=203.0.113.1 # an address behind the core

# ---- telling

fail() {
	echo "FAIL: $*"
	if [ -e "$work/xpppd.log" ]; then
		echo "--- end of xpppd.log"
		tail -n 60 "$work/xpppd.log"
	fi
	exit 1
}

# expect WANT GOT WHAT
expect() {
	[ "$1" = "$2" ] || fail "$3: expected $1, got $2"
}

# at_least WANT GOT WHAT
at_least() {
	[ "${2:-0}" -ge "$1" ] || fail "$3: expected at least $1, got ${2:-nothing}"
}

# at_most WANT GOT WHAT
at_most() {
	[ "${2:-$(($1 + 1))}" -le "$1" ] || fail "$3: expected at most $1, got ${2:-nothing}"
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		pause
	done
}

# pause: a tenth of a second, without a process, which would cost a virtual machine more than that
exec {silence}<> <(:)
pause() { ! read -rt 0.1 -u "$silence"; }

# ---- namespaces

# To start something in the background, write out what these do: $! of a function is a shell's.
in_sub() { nsenter --net=/run/netns/sub "$@"; }
in_core() { nsenter --net=/run/netns/core "$@"; }

# mac_of NAMESPACE DEVICE
mac_of() { ip -n "$1" -br link show dev "$2" | awk '{ print $3 }'; }

# link_pair NAMESPACE NAME NAME_HERE: a veth pair into a namespace
link_pair() {
	ip link add "$3" type veth peer name "$2" netns "$1"
	ip link set "$3" mtu 1508 up
	ip -n "$1" link set "$2" mtu 1508 up
	# A veth takes redirected frames only if its peer runs NAPI, and what a client sends with
	# a partial checksum would stay so. A veth carries a VLAN tag beside the frame, where XDP
	# cannot see it, unless the sender has to write it into the frame.
	nsenter "--net=/run/netns/$1" ethtool -K "$2" gro on tx off txvlan off \
		tx-vlan-stag-hw-insert off > /dev/null
}

network_up() {
	mount -t sysfs sysfs /sys
	mount -t bpf bpf /sys/fs/bpf
	mount -t tmpfs tmpfs /run
	mkdir -p /run/netns /run/xpppd /var/lib/xpppd
	mount -t tmpfs tmpfs /var/lib/xpppd
	ip link set lo up
	ip netns add sub
	ip netns add core
	ip -n sub link set lo up
	ip -n core link set lo up
	link_pair sub s0 access0
	link_pair core c0 core0
	sysctl -qw net.ipv4.ip_forward=1
	sysctl -eqw net.ipv6.conf.all.disable_ipv6=1
	in_sub sysctl -eqw net.ipv6.conf.all.disable_ipv6=1
	in_core sysctl -eqw net.ipv6.conf.all.disable_ipv6=1
	core_side_up
}

# core_side_up: addresses and routes of the core's veth pair
core_side_up() {
	ip link set core0 mtu 1500
	ip -n core link set c0 mtu 1500
	ip addr add 198.51.100.1/24 dev core0
	ip -n core addr add $core_address/24 dev c0
	ip -n core addr replace $internet/32 dev lo
	ip -n core route add default via 198.51.100.1
	ip route add $internet via $core_address
	# The first packet of a test is not one that waits for a neighbour.
	ip neigh replace $core_address lladdr "$(mac_of core c0)" dev core0
	in_core ip neigh replace 198.51.100.1 lladdr "$(cat /sys/class/net/core0/address)" dev c0
}

# ---- the agent

# The kernel takes half a second to verify the programs for MPPE: tests that want it say so.
mppe_default=no

# write_conf [TUNNEL_OPTIONS [GLOBAL [IPCP_OPTIONS]]]: a configuration with one of everything
write_conf() {
	cat > "$work/xpppd.conf" <<-EOC
	${2:-}
	tunnel PPPOE protocol pppoe {
		listen on interface access0
		authentication-method pap chap mschapv2
		pppoe-vlan any
		pppoe-padi-rate 0
		mppe $mppe_default
		${1:-}
	}
	${mode:+attach interface access0 mode $mode}
	EOC
	serve PPPOE "${3:-}"
}

# serve TUNNEL [IPCP_OPTIONS]: adds what the tunnel of a configuration needs: addresses, users, the core's device.
# Its users are authenticated by the statement $bound.
serve() {
	cat >> "$work/xpppd.conf" <<-EOC
	ipcp IPCP {
		pool-address 10.64.0.0/16
		dns-servers 192.0.2.53 192.0.2.54
		${2:-}
	}
	interface pppac0 address 10.64.0.1 ipcp IPCP
	authentication LOCAL type local {
		users-file "$work/npppd-users"
	}
	bind tunnel from $1 authenticated by ${bound:-LOCAL} to pppac0
	attach interface core0 mode ${mode:-auto}
	EOC
	write_users 100
}

# write_users COUNT: u0, u1, ... with the passwords p0, p1, ...; anna; berta with an address
write_users() {
	{
		seq 0 $(($1 - 1)) | sed 's/.*/u&:\\\n\t:password=p&:/'
		printf 'anna:\\\n\t:password=secret:\n'
		printf 'berta:\\\n\t:password=secret:\\\n\t:framed-ip-address=10.65.0.7:\n'
	} > "$work/npppd-users"
	chmod 600 "$work/npppd-users"
}

ctl() { "$build/plain/xpppctl" -s $control "$@"; }

pid_file=/run/xpppd/xpppd.pid
agent_pid() { cat $pid_file; }

# start: runs the agent until it answers. Its pid and exit status are in files: who stops it need
# not be the shell that started it.
start() {
	rm -f "$work/xpppd.status" $pid_file
	{
		local status=0
		"$xpppd" -d -f "$work/xpppd.conf" -s $control -p $pid_file >> "$work/xpppd.log" 2>&1 || status=$?
		echo $status > "$work/xpppd.status"
	} &
	wait_for 60 agent_answers_or_ended || fail "xpppd does not answer"
	! agent_ended || fail "xpppd ended with status $(cat "$work/xpppd.status")"
}

agent_ended() { [ -s "$work/xpppd.status" ]; }
agent_answers_or_ended() { agent_ended || { [ -S $control ] && ctl show status; }; }

# stop: ends it in order; a report of the sanitizers is a failure
stop() {
	kill -TERM "$(agent_pid)"
	wait_for 15 agent_ended || fail "xpppd does not end"
	expect 0 "$(cat "$work/xpppd.status")" "exit status of xpppd"
	no_report
}

# crash: as if it had been killed for want of memory
crash() {
	kill -KILL "$(agent_pid)"
	wait_for 5 agent_ended || fail "xpppd does not die"
}

no_report() {
	! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$work/xpppd.log" ||
		fail "sanitizer report"
}

# rss: resident memory of the agent, KiB
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$(agent_pid)/status"; }

# ---- subscribers (the dialer) and the other end of their traffic

core_port=5000
traffic=() # options of the dialer, once the core side is there
core_up() {
	in_core "$dialer" core --listen "$internet:$core_port" --control /run/core > "$work/core.log" 2>&1 &
	wait_for 5 test -S /run/core || fail "the dialer's core companion does not start"
	traffic=(--core "$internet:$core_port" --core-control /run/core)
}

access=(dial --interface s0) # how the dialer reaches the concentrator

# dial NAME [OPTION...]: to the end; its report is for `report NAME`
dial() {
	local name=$1
	shift
	in_sub "$dialer" "${access[@]}" --report "$work/$name.json" \
		"${traffic[@]}" "$@" > "$work/$name.log" 2>&1 || dial_failed "$name"
}

dial_failed() {
	cat "$work/$1.log"
	[ ! -s "$work/$1.json" ] || cat "$work/$1.json"
	fail "dialer $1"
}

# hold NAME SESSIONS [OPTION...]: in the background, returns when the sessions are up
hold() {
	local name=$1 up
	up=$(($(established) + $2))
	nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --report "$work/$1.json" \
		--sessions "$2" --hold forever "${traffic[@]}" "${@:3}" > "$work/$1.log" 2>&1 &
	echo $! > "$work/$1.pid"
	wait_for 30 established_is "$up" || dial_failed "$name"
}

# hang_up NAME: what `hold` began; waits for the report
hang_up() { let_go "$1" || dial_failed "$1"; }

# let_go NAME: the same where the server ended sessions, which the dialer takes for a failure
let_go() {
	local pid
	pid=$(cat "$work/$1.pid")
	kill -TERM "$pid" || true
	wait "$pid"
}

# report NAME FILTER: of the dialer
report() { jq -r "$2" "$work/$1.json"; }
established_by() { report "$1" .established; }
# sent NAME up|down|echo|hairpin, lost ...: packets
sent() { report "$1" ".traffic.$2.sent"; }
lost() { report "$1" ".traffic.$2.lost"; }

# traffic_is_clean NAME: there was some, and nothing was lost, wrong or against a protocol
traffic_is_clean() {
	local what
	for what in .traffic.wrong .traffic.lost .anomalies.misdirected .anomalies.second_session \
		.anomalies.address_conflicts .anomalies.protocol_errors .anomalies.malformed; do
		expect 0 "$(report "$1" $what)" "$1: $what"
	done
	at_least 1 "$(report "$1" '[.traffic[] | objects | .received // 0] | add')" "$1: packets received"
}

established() { ctl -j show status | jq '."sessions-established"'; }
established_is() { [ "$(established)" = "$1" ]; }
sessions_are() { [ "$(ctl -j show status | jq .sessions)" = "$1" ]; }
has_control() { ctl show status; }

# path up|down fast|stack|slow|hairpin: packets so far
path() {
	ctl -j show dataplane |
		jq -s "map(.. | objects | select(.type == \"path\" and .direction == \"$1\" and .path == \"$2\").packets) | add"
}

# drops REASON: so far
drops() {
	ctl -j show drops all |
		jq -s "map(.. | objects | select(.type == \"drop\" and .name == \"$1\").packets) | add // 0"
}

# mode_of DEVICE: how it is attached
mode_of() {
	ctl -j show dataplane |
		jq -rs "map(.. | objects | select(.type == \"device\" and .name == \"$1\").mode) | first"
}
