#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# The dialer against a concentrator that is not ours and that can be told to err: what the other
# tests believe of its reports is seen to be true here, each fault by the count it belongs to.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

[ -x /usr/bin/python3 ] || { echo "needs python3"; exit 77; }
dialer=$build/asan/dialer
load=(--up-pps 300 --down-pps 300 --echo-pps 300 --hairpin-pps 300 --duration 1)

# fake OPTION...: the other concentrator, anew
fake() {
	[ -z "${fake_pid:-}" ] || { kill "$fake_pid"; wait "$fake_pid" 2> /dev/null || true; }
	"$top/tests/dialer/fake_ac.py" --interface access0 --tun fake0 "$@" 2> "$work/fake.log" &
	fake_pid=$!
	wait_for 20 ip link set fake0 up || fail "the other concentrator does not start: $(cat "$work/fake.log")"
	ip route replace 10.99.0.0/16 dev fake0
}

# dial_badly NAME [OPTION...]: must not have status 0; whatever else, it writes its report
dial_badly() {
	local name=$1
	rm -f "$work/$name.json"
	! (dial "$@") > "$work/$name.out" || fail "$name: the dialer is content"
	! grep -E 'AddressSanitizer|LeakSanitizer|runtime error:' "$work/$name.out" || fail "$name"
	[ -s "$work/$name.json" ] || fail "$name: no report: $(cat "$work/$name.out")"
}

# finds NAME FILTER [AT_LEAST]: the count of what is wrong
finds() { at_least "${3:-1}" "$(report "$1" "$2")" "$1: $2"; }

network_up
core_up

# ---- what is right

for method in none pap chap mschapv2; do
	fake --auth $method
	dial "$method" --sessions 12 --vlan none,7,100.7-9 --tpid 88a8 --sessions-file "$work/sessions" \
		--ready "$work/ready.json"
	expect 12 "$(established_by "$method")" "$method: sessions"
	expect "12 0" "$(report ready '"\(.established) \(.hangups)"')" "$method: up before it hangs up"
	expect 12 "$(report "$method" .hangups_answered)" "$method: hang-ups answered"
	expect 0 "$(report "$method" '[.anomalies[]] | add')" "$method: anomalies"
	expect 12 "$(jq -s "map(select(.auth == \"$method\")) | length" "$work/sessions")" "$method: used"
	expect 12 "$(jq -s 'map(.address) | unique | length' "$work/sessions")" "$method: addresses"
	expect '[[],[7],[100,7],[100,8],[100,9]]' \
		"$(jq -sc '[.[:5][].vlans]' "$work/sessions")" "$method: VLANs"
done
# The server asks for MS-CHAPv2 and takes what a Nak names.
dial nak --sessions 3 --auth pap --sessions-file "$work/sessions"
expect 3 "$(jq -s 'map(select(.auth == "pap")) | length' "$work/sessions")" "methods after a Nak"

dial clean --sessions 10 --vlan none,7,100.7 "${load[@]}" --size 72-1492 --max-loss 0
traffic_is_clean clean
for way in up down echo hairpin; do
	at_least 200 "$(sent clean $way)" "packets sent, $way"
	expect "$(sent clean $way)" "$(report clean .traffic.$way.received)" "packets received, $way"
done
dial compressed --sessions 2 --compress --up-pps 100 --duration 1 --max-loss 0

dial churn --sessions 10 --hold 1 --churn 20 --duration 1 --up-pps 200 --down-pps 200
at_least 20 "$(report churn .setups)" "set-ups with churn"
expect 10 "$(report churn .up_at_end)" "sessions after churn"

in_sub "$dialer" discover --interface s0 --wait 0.3 --max-payload 1500 > "$work/offers"
expect fake "$(jq -r '.[0].tags[] | select(has("ac-name"))."ac-name"' "$work/offers")" "AC-Name"
expect 05dc "$(jq -r '.[0].tags[] | select(has("max-payload"))."max-payload"' "$work/offers")" "PPP-Max-Payload"

in_sub "$dialer" flood padi --interface s0 --count 500 --rate 2000 --report "$work/padi.json"
expect 500 "$(report padi .pado)" "offers for 500 PADI"
in_sub "$dialer" flood padr-forged --interface s0 --count 500 --rate 5000 --report "$work/padr.json"
expect 0 "$(report padr .pads)" "sessions for forged PADR"

# One echo request of LCP, by hand, from a session that was left standing.
dial left --hangup silent --sessions-file "$work/sessions"
sid=$(printf %04x "$(jq .sid "$work/sessions")")
answer=$(echo "$(jq -r '(.ac_mac + .mac) | gsub(":"; "")' "$work/sessions") 8864 1100 $sid 000a c021 0907 0008 00000000" |
	in_sub "$dialer" raw --interface s0 --wait 0.3)
[[ $answer == *88641100"$sid"000ac0210a070008* ]] || fail "answer to a raw frame: $answer"

# A TUN device is a subscriber with a stack of its own.
fake
nsenter --net=/run/netns/sub "$dialer" dial --interface s0 --tun tun%d --hold forever --report "$work/tun.json" &
tun_pid=$!
wait_for 5 ip -n sub route get 10.98.0.1 oif tun0 || fail "no TUN device"
in_sub ip route add $internet dev tun0
in_sub ping -c 2 -i 0.2 -W 2 $internet > /dev/null || fail "no ping through the TUN device"
kill -TERM $tun_pid
wait $tun_pid || fail "status of a dialer that was told to end"

# ---- what is wrong

fake --auth pap
dial_badly password --sessions 3 --password wrong
expect 3 "$(report password '.failures."auth-rejected"')" "rejected"
expect 0 "$(established_by password)" "sessions with a wrong password"
dial_badly refused --sessions 2 --auth none --lcp-timeout 100 --tries 2
fake --fault bad-proof
dial_badly proof --sessions 2
expect 2 "$(report proof '.failures."auth-bad-proof"')" "wrong proofs"
fake --fault mschap-retry
dial retry --sessions 2 --password wrong --retry-password p%d
dial_badly no-retry --sessions 2
fake --fault reject-magic
dial magic --sessions 2
fake --fault no-pado
dial_badly silence --discovery-timeout 50 --tries 3 --redials 1
expect 2 "$(report silence '.failures."padi-timeout"')" "attempts without an offer"
expect 4 "$(report silence .retransmissions.discovery)" "repeated PADI"
fake --fault service-error
dial_badly service
expect 1 "$(report service '.failures."service-name-error"')" "errors by tag"
fake --fault second-session
dial_badly second --duplicate-padr
finds second .anomalies.second_session
fake --fault address-conflict
dial_badly conflict --sessions 2
expect 1 "$(report conflict .anomalies.address_conflicts)" "conflicts"

for fault in duplicate:.traffic.down.duplicated corrupt:.traffic.down.corrupt \
	misdeliver:.traffic.misdelivered wrong-sid:.anomalies.misdirected wrong-vlan:.anomalies.misdirected; do
	fake --fault "${fault%:*}"
	dial_badly "${fault%:*}" --sessions 3 --down-pps 300 --duration 0.5 --drain 0.2
	finds "${fault%:*}" "${fault#*:}" 10
done
fake --fault lose
dial_badly lose --sessions 3 --down-pps 300 --duration 0.5 --drain 0.2 --max-loss 0
finds lose .traffic.down.lost 10

for how in terminate padt; do
	fake --end $how --end-after 2
	dial end-$how --sessions 3 --hold 20
	[ $how = padt ] && filter=.padt_by_server.up || filter=.terminated_by_server.up
	expect 3 "$(report end-$how "$filter")" "ended by the server"
	expect 0 "$(report end-$how .up_at_end)" "sessions left"
done
fake --end terminate --end-after 2
dial persist --sessions 3 --hold 3 --persist
expect 6 "$(report persist .setups)" "set-ups with --persist"
