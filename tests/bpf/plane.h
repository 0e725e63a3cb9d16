/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The data plane under test in the network of net.h, with sockets at both ends. */
#ifndef XPPPD_TEST_PLANE_H
#define XPPPD_TEST_PLANE_H

#include <ev.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"

struct links;
struct log;

#define PLANE_L2TP 256 /* slots of plane_start_over_ip() */
#define PLANE_PPTP 64

struct plane {
	struct ev_loop *loop;
	struct log *log;
	struct links *links;
	struct conf *conf;
	struct dataplane *dp;
	int sub_fd, up_fd; /* packet sockets */
	uint32_t l2tp_first, pptp_first;
	/* what the callbacks saw */
	struct in_addr slow_dst;
	size_t slow_len;
	unsigned int captured_up, captured_down;
};

/* acc0 is the access device, pppac0 has 10.0.0.0/24; `more` is configuration, too. The kernel takes
 * its time to verify programs: what is for MPPE, or for L2TP and PPTP, is there if it is asked for. */
struct conf *plane_conf(const char *mode, const char *more);
struct conf *plane_conf_both(const char *mode); /* core0 in this mode, too */

void plane_open(struct plane *p, const char *mode);
void plane_start(struct plane *p, const char *mode); /* and configures */
void plane_start_over_ip(struct plane *p, const char *mode);
void plane_start_mppe(struct plane *p, const char *mode);
void plane_reload(struct plane *p, struct conf *conf);
void plane_stop(struct plane *p);
/* No device, program, filter, route or pin of ours is there. */
void plane_left_nothing(void);

struct dp_session plane_session(uint16_t sid, uint32_t addr);
void plane_add(struct plane *p, const struct dp_session *s);
uint64_t plane_packets(struct plane *p, enum xp_path path);
uint64_t plane_drops(struct plane *p, enum xp_reason reason);

/* Runs the loop until a frame of this beginning comes in; false after a while. */
bool plane_expect(struct plane *p, int fd, const uint8_t *begin, size_t begin_len, uint8_t *frame,
		  size_t *len);

/* Asks dp->ops->devices for one by name. */
struct plane_device {
	const char *name;
	struct dp_device found;
};

void plane_device_seen(void *arg, const struct dp_device *device);
/* Waits for the state: it may follow from events that are under way. */
void plane_expect_device(struct plane *p, const char *name, const char *state, const char *mode);

void plane_send_up(struct plane *p, uint16_t sid, uint32_t from, uint32_t to);
void plane_send_down(struct plane *p, uint32_t from, uint32_t to);
/* The packets that these send, as they leave at the other end. */
void plane_expect_up(struct plane *p, uint32_t from, uint32_t to);
void plane_expect_down(struct plane *p, uint16_t sid, uint32_t to);
void plane_both_ways(struct plane *p, uint16_t sid, uint32_t addr);
/* The session NET_SID has counted so many of them. */
void plane_expect_counters(struct plane *p, uint64_t up, uint64_t down);

#endif
