/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "metrics/dae_page.h"

#include <stddef.h>

#include "aaa/dae.h"
#include "metrics/exposition.h"

static void put_requests(void *arg, const struct dae_client_info *info)
{
	for (int i = 0; i < DAE_KINDS; i++)
		exposition_u64(arg, info->counters->requests[i], "client", info->client, "kind",
			       dae_kind_name((enum dae_kind)i), NULL);
}

static void put_replies(void *arg, const struct dae_client_info *info)
{
	for (int i = 0; i < DAE_KINDS; i++) {
		const char *kind = dae_kind_name((enum dae_kind)i);

		exposition_u64(arg, info->counters->acks[i], "client", info->client, "kind", kind,
			       "code", "ack", NULL);
		exposition_u64(arg, info->counters->naks[i], "client", info->client, "kind", kind,
			       "code", "nak", NULL);
	}
}

static void put_errors(void *arg, const struct dae_client_info *info)
{
	for (int i = DAE_DONE + 1; i < DAE_ERROR_MAX; i++)
		exposition_u64(arg, info->counters->errors[i], "client", info->client, "cause",
			       dae_error_name((enum dae_error)i), NULL);
}

static void put_duplicates(void *arg, const struct dae_client_info *info)
{
	exposition_u64(arg, info->counters->duplicates, "client", info->client, NULL);
}

static void put_drops(void *arg, const struct dae_client_info *info)
{
	for (int i = 0; i < DAE_DROP_MAX; i++)
		exposition_u64(arg, info->counters->drops[i], "client", info->client, "reason",
			       dae_drop_name((enum dae_drop)i), NULL);
}

static void put_cached(void *arg, const struct dae_client_info *info)
{
	exposition_u64(arg, info->cached, "client", info->client, NULL);
}

void dae_page(struct exposition *e, const struct dae *dae)
{
	exposition_family(e, "xpppd_dae_requests_total", "counter",
			  "Disconnect- and CoA-Requests, those that came again not among them.");
	dae_info(dae, put_requests, e);
	exposition_family(e, "xpppd_dae_replies_total", "counter", "What they were answered.");
	dae_info(dae, put_replies, e);
	exposition_family(e, "xpppd_dae_error_causes_total", "counter",
			  "Error-Cause of these replies.");
	dae_info(dae, put_errors, e);
	exposition_family(e, "xpppd_dae_duplicates_total", "counter",
			  "Requests that came again and got the same reply.");
	dae_info(dae, put_duplicates, e);
	exposition_family(e, "xpppd_dae_ignored_total", "counter",
			  "Datagrams of clients that got no answer, by reason.");
	dae_info(dae, put_drops, e);
	exposition_family(e, "xpppd_dae_strangers_total", "counter",
			  "Datagrams of nobody who is a client.");
	exposition_u64(e, dae_strangers(dae), NULL);
	exposition_family(e, "xpppd_dae_replies_kept", "gauge",
			  "Replies that are kept for requests that come again.");
	dae_info(dae, put_cached, e);
}
