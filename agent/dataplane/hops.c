/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Every event that may change an answer of the routing table makes a new generation, at once and
 * again CLOCK_HOPS_SETTLE_MS later: the kernel tells of some changes before it makes them (a route
 * that is deleted, a device that goes down), and what a program asks in between must not stay.
 * Events that were lost count as one.
 *
 * Not everything is told: path MTUs that were learned come and go without an event. So there is a
 * new generation every CLOCK_HOPS_RENEW_MS in any case. Each renewal holds until
 * CLOCK_HOPS_UNTIL_MS later only: when the agent is dead, or too busy to read events, the programs
 * ask for each packet.
 *
 * With policy rules of any kind an answer may depend on more than the programs compare, the source
 * for example, and nothing is kept.
 */
#include "dataplane/hops.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/types.h>
#include <xpppd/map.h>

#include "clock.h"
#include "dataplane/route.h"
#include "log.h"
#include "netlink.h"

#define HOPS_PER_CPU 8192
#define HOPS_ALL (1u << 20) /* 32 MiB */
#define HOPS_READS 64       /* before others get their turn */
#define GROUP(number) (1u << ((number)-1))
#define HOPS_GROUPS                                                                                \
	(GROUP(RTNLGRP_LINK) | GROUP(RTNLGRP_NEIGH) | GROUP(RTNLGRP_IPV4_IFADDR) |                 \
	 GROUP(RTNLGRP_IPV4_ROUTE) | GROUP(RTNLGRP_IPV4_RULE) | GROUP(RTNLGRP_IPV4_NETCONF) |      \
	 GROUP(RTNLGRP_NEXTHOP))

struct hops {
	struct ev_loop *loop;
	struct log *log;
	struct xp_config *config;
	ev_io io;
	ev_timer renew, settle;
	bool keep;  /* no rules forbid it */
	bool dirty; /* of the events that are being read */
	bool rules; /* likewise: these changed */
};

static uint32_t hops_cpus(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? (uint32_t)cpus : 1;
}

static uint32_t hops_per_cpu(uint32_t cpus)
{
	return cpus > HOPS_ALL / HOPS_PER_CPU ? HOPS_ALL / cpus : HOPS_PER_CPU;
}

uint32_t hops_entries(void)
{
	return hops_cpus() * hops_per_cpu(hops_cpus());
}

/* ---- what the programs see */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void hops_renew(struct hops *hops)
{
	uint64_t until = hops->keep ? now_ns() + CLOCK_HOPS_UNTIL_MS * 1000000ull : 0;

	__atomic_fetch_add(&hops->config->hop_generation, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&hops->config->hops_until, until, __ATOMIC_SEQ_CST);
}

static void hops_renew_timeout(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	hops_renew(timer->data);
}

static void hops_changed(struct hops *hops)
{
	hops_renew(hops);
	if (!ev_is_active(&hops->settle)) {
		ev_timer_set(&hops->settle, CLOCK_HOPS_SETTLE_MS / 1e3, 0.);
		ev_timer_start(hops->loop, &hops->settle);
	}
}

/* ---- rules */

/* One of the three that the kernel begins with, which look at nothing. */
static bool rule_is_plain(const struct nlmsghdr *h)
{
	static const uint32_t tables[] = { RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_DEFAULT };
	static const uint32_t priorities[] = { 0, 32766, 32767 };
	const struct fib_rule_hdr *rule = (const struct fib_rule_hdr *)(h + 1);
	const struct rtattr *attrs[FRA_MAX + 1];

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*rule)))
		return false;
	nl_msg_attrs(h, sizeof(*rule), attrs, FRA_MAX);
	for (unsigned int i = 0; i <= FRA_MAX; i++)
		if (attrs[i] && i != FRA_PRIORITY && i != FRA_TABLE && i != FRA_PROTOCOL &&
		    i != FRA_SUPPRESS_PREFIXLEN)
			return false;
	if (rule->dst_len || rule->src_len || rule->tos || rule->flags ||
	    rule->action != FR_ACT_TO_TBL ||
	    (attrs[FRA_SUPPRESS_PREFIXLEN] && nl_attr_u32(attrs[FRA_SUPPRESS_PREFIXLEN]) != ~0u))
		return false;
	for (unsigned int i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (rule->table == tables[i] && nl_attr_u32(attrs[FRA_PRIORITY]) == priorities[i])
			return true;
	return false;
}

static void rule_seen(void *arg, const struct nlmsghdr *h)
{
	bool *plain = arg;

	if (h->nlmsg_type == RTM_NEWRULE && !rule_is_plain(h))
		*plain = false;
}

static void hops_ask_rules(struct hops *hops)
{
	struct fib_rule_hdr rule = { .family = AF_INET };
	bool plain = true;
	struct nl_msg m;
	int r;

	nl_begin(&m, RTM_GETRULE, NLM_F_DUMP, &rule, sizeof(rule));
	r = nl_talk(&m, rule_seen, &plain);
	if (r < 0)
		log_msg(hops->log, LOG_WARNING, "cannot ask for the policy rules: %s",
			strerror(-r));
	plain = plain && r == 0;
	if (plain != hops->keep)
		log_msg(hops->log, LOG_INFO, "%s",
			plain ? "next hops are kept"
			      : "there are policy rules: the route is looked up for each packet");
	hops->keep = plain;
}

/* ---- events */

/* Routes to sessions, which come and go with these: programs find a session before they ask for a
 * route. */
static bool event_is_of_session(const struct nlmsghdr *h)
{
	const struct rtmsg *route = (const struct rtmsg *)(h + 1);

	return h->nlmsg_len >= NLMSG_LENGTH(sizeof(*route)) && route->rtm_dst_len == 32 &&
	       route->rtm_protocol == ROUTE_PROTOCOL;
}

static void hops_event(void *arg, const struct nlmsghdr *h)
{
	struct hops *hops = arg;

	switch (h->nlmsg_type) {
	case RTM_NEWRULE:
	case RTM_DELRULE:
		hops->rules = true;
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (event_is_of_session(h))
			return;
	}
	hops->dirty = true;
}

/* False when there is nothing more to read. */
static bool hops_read(struct hops *hops)
{
	uint8_t data[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n = recv(hops->io.fd, data, sizeof(data), 0);

	if (n > 0)
		nl_each(data, (size_t)n, hops_event, hops);
	else if (n < 0 && errno == ENOBUFS)
		hops->dirty = hops->rules = true;
	else
		return n < 0 && errno == EINTR;
	return true;
}

static void hops_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct hops *hops = io->data;

	(void)loop;
	(void)revents;
	hops->dirty = hops->rules = false;
	for (int i = 0; i < HOPS_READS && hops_read(hops); i++)
		;
	if (hops->rules)
		hops_ask_rules(hops);
	if (hops->dirty)
		hops_changed(hops);
}

/* ---- coming and going */

int hops_new(struct ev_loop *loop, struct log *log, struct xp_config *config, struct hops **out)
{
	struct hops *hops = calloc(1, sizeof(*hops));
	int fd;

	if (!hops)
		return -ENOMEM;
	fd = nl_socket(NETLINK_ROUTE, HOPS_GROUPS);
	if (fd < 0) {
		free(hops);
		return fd;
	}
	hops->loop = loop;
	hops->log = log;
	hops->config = config;
	config->hops = hops_per_cpu(hops_cpus());
	ev_io_init(&hops->io, hops_readable, fd, EV_READ);
	ev_timer_init(&hops->renew, hops_renew_timeout, 0., CLOCK_HOPS_RENEW_MS / 1e3);
	ev_timer_init(&hops->settle, hops_renew_timeout, CLOCK_HOPS_SETTLE_MS / 1e3, 0.);
	hops->io.data = hops->renew.data = hops->settle.data = hops;
	hops_ask_rules(hops);
	ev_io_start(loop, &hops->io);
	ev_timer_start(loop, &hops->renew);
	*out = hops;
	return 0;
}

void hops_free(struct hops *hops)
{
	if (!hops)
		return;
	hops->keep = false;
	hops_renew(hops);
	ev_timer_stop(hops->loop, &hops->settle);
	ev_timer_stop(hops->loop, &hops->renew);
	ev_io_stop(hops->loop, &hops->io);
	close(hops->io.fd);
	free(hops);
}
