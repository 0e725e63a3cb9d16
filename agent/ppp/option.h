/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Configuration options (RFC 1661 5.1 to 5.4 and 6): one engine for LCP and the NCPs. A
 * protocol is a table of options with hooks; an option that is in no table is rejected.
 */
#ifndef XPPPD_OPTION_H
#define XPPPD_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct ppp;

enum option_verdict {
	OPTION_ACK,
	OPTION_NAK,
	OPTION_NAK_NOW, /* however often, and before any Reject */
	OPTION_REJECT,
};

/* Hooks that are NULL: put: we never ask for it; judge: rejected; the others: nothing. */
struct option {
	uint8_t type;
	/* Our Configure-Request: writes the data; false: do not ask now. */
	bool (*put)(const struct ppp *ppp, struct wbuf *data);
	/* The peer's Configure-Request: for a Nak writes acceptable data. */
	enum option_verdict (*judge)(struct ppp *ppp, struct buf data, struct wbuf *nak);
	/* We acknowledge it: the value holds. */
	void (*apply)(struct ppp *ppp, struct buf data);
	/* The peer did not send it: true, with data, to ask for it by Nak. */
	bool (*suggest)(const struct ppp *ppp, struct wbuf *nak);
	/* The peer would rather have this in our request. */
	void (*naked)(struct ppp *ppp, struct buf data);
	/* The peer will not have it. False: it is no longer asked for. True: the hook
	 * has changed what we ask for, or has ended the link. */
	bool (*rejected)(struct ppp *ppp);
};

struct option_table {
	const struct option *options;
	unsigned int n; /* at most 32 */
};

/* The next option. 1; 0 at the end; -EBADMSG if its length is below 2 or beyond the end. */
int option_next(struct buf *options, uint8_t *type, struct buf *data);
/* -EBADMSG if option_next would say so for any of them. */
int option_check(struct buf options);
/* The data of the first one of a type. */
bool option_find(struct buf options, uint8_t type, struct buf *data);

/* Writes our request: the options whose bits are set in `asking`. */
void option_build(const struct option_table *table, const struct ppp *ppp, uint32_t asking,
		  struct wbuf *out);
/*
 * Judges the peer's request, which has passed option_check, and writes the options of the
 * answer: OPTION_ACK, OPTION_NAK or OPTION_REJECT. may_nak false: Naks become Rejects,
 * nothing is suggested (RFC 1661 4.6, Max-Failure).
 */
enum option_verdict option_judge(const struct option_table *table, struct ppp *ppp,
				 struct buf options, bool may_nak, struct wbuf *out);
void option_apply(const struct option_table *table, struct ppp *ppp, struct buf options);
/* A Nak of our request; options that we did not ask for are passed over. */
void option_naked(const struct option_table *table, struct ppp *ppp, uint32_t asking,
		  struct buf options);
/* A Reject, or a Nak that is taken for one; clears bits of asking. */
void option_rejected(const struct option_table *table, struct ppp *ppp, uint32_t *asking,
		     struct buf options);
/* Is each of them in the request with the same contents, and there is one at least? */
bool option_subset(struct buf options, struct buf request);

#endif
