#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Debian's pppd dials in by PPPoE and is authenticated by Debian's FreeRADIUS: MS-CHAPv2 and EAP, with keys for
# MPPE. Runs in the guest; each function scenario_* is one result.
#
# shellcheck disable=SC2317,SC2119 # functions are called by name, with words or without

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/../netns/l2tp.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/../netns/radius.sh"
# shellcheck source=tests/vm/scenarios.sh
. "$(dirname "$0")/scenarios.sh"
# shellcheck source=tests/vm/tunnels.sh
. "$(dirname "$0")/tunnels.sh"

certificates=$work/certificates

# authority NAME: a key and a certificate that signs others
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$certificates/$1.key" -out "$certificates/$1.pem" 2> /dev/null
}

# certificate NAME AUTHORITY serverAuth|clientAuth
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$certificates/$1.key" -out "$certificates/$1.request" 2> /dev/null
	openssl x509 -req -in "$certificates/$1.request" -CA "$certificates/$2.pem" -CAkey "$certificates/$2.key" \
		-days 2 -extfile <(echo "extendedKeyUsage = $3") -out "$certificates/$1.pem" 2> /dev/null
}

prepare() {
	l2tp_up
	modprobe -a pppoe ppp_mppe
	pppd_alone
	mkdir -p "$certificates"
	authority isp
	authority stranger
	certificate server isp serverAuth
	certificate theo isp clientAuth
	certificate eve stranger clientAuth
	radius_modules="
		eap {
			default_eap_type = md5
			timer_expire = 60
			md5 {
			}
			tls-config ours {
				private_key_file = $certificates/server.key
				certificate_file = $certificates/server.pem
				ca_file = $certificates/isp.pem
				tls_min_version = 1.2
				tls_max_version = 1.2
				fragment_size = 400
			}
			tls {
				tls = ours
			}
		}"
	radius_authorize=eap
	radius_authenticate=eap
	radius_user anna 'Cleartext-Password := "secret"'
	radius_user theo 'EAP-Type := TLS'
	radius_user eve 'EAP-Type := TLS'
	radius_up
	configure
	start
}

# configure [TUNNEL_OPTIONS]
configure() {
	bound=RADIUS
	write_conf "
		authentication-method eap mschapv2
		lcp-keepalive-interval 2
		lcp-keepalive-retry-interval 1
		mppe yes
		${1:-}"
	radius_statement
}

eap=(refuse-pap refuse-chap refuse-mschap refuse-mschap-v2)
# tls USER: what pppd shows, and whom it believes
tls() {
	local user=(user "$1" cert "$certificates/$1.pem" key "$certificates/$1.key" ca "$certificates/isp.pem")
	printf '%s\n' "${user[@]}"
}

scenario_mschapv2() {
	dial pppoe "${mppe_128[@]}"
	encrypted '128'
	! legible ping_text || fail "clear text on the access side"
	expect anna "$(radius_sent User-Name)" "the server was asked for"
	hang_up
}

scenario_eap_md5() {
	dial pppoe "${eap[@]}"
	logged 'EAP authentication succeeded'
	legible ping_text || fail "no clear text without keys: the test sees nothing"
	hang_up
}

scenario_eap_tls() {
	local before
	mapfile -t options < <(tls theo)
	before=$(radius_requests)
	dial pppoe "${eap[@]}" "${options[@]}" require-mppe-128 nomppe-stateful
	logged 'EAP authentication succeeded'
	at_least 5 $(($(radius_requests) - before)) "rounds with the server"
	encrypted '128'
	! legible ping_text || fail "clear text on the access side"
	hang_up
}

# refused OPTION...
refused() {
	local status=0
	call_pppoe "$@"
	wait_for 30 pppd_gone || client_fail "pppd goes on"
	wait "$pppd" || status=$?
	expect 19 "$status" "pppd's exit status (authentication failed)"
	wait_for 5 no_session || fail "the session goes on"
}

scenario_wrong_password() {
	refused "${mschapv2[@]}" password wrong
	refused "${eap[@]}" password wrong
	! grep -qw secret "$work/xpppd.log" || fail "the password is in the log"
}

scenario_wrong_certificate() {
	mapfile -t options < <(tls eve)
	refused "${eap[@]}" "${options[@]}"
}

run_scenarios "$@"
