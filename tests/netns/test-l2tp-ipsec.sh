#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Clear text is refused where IPsec is required, and where a session has begun in it. Not every kernel
# has ESP: here a policy asks for it and the device passes it over, so that clear text stands for what
# came through ESP. (tests/vm/ipsec.sh has the real one.)
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
core_up
policies_up() {
	ip xfrm policy add dir in src $lac dst $lns4 proto udp dport 1701 tmpl proto esp mode transport
}
policies_up || { echo "no IPsec in this kernel"; exit 77; }
ip xfrm policy flush
sysctl -qw net.ipv4.conf.all.disable_policy=1 net.ipv4.conf.access0.disable_policy=1

# SCCRQ in clear: silence for the peer, a line and a count for the operator.
write_l2tp_conf "l2tp-require-ipsec yes"
start
in_sub "$dialer" l2tp --lns $lns --report "$work/clear.json" --control-tries 2 --control-timeout 300 \
	--discovery-timeout 700 > "$work/clear.log" 2>&1 && fail "not refused"
expect 0 "$(established_by clear)" "sessions in clear text"
at_least 1 "$(drops l2tp-ipsec)" "requests that did not come through IPsec"
grep -q "SCCRQ from $lac:.* did not come through IPsec" "$work/xpppd.log" || fail "nothing in the log"
stop

# esp_test MODE: a session in IPsec, and then clear text with its ids
esp_test() {
	local refused messages
	mode=$1
	write_l2tp_conf "l2tp-require-ipsec yes
		l2tp-hello-interval 60"
	policies_up
	start
	l2tp_hold "$1" 1 --up-pps 100 --down-pps 100 --duration 30 --control-tries 2 --control-timeout 300
	expect true "$(tunnels '.[0].ipsec')" "$1: the tunnel came through IPsec"
	if [ "$1" = native ]; then
		# On the wire it is clear text.
		wait_for 5 has_drops l2tp-clear 20 || fail "$1: not dropped on the wire: $(drops l2tp-clear)"
		expect 0 "$(path up slow)" "$1: packets for the agent"
		at_least 20 "$(ctl -j session packets | jq -rs 'map(.. | objects | .drops? // empty) | max')" \
			"$1: drops of the session"
	else
		wait_for 5 has_path up slow 20 || fail "$1: nothing comes through IPsec"
		expect 0 "$(drops l2tp-clear)" "$1: dropped where it may have come through ESP"
		ip xfrm policy flush
		wait_for 5 has_drops l2tp-data-clear 50 || fail "$1: taken in clear: $(drops l2tp-data-clear)"
		refused=$(drops l2tp-data-clear)
		messages=$(drops l2tp-ipsec)
		expect 1 "$(established)" "$1: sessions"
		# Its good-bye is anybody's as well.
		let_go "$1" || true
		wait_for 5 has_drops l2tp-ipsec $((messages + 1)) || fail "$1: StopCCN or CDN taken in clear"
		expect 1 "$(established)" "$1: sessions after a forged good-bye"
		at_least "$refused" "$(drops l2tp-data-clear)" "$1: refused"
	fi
	stop
	let_go "$1" 2> /dev/null || true
	ip xfrm policy flush
}
has_drops() { [ "$(drops "$1")" -ge "$2" ]; }
has_path() { [ "$(path "$1" "$2")" -ge "$3" ]; }
for m in native generic tc; do
	esp_test $m
done
