/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/counters.h"

#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pptp/pptp.h"

const struct counter counters_pppoe[] = {
	{ "padi", offsetof(struct pppoe_counters, padi) },
	{ "pado", offsetof(struct pppoe_counters, pado) },
	{ "pado-delayed", offsetof(struct pppoe_counters, pado_delayed) },
	{ "padr", offsetof(struct pppoe_counters, padr) },
	{ "padr-duplicate", offsetof(struct pppoe_counters, duplicate_padr) },
	{ "pads", offsetof(struct pppoe_counters, pads) },
	{ "pads-error", offsetof(struct pppoe_counters, pads_error) },
	{ "padt-in", offsetof(struct pppoe_counters, padt_in) },
	{ "padt-out", offsetof(struct pppoe_counters, padt_out) },
	{ 0 },
};

const struct counter counters_l2tp[] = {
	{ "sccrq", offsetof(struct l2tp_counters, sccrq) },
	{ "sccrp", offsetof(struct l2tp_counters, sccrp) },
	{ "stopccn-in", offsetof(struct l2tp_counters, stopccn_in) },
	{ "stopccn-out", offsetof(struct l2tp_counters, stopccn_out) },
	{ "icrq", offsetof(struct l2tp_counters, icrq) },
	{ "cdn-in", offsetof(struct l2tp_counters, cdn_in) },
	{ "cdn-out", offsetof(struct l2tp_counters, cdn_out) },
	{ "hello-timeout", offsetof(struct l2tp_counters, hello_timeout) },
	{ "retransmits", offsetof(struct l2tp_counters, retransmits) },
	{ "duplicates", offsetof(struct l2tp_counters, duplicates) },
	{ 0 },
};

const struct counter counters_pptp[] = {
	{ "accepted", offsetof(struct pptp_counters, accepted) },
	{ "sccrq", offsetof(struct pptp_counters, sccrq) },
	{ "sccrp", offsetof(struct pptp_counters, sccrp) },
	{ "stop-in", offsetof(struct pptp_counters, stop_in) },
	{ "stop-out", offsetof(struct pptp_counters, stop_out) },
	{ "echo-in", offsetof(struct pptp_counters, echo_in) },
	{ "echo-out", offsetof(struct pptp_counters, echo_out) },
	{ "echo-timeout", offsetof(struct pptp_counters, echo_timeout) },
	{ "ocrq", offsetof(struct pptp_counters, ocrq) },
	{ "call-clear", offsetof(struct pptp_counters, clear) },
	{ "disconnect-in", offsetof(struct pptp_counters, disconnect_in) },
	{ "disconnect-out", offsetof(struct pptp_counters, disconnect_out) },
	{ "link-info", offsetof(struct pptp_counters, link_info) },
	{ "ack-only", offsetof(struct pptp_counters, ack_only) },
	{ 0 },
};

uint64_t counter_value(const struct counter *counter, const void *counters)
{
	return *(const uint64_t *)((const char *)counters + counter->offset);
}
