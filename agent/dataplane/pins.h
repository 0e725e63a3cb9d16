/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The directory in bpffs where maps and links are pinned. */
#ifndef XPPPD_PINS_H
#define XPPPD_PINS_H

#include <limits.h>
#include <stdbool.h>

struct bpf_map;
struct bpf_object;
struct log;

/* Moves the directory: several agents in network namespaces of one machine. */
#define PINS_DIR_ENV "XPPPD_PIN_DIR"

struct pins {
	char dir[PATH_MAX];
	int lock_fd; /* the directory: one agent at a time */
	bool own;    /* not prepared by somebody else: goes at the end */
};

/* Makes the directory, mode 0700, and detaches and removes what an agent left there. Logs why not. */
int pins_open(struct pins *pins, struct log *log);
int pins_map(const struct pins *pins, struct bpf_map *map, const char *name, struct log *log);
int pins_maps(const struct pins *pins, struct bpf_object *object, struct log *log);
/* Removes everything. */
void pins_close(struct pins *pins);

#endif
