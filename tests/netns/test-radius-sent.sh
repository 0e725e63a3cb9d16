#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# What an Access-Request says of the session, over each tunnel.
#
# shellcheck disable=SC2119 # what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

# sent ATTRIBUTE WANTED...: in the last request, in this order
sent() {
	expect "$(printf '%s\n' "${@:2}")" "$(radius_sent "$1")" "$1 of $what"
}
sent_always() {
	sent User-Name u0
	sent Service-Type Framed-User
	sent Framed-Protocol PPP
	at_least 16 "$(radius_sent Acct-Session-Id | tr -dc 0-9a-f | wc -c)" "digits of Acct-Session-Id"
	at_least 1 "$(radius_sent NAS-Port | wc -l)" "NAS-Port"
	at_least 1 "$(radius_sent Message-Authenticator | wc -l)" "Message-Authenticator"
}

l2tp_up
bound=RADIUS
radius_up
write_conf "" "radius nas-id \"nas 1\""
radius_statement
start
what=PPPoE
hold pppoe 1 --auth pap --vlan 100.7 --service internet --circuit-id 'eth 0/1:100"7' --remote-id 'line\1'
sent_always
sent NAS-Identifier "nas 1"
sent NAS-IP-Address 198.51.100.1
sent NAS-Port-Type Ethernet
sent NAS-Port-Id access0.100.7
sent Calling-Station-Id 'eth 0/1:100\\x227 line\\x5c1'
sent Called-Station-Id internet
sent ADSL-Agent-Circuit-Id "0x$(printf 'eth 0/1:100"7' | od -An -tx1 | tr -d ' \n')"
sent ADSL-Agent-Remote-Id "0x$(printf 'line\\1' | od -An -tx1 | tr -d ' \n')"
sent Framed-MTU "$(grep -o 'established: .*' "$work/xpppd.log" | tail -1 | sed 's/.*mtu //')"
sent Tunnel-Type
sent Framed-IP-Address
sent NAS-Port "$(ctl -j session all | jq -r '.. | .slot? // empty')"
hang_up pppoe
what="PPPoE without tags"
dial plain --auth chap
sent Calling-Station-Id 02:d1:00:00:00:00
sent Called-Station-Id PPPOE
sent NAS-Port-Id access0
sent ADSL-Agent-Circuit-Id
expect 34 "$(radius_sent CHAP-Password | tr -dc 0-9a-f | sed s/^0// | wc -c)" "digits of CHAP-Password"
expect 32 "$(radius_sent CHAP-Challenge | cut -c3- | tr -dc 0-9a-f | wc -c)" "digits of CHAP-Challenge"
dial other --auth mschapv2
sent CHAP-Password
expect 100 "$(radius_sent MS-CHAP2-Response | cut -c3- | tr -dc 0-9a-f | wc -c)" "digits of MS-CHAP2-Response"
expect 3 "$(sed -n 's/^	Acct-Session-Id = //p' "$work/radius/main/requests" | sort -u | wc -l)" "sessions' ids"
stop

what=L2TP
write_l2tp_conf "l2tp-hostname lns.example" "radius nas-address 203.0.113.77"
radius_statement
start
l2tp l2tp --auth pap --host-name lac1.example --called 5550001 --calling 5550002
sent_always
sent NAS-Identifier "$(hostname)"
sent NAS-IP-Address 203.0.113.77
sent NAS-Port-Type Virtual
sent Calling-Station-Id 5550002
sent Called-Station-Id 5550001
sent Tunnel-Type L2TP
sent Tunnel-Medium-Type IPv4
sent Tunnel-Client-Endpoint $lac
sent Tunnel-Server-Endpoint $lns4
sent Tunnel-Client-Auth-Id lac1.example
sent Tunnel-Server-Auth-Id lns.example
at_least 1 "$(radius_sent Acct-Tunnel-Connection)" "serial number of the call"
radius_sent NAS-Port-Id | grep -qE "^l2tp $lac [0-9]+/[0-9]+$" || fail "NAS-Port-Id $(radius_sent NAS-Port-Id)"
sent ADSL-Agent-Circuit-Id
what="L2TP over IPv6"
lns=$lns6 l2tp six --auth pap
sent Tunnel-Medium-Type IPv6
sent Tunnel-Client-Endpoint $lac6
sent Calling-Station-Id $lac6
sent Called-Station-Id L2TP
stop

what=PPTP
write_pptp_conf "" "radius nas-address 2001:db8::77"
radius_statement
start
pptp pptp --auth pap --host-name pc --called 5550003
sent_always
sent NAS-IP-Address
sent NAS-IPv6-Address 2001:db8::77
sent NAS-Port-Type Virtual
sent Tunnel-Type PPTP
sent Tunnel-Medium-Type IPv4
sent Tunnel-Client-Endpoint $client
sent Tunnel-Server-Endpoint $pac
sent Tunnel-Client-Auth-Id pc
sent Calling-Station-Id $client
sent Called-Station-Id 5550003
stop
