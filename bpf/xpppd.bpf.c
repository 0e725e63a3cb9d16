/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The data plane's programs; <xpppd/map.h> says which goes where. */
#include "mppe_call.h"

#include "input.h"

SEC("xdp")
int xpppd_xdp(struct xdp_md *ctx)
{
	return attached_input(packet_xdp(ctx));
}

SEC("xdp")
int xpppd_xdp_dp(struct xdp_md *ctx)
{
	return concentrator_input(packet_xdp(ctx));
}

SEC("tc")
int xpppd_tc(struct __sk_buff *skb)
{
	return attached_input(packet_tc(skb));
}

/* What is for the agent has passed its packet socket before it came here. */
SEC("tc")
int xpppd_tc_dp(struct __sk_buff *skb)
{
	int verdict = concentrator_input(packet_tc(skb));

	return verdict == TC_ACT_OK ? TC_ACT_SHOT : verdict;
}

SEC("tc")
int xpppd_tc_drop(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
