/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "metrics/series.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/exposition.h"
#include "session.h"

#define STEP 64 /* sessions */

struct session_labels {
	char id[12];
	const char *username;
};

static void put_info(struct exposition *e, const struct session_record *s,
		     const struct session_labels *l)
{
	char address[INET_ADDRSTRLEN];

	exposition_u64(e, 1, "ppp_id", l->id, "username", l->username, "address",
		       inet_ntop(AF_INET, &s->address, address, sizeof(address)), "realm", s->realm,
		       "protocol", s->protocol, "tunnel", s->tunnel, "interface", s->concentrator,
		       "peer", s->peer, "device", s->device, "state", s->phase, NULL);
}

static void put_bytes(struct exposition *e, const struct session_record *s,
		      const struct session_labels *l)
{
	exposition_u64(e, s->counters.up_bytes, "ppp_id", l->id, "username", l->username,
		       "direction", "up", NULL);
	exposition_u64(e, s->counters.down_bytes, "ppp_id", l->id, "username", l->username,
		       "direction", "down", NULL);
}

static void put_packets(struct exposition *e, const struct session_record *s,
			const struct session_labels *l)
{
	exposition_u64(e, s->counters.up_packets, "ppp_id", l->id, "username", l->username,
		       "direction", "up", NULL);
	exposition_u64(e, s->counters.down_packets, "ppp_id", l->id, "username", l->username,
		       "direction", "down", NULL);
}

static void put_drops(struct exposition *e, const struct session_record *s,
		      const struct session_labels *l)
{
	exposition_u64(e, s->counters.drops, "ppp_id", l->id, "username", l->username, NULL);
}

static void put_start(struct exposition *e, const struct session_record *s,
		      const struct session_labels *l)
{
	exposition_u64(e, (uint64_t)s->started, "ppp_id", l->id, "username", l->username, NULL);
}

static const struct {
	const char *name, *type, *help;
	void (*put)(struct exposition *e, const struct session_record *s,
		    const struct session_labels *l);
} families[] = {
	{ "xpppd_session_info", "gauge", "A session; always 1.", put_info },
	{ "xpppd_session_start_time_seconds", "gauge", "When the session began, Unix time.",
	  put_start },
	{ "xpppd_session_bytes_total", "counter", "Bytes of the session's IP packets.", put_bytes },
	{ "xpppd_session_packets_total", "counter", "The session's IP packets.", put_packets },
	{ "xpppd_session_drops_total", "counter", "Packets of the session that were dropped.",
	  put_drops },
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

struct series {
	struct sessions *sessions;
	struct session_cursor cursor;
	size_t family;
	struct exposition text; /* written, from `sent` on not yet read */
	size_t sent;
};

struct series *series_new(struct sessions *sessions)
{
	struct series *series = calloc(1, sizeof(*series));

	if (series)
		series->sessions = sessions;
	return series;
}

void series_free(struct series *series)
{
	if (!series)
		return;
	exposition_free(&series->text);
	free(series);
}

static void put_session(struct series *series, const struct session *session)
{
	struct session_labels labels;
	struct session_record record;

	session_describe(session, &record);
	snprintf(labels.id, sizeof(labels.id), "%" PRIu32, record.ppp_id);
	labels.username = record.username;
	families[series->family].put(&series->text, &record, &labels);
}

/* Some sessions more; the text is empty after the last family's last. */
static void step(struct series *series)
{
	struct session *session;

	exposition_clear(&series->text);
	series->sent = 0;
	if (series->family == FAMILIES)
		return;
	if (series->cursor.after == 0)
		exposition_family(&series->text, families[series->family].name,
				  families[series->family].type, families[series->family].help);
	series->text.family = families[series->family].name;
	for (int i = 0; i < STEP; i++) {
		session = session_next(series->sessions, &series->cursor);
		if (!session) {
			series->cursor = (struct session_cursor){ 0 };
			series->family++;
			return;
		}
		put_session(series, session);
	}
}

ssize_t series_read(struct series *series, char *out, size_t size)
{
	size_t left = series->text.len - series->sent;

	while (left == 0 && series->family < FAMILIES) {
		step(series);
		left = series->text.len;
	}
	if (series->text.failed)
		return -ENOMEM;
	if (left > size)
		left = size;
	if (left > 0)
		memcpy(out, series->text.data + series->sent, left);
	series->sent += left;
	return (ssize_t)left;
}
