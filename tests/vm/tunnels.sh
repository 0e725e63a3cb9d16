# shellcheck shell=bash disable=SC2154,SC2034,SC2317,SC2119,SC2120 # shared with tests/netns/lib.sh, functions called by name
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For scripts that run in the guest: a concentrator with a tunnel of each kind, and Debian's clients for
# them.

prepare() {
	l2tp_up
	modprobe -a pppoe l2tp_ppp ppp_async ppp_mppe
	pppd_alone
	mount -t tmpfs tmpfs /etc/xl2tpd
	configure
	start
}

# configure [TUNNEL_OPTIONS]: a tunnel of each kind
configure() {
	local options="
		authentication-method pap chap mschapv2
		lcp-keepalive yes
		lcp-keepalive-interval 2
		lcp-keepalive-retry-interval 1
		lcp-keepalive-max-retries 3
		${1:-}"
	cat > "$work/xpppd.conf" <<-EOC
	tunnel PPTP protocol pptp {
		listen on $lns4
		pptp-echo-interval 2
		pptp-echo-timeout 4
		$options
	}
	tunnel L2TP protocol l2tp {
		listen on $lns4
		$options
	}
	tunnel PPPOE protocol pppoe {
		listen on interface access0
		$options
	}
	ipcp IPCP {
		pool-address 10.64.0.0/16
		dns-servers 192.0.2.53 192.0.2.54
	}
	interface pppac0 address 10.64.0.1 ipcp IPCP
	authentication LOCAL type local {
		users-file "$work/npppd-users"
	}
	bind tunnel from PPTP authenticated by LOCAL to pppac0
	bind tunnel from L2TP authenticated by LOCAL to pppac0
	bind tunnel from PPPOE authenticated by LOCAL to pppac0
	attach interface access0 mode ${mode:-auto}
	attach interface core0 mode ${mode:-auto}
	EOC
	write_users 100
}

# ---- clients

client=(nodetach noauth user anna password secret noipdefault nodefaultroute debug nobsdcomp nodeflate novj
	novjccomp ipcp-accept-local ipcp-accept-remote lcp-restart 1 ipcp-restart 1 chap-restart 1 pap-restart 1
	lcp-echo-interval 2 lcp-echo-failure 3 ifname ppp9)
mschapv2=(refuse-pap refuse-chap refuse-mschap refuse-eap)
mppe_128=("${mschapv2[@]}" require-mppe-128 nomppe-stateful)

# call_pptp [PPPD_OPTION...]: starts pppd as user anna, pptp-linux moves its packets
call_pptp() {
	: > "$work/pppd.log"
	nsenter --net=/run/netns/sub pppd pty "pptp $lns4 --nolaunchpppd --loglevel 1" "${client[@]}" \
		mtu 1400 mru 1400 noaccomp nopcomp logfile "$work/pppd.log" "$@" &
	pppd=$!
}

call_pppoe() {
	: > "$work/pppd.log"
	nsenter --net=/run/netns/sub pppd plugin rp-pppoe.so nic-s0 "${client[@]}" logfile "$work/pppd.log" "$@" &
	pppd=$!
}

call_l2tp() {
	local option
	: > "$work/pppd.log"
	mkdir -p /run/xl2tpd
	printf '[global]\nport = 1701\n[lac isp]\nlns = %s\nname = anna\nlength bit = yes\n%s\n' "$lns4" \
		"pppoptfile = /etc/ppp/l2tp.options" > /etc/xl2tpd/xl2tpd.conf
	: > /etc/xl2tpd/secrets
	# xl2tpd hands on no words but those of its own options, and does not detach pppd itself
	printf '%s\n' noauth 'user anna' 'password secret' noipdefault nodefaultroute debug nobsdcomp nodeflate \
		novj novjccomp ipcp-accept-local ipcp-accept-remote 'lcp-restart 1' 'ipcp-restart 1' 'mtu 1400' \
		'mru 1400' 'ifname ppp9' "logfile $work/pppd.log" > /etc/ppp/l2tp.options
	for option in "$@"; do
		echo "$option"
	done >> /etc/ppp/l2tp.options
	chmod 600 /etc/ppp/l2tp.options
	rm -f /run/xl2tpd/control
	nsenter --net=/run/netns/sub xl2tpd -D -c /etc/xl2tpd/xl2tpd.conf -s /etc/xl2tpd/secrets \
		-p /run/xl2tpd/pid -C /run/xl2tpd/control > "$work/xl2tpd.log" 2>&1 &
	pppd=$!
	wait_for 20 test -p /run/xl2tpd/control || fail "xl2tpd does not start"
	sleep 0.3
	echo 'c isp' > /run/xl2tpd/control
}

# dial TUNNEL [PPPD_OPTION...]: until traffic can flow
dial() {
	local tunnel=$1
	shift
	"call_$tunnel" "$@"
	wait_for 40 has_address || client_fail "$tunnel: no address"
	ip -n sub route replace "$internet" dev ppp9
	ip -n sub route replace 198.51.100.0/24 dev ppp9
}

# hang_up: the client's way
hang_up() {
	kill "$pppd"
	wait_for 15 pppd_gone || fail "the client does not end"
	wait_for 10 no_session || fail "the session outlives the client's hang-up"
	wait_for 15 no_pppd || fail "pppd outlives its tunnel"
}

# encrypted WHAT: both ends say that the session is ("128 stateless")
encrypted() {
	logged 'MPPE .* (en|)compression enabled|MPPE.*enabled'
	ctl session all | grep -q "mppe-${1// /.*}" || fail "the session does not show $1: $(ctl session all)"
}

# transfers WHAT: TCP both ways
transfers() {
	local way report=$work/iperf.json options
	in_core iperf3 -s -1 -B "$internet" > /dev/null &
	for way in up down; do
		wait_for 10 in_core sh -c 'ss -Hltn | grep -q :5201' || fail "no iperf3 server"
		options=(-J -c "$internet" -t 1)
		[ "$way" = up ] || options+=(-R)
		in_sub iperf3 "${options[@]}" > "$report" || client_fail "$1: iperf3: $(jq -r .error "$report")"
		at_least 300000 "$(jq '.end.sum_received.bits_per_second | floor' "$report")" "$1: TCP bits per second $way"
		echo "$1, $way: $(jq '.end.sum_received.bits_per_second / 1e6 | floor' "$report") Mbit/s"
		[ "$way" = down ] || in_core iperf3 -s -1 -B "$internet" > /dev/null &
	done
}

# legible COMMAND...: the text of its packets is to be seen on the access side; there, because what XDP sends
# no socket sees here
legible() {
	local seen=$work/access.pcap pid
	nsenter --net=/run/netns/sub tcpdump -i s0 -s 0 --immediate-mode -U -w "$seen" 2> "$work/tcpdump.log" &
	pid=$!
	wait_for 20 grep -q "listening on" "$work/tcpdump.log" || fail "tcpdump does not start"
	"$@"
	sleep 1
	kill "$pid"
	wait "$pid" || true
	grep -qaF "$clear_text" "$seen"
}
clear_text=clear-text-of-it # as long as ping's pattern can be

ping_text() {
	reaches "$internet" -p "$(printf %s "$clear_text" | od -An -tx1 | tr -d ' \n')"
}

clean_up_more() {
	ip -n sub link set s0 up
}
