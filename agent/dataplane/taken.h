/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Which session has which address or net, all in host order: each prefix is one session's, and an
 * address is of whom has the longest prefix around it.
 */
#ifndef XPPPD_TAKEN_H
#define XPPPD_TAKEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "index.h"

struct taken {
	struct index index;
	LIST_HEAD(, taken_prefix) all;
	uint32_t of_len[33]; /* how many have this length */
};

int taken_init(struct taken *taken);
void taken_clear(struct taken *taken);

/* -EADDRINUSE, -ENOMEM. */
int taken_add(struct taken *taken, uint32_t net, uint8_t len, uint32_t slot);
/* Only if it is this session's. */
void taken_del(struct taken *taken, uint32_t net, uint8_t len, uint32_t slot);
bool taken_find(const struct taken *taken, uint32_t net, uint8_t len, uint32_t *slot);
bool taken_owner(const struct taken *taken, uint32_t addr, uint32_t *slot);

static inline uint32_t taken_mask(uint8_t len)
{
	return len ? UINT32_MAX << (32 - len) : 0;
}

#endif
