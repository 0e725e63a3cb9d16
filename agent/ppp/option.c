/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ppp/option.h"

#include <errno.h>
#include <string.h>

#define OPTION_HEADER 2   /* type and length */
#define OPTION_DATA_MAX 8 /* of those that we write */

int option_next(struct buf *options, uint8_t *type, struct buf *data)
{
	struct buf rest = *options;
	uint8_t t, len;

	if (rest.len == 0)
		return 0;
	if (buf_u8(&rest, &t) < 0 || buf_u8(&rest, &len) < 0 || len < OPTION_HEADER ||
	    buf_take(&rest, len - OPTION_HEADER, data) < 0)
		return -EBADMSG;
	*type = t;
	*options = rest;
	return 1;
}

int option_check(struct buf options)
{
	struct buf data;
	uint8_t type;
	int r;

	do
		r = option_next(&options, &type, &data);
	while (r > 0);
	return r;
}

bool option_find(struct buf options, uint8_t type, struct buf *data)
{
	struct buf d;
	uint8_t t;

	while (option_next(&options, &t, &d) > 0)
		if (t == type) {
			*data = d;
			return true;
		}
	return false;
}

static int option_index(const struct option_table *table, uint8_t type)
{
	for (unsigned int i = 0; i < table->n; i++)
		if (table->options[i].type == type)
			return (int)i;
	return -ENOENT;
}

static void option_put(struct wbuf *out, uint8_t type, const void *data, size_t len)
{
	wbuf_u8(out, type);
	wbuf_u8(out, (uint8_t)(len + OPTION_HEADER));
	wbuf_put(out, data, len);
}

void option_build(const struct option_table *table, const struct ppp *ppp, uint32_t asking,
		  struct wbuf *out)
{
	for (unsigned int i = 0; i < table->n; i++) {
		const struct option *o = &table->options[i];
		uint8_t bytes[OPTION_DATA_MAX];
		struct wbuf data = wbuf_of(bytes, sizeof(bytes));

		if (o->put && asking & 1u << i && o->put(ppp, &data))
			option_put(out, o->type, bytes, data.len);
	}
}

/* The options of the answers that may follow from one request; the worst is sent. */
struct answers {
	bool nak_now;
	struct wbuf naks;
	struct wbuf rejects;
	uint8_t nak_bytes[512];
};

static void judge_one(const struct option_table *table, struct ppp *ppp, int index, uint8_t type,
		      struct buf data, bool may_nak, struct answers *answers)
{
	const struct option *o = index < 0 ? NULL : &table->options[index];
	enum option_verdict verdict = OPTION_REJECT;
	uint8_t bytes[OPTION_DATA_MAX];
	struct wbuf nak = wbuf_of(bytes, sizeof(bytes));

	if (o && o->judge)
		verdict = o->judge(ppp, data, &nak);
	if (verdict == OPTION_NAK && !may_nak)
		verdict = OPTION_REJECT;
	if (verdict == OPTION_NAK_NOW)
		answers->nak_now = true;
	if (verdict == OPTION_NAK || verdict == OPTION_NAK_NOW)
		option_put(&answers->naks, type, bytes, nak.len);
	if (verdict == OPTION_REJECT)
		option_put(&answers->rejects, type, data.p, data.len);
}

static void suggest_missing(const struct option_table *table, const struct ppp *ppp, uint32_t seen,
			    struct wbuf *naks)
{
	for (unsigned int i = 0; i < table->n; i++) {
		const struct option *o = &table->options[i];
		uint8_t bytes[OPTION_DATA_MAX];
		struct wbuf data = wbuf_of(bytes, sizeof(bytes));

		if (o->suggest && !(seen & 1u << i) && o->suggest(ppp, &data))
			option_put(naks, o->type, bytes, data.len);
	}
}

enum option_verdict option_judge(const struct option_table *table, struct ppp *ppp,
				 struct buf options, bool may_nak, struct wbuf *out)
{
	struct answers answers = { .rejects = *out };
	struct buf all = options, data;
	uint32_t seen = 0;
	uint8_t type;

	answers.naks = wbuf_of(answers.nak_bytes, sizeof(answers.nak_bytes));
	while (option_next(&options, &type, &data) > 0) {
		int index = option_index(table, type);

		/* listed twice: RFC 1661 6 forbids it, so the second one goes back */
		if (index >= 0 && seen & 1u << index)
			index = -ENOENT;
		if (index >= 0)
			seen |= 1u << index;
		judge_one(table, ppp, index, type, data, may_nak, &answers);
	}
	if (!answers.nak_now && (answers.rejects.len > out->len || answers.rejects.overflow)) {
		*out = answers.rejects;
		return OPTION_REJECT;
	}
	if (may_nak)
		suggest_missing(table, ppp, seen, &answers.naks);
	if (answers.naks.len > 0) {
		wbuf_put(out, answers.nak_bytes, answers.naks.len);
		return OPTION_NAK;
	}
	wbuf_put(out, all.p, all.len);
	return OPTION_ACK;
}

void option_apply(const struct option_table *table, struct ppp *ppp, struct buf options)
{
	struct buf data;
	uint8_t type;

	while (option_next(&options, &type, &data) > 0) {
		int index = option_index(table, type);

		if (index >= 0 && table->options[index].apply)
			table->options[index].apply(ppp, data);
	}
}

void option_naked(const struct option_table *table, struct ppp *ppp, uint32_t asking,
		  struct buf options)
{
	struct buf data;
	uint8_t type;

	while (option_next(&options, &type, &data) > 0) {
		int index = option_index(table, type);

		if (index >= 0 && asking & 1u << index && table->options[index].naked)
			table->options[index].naked(ppp, data);
	}
}

void option_rejected(const struct option_table *table, struct ppp *ppp, uint32_t *asking,
		     struct buf options)
{
	struct buf data;
	uint8_t type;

	while (option_next(&options, &type, &data) > 0) {
		int index = option_index(table, type);

		if (index < 0 || !(*asking & 1u << index))
			continue;
		if (!table->options[index].rejected || !table->options[index].rejected(ppp))
			*asking &= ~(1u << index);
	}
}

bool option_subset(struct buf options, struct buf request)
{
	struct buf data, ours;
	uint8_t type;

	if (options.len == 0)
		return false;
	while (option_next(&options, &type, &data) > 0)
		if (!option_find(request, type, &ours) || ours.len != data.len ||
		    memcmp(ours.p, data.p, data.len) != 0)
			return false;
	return true;
}
