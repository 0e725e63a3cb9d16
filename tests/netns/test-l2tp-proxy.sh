#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Proxy LCP and proxy authentication: taken, negotiated anew, refused.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
core_up
# proxied NAME OPTION...: traffic flows
proxied() {
	local name=$1
	shift
	l2tp "$name" --sessions 4 --tunnels 2 --max-loss 0 --up-pps 200 --down-pps 200 --duration 1 "$@"
	traffic_is_clean "$name"
	tunnels_are_clean "$name"
}
write_l2tp_conf "l2tp-accept-dialin yes
		l2tp-lcp-renegotiation yes"
start
proxied chap --proxy chap
# Taken over: the clients were not asked again.
expect 0 "$(report chap .latency_us.lcp.samples)" "clients that went through LCP"
proxied pap --proxy pap
# The LAC did not authenticate: the client is asked.
proxied lcp --proxy lcp
expect 4 "$(report lcp .latency_us.lcp.samples)" "clients that went through LCP"
in_sub "$dialer" l2tp --lns $lns --report "$work/wrong.json" --proxy chap --password wrong > "$work/wrong.log" 2>&1 &&
	fail "a wrong password was taken over"
wait_for 5 sessions_are 0 || fail "a session with a wrong password stays"
stop

write_l2tp_conf "l2tp-accept-dialin yes
		l2tp-lcp-renegotiation yes
		l2tp-force-lcp-renegotiation yes"
start
proxied forced --proxy chap
expect 4 "$(report forced .latency_us.lcp.samples)" "clients that went through LCP"
stop

# Not accepted: what the LAC says does not count.
write_l2tp_conf "l2tp-accept-dialin no"
start
proxied anew --proxy chap
expect 4 "$(report anew .latency_us.lcp.samples)" "clients that went through LCP"
stop
