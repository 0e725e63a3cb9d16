#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Dynamic authorization (RFC 5176) by Debian's radclient: who may ask, which session is meant, what
# is changed, and what is answered.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/dae.sh
. "$(dirname "$0")/dae.sh"
# shellcheck source=tests/netns/metrics.sh
. "$(dirname "$0")/metrics.sh"

network_up
sysctl -qw net.ipv6.conf.all.disable_ipv6=0
in_core sysctl -qw net.ipv6.conf.all.disable_ipv6=0
ip addr add 2001:db8::1/64 dev core0 nodad
ip -n core addr add 2001:db8::2/64 dev c0 nodad
nft add table inet xpppd
nft add set inet xpppd gold '{ type ipv4_addr; }'
write_conf "" "$dae_conf
$metrics_conf
radius dae listen on 2001:db8::1 port 3800
radius dae client 2001:db8::2 secret six"
start
core_up
hold many 12
hold wave 2 --vlan 100.7 --first 20 --mac-base 02:bb:00:00:00:01

# changed WHAT ATTRIBUTE...: a change for u0 that is made
changed() {
	local what=$1
	shift
	expect ACK "$(dae coa User-Name=u0 "$@")" "$what"
}
# refused CAUSE CODE ATTRIBUTE...
refused() {
	local cause=$1
	shift
	expect "NAK $cause" "$(dae "$@")" "$*"
}
# ended LEFT WHAT: an answer of ACK, and so many are left
ended() {
	expect ACK "$3" "$2"
	expect "$1" "$(established)" "$2: established sessions at once"
	wait_for 8 sessions_are "$1" || fail "$2: $(ctl -j show status | jq .sessions) sessions left"
}

# ---- changes

changed Session-Timeout Session-Timeout=3600
expect 3600 "$(of u0 session-timeout)" Session-Timeout
changed Idle-Timeout Idle-Timeout=600
expect 600 "$(of u0 idle-timeout)" Idle-Timeout
expect 3600 "$(of u0 session-timeout)" "Session-Timeout beside Idle-Timeout"
changed Acct-Interim-Interval Acct-Interim-Interval=300
changed Port-Limit Port-Limit=3
expect 3 "$(of u0 port-limit)" Port-Limit
changed Class Class=0x0102 Class=0x03
expect 2 "$(of u0 classes)" Class
changed WISPr-Bandwidth-Max-Up WISPr-Bandwidth-Max-Up=2000000 WISPr-Bandwidth-Max-Down=8000000
expect "2000000 8000000" "$(of u0 rate-up) $(of u0 rate-down)" "WISPr's rates"
changed Mikrotik-Rate-Limit 'Mikrotik-Rate-Limit="1M/4M"'
expect "1000000 4000000" "$(of u0 rate-up) $(of u0 rate-down)" "Mikrotik's rates"
changed Filter-Id 'Filter-Id="gold"'
nft list set inet xpppd gold | grep -F "$(of u0 address)" > /dev/null || fail "Filter-Id: not in the set"
changed Framed-Route 'Framed-Route="10.77.0.0/16 0.0.0.0 1"'
ip route get 10.77.1.2 | grep -q pppac0 || fail "Framed-Route: no route"
changed "another Framed-Route" 'Framed-Route="10.78.0.0/16"'
ip route get 10.78.1.2 | grep -q pppac0 || fail "Framed-Route: not the other route"
ip route get 10.77.1.2 2> /dev/null | grep -q pppac0 && fail "Framed-Route: still the first route"
expect "" "$(of u1 session-timeout)$(of u1 rate-up)$(of u1 port-limit)" "u1 was changed as well"

refused Unsupported-Attribute coa User-Name=u0 Framed-MTU=1400
refused Unsupported-Attribute coa User-Name=u0 Session-Timeout=60 Framed-IPv6-Prefix=2001:db8:1::/64
refused Invalid-Attribute-Value coa User-Name=u0 'Filter-Id="unheard-of"'
refused Invalid-Attribute-Value coa User-Name=u0 'Framed-Route="nowhere"'
refused Unsupported-Service coa User-Name=u0 Service-Type=Framed-User
refused Unsupported-Service coa User-Name=u0 Service-Type=Authorize-Only State=0x01
refused Missing-Attribute coa Session-Timeout=60
refused Missing-Attribute coa User-Name=u0
expect 3600 "$(of u0 session-timeout)" "Session-Timeout after refusals"
refused Session-Context-Not-Found coa User-Name=nobody Session-Timeout=60
refused Multiple-Session-Selection-Unsupported coa NAS-Port-Id=access0 Session-Timeout=60

# The timeout that is set comes.
expect ACK "$(dae coa User-Name=u11 Session-Timeout=1)" "a short Session-Timeout"
wait_for 8 sessions_are 13 || fail "Session-Timeout did not end the session"
expect "" "$(of u11 ppp-id)" "u11"

# ---- which session

ended 12 Acct-Session-Id "$(dae disconnect "Acct-Session-Id=$(of u1 session-id)")"
ended 11 Framed-IP-Address "$(dae disconnect "Framed-IP-Address=$(of u2 address)")"
ended 10 NAS-Port "$(dae disconnect "NAS-Port=$(of u3 slot)")"
ended 9 Calling-Station-Id "$(dae disconnect "Calling-Station-Id=$(of u4 peer)")"
ended 8 User-Name "$(dae disconnect User-Name=u5)"
ended 7 "all of them" "$(dae disconnect User-Name=u6 "Acct-Session-Id=$(of u6 session-id)" \
	"Framed-IP-Address=$(of u6 address)" "NAS-Port=$(of u6 slot)" NAS-Port-Id=access0 \
	"Calling-Station-Id=$(of u6 peer)" 'NAS-Identifier="the nas"' NAS-IP-Address=198.51.100.1)"
ended 5 NAS-Port-Id "$(dae disconnect NAS-Port-Id=access0.100.7)"
refused Session-Context-Not-Found disconnect User-Name=u7 "Acct-Session-Id=$(of u8 session-id)"
refused Session-Context-Not-Found disconnect User-Name=u7 NAS-Port-Id=access0.100.7
refused Session-Context-Not-Found disconnect Acct-Session-Id=0000000000000009
refused NAS-Identification-Mismatch disconnect User-Name=u7 NAS-Identifier=another
refused NAS-Identification-Mismatch disconnect User-Name=u7 NAS-IP-Address=192.0.2.200
refused Unsupported-Attribute disconnect User-Name=u7 Session-Timeout=60
refused Missing-Attribute disconnect NAS-Identifier='"the nas"'

# ---- who may ask

dae_patience=1
expect none "$(dae_secret=guessed dae disconnect User-Name=u7)" "a wrong secret"
expect none "$(dae_unsigned=1 dae disconnect User-Name=u7)" "no Message-Authenticator"
expect none "$(dae disconnect User-Name=u7 Event-Timestamp=$(($(date +%s) - 400)))" "yesterday's request"
expect none "$(dae disconnect User-Name=u7 Event-Timestamp=$(($(date +%s) + 400)))" "tomorrow's request"
ip -n core addr add 198.51.100.3/24 dev c0
ip -n core route add 198.51.100.1/32 dev c0 src 198.51.100.3
expect none "$(dae disconnect User-Name=u7)" "a stranger"
ip -n core route del 198.51.100.1/32 dev c0
at_least 1 "$(drops dae-client)" "drops of strangers"
at_least 2 "$(drops dae-authenticator)" "drops without proof"
at_least 2 "$(drops dae-timestamp)" "drops of another day"
expect 5 "$(established)" "sessions after all that"
dae_patience=3
ended 4 "a request of today" "$(dae disconnect User-Name=u7 "Event-Timestamp=$(date +%s)")"
refused Session-Context-Not-Found disconnect User-Name=u7
dae_server="[2001:db8::1]:3800"
ended 3 "by IPv6" "$(dae_secret=six dae disconnect User-Name=u8)"

# ---- what comes again

changes() { grep -c 'authorization changed' "$work/xpppd.log" || true; }
before=$(changes)
in_core "$top/tests/netns/dae_twice.py" 198.51.100.1 3799 "$dae_secret" u9 > "$work/twice" ||
	fail "the replies to a request that came twice: $(cat "$work/twice")"
expect 1 $(($(changes) - before)) "changes by a request that came three times"

# ---- what is told of it

# told FIELD: of the client
told() {
	ctl -j show radius | jq -s --arg client "$core_address" \
		"map(.. | objects | select(.type == \"dae\" and .client == \$client)) | first | $1"
}
expect 2 "$(told .duplicates)" "requests that came again"
expect 12 "$(told '."coa-acks"')" "changes"
expect 10 "$(told '."coa-naks"')" "changes that were refused"
expect "$(told '."disconnect-requests"')" "$(told '."disconnect-acks" + ."disconnect-naks"')" "answers"
expect 2 "$(told '."error-causes"."nas-identification-mismatch"')" "requests for another NAS"
expect 1 "$(told '.ignored."bad-authenticator"')" "requests with a wrong secret"
expect 1 "$(told '.ignored."no-message-authenticator"')" "unsigned requests"
expect 2 "$(told '.ignored."stale-event-timestamp"')" "requests of another day"
ctl show radius | grep -q "Client = $core_address" || fail "show radius in text"
scrape dae
expect "$(told '."coa-acks"')" "$(metric dae xpppd_dae_replies_total "client=$core_address" kind=coa code=ack)" "metrics: changes"
expect 2 "$(metric dae xpppd_dae_duplicates_total "client=$core_address")" "metrics: duplicates"
at_least 1 "$(metric dae xpppd_dae_strangers_total)" "metrics: strangers"

# ---- a reload

sed -i "s/^radius dae client 2001.*/radius dae require-message-authenticator no/" "$work/xpppd.conf"
ctl reload > /dev/null || fail reload
expect none "$(dae_patience=1 dae_secret=six dae disconnect User-Name=u9)" "a client of yesterday"
dae_server=198.51.100.1:3799
ended 2 "without Message-Authenticator" "$(dae_unsigned=1 dae disconnect User-Name=u9)"
expect 2 "$(established)" "sessions in the end"
let_go many 2> /dev/null || true
let_go wave 2> /dev/null || true
at_least 10 "$(grep -c 'ended: admin reset' "$work/xpppd.log")" "sessions ended by Disconnect-Request"
stop
