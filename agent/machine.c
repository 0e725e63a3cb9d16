/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "dataplane/route.h"
#include "netlink.h"

struct question {
	uint32_t net, mask; /* network order */
	uint8_t len;
	bool yes;
};

static void on_address(void *arg, const struct nlmsghdr *h)
{
	const struct rtattr *attrs[IFA_LOCAL + 1];
	struct question *q = arg;

	nl_msg_attrs(h, sizeof(struct ifaddrmsg), attrs, IFA_LOCAL);
	if (attrs[IFA_LOCAL] && ((nl_attr_u32(attrs[IFA_LOCAL]) ^ q->net) & q->mask) == 0)
		q->yes = true;
}

static int ask_addresses(struct question *q)
{
	const struct ifaddrmsg header = { .ifa_family = AF_INET };
	struct nl_msg m;

	nl_begin(&m, RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header));
	return nl_talk(&m, on_address, q);
}

static void on_route(void *arg, const struct nlmsghdr *h)
{
	const struct rtmsg *rt = (const struct rtmsg *)(h + 1);
	const struct rtattr *attrs[RTA_DST + 1];
	struct question *q = arg;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*rt)))
		return;
	nl_msg_attrs(h, sizeof(*rt), attrs, RTA_DST);
	q->yes = rt->rtm_dst_len == q->len && rt->rtm_protocol != ROUTE_PROTOCOL &&
		 nl_attr_u32(attrs[RTA_DST]) == q->net;
}

/* The route that the net's first address takes. */
static int ask_route(struct question *q)
{
	const struct rtmsg header = {
		.rtm_family = AF_INET,
		.rtm_dst_len = 32,
		.rtm_flags = RTM_F_FIB_MATCH,
	};
	struct nl_msg m;
	int r;

	nl_begin(&m, RTM_GETROUTE, 0, &header, sizeof(header));
	nl_put_u32(&m, RTA_DST, q->net);
	r = nl_talk(&m, on_route, q);
	return r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EACCES || r == -EINVAL ? 0 : r;
}

int machine_spares(struct in_addr net, uint8_t len)
{
	uint32_t mask = htonl(len ? UINT32_MAX << (32 - len) : 0);
	struct question q = { .net = net.s_addr & mask, .mask = mask, .len = len };
	int r = ask_addresses(&q);

	if (r == 0 && !q.yes) {
		r = ask_route(&q);
		return r == 0 && q.yes ? -EEXIST : r;
	}
	return r < 0 ? r : -EADDRINUSE;
}
