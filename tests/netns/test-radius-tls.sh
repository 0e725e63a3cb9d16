#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# RadSec: FreeRADIUS is asked over TLS, both show certificates, and who cannot show the right one is not
# believed. A connection that breaks is replaced, and what was asked on it is asked again.
#
# shellcheck disable=SC2034,SC2119 # other files use it; what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"
# shellcheck source=tests/netns/fake_radius.sh
. "$(dirname "$0")/fake_radius.sh"

pki=$work/pki
rm -rf "$pki"
mkdir -p "$pki"

# authority NAME
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=authority $1" \
		-keyout "$pki/$1.key" -out "$pki/$1.pem" 2> "$pki/log"
}
# certificate NAME AUTHORITY EXTENSIONS
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$pki/$1.key" -out "$pki/$1.csr" 2> "$pki/log"
	openssl x509 -req -in "$pki/$1.csr" -CA "$pki/$2.pem" -CAkey "$pki/$2.key" -CAcreateserial -days 2 \
		-extfile <(echo "$3") -out "$pki/$1.pem" 2> "$pki/log"
}
authority ours
authority theirs
certificate server ours "subjectAltName=IP:$core_address,DNS:radius.example"
certificate nas ours "extendedKeyUsage=clientAuth"
certificate stranger theirs "extendedKeyUsage=clientAuth"
chmod 644 "$pki"/*

radius_listen="listen {
	type = auth+acct
	ipaddr = $core_address
	port = 2083
	proto = tcp
	clients = radsec
	limit {
		max_connections = 16
		lifetime = 0
		idle_timeout = 5
	}
	tls {
		private_key_file = $pki/server.key
		certificate_file = $pki/server.pem
		ca_file = $pki/ours.pem
		cipher_list = DEFAULT
		tls_min_version = 1.2
		tls_max_version = 1.3
		require_client_cert = yes
		fragment_size = 8192
	}
}"
radius_global="clients radsec {
	client any {
		ipaddr = *
		proto = tls
		secret = radsec
	}
}"

# tls_statement NAME SUFFIX OPTION...
tls_statement() {
	{
		echo "authentication $1 type radius {"
		echo "	username-suffix \"$2\""
		echo "	strip-atmark-realm yes"
		echo "	authentication-server {"
		echo "		address $core_address"
		echo "		transport tls"
		echo "		timeout 3"
		printf '\t\t%s\n' "${@:3}"
		printf '\t}\n}\n'
		[ -z "$2" ] || echo "bind tunnel from PPPOE authenticated by $1 to pppac0"
	} >> "$work/xpppd.conf"
}
network_up
bound=TLS
write_conf
ours="ca-file \"$pki/ours.pem\""
nas="certificate \"$pki/nas.pem\""
key="private-key \"$pki/nas.key\""
tls_statement TLS "" "$ours" "$nas" "$key" "server-name radius.example"
tls_statement ADDRESS "@address" "$ours" "$nas" "$key"
tls_statement MISNAMED "@misnamed" "$ours" "$nas" "$key" "server-name other.example"
tls_statement UNTRUSTED "@untrusted" "ca-file \"$pki/theirs.pem\"" "$nas" "$key"
tls_statement STRANGER "@stranger" "$ours" "certificate \"$pki/stranger.pem\"" "private-key \"$pki/stranger.key\""
tls_statement NOBODY "@nobody" "$ours"
radius_up
start

# of_tls FILTER: what the server of the statement TLS says, by jq
of_tls() { ctl -j show radius | jq -rs "[.. | objects | select(.type? == \"radius\")] | first | $1"; }

for method in pap chap mschapv2; do
	dial $method --auth $method --sessions 20 --hold 0
	expect 20 "$(established_by $method)" "sessions by $method"
done
expect tls "$(of_tls .transport)" "transport"
expect 60 "$(of_tls .accepts)" "logins over TLS"
expect 1 "$(of_tls .sockets)" "connections"
expect 0 "$(of_tls .retransmits)" "requests sent again over TLS"
dial address --auth pap --user u%d@address --hold 0
expect 1 "$(established_by address)" "logins at a server that is named by its address"

# refused NAME LOG: nobody logs in by this statement
refused() {
	local asked
	asked=$(radius_requests)
	in_sub "$dialer" dial --interface s0 --report "$work/$1.json" --auth pap --user "u%d@$1" --hold 0 \
		> "$work/$1.log" 2>&1 && fail "a login at $1"
	expect "$asked" "$(radius_requests)" "requests of $1 that the server has seen"
	grep -q "RADIUS server .* dead: .*$2" "$work/xpppd.log" || fail "$1: not logged: $2"
	wait_for 15 sessions_are 0 || fail "the session of $1 stays"
}
refused misnamed "[Hh]ostname mismatch"
refused untrusted "certificate"
refused stranger "\(eof\|alert\)"
refused nobody "\(eof\|alert\)"

# ---- the server closes idle connections; nobody is dead for that

connections() { in_core ss -Htn state established "sport = :2083" | wc -l; }
no_connection() { [ "$(connections)" = 0 ]; }
wait_for 30 no_connection || fail "the server keeps idle connections"
dial again --auth pap --sessions 10 --hold 0
expect 10 "$(established_by again)" "sessions after the connection was closed"
expect 0 "$(of_tls .deaths)" "deaths of the server"

# ---- the server dies under logins, and comes back

nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --report "$work/many.json" --auth chap --sessions 300 --rate 100 \
	--hold forever --redials 5 > "$work/many.log" 2>&1 &
echo $! > "$work/many.pid"
pause
radius_down
sleep 2
radius_up
wait_for 60 established_is 300 || fail "logins over TLS when the server was away: $(established)"
hang_up many
! grep -qF "BEGIN" "$work/xpppd.log" || fail "a key is in the log"
stop
