#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Accounting of L2TP: which tunnel and call a session came by, and tunnels and links themselves where that is asked for.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"
# shellcheck source=tests/netns/radius.sh
. "$(dirname "$0")/radius.sh"

l2tp_up
bound=RADIUS
radius_accounts=yes
write_l2tp_conf
radius_statement 'tunnel-accounting yes'
radius_up
start
core_up

l2tp calls --sessions 6 --tunnels 2 --auth chap --max-loss 0 --up-pps 300 --down-pps 300 --duration 2
wait_for 10 acct_stops 6 || fail "Stops: $(acct_records Stop)"
traffic_is_clean calls
told() { [ "$(acct_records "$1")" = "$2" ]; }
wait_for 5 told Tunnel-Stop 2 || fail "Tunnel-Stop: $(acct_records Tunnel-Stop)"
expect 2 "$(acct_records Tunnel-Start)" "Tunnel-Start"
expect 6 "$(acct_records Tunnel-Link-Start)" "Tunnel-Link-Start"
expect 6 "$(acct_records Tunnel-Link-Stop)" "Tunnel-Link-Stop"
expect 6 "$(acct_records Start)" "Starts"
for type in Start Stop Tunnel-Link-Start Tunnel-Stop; do
	expect L2TP "$(acct_last $type Tunnel-Type)" "$type: Tunnel-Type"
	expect $lac "$(acct_last $type Tunnel-Client-Endpoint)" "$type: where it comes from"
	expect $lns4 "$(acct_last $type Tunnel-Server-Endpoint)" "$type: where it goes to"
done
at_least 1 "$(acct_last Tunnel-Link-Stop Acct-Tunnel-Connection)" "Acct-Tunnel-Connection"
expect 0 "$(acct_last Tunnel-Link-Stop Acct-Tunnel-Packets-Lost)" "packets lost"
expect "$(forwarded up 1)" "$(acct_sum Acct-Input-Packets)" "packets from subscribers"
expect "$(forwarded down 2)" "$(acct_sum Acct-Output-Octets)" "bytes to subscribers"
stop
