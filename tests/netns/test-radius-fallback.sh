#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# While no server answers, the local statement decides, at once as soon as that is known; when one is back, it
# is asked again. Without a fallback nobody comes in meanwhile, and another server is asked first.
#
# shellcheck disable=SC2119 # what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

second=198.51.100.3
network_up
ip -n core addr add $second/24 dev c0
bound=RADIUS
write_conf
cat >> "$work/xpppd.conf" <<-EOC
	authentication RADIUS type radius {
		fallback LOCAL
		authentication-server {
			address $core_address secret "$radius_secret"
			timeout 2
			max-tries 2
			max-failovers 0
			dead-time 3
		}
	}
	authentication TWO type radius {
		username-suffix "@two"
		authentication-server {
			address $core_address secret "$radius_secret"
			address $second secret "$radius_secret"
			timeout 1
			max-tries 1
			max-failovers 1
			dead-time 3
		}
	}
	authentication ALONE type radius {
		username-suffix "@alone"
		authentication-server {
			address $core_address secret "$radius_secret"
			timeout 1
			max-tries 1
			dead-time 3
		}
	}
	bind tunnel from PPPOE authenticated by TWO to pppac0
	bind tunnel from PPPOE authenticated by ALONE to pppac0
EOC
# Those that only one side knows tell who decided.
radius_user central 'Cleartext-Password := "secret"'
radius_user dora@two 'Cleartext-Password := "secret"'
radius_user dora@alone 'Cleartext-Password := "secret"'
radius=second radius_user dora@two 'Cleartext-Password := "secret"'
start
radius_up
radius_up second $second

# in_by METHOD USER PASSWORD, out_by METHOD USER PASSWORD
in_by() {
	dial in --auth "$1" --user "$2" --password "$3" --auth-timeout 10000
	expect 1 "$(established_by in)" "sessions of $2 by $1"
}
out_by() {
	in_sub "$dialer" dial --interface s0 --report "$work/out.json" --auth "$1" --user "$2" --password "$3" \
		--auth-timeout 10000 > "$work/out.log" 2>&1 && fail "$1: $2 comes in"
	expect 0 "$(established_by out)" "sessions of $2 by $1"
}
is_in() { in_sub "$dialer" dial --interface s0 --report "$work/is.json" --auth pap --user "$1" --password "$2"; }

in_by pap central secret
out_by pap anna secret
in_by pap dora@two secret
in_by pap dora@alone secret
expect 1 "$(grep -c 'User-Name = "dora@two"' "$work/radius/main/requests")" "requests to the first server"
[ ! -s "$work/radius/second/requests" ] || fail "the second server was asked before the first was dead"

radius_down
in_by pap anna secret
grep -q "authentication RADIUS: no server answers, LOCAL decides" "$work/xpppd.log" || fail "the fallback is not logged"
# It is known to be dead now.
for method in pap chap mschapv2; do
	before=$(date +%s%3N)
	in_by $method anna secret
	at_most 1500 $(($(date +%s%3N) - before)) "milliseconds of a login by the fallback"
	out_by $method anna wrong
	out_by $method central secret
done
in_by pap dora@two secret
at_least 1 "$(grep -c 'User-Name = "dora@two"' "$work/radius/second/requests")" "requests to the second server"
out_by pap dora@alone secret

radius_up
wait_for 15 is_in central secret || fail "the server is back, and is not asked"
grep -q "authentication RADIUS: a server answers again" "$work/xpppd.log" || fail "its return is not logged"
out_by pap anna secret
in_by pap dora@alone secret
stop
