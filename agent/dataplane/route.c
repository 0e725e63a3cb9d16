/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/dataplane.h"
#include "log.h"
#include "netlink.h"

struct routes {
	struct ev_loop *loop;
	struct log *log;
	ev_io io;
};

/* An error message brings the request back. */
static void routes_answer(void *arg, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = (const struct nlmsgerr *)(h + 1);
	const struct rtattr *attrs[RTA_DST + 1];
	struct in_addr net = { 0 };
	struct routes *routes = arg;
	char text[INET_ADDRSTRLEN];
	const struct rtmsg *rt;

	if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)) || !e->error)
		return;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*e) + sizeof(*rt)) ||
	    e->msg.nlmsg_len > h->nlmsg_len - NLMSG_LENGTH(sizeof(*e)) + sizeof(e->msg))
		return;
	/* a route goes with its device */
	if (e->msg.nlmsg_type == RTM_DELROUTE && (e->error == -ESRCH || e->error == -ENODEV))
		return;
	rt = (const struct rtmsg *)(&e->msg + 1);
	nl_msg_attrs(&e->msg, sizeof(*rt), attrs, RTA_DST);
	net.s_addr = nl_attr_u32(attrs[RTA_DST]);
	log_msg(routes->log, LOG_ERR, "cannot %s the route to %s/%u: %s",
		e->msg.nlmsg_type == RTM_DELROUTE ? "remove" : "add",
		inet_ntop(AF_INET, &net, text, sizeof(text)), rt->rtm_dst_len, strerror(-e->error));
}

static void routes_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	uint8_t data[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n = recv(io->fd, data, sizeof(data), 0);

	(void)loop;
	(void)revents;
	if (n > 0)
		nl_each(data, (size_t)n, routes_answer, io->data);
}

static void route_send(struct routes *routes, const struct nl_msg *m, struct in_addr net)
{
	char text[INET_ADDRSTRLEN];
	int r = nl_send(routes->io.fd, m);

	if (r < 0)
		log_msg(routes->log, LOG_ERR, "cannot ask for the route to %s: %s",
			inet_ntop(AF_INET, &net, text, sizeof(text)), strerror(-r));
}

static void route_begin(struct nl_msg *m, uint16_t type, uint16_t flags,
			const struct dp_route *route, uint32_t ifindex)
{
	struct rtmsg rt = {
		.rtm_family = AF_INET,
		.rtm_dst_len = route->len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = ROUTE_PROTOCOL,
		.rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};

	nl_begin(m, type, flags, &rt, sizeof(rt));
	nl_put_u32(m, RTA_DST, route->net.s_addr);
	nl_put_u32(m, RTA_OIF, ifindex);
	if (route->metric)
		nl_put_u32(m, RTA_PRIORITY, route->metric);
}

static void route_new(struct routes *routes, const struct dp_route *route, uint32_t ifindex,
		      uint16_t mtu, uint16_t flags)
{
	struct nl_msg m;
	size_t metrics;

	route_begin(&m, RTM_NEWROUTE, NLM_F_CREATE | flags, route, ifindex);
	metrics = nl_nest_begin(&m, RTA_METRICS);
	nl_put_u32(&m, RTAX_MTU, mtu);
	nl_nest_end(&m, metrics);
	route_send(routes, &m, route->net);
}

void route_add(struct routes *routes, const struct dp_route *route, uint32_t ifindex, uint16_t mtu)
{
	route_new(routes, route, ifindex, mtu, NLM_F_REPLACE);
}

/* The kernel replaces without asking whose it was, but removes only what is of our protocol. */
void route_claim(struct routes *routes, const struct dp_route *route, uint32_t ifindex,
		 uint16_t mtu)
{
	route_del(routes, route, ifindex);
	route_new(routes, route, ifindex, mtu, NLM_F_EXCL);
}

void route_del(struct routes *routes, const struct dp_route *route, uint32_t ifindex)
{
	struct nl_msg m;

	route_begin(&m, RTM_DELROUTE, 0, route, ifindex);
	route_send(routes, &m, route->net);
}

int routes_new(struct ev_loop *loop, struct log *log, struct routes **out)
{
	struct routes *routes = calloc(1, sizeof(*routes));
	int fd;

	if (!routes)
		return -ENOMEM;
	fd = nl_socket(NETLINK_ROUTE, 0);
	if (fd < 0) {
		free(routes);
		return fd;
	}
	routes->loop = loop;
	routes->log = log;
	ev_io_init(&routes->io, routes_readable, fd, EV_READ);
	routes->io.data = routes;
	ev_io_start(loop, &routes->io);
	*out = routes;
	return 0;
}

void routes_free(struct routes *routes)
{
	if (!routes)
		return;
	ev_io_stop(routes->loop, &routes->io);
	close(routes->io.fd);
	free(routes);
}
