#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# With a PADI rate the rest is dropped and counted, and who asks slowly is served.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "pppoe-padi-rate 100"
sed -i '/pppoe-padi-rate 0/d' "$work/xpppd.conf"
start
core_up
in_sub "$dialer" flood padi --interface s0 --rate 5000 --count 10000 --report "$work/flood.json" > /dev/null 2>&1
at_most 600 "$(ctl -j show status | jq .discovery.pado)" "offers in two seconds"
at_least 50 "$(ctl -j show status | jq .discovery.pado)" "offers in two seconds"
at_least 9000 "$(drops discovery-rate-interface)" "PADI dropped"
sleep 1
dial slow --sessions 5 --rate 20
stop
