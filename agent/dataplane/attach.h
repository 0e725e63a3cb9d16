/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A program on a device: by a pinned BPF link (XDP) or a clsact filter (tc). A foreign XDP
 * program or filter is never replaced. What an agent left that did not end in
 * order is found by its pin.
 */
#ifndef XPPPD_ATTACH_H
#define XPPPD_ATTACH_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

enum conf_mode;

enum attach_mode {
	ATTACH_NONE,
	ATTACH_NATIVE,
	ATTACH_GENERIC,
	ATTACH_TC,
};

struct attach_programs {
	int xdp_fd;
	int tc_fd;
	const char *pin_dir;
};

struct attach {
	char name[IFNAMSIZ];
	uint32_t ifindex;
	enum attach_mode mode; /* ATTACH_NONE: not attached */
	int link_fd;           /* XDP */
	const char *pin_dir;
};

const char *attach_mode_name(enum attach_mode mode); /* "native", ..., "-" */

/*
 * Attaches in the wanted mode; with `auto` as `first` says, or else by tc. why
 * tells what kept it from a better mode ("" if nothing), or why it failed. 0, -EBUSY: the
 * device has another program; -errno.
 */
int attach_open(struct attach *attach, const struct attach_programs *programs, const char *name,
		uint32_t ifindex, enum conf_mode wanted, enum attach_mode first, char *why,
		size_t why_size);
/* Another XDP program takes the place of the one that is attached, between two packets. -errno. */
int attach_change(const struct attach *attach, int xdp_fd);
/* Detaches; after the device has vanished it only forgets. Closed ones are fine. */
void attach_close(struct attach *attach);

/* Detaches everything that pins in this directory name. */
void attach_sweep(const char *pin_dir);

#endif
