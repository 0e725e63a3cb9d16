/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The test packets that sessions and core send each other: IPv4, UDP, and a header that says
 * which session and which of its packets it is. */
#ifndef DIALER_PROBE_H
#define DIALER_PROBE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

#define PROBE_PORT 7007  /* of every session */
#define PROBE_HEADERS 28 /* IPv4 and UDP */
#define PROBE_MIN (PROBE_HEADERS + 44)

enum probe_kind {
	PROBE_JOIN = 1, /* the core learns the session's address */
	PROBE_LEAVE,
	PROBE_UP,
	PROBE_DOWN,
	PROBE_ECHO,
	PROBE_ECHO_REPLY,
	PROBE_HAIRPIN,
};
#define PROBE_CORE UINT32_MAX

struct probe {
	enum probe_kind kind;
	uint16_t size; /* of the IP packet */
	uint32_t run;
	uint32_t from, to;   /* session numbers, or PROBE_CORE */
	uint32_t dial;       /* of the session that is not the core; hairpin: of `to` */
	struct in_addr addr; /* likewise; what its sender believes it to be */
	uint64_t seq;
	uint64_t sent_ns;
};

struct probe_path {
	struct in_addr src, dst;
	uint16_t src_port, dst_port; /* host order */
};

/* The whole IP packet, checksums done. size is raised to PROBE_MIN. */
void probe_put(struct wr *w, const struct probe_path *path, const struct probe *p);
/* A UDP payload; *ours: it is one of our packets, if perhaps a damaged one. */
bool probe_parse(struct rd payload, struct probe *p, bool *ours);

#endif
