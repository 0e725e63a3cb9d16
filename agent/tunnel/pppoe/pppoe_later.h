/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PADO that wait for pppoe-pado-delay: frames, in the order in which they are due. */
#ifndef XPPPD_PPPOE_LATER_H
#define XPPPD_PPPOE_LATER_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct pppoe_interface;
struct pppoe_later_frame;

#define PPPOE_LATER_MAX 4096 /* frames: what strangers may make us keep */

struct pppoe_later {
	struct ev_loop *loop;
	struct ev_timer timer; /* for the first one */
	TAILQ_HEAD(pppoe_later_frames, pppoe_later_frame) frames;
	unsigned int n;
	void (*send)(struct pppoe_interface *ifc, const uint8_t *frame, size_t len);
};

void pppoe_later_init(struct pppoe_later *later, struct ev_loop *loop,
		      void (*send)(struct pppoe_interface *ifc, const uint8_t *frame, size_t len));
/* Copies the frame; -ENOBUFS: enough are waiting; -ENOMEM. */
int pppoe_later_add(struct pppoe_later *later, struct pppoe_interface *ifc, const uint8_t *frame,
		    size_t len, unsigned int ms);
/* Forgets what waits for the interface; NULL: for all. */
void pppoe_later_drop(struct pppoe_later *later, const struct pppoe_interface *ifc);

#endif
