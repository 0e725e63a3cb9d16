#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# PPPoE upstream over two CPUs: each session on one, in order, nothing lost; changed by reloads under
# traffic; what is no session's stays where it came in.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(nproc)" -ge 2 ] || { echo "needs two CPUs"; exit 77; }

# cpus MODE [LIST]: what the configuration says of access0
cpus() {
	sed -i "s/^attach interface access0 .*/attach interface access0 mode $1${2:+ pppoe-cpus $2}/" \
		"$work/xpppd.conf"
}
# change MODE [LIST]: the same while it runs
change() {
	cpus "$@"
	ctl reload > "$work/reload" || fail "reload: $(cat "$work/reload")"
}
# of_cpu given|taken|sessions [CPU]: of one or of all
of_cpu() {
	ctl -j show dataplane |
		jq -s "map(select(.type == \"cpu\" and ${2+.cpu == $2 and} true).$1) | add // 0"
}
detail() { ctl -j show dataplane | jq -r 'select(.type == "device" and .name == "access0").detail'; }
all_taken() { [ "$(of_cpu taken)" = "$(of_cpu given)" ]; }
# spreads yes|no WHAT: packets of the sessions that are held
spreads() {
	local before
	before=$(of_cpu given)
	sleep 0.3
	if [ "$1" = yes ]; then
		at_least $((before + 100)) "$(of_cpu given)" "$2: packets given to others"
	else
		expect "$before" "$(of_cpu given)" "$2: packets given to others"
	fi
}
core_received() { ip -n core -j -s link show c0 | jq '.[].stats64.rx.packets'; }

# in_order NAME: a run of traffic while nothing changes
in_order() {
	local up
	up=$(path up fast)
	dial "$1" --sessions 16 --auth chap --vlan none,7 --max-loss 0 --up-pps 3000 --down-pps 1000 \
		--hairpin-pps 500 --size 64-1400 --duration 0.5 --drain 1
	traffic_is_clean "$1"
	expect 0 "$(report "$1" .traffic.up.reordered)" "$1: out of order upstream"
	expect 0 "$(report "$1" .traffic.hairpin.reordered)" "$1: out of order between sessions"
	at_least $(($(sent "$1" up) * 99 / 100)) $(($(path up fast) - up)) "$1: fast path upstream"
	expect 0 "$(drops spread-full)" "$1: lost in queues"
}

network_up
mode=native
write_conf "mppe yes"
cpus native 0-1
start
expect "$(getconf _NPROCESSORS_ONLN)" "$(find /sys/class/net/pppac0/queues/ -name 'rx-*' | wc -l)" \
	"receive queues of pppac0"
core_up
in_order native
grep -q "PPPoE over CPUs 0-1" <<< "$(detail)" || fail "detail of access0: $(detail)"
wait_for 2 all_taken || fail "taken $(of_cpu taken) of $(of_cpu given)"
sent=$(($(sent native up) + $(sent native hairpin)))
at_least $sent "$(of_cpu given)" "packets given to others"
for cpu in 0 1; do
	at_least $((sent * 45 / 100)) "$(of_cpu taken $cpu)" "packets taken by CPU $cpu"
done
wait_for 5 sessions_are 0 || fail "sessions outlive their hang-up"
expect 0 "$(of_cpu sessions)" "sessions that have a CPU after their end"

# Encrypted packets stay, too.
given=$(of_cpu given)
dial encrypted --auth mschapv2 --mppe 128,required --max-loss 0 --up-pps 500 --down-pps 500 \
	--duration 0.3 --drain 0.3
traffic_is_clean encrypted
expect "$given" "$(of_cpu given)" "encrypted packets given to others"

# What is no session's stays, also with the id of one.
mac=$(cat /sys/class/net/access0/address)
hold quiet 4 --vlan none
given=$(of_cpu given)
in_sub "$dialer" flood session-unknown --interface s0 --ac-mac "$mac" --count 2000 --wait 0.1 > /dev/null
in_sub "$dialer" flood wrong-mac --interface s0 --ac-mac "$mac" --count 2000 --wait 0.1 \
	--sid "$(ctl -j session all | jq -rs 'map(.. | objects | ."carrier-id"? // empty) | "\(min)-\(max)"')" > /dev/null
at_least 1000 "$(drops no-session)" "frames of no session"
at_least 1000 "$(drops wrong-peer)" "frames of a wrong peer"
expect "$given" "$(of_cpu given)" "packets given to others in a flood"
hang_up quiet

hold held 6 --vlan none,7,100.7 --up-pps 2000 --down-pps 500 --duration 600
expect 3 "$(of_cpu sessions 0)" "sessions of CPU 0"
expect 3 "$(of_cpu sessions 1)" "sessions of CPU 1"
spreads yes "at first"
change native
! grep -q PPPoE <<< "$(detail)" || fail "detail without pppoe-cpus: $(detail)"
expect 0 "$(of_cpu given)" "packets given to others without pppoe-cpus"
change native 1
expect 6 "$(of_cpu sessions 1)" "sessions of CPU 1 alone"
spreads yes "on CPU 1"
change native 0-1
taken=$(of_cpu taken 0)
expect 3 "$(of_cpu sessions 0)" "sessions of CPU 0 again"
spreads yes "on both"
at_least $((taken + 50)) "$(of_cpu taken 0)" "packets taken by CPU 0"
sed 's/pppoe-cpus .*/pppoe-cpus 1023/' "$work/xpppd.conf" > "$work/bad.conf"
"$xpppd" -n -f "$work/bad.conf" > "$work/bad.log" 2>&1 && fail "a CPU that is not there is taken"
grep -q "CPU 1023 is not online" "$work/bad.log" || fail "nothing of the CPU: $(cat "$work/bad.log")"
hang_up held
expect 0 "$(lost held up)" "lost upstream over all changes"
expect 0 "$(lost held down)" "lost downstream over all changes"
change generic 0-1
in_order generic
at_least "$(sent generic up)" "$(of_cpu given)" "packets given to others, generic"

# While the agent is dead all goes on.
change native 0-1
hold last 4 --up-pps 2000 --duration 600 --hangup silent
hold locked 2 --auth mschapv2 --mppe 128,required --up-pps 1000 --duration 600 --hangup silent
crash
goes_on() {
	local received
	received=$(core_received)
	sleep 0.3
	at_least $((received + $2)) "$(core_received)" "$1 to the core without an agent"
}
goes_on "packets" 500
let_go last || true
goes_on "packets that are not handed over" 100
let_go locked || true
sed -i '/mppe yes/d' "$work/xpppd.conf" # which takes its time to start
start
stop
expect "" "$(find "$pin_dir" -mindepth 1 2> /dev/null)" "pins after the end"
