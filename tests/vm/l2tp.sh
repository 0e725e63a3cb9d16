#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Debian's xl2tpd and pppd dial in, in kernel mode, in clear and through strongSwan. Runs in the guest; each
# function scenario_* is one result.
#
# shellcheck disable=SC2317 # functions are called by name

# On Debian's own kernel runs what is installed, on the other what finds more.
case $(uname -r) in
6.1.*) XPPPD_FLAVOUR=plain ;;
esac
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/../netns/l2tp.sh"
# shellcheck source=tests/vm/scenarios.sh
. "$(dirname "$0")/scenarios.sh"
# shellcheck source=tests/vm/ipsec.sh
. "$(dirname "$0")/ipsec.sh"

prepare() {
	l2tp_up
	modprobe -a l2tp_ppp ppp_async esp4 xfrm_user nft_chain_nat nft_masq
	pppd_alone
	mount -t tmpfs tmpfs /etc/xl2tpd
	configure
	start
}

# configure [TUNNEL_OPTIONS]: what every scenario begins with
configure() {
	write_l2tp_conf "
		lcp-keepalive yes
		lcp-keepalive-interval 2
		lcp-keepalive-retry-interval 1
		lcp-keepalive-max-retries 3
		l2tp-hello-interval 2
		l2tp-hello-timeout 4
		mru 1400
		${1:-}"
}

# ---- a client

# lac [NAMESPACE [LAC_OPTION...]]: xl2tpd with a line `isp`; PPP options in $ppp_options
lac() {
	local in=${1:-sub} option
	shift || true
	{
		printf '[global]\nport = 1701\naccess control = no\nauth file = /etc/xl2tpd/secrets\n'
		printf '[lac isp]\nlns = %s\nrequire authentication = no\nname = anna\nlength bit = yes\n' "$lns"
		printf 'ppp debug = yes\npppoptfile = /etc/ppp/%s.options\n' "$in"
		for option in "$@"; do
			echo "$option"
		done
	} > "/etc/xl2tpd/$in.conf"
	printf '* * %s\n' "${secret:-unused}" > /etc/xl2tpd/secrets
	printf '%s\n' noauth "user ${user:-anna}" 'password secret' ipcp-accept-local ipcp-accept-remote noccp \
		'mtu 1400' 'mru 1400' 'lcp-restart 1' 'ipcp-restart 1' 'lcp-echo-interval 2' 'lcp-echo-failure 3' \
		'ifname ppp9' debug "logfile $work/pppd.log" nodefaultroute "${ppp_options[@]}" > "/etc/ppp/$in.options"
	chmod 600 /etc/xl2tpd/secrets "/etc/ppp/$in.options"
	: > "$work/pppd.log"
	mkdir -p /run/xl2tpd
	rm -f "/run/xl2tpd/$in"
	nsenter "--net=/run/netns/$in" xl2tpd -D -c "/etc/xl2tpd/$in.conf" -s /etc/xl2tpd/secrets \
		-p "/run/xl2tpd/$in.pid" -C "/run/xl2tpd/$in" > "$work/xl2tpd-$in.log" 2>&1 &
	echo $! > "/run/xl2tpd/$in.shell-pid"
	wait_for 20 test -p "/run/xl2tpd/$in" || fail "xl2tpd does not start"
	sleep 0.3
	echo 'c isp' > "/run/xl2tpd/$in"
}
ppp_options=()
secret='' user=''

lac_pid() { cat "/run/xl2tpd/${1:-sub}.shell-pid"; }

# dial [NAMESPACE [LAC_OPTION...]]: until traffic can flow
dial() {
	local in=${1:-sub}
	lac "$@"
	wait_for 30 namespace_has_address "$in" || client_log "no address"
	ip -n "$in" route replace "$internet" dev ppp9
	ip -n "$in" route replace 198.51.100.0/24 dev ppp9
}

namespace_has_address() { ip -n "$1" -4 -br addr show dev ppp9 | grep -q ' [0-9]'; }

client_log() {
	echo "--- end of xl2tpd's log"
	tail -n 25 "$work"/xl2tpd-*.log
	client_fail "$@"
}

# hang_up: the client's way
hang_up() {
	echo 'd isp' > /run/xl2tpd/sub
	wait_for 10 no_session || fail "the session outlives the client's hang-up"
	end_lac
}

# end_lac: xl2tpd says StopCCN and ends
end_lac() {
	kill "$(lac_pid)"
	wait_for 15 no_tunnels || fail "the tunnel outlives its end: $(ctl show tunnels)"
	wait_for 15 no_pppd || fail "pppd outlives its tunnel"
}

kernel_mode() {
	grep -q 'kernel mode\|kernel.*support' "$work/xl2tpd-sub.log"
	[ -s /proc/net/pppol2tp ] || modinfo l2tp_ppp > /dev/null
}

# ---- scenarios

scenario_login() {
	local method
	for method in pap chap mschap-v2; do
		ppp_options=(refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap)
		ppp_options=("${ppp_options[@]/#refuse-$method/}")
		dial
		kernel_mode || fail "not in kernel mode"
		reaches "$internet"
		hang_up
	done
	ppp_options=()
	! grep -qw secret "$work/xpppd.log" || fail "the password is in the log"
}

scenario_sequence_numbers() {
	ppp_options=(pppol2tp_send_seq pppol2tp_recv_seq)
	dial
	reaches "$internet" -c 20 -i 0.05
	hang_up
	ppp_options=()
	reconfigure 'l2tp-data-use-seq no'
	dial
	reaches "$internet" -c 20 -i 0.05
	hang_up
	ppp_options=(pppol2tp_send_seq)
	dial
	reaches "$internet"
	hang_up
}

scenario_no_length_bit() {
	dial sub 'length bit = no'
	reaches "$internet"
	hang_up
}

scenario_tunnel_secret() {
	reconfigure 'l2tp-secret "tunnelsecret"'
	secret=tunnelsecret
	dial sub 'challenge = yes'
	reaches "$internet"
	hang_up
	secret=wrong
	lac sub 'challenge = yes'
	sleep 4
	no_session || fail "a session with a wrong tunnel secret"
	end_lac
	secret=''
	lac
	sleep 4
	no_session || fail "a session without a tunnel secret"
	end_lac
	! grep -q tunnelsecret "$work/xpppd.log" || fail "the tunnel secret is in the log"
}

scenario_hidden_avps() {
	reconfigure 'l2tp-secret "tunnelsecret"'
	secret=tunnelsecret
	dial sub 'challenge = yes' 'hidden bit = yes'
	reaches "$internet"
	hang_up
}

scenario_mtu() {
	dial
	reaches "$internet" -M 'do' -s 1372
	in_core ping -q -c 3 -i 0.2 -W 3 -M 'do' -s 1372 "$(address ppp9)" || fail "1400 bytes downstream"
	in_core ping -c 2 -i 0.2 -W 3 -M 'do' -s 1373 "$(address ppp9)" > "$work/ping" || true
	grep -qiE 'frag needed.*mtu ?= ?1400' "$work/ping" || fail "no ICMP to the core: $(cat "$work/ping")"
	reaches "$internet" -s 4000
	in_core ping -q -c 3 -i 0.2 -W 3 -M dont -s 4000 "$(address ppp9)" || fail "fragments downstream"
	hang_up
}

scenario_throughput() {
	local way report=$work/iperf.json options
	in_core iperf3 -s -B "$internet" > /dev/null &
	wait_for 10 in_core sh -c 'ss -Hltn | grep -q :5201' || fail "no iperf3 server"
	dial
	for way in up down; do
		options=(-J -c "$internet" -t 2)
		[ "$way" = up ] || options+=(-R)
		in_sub iperf3 "${options[@]}" > "$report" || client_log "iperf3: $(jq -r .error "$report")"
		at_least 1000000 "$(jq '.end.sum_received.bits_per_second | floor' "$report")" \
			"TCP bits per second $way"
		echo "$way: $(jq '.end.sum_received.bits_per_second / 1e6 | floor' "$report") Mbit/s"
	done
	pkill -x iperf3
	hang_up
}

scenario_client_hangs_up() {
	dial
	ctl session brief | grep -q anna || fail "no session of anna"
	pkill -x pppd
	wait_for 5 no_session || fail "the session outlives the client's hang-up"
	logged 'LCP TermAck'
	end_lac
}

scenario_operator_clears() {
	dial
	ctl clear username anna > /dev/null
	wait_for 5 no_session || fail "the session outlives its end"
	wait_for 10 no_pppd || client_log "pppd goes on"
	logged 'LCP terminated by peer'
	end_lac
	dial
	ctl clear tunnel "$(tunnels '.[0]."tunnel-id"')" > /dev/null || fail "clear of a tunnel"
	wait_for 5 no_session || fail "the session outlives its tunnel"
	wait_for 10 no_pppd || client_log "pppd goes on without its tunnel"
	wait_for 10 no_tunnels || fail "the tunnel outlives clear"
	kill "$(lac_pid)"
}

scenario_client_restarts() {
	dial
	kill -KILL "$(lac_pid)"
	pkill -KILL -x pppd
	wait_for 10 no_pppd || fail "pppd does not die"
	# From the same address and port, before HELLO could notice.
	dial
	reaches "$internet"
	wait_for 10 tunnels_are 1 || fail "tunnels after a restart: $(ctl show tunnels)"
	wait_for 10 sessions_are 1 || fail "sessions after a restart: $(ctl session brief)"
	hang_up
}

scenario_cable_pulled() {
	dial
	ip -n sub link set s0 down
	wait_for 25 no_session || fail "the session outlives the cable"
	wait_for 25 no_tunnels || fail "the tunnel outlives the cable"
	kill -KILL "$(lac_pid)"
	ip -n sub link set s0 up
}

scenario_agent_restarts() {
	dial
	crash
	start
	pkill -x pppd || true
	pkill -x xl2tpd || true
	wait_for 15 no_pppd || fail "pppd does not end"
	dial
	reaches "$internet"
	hang_up
}

# ---- through IPsec

# esp_packets: that the concentrator has decrypted
esp_packets() { ip -s xfrm state | awk '/lifetime current/ { getline; n += $2 } END { print n + 0 }'; }

scenario_ipsec() {
	reconfigure 'l2tp-require-ipsec yes'
	ipsec_concentrator
	ipsec_client sub aes256-sha256-modp2048 aes256-sha256 preshared nsenter --net=/run/netns/sub ||
		fail "no security association: $(cat "$work/initiate-sub.log")"
	dial
	reaches "$internet" -c 10 -i 0.1
	in_core ping -q -c 3 -i 0.2 -W 3 "$(address ppp9)" || fail "no answer from the client"
	at_least 20 "$(esp_packets)" "packets through ESP"
	# What needs more than the way bears with ESP around it is told so or cut, and nothing hangs.
	in_core ping -q -c 3 -i 0.2 -W 3 -M dont -s 3000 "$(address ppp9)" || fail "fragments through ESP"
	hang_up
	ipsec_end
}

# Clear text is refused, and the log says so.
scenario_ipsec_required() {
	local before
	reconfigure 'l2tp-require-ipsec yes'
	before=$(grep -c 'established with' "$work/xpppd.log")
	lac
	sleep 4
	no_session || fail "a session in clear text"
	expect "$before" "$(grep -c 'established with' "$work/xpppd.log")" "tunnels in clear text"
	grep -q 'did not come through IPsec' "$work/xpppd.log" || fail "the log does not say why"
	at_least 1 "$(drops l2tp-ipsec)" "refusals counted"
	kill "$(lac_pid)"
}

scenario_ipsec_wrong_key() {
	reconfigure 'l2tp-require-ipsec yes'
	ipsec_concentrator
	ipsec_client sub aes256-sha256-modp2048 aes256-sha256 wrong nsenter --net=/run/netns/sub &
	wait_for 40 grep -q 'could not decrypt payloads' "$work/charon-concentrator.log" ||
		fail "the wrong key is not noticed"
	expect '' "$(ip xfrm state)" "security associations with a wrong key"
	ipsec_end
}

# What Windows, macOS, iOS and Android propose today, old Windows last.
scenario_ipsec_proposals() {
	local proposal
	ipsec_concentrator
	ipsec_daemon sub nsenter --net=/run/netns/sub
	for proposal in aes256-sha1-ecp384:aes256-sha1 aes256-sha256-modp2048:aes256-sha256 \
		aes256-sha384-modp1024:aes256-sha1 aes256-sha1-modp2048:aes128-sha1 3des-sha1-modp2048:3des-sha1; do
		ipsec_connect sub "${proposal%:*}" "${proposal#*:}" preshared ||
			fail "$proposal: $(cat "$work/initiate-sub.log")"
		ipsec sub --terminate --ike l2tp > "$work/terminate.log" 2>&1 || fail "$(cat "$work/terminate.log")"
	done
	ipsec_end
}

# Two clients behind one address, both from port 1701.
scenario_ipsec_nat() {
	local name
	reconfigure 'l2tp-require-ipsec yes'
	nat_up
	ipsec_concentrator
	for name in home1 home2; do
		ipsec_client "$name" aes256-sha256-modp2048 aes256-sha256 preshared nsenter "--net=/run/netns/$name" ||
			fail "$name: no security association: $(cat "$work/initiate-$name.log")"
	done
	dial home1
	user=berta
	dial home2
	for name in home1 home2 home1; do
		nsenter "--net=/run/netns/$name" ping -q -c 5 -i 0.2 -W 3 "$internet" || client_log "$name: no answer"
	done
	in_core ping -q -c 3 -i 0.2 -W 3 10.65.0.7 || fail "no answer from the second client"
	tunnels_are 2 || fail "not two tunnels: $(ctl show tunnels)"
	expect 1 "$(tunnels 'map(.peer) | unique | length')" "addresses and ports of the peers"
	end_lacs
	ipsec_end
	nat_down
}

end_lacs() {
	kill "$(lac_pid home1)" "$(lac_pid home2)"
	wait_for 15 no_tunnels || fail "tunnels outlive their end"
}

# nat_up: home1, home2 ↔ sub, which hides them behind its address
nat_up() {
	local n
	in_sub sysctl -qw net.ipv4.ip_forward=1
	for n in 1 2; do
		ip netns add "home$n"
		ip -n sub link add "n$n" type veth peer name h0 netns "home$n"
		ip -n sub addr add "10.9.$n.1/24" dev "n$n"
		ip -n sub link set "n$n" up
		ip -n "home$n" link set lo up
		ip -n "home$n" link set h0 up
		ip -n "home$n" addr add "10.9.$n.2/24" dev h0
		ip -n "home$n" route add default via "10.9.$n.1"
	done
	in_sub nft -f - <<-'EOC'
		table ip nat {
			chain postrouting {
				type nat hook postrouting priority 100
				oifname s0 masquerade
			}
		}
	EOC
}

nat_down() {
	in_sub nft delete table ip nat
	ip netns del home1
	ip netns del home2
}

clean_up_more() {
	ip -n sub link set s0 up
	nat_down || true
	ipsec_end || true
	wait_for 10 no_tunnels || true
}

run_scenarios "$@"
