/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/subject.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TICKS_PER_S 16

/* ---- Acct-Session-Id ---- */

uint32_t subject_start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint32_t)((uint64_t)now.tv_sec * TICKS_PER_S +
			  (uint64_t)now.tv_nsec / (1000000000 / TICKS_PER_S));
}

void subject_session_id(uint32_t start, uint32_t ppp_id, char out[SUBJECT_ID_LEN + 1])
{
	snprintf(out, SUBJECT_ID_LEN + 1, "%08x%08x", start, ppp_id);
}

static int hex(const char *text, uint32_t *value)
{
	unsigned int i;

	*value = 0;
	for (i = 0; i < SUBJECT_ID_LEN / 2; i++) {
		int c = tolower((unsigned char)text[i]);

		if (!isxdigit(c))
			return -EINVAL;
		*value = *value << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return 0;
}

int subject_session_id_parse(const char *text, size_t len, uint32_t *start, uint32_t *ppp_id)
{
	uint32_t first, second;

	if (len != SUBJECT_ID_LEN || hex(text, &first) < 0 ||
	    hex(text + SUBJECT_ID_LEN / 2, &second) < 0)
		return -EINVAL;
	*start = first;
	*ppp_id = second;
	return 0;
}

/* ---- names ---- */

void subject_nas_port_id(const struct carrier_info *carrier, const char *protocol,
			 char out[SUBJECT_TEXT_MAX + 1])
{
	if (*carrier->device)
		snprintf(out, SUBJECT_TEXT_MAX + 1, "%s", carrier->device);
	else
		snprintf(out, SUBJECT_TEXT_MAX + 1, "%s %s %u/%u", protocol, carrier->peer,
			 carrier->tunnel_id, carrier->id);
}

void subject_calling(const struct carrier_info *carrier, char out[SUBJECT_TEXT_MAX + 1])
{
	const char *circuit = carrier->circuit_id, *remote = carrier->remote_id;

	if (*circuit || *remote)
		snprintf(out, SUBJECT_TEXT_MAX + 1, "%s%s%s", circuit,
			 *circuit && *remote ? " " : "", remote);
	else
		snprintf(out, SUBJECT_TEXT_MAX + 1, "%s",
			 *carrier->calling ? carrier->calling : carrier->peer);
}
