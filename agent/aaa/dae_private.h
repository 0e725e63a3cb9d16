/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What dae.c keeps and dae_show.c shows. */
#ifndef XPPPD_DAE_PRIVATE_H
#define XPPPD_DAE_PRIVATE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "aaa/dae.h"
#include "aaa/dae_socket.h"
#include "index.h"

struct conf;
struct dae_cache;
struct log;
struct sessions;

struct dae_client {
	struct index_node node;
	LIST_ENTRY(dae_client) entry;
	struct sockaddr_storage addr; /* port 0 */
	const char *secret;           /* conf's */
	struct dae_cache *cache;
	struct dae_counters counters;
	bool wanted;
};

struct dae_listener {
	LIST_ENTRY(dae_listener) entry;
	struct dae *dae;
	struct sockaddr_storage addr;
	struct dae_socket socket;
	bool open, wanted;
};

struct dae {
	struct ev_loop *loop;
	struct sessions *sessions;
	struct log *log;
	struct conf *conf;
	LIST_HEAD(, dae_listener) listeners;
	LIST_HEAD(, dae_client) clients;
	struct index by_addr;
	uint64_t strangers;
};

#define DAE_ADDR_TEXT 80
/* Without the port. */
const char *dae_addr_text(const struct sockaddr_storage *addr, char text[DAE_ADDR_TEXT]);

#endif
