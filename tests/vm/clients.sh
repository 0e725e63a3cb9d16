#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Debian's pppd and rp-pppoe dial in. Runs in the guest; each function scenario_* is one result.
#
# shellcheck disable=SC2317 # functions are called by name

# On Debian's own kernel runs what is installed, on the other what finds more.
case $(uname -r) in
6.1.*) XPPPD_FLAVOUR=plain ;;
esac
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"

# shellcheck source=tests/vm/scenarios.sh
. "$(dirname "$0")/scenarios.sh"

prepare() {
	network_up
	modprobe -a pppoe 8021q
	pppd_alone
	write_conf "
		lcp-keepalive yes
		lcp-keepalive-interval 2
		lcp-keepalive-retry-interval 1
		lcp-keepalive-max-retries 3
		pppoe-service-name isp
		pppoe-accept-any-service yes
		pppoe-ac-name test-ac
		pppoe-max-payload 1500
		mru 1500
	" "" "allow-user-selected-address yes"
	start
}

# ---- a client

# call DEVICE [PPPD_OPTION...]: starts pppd as user anna
call() {
	local device=$1
	shift
	: > "$work/pppd.log"
	nsenter --net=/run/netns/sub pppd plugin rp-pppoe.so "nic-$device" "${client[@]}" "$@" &
	pppd=$!
}
client=(nodetach noauth user anna password secret noipdefault nodefaultroute debug
	lcp-restart 1 ipcp-restart 1 chap-restart 1 pap-restart 1 ifname ppp9)

# dial DEVICE [PPPD_OPTION...]: until traffic can flow
dial() {
	call "$@" logfile "$work/pppd.log"
	wait_for 30 has_address || client_fail "no address"
	ip -n sub route replace default dev ppp9
}

# hang_up: the client's way
hang_up() {
	kill "$pppd"
	wait_for 10 pppd_gone || fail "pppd does not end"
	wait_for 5 no_session || fail "the session outlives the client's hang-up"
}

# ---- scenarios

scenario_pap() {
	dial s0 refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap
	logged 'PAP authentication succeeded'
	reaches "$internet"
	hang_up
}

scenario_chap() {
	dial s0 refuse-pap refuse-mschap refuse-mschap-v2 refuse-eap
	logged 'CHAP authentication succeeded'
	reaches "$internet"
	hang_up
}

scenario_mschapv2() {
	dial s0 refuse-pap refuse-chap refuse-mschap refuse-eap
	logged 'CHAP authentication succeeded'
	logged 'auth chap MS-v2'
	reaches "$internet"
	hang_up
}

scenario_wrong_password() {
	local method status
	for method in pap chap mschap-v2; do
		local refuse=(refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap)
		refuse=("${refuse[@]/#refuse-$method/}")
		status=0
		# shellcheck disable=SC2068 # the empty one goes
		call s0 ${refuse[@]} password wrong logfile "$work/pppd.log"
		wait_for 20 pppd_gone || client_fail "$method: pppd goes on with a wrong password"
		wait "$pppd" || status=$?
		expect 19 "$status" "$method: pppd's exit status (authentication failed)"
		wait_for 5 no_session || fail "$method: the session goes on with a wrong password"
	done
	! grep -q wrong "$work/xpppd.log" || fail "the password is in the log"
}

cpus_taken() { ctl -j show dataplane | jq -s 'map(select(.type == "cpu").taken) | add'; }

scenario_cpus() {
	local taken
	echo "attach interface access0 pppoe-cpus 1" >> "$work/xpppd.conf"
	ctl reload
	dial s0
	reaches "$internet"
	taken=$(cpus_taken)
	at_least 3 "$taken" "packets that another CPU took"
	# its thread goes on elsewhere
	echo 0 > /sys/devices/system/cpu/cpu1/online
	reaches "$internet"
	at_least $((taken + 3)) "$(cpus_taken)" "packets that were taken without the CPU"
	echo 1 > /sys/devices/system/cpu/cpu1/online
	reaches "$internet"
	hang_up
	sed -i '/pppoe-cpus/d' "$work/xpppd.conf"
	ctl reload
}

scenario_vlan() {
	ip -n sub link add link s0 name tagged type vlan id 7
	ip -n sub link set tagged up
	dial tagged
	reaches "$internet"
	ctl session all | grep -qF access0.7 || fail "the session does not show its VLAN"
	hang_up
	ip -n sub link del tagged
}

scenario_qinq() {
	ip -n sub link add link s0 name outer type vlan id 100 proto 802.1ad
	ip -n sub link set outer up
	ip -n sub link add link outer name inner type vlan id 200
	ip -n sub link set inner up
	dial inner mtu 1492 mru 1492
	reaches "$internet" -M 'do' -s 1464
	ctl session all | grep -qF access0.100.200 || fail "the session does not show its VLANs"
	hang_up
	ip -n sub link del outer
}

scenario_host_uniq() {
	dial s0 host-uniq 0badcafe
	reaches "$internet"
	hang_up
}

scenario_service_name() {
	dial s0 rp_pppoe_service isp rp_pppoe_ac test-ac
	ctl session all | grep -qw isp || fail "the session does not show its service"
	hang_up
}

scenario_discovery() {
	local out
	out=$(in_sub pppoe-discovery -I s0)
	grep -q 'Access-Concentrator: test-ac' <<< "$out" || fail "no AC name: $out"
	grep -q 'Service-Name: isp' <<< "$out" || fail "no service name: $out"
}

scenario_user_mode_client() {
	: > "$work/pppd.log"
	nsenter --net=/run/netns/sub pppd pty 'pppoe -I s0 -T 80' "${client[@]}" mtu 1492 mru 1492 logfile "$work/pppd.log" &
	pppd=$!
	wait_for 30 has_address || client_fail "no address"
	ip -n sub route replace default dev ppp9
	reaches "$internet"
	hang_up
}

scenario_addresses() {
	dial s0 usepeerdns
	logged 'primary +DNS address 192.0.2.53'
	logged 'secondary DNS address 192.0.2.54'
	logged 'remote IP address 10.64.0.1'
	hang_up
	dial s0 user berta
	expect 10.65.0.7 "$(address ppp9)" "fixed address"
	reaches "$internet"
	hang_up
	dial s0 10.64.33.44:
	expect 10.64.33.44 "$(address ppp9)" "address that the client asked for"
	hang_up
}

scenario_mtu() {
	dial s0 mtu 1492 mru 1492
	reaches "$internet" -M 'do' -s 1464
	in_core ping -q -c 3 -i 0.2 -W 3 -M 'do' -s 1464 "$(address ppp9)" || fail "1492 bytes downstream"
	# One byte more does not fit: the concentrator tells the core so.
	in_core ping -c 2 -i 0.2 -W 3 -M 'do' -s 1465 "$(address ppp9)" > "$work/ping" || true
	grep -qiE 'frag needed.*mtu ?= ?1492' "$work/ping" ||
		fail "no ICMP fragmentation needed to the core: $(cat "$work/ping")"
	# Without DF it is cut.
	reaches "$internet" -s 4000
	in_core ping -q -c 3 -i 0.2 -W 3 -M dont -s 4000 "$(address ppp9)" || fail "fragments downstream"
	# A core link that takes less: the subscriber is told.
	ip link set core0 mtu 1400
	in_sub ping -c 2 -i 0.2 -W 3 -M 'do' -s 1464 "$internet" > "$work/ping" || true
	ip link set core0 mtu 1500
	grep -qiE 'frag needed.*mtu ?= ?1400' "$work/ping" ||
		fail "no ICMP fragmentation needed to the subscriber: $(cat "$work/ping")"
	hang_up
}

scenario_max_payload() {
	dial s0 mtu 1500 mru 1500
	expect 1500 "$(ip -n sub -o link show dev ppp9 | grep -o 'mtu [0-9]*' | cut -d' ' -f2)" \
		"MTU (RFC 4638)"
	reaches "$internet" -M 'do' -s 1472
	hang_up
}

scenario_throughput() {
	local way report=$work/iperf.json options
	in_core iperf3 -s -B "$internet" > /dev/null &
	wait_for 10 in_core sh -c 'ss -Hltn | grep -q :5201' || fail "no iperf3 server"
	dial s0
	for way in up down; do
		options=(-J -c "$internet" -t 2)
		[ "$way" = up ] || options+=(-R)
		in_sub iperf3 "${options[@]}" > "$report" || client_fail "iperf3: $(jq -r .error "$report")"
		at_least 1000000 "$(jq '.end.sum_received.bits_per_second | floor' "$report")" \
			"TCP bits per second $way"
		echo "$way: $(jq '.end.sum_received.bits_per_second / 1e6 | floor' "$report") Mbit/s"
	done
	kill %1
	hang_up
}

scenario_client_hangs_up() {
	dial s0
	ctl session brief | grep -q anna || fail "no session of anna"
	kill "$pppd"
	wait_for 5 no_session || fail "the session outlives the client's hang-up"
	wait_for 10 pppd_gone || fail "pppd does not end"
	logged 'LCP TermAck'
}

scenario_operator_clears() {
	dial s0
	ctl clear username anna
	wait_for 3 no_session || fail "the session outlives its end"
	wait_for 10 pppd_gone || client_fail "pppd goes on"
	logged 'LCP terminated by peer'
}

scenario_cable_pulled() {
	dial s0
	ip -n sub link set s0 down
	wait_for 15 no_session || fail "the session outlives the cable"
	ip -n sub link set s0 up
	kill "$pppd" || true
	wait_for 20 pppd_gone || fail "pppd does not end"
}

scenario_client_keepalive() {
	dial s0 lcp-echo-interval 1 lcp-echo-failure 3
	sleep 6
	reaches "$internet"
	logged 'rcvd \[LCP EchoRep'
	hang_up
}

scenario_other_protocols() {
	dial s0 +ipv6
	logged 'rcvd \[LCP ProtRej'
	reaches "$internet"
	hang_up
}

scenario_two_clients() {
	local first
	dial s0
	first=$pppd
	ip -n sub link add link s0 name other type macvlan mode bridge
	ip -n sub link set other up
	call other user berta ifname ppp8 logfile "$work/pppd.log"
	wait_for 30 has_address ppp8 || client_fail "no second session"
	expect 2 "$(ctl -j session all | grep -c '"type":"session"')" "sessions"
	in_sub ping -q -c 3 -i 0.2 -W 3 -I ppp8 "$internet" || fail "second subscriber: no answer"
	kill "$pppd"
	wait_for 10 pppd_gone || fail "pppd does not end"
	pppd=$first
	reaches "$internet"
	hang_up
	ip -n sub link del other
}

scenario_agent_restarts() {
	dial s0 lcp-echo-interval 1 lcp-echo-failure 3
	crash
	start
	wait_for 20 pppd_gone || client_fail "the client does not notice"
	dial s0
	reaches "$internet"
	hang_up
}

clean_up_more() {
	local device
	for device in tagged outer other; do
		ip -n sub link del $device || true
	done
	ip -n sub link set s0 up
}

run_scenarios "$@"
