/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Each family is a walk over the servers. The label `id` keeps series apart when a server is asked
 * with two sets of options, as it is for a while after a reload.
 */
#include "metrics/radius_page.h"

#include <stdio.h>

#include "aaa/radius.h"
#include "metrics/exposition.h"

#define COUNTER "counter"
#define GAUGE "gauge"

/* The labels that all series have. */
struct names {
	char server[RADIUS_ADDR_TEXT];
	char id[12];
	const char *kind;
};

static struct names names_of(const struct radius_server_info *info)
{
	struct names n = { .kind = radius_kind_name(info->kind) };

	radius_addr_text(info->addr, n.server);
	snprintf(n.id, sizeof(n.id), "%u", info->number);
	return n;
}

#define NAMES(n) "server", (n).server, "kind", (n).kind, "id", (n).id

static void put_state(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	exposition_u64(arg, info->state == RADIUS_ALIVE, NAMES(n), NULL);
}

static void put_requests(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	exposition_u64(arg, info->counters->requests, NAMES(n), NULL);
}

static void put_replies(void *arg, const struct radius_server_info *info)
{
	const struct radius_counters *c = info->counters;
	struct names n = names_of(info);

	if (info->kind == RADIUS_ACCOUNTING) {
		exposition_u64(arg, c->responses, NAMES(n), "code", "response", NULL);
		return;
	}
	exposition_u64(arg, c->accepts, NAMES(n), "code", "accept", NULL);
	exposition_u64(arg, c->rejects, NAMES(n), "code", "reject", NULL);
	exposition_u64(arg, c->challenges, NAMES(n), "code", "challenge", NULL);
}

static void put_troubles(void *arg, const struct radius_server_info *info)
{
	const struct radius_counters *c = info->counters;
	struct names n = names_of(info);

	exposition_u64(arg, c->timeouts, NAMES(n), "event", "timeout", NULL);
	exposition_u64(arg, c->retransmits, NAMES(n), "event", "retransmit", NULL);
	exposition_u64(arg, c->failovers, NAMES(n), "event", "failover", NULL);
	exposition_u64(arg, c->refused, NAMES(n), "event", "refused", NULL);
	exposition_u64(arg, c->unreachable, NAMES(n), "event", "unreachable", NULL);
	exposition_u64(arg, c->deaths, NAMES(n), "event", "death", NULL);
}

static void put_bad(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	for (int i = RADIUS_GOOD + 1; i < RADIUS_BADS; i++)
		exposition_u64(arg, info->counters->bad[i], NAMES(n), "reason",
			       radius_bad_name((enum radius_bad)i), NULL);
}

static void put_outstanding(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	exposition_u64(arg, info->outstanding, NAMES(n), NULL);
}

static void put_window(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	exposition_u64(arg, info->window, NAMES(n), NULL);
}

static void put_waiting(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	exposition_u64(arg, info->waiting, NAMES(n), NULL);
}

static void put_oldest(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);

	exposition_micro(arg, (uint64_t)info->waiting_ms * 1000, NAMES(n), NULL);
}

static void put_round_trips(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);
	const char *const labels[] = { NAMES(n), NULL };

	exposition_histogram_of(arg, info->round_trips, labels);
}

static void put_waits(void *arg, const struct radius_server_info *info)
{
	struct names n = names_of(info);
	const char *const labels[] = { NAMES(n), NULL };

	exposition_histogram_of(arg, info->waits, labels);
}

static const struct {
	const char *name, *type, *help;
	radius_info_fn put;
} families[] = {
	{ "xpppd_radius_up", GAUGE, "1: the RADIUS server is alive.", put_state },
	{ "xpppd_radius_requests_total", COUNTER, "Requests to a RADIUS server, each once.",
	  put_requests },
	{ "xpppd_radius_replies_total", COUNTER, "Answers that were believed, by code.",
	  put_replies },
	{ "xpppd_radius_events_total", COUNTER,
	  "What went wrong: tries without an answer, packets sent again, requests that another server "
	  "got, that found the queue full; unreachable: errors of the network; death: times dead.",
	  put_troubles },
	{ "xpppd_radius_bad_replies_total", COUNTER, "Packets that were ignored, by reason.",
	  put_bad },
	{ "xpppd_radius_outstanding", GAUGE, "Requests that were sent and not answered.",
	  put_outstanding },
	{ "xpppd_radius_window", GAUGE, "So many requests may be outstanding.", put_window },
	{ "xpppd_radius_waiting", GAUGE, "Requests in the queue.", put_waiting },
	{ "xpppd_radius_waiting_seconds", GAUGE, "How long the oldest of them has waited.",
	  put_oldest },
	{ "xpppd_radius_round_trip_seconds", "histogram", "From a request to its answer.",
	  put_round_trips },
	{ "xpppd_radius_wait_seconds", "histogram", "How long requests waited in the queue.",
	  put_waits },
};

void radius_page(struct exposition *e, const struct radius *radius)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		exposition_family(e, families[i].name, families[i].type, families[i].help);
		radius_info(radius, families[i].put, e);
	}
}
