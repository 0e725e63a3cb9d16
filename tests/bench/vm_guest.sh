#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# vm_guest.sh ROUNDS: what `vm` runs in the guest. A session of each kind of tunnel is dialled with xpppd; frames
# of these sessions go through its programs, then, when it has ended, the same frames through sessions of
# the kernel with the same ids and addresses. JSON to /guest/out.
#
# shellcheck disable=SC2119 # what functions take is optional
XPPPD_FLAVOUR=plain
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/../netns/pptp.sh"

rounds=$1
churned=500
bin=$build/plain/tests/bench
out=/guest/out
sessions=$work/sessions

# configure: a tunnel of each kind, each with addresses of its own, and nothing that makes packets of itself
configure() {
	local n=0 tunnel protocol
	printf '%s\n' "set max-session 1000" "attach interface access0 mode native" \
		"attach interface core0 mode native" "authentication LOCAL type local {" \
		"users-file \"$work/npppd-users\"" "}" > "$work/xpppd.conf"
	for tunnel in "pppoe interface access0" "l2tp $lns4" "pptp $lns4"; do
		protocol=${tunnel%% *}
		cat >> "$work/xpppd.conf" <<-EOC
		tunnel T$n protocol $protocol {
			listen on ${tunnel#* }
			authentication-method pap chap mschapv2
			lcp-keepalive no
			mppe no
		}
		ipcp I$n {
			pool-address 10.$((64 + n)).0.0/16
		}
		interface pppac$n address 10.$((64 + n)).0.1 ipcp I$n
		bind tunnel from T$n authenticated by LOCAL to pppac$n
		EOC
		n=$((n + 1))
	done
	write_users 10
}

# measured NAME COMMAND...: its JSON to the machine outside
measured() {
	echo "$1: from $(cut -d' ' -f1 /proc/uptime) s"
	"${@:2}" > "$work/$1.json" || fail "$1"
	cp "$work/$1.json" "$out/$1.json"
}

modprobe -a pppoe l2tp_ppp pptp sch_ingress cls_bpf
network_up
l2tp_link
client_mac=$(mac_of sub s0)
configure

start
hold pppoe 1 --mac-base "$client_mac"
l2tp_hold l2tp 1 --first 1 --source-port 1701
pptp_hold pptp 1 --first 2
ctl -j session all |
	jq -r '.. | objects | select(.type? == "session")
		| "\(.protocol) \(.address) \(if .protocol == "l2tp" then ."tunnel-id" else 0 end) \(."carrier-id")"' > "$sessions"
echo "ip $lac 0 0" >> "$sessions"
cat "$sessions"
measured packets-xpppd "$bin/packetcost" xpppd "$sessions" $pin_dir "$(agent_pid)" "$rounds"
for name in pppoe l2tp pptp; do
	expect 1 "$(ctl -j session all protocol $name | jq -s '[.. | objects | select(.type? == "session")] | length')" \
		"$name: sessions at the end"
done
stop
for name in pppoe l2tp pptp; do
	let_go $name 2> /dev/null || true # it takes the end of its session for a failure
done

"$bin/linuxppp" hold "$sessions" "$client_mac" > "$work/hold" &
held=$!
wait_for 10 grep -q ready "$work/hold" || fail "no sessions of the kernel"
measured packets-linux "$bin/packetcost" linux "$sessions" - - "$rounds"
kill $held
wait $held || true

measured state-xpppd "$bin/statecost" "$work/xpppd.conf" $churned
measured state-linux "$bin/linuxppp" churn $churned "$client_mac"
jq -n --arg kernel "$(uname -r)" '{ kernel: $kernel }' > "$out/about.json"
