#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# With `forward stack` all goes through the stack, where nftables sees plain IP.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf "forward stack"
start
core_up
nft -f - <<-'EOC'
	table ip seen {
		chain forward {
			type filter hook forward priority 0
			iifname pppac0 udp dport 5000 counter
			oifname pppac0 udp sport 5000 counter
		}
	}
EOC
# seen NTH: packets of the chain's NTH rule
seen() { nft -j list table ip seen | jq "[.nftables[].rule.expr? // empty | .[].counter? // empty | .packets][$1]"; }

dial stack --sessions 6 --vlan none,7,100.7 --max-loss 0 --up-pps 1000 --down-pps 1000 --duration 1
traffic_is_clean stack
at_least "$(sent stack up)" "$(seen 0)" "packets that nftables saw coming from pppac0"
at_least "$(sent stack down)" "$(seen 1)" "packets that nftables saw going to pppac0"
at_least "$(sent stack up)" "$(path up stack)" "stack path upstream"
at_least "$(sent stack down)" "$(path down stack)" "stack path downstream"
expect 0 "$(path up fast)" "fast path upstream"

# What a rule drops there does not arrive.
nft add rule ip seen forward iifname pppac0 udp dport 5000 drop
in_sub "$dialer" dial --interface s0 --report "$work/dropped.json" "${traffic[@]}" --up-pps 100 --duration 1 > /dev/null 2>&1 || true
at_least 1 "$(sent dropped up)" "packets sent"
expect 0 "$(report dropped .traffic.up.received)" "packets that the rule let through"
stop
