/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "metrics/accounting_page.h"

#include <stddef.h>

#include "aaa/accounting.h"
#include "metrics/exposition.h"

#define COUNTER "counter"
#define GAUGE "gauge"

static void put_told(struct exposition *e, const struct acct_totals *t)
{
	exposition_family(e, "xpppd_accounting_told_total", COUNTER,
			  "Messages that accounting servers have acknowledged.");
	exposition_u64(e, t->starts, "message", "start", NULL);
	exposition_u64(e, t->interims, "message", "interim", NULL);
	exposition_u64(e, t->stops, "message", "stop", NULL);
	exposition_u64(e, t->others, "message", "other", NULL);
}

static void put_given_up(struct exposition *e, const struct acct_totals *t)
{
	exposition_family(
		e, "xpppd_accounting_given_up_total", COUNTER,
		"What accounting servers will not be told: session: its updates, there was no room "
		"for a record; interim: a newer one or the Stop took its place; ignored: a living "
		"server did not answer it; stop: lost.");
	exposition_u64(e, t->refused, "what", "session", NULL);
	exposition_u64(e, t->dropped, "what", "interim", NULL);
	exposition_u64(e, t->ignored, "what", "ignored", NULL);
	exposition_u64(e, t->lost, "what", "stop", NULL);
}

static void put_single(struct exposition *e, const char *name, const char *type, const char *help,
		       uint64_t value)
{
	exposition_family(e, name, type, help);
	exposition_u64(e, value, NULL);
}

void accounting_page(struct exposition *e, const struct accounting *accounting)
{
	struct acct_totals t;

	accounting_totals(accounting, &t);
	put_told(e, &t);
	put_given_up(e, &t);
	put_single(e, "xpppd_accounting_recovered_total", COUNTER,
		   "Sessions of a run that died, which got their Stop from this one.", t.recovered);
	put_single(e, "xpppd_accounting_sessions", GAUGE, "Sessions that are accounted.",
		   t.sessions);
	put_single(e, "xpppd_accounting_waiting", GAUGE,
		   "Records with something that servers have not been told yet.", t.waiting);
	put_single(e, "xpppd_accounting_waiting_seconds", GAUGE, "How long the oldest has waited.",
		   (uint64_t)t.oldest_s);
	put_single(e, "xpppd_accounting_records", GAUGE, "Records that are kept.", t.records);
	put_single(e, "xpppd_accounting_bytes", GAUGE, "Room that they take.", t.bytes);
	put_single(e, "xpppd_accounting_bytes_max", GAUGE, "Room that they may take.", t.bytes_max);
	put_single(e, "xpppd_accounting_spool_ok", GAUGE,
		   "1: what was not told outlives the agent.", t.file && !t.failing);
	put_single(e, "xpppd_accounting_commits_total", COUNTER, "Times the file was written.",
		   t.commits);
}
