/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A subscription keeps the last state it reported and reports differences only, because
 * the kernel announces a device again for many reasons that nobody here cares for. When
 * the socket overflows every subscription asks anew.
 */
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "netlink.h"

struct link_sub {
	LIST_ENTRY(link_sub) entry;
	struct links *links;
	link_fn fn;
	void *arg;
	struct link last; /* ifindex 0: does not exist */
	bool dead;        /* unsubscribed while events are delivered */
};

struct links {
	struct ev_loop *loop;
	struct log *log;
	ev_io io;
	LIST_HEAD(, link_sub) subs;
	unsigned int delivering;
};

static bool link_equal(const struct link *a, const struct link *b)
{
	return a->ifindex == b->ifindex && a->mtu == b->mtu && a->up == b->up &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac));
}

static int link_parse(const struct nlmsghdr *h, struct link *link)
{
	const struct ifinfomsg *info = (const struct ifinfomsg *)(h + 1);
	const struct rtattr *attrs[IFLA_MTU + 1];

	/* a bridge announces its ports' coming and going by the same messages */
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return -EINVAL;
	nl_msg_attrs(h, sizeof(*info), attrs, IFLA_MTU);
	memset(link, 0, sizeof(*link));
	if (!attrs[IFLA_IFNAME] || RTA_PAYLOAD(attrs[IFLA_IFNAME]) > sizeof(link->name))
		return -EINVAL;
	memcpy(link->name, RTA_DATA(attrs[IFLA_IFNAME]), RTA_PAYLOAD(attrs[IFLA_IFNAME]));
	link->name[sizeof(link->name) - 1] = '\0';
	link->ifindex = (uint32_t)info->ifi_index;
	link->up = info->ifi_flags & IFF_UP;
	link->mtu = nl_attr_u32(attrs[IFLA_MTU]);
	if (attrs[IFLA_ADDRESS] && RTA_PAYLOAD(attrs[IFLA_ADDRESS]) == sizeof(link->mac))
		memcpy(link->mac, RTA_DATA(attrs[IFLA_ADDRESS]), sizeof(link->mac));
	return 0;
}

static void sub_report(struct link_sub *sub, const struct link *link)
{
	if (sub->dead || link_equal(&sub->last, link))
		return;
	sub->last = *link;
	sub->fn(sub->arg, link);
}

static void sub_gone(struct link_sub *sub)
{
	struct link gone = { 0 };

	memcpy(gone.name, sub->last.name, sizeof(gone.name));
	sub_report(sub, &gone);
}

static void sub_event(struct link_sub *sub, const struct link *link, bool deleted)
{
	bool mine = !strcmp(sub->last.name, link->name);

	/* gone, renamed, or another device took the name */
	if (sub->last.ifindex &&
	    (sub->last.ifindex == link->ifindex ? deleted || !mine : mine && !deleted))
		sub_gone(sub);
	if (mine && !deleted)
		sub_report(sub, link);
}

/* fn may subscribe and unsubscribe, so that the dead are freed when all have been told. */
static void links_reap(struct links *links)
{
	struct link_sub *sub, *next;

	for (sub = LIST_FIRST(&links->subs); sub; sub = next) {
		next = LIST_NEXT(sub, entry);
		if (sub->dead) {
			LIST_REMOVE(sub, entry);
			free(sub);
		}
	}
}

static void links_message(void *arg, const struct nlmsghdr *h)
{
	struct links *links = arg;
	struct link_sub *sub;
	struct link link;

	if ((h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK) ||
	    link_parse(h, &link) < 0)
		return;
	links->delivering++;
	LIST_FOREACH(sub, &links->subs, entry)
		sub_event(sub, &link, h->nlmsg_type == RTM_DELLINK);
	if (--links->delivering == 0)
		links_reap(links);
}

static void query_answer(void *arg, const struct nlmsghdr *h)
{
	if (h->nlmsg_type == RTM_NEWLINK)
		link_parse(h, arg);
}

static void sub_query(struct link_sub *sub)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct link link = { 0 };
	struct nl_msg m;
	int r;

	nl_begin(&m, RTM_GETLINK, 0, &info, sizeof(info));
	nl_put_str(&m, IFLA_IFNAME, sub->last.name);
	r = nl_talk(&m, query_answer, &link);
	if (r < 0 && r != -ENODEV)
		log_msg(sub->links->log, LOG_WARNING, "cannot ask for interface %s: %s",
			sub->last.name, strerror(-r));
	/* an alternative name of another device is not the name */
	if (r < 0 || strcmp(link.name, sub->last.name) != 0)
		sub_gone(sub);
	else
		sub_event(sub, &link, false);
}

static void links_overflow(struct links *links)
{
	struct link_sub *sub;

	log_msg(links->log, LOG_NOTICE, "interface events were lost, asking for all again");
	links->delivering++;
	LIST_FOREACH(sub, &links->subs, entry)
		sub_query(sub);
	if (--links->delivering == 0)
		links_reap(links);
}

static void links_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	uint8_t data[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct links *links = io->data;
	ssize_t n;

	(void)loop;
	(void)revents;
	n = recv(io->fd, data, sizeof(data), 0);
	if (n > 0)
		nl_each(data, (size_t)n, links_message, links);
	else if (n < 0 && errno == ENOBUFS)
		links_overflow(links);
}

int links_new(struct ev_loop *loop, struct log *log, struct links **out)
{
	struct links *links = calloc(1, sizeof(*links));
	int fd;

	if (!links)
		return -ENOMEM;
	fd = nl_socket(NETLINK_ROUTE, RTMGRP_LINK);
	if (fd < 0) {
		free(links);
		return fd;
	}
	links->loop = loop;
	links->log = log;
	LIST_INIT(&links->subs);
	ev_io_init(&links->io, links_readable, fd, EV_READ);
	links->io.data = links;
	ev_io_start(loop, &links->io);
	*out = links;
	return 0;
}

void links_free(struct links *links)
{
	if (!links)
		return;
	ev_io_stop(links->loop, &links->io);
	close(links->io.fd);
	free(links);
}

int links_subscribe(struct links *links, const char *name, link_fn fn, void *arg,
		    struct link_sub **out)
{
	struct link_sub *sub;

	if (strlen(name) >= sizeof(sub->last.name))
		return -ENAMETOOLONG;
	sub = calloc(1, sizeof(*sub));
	if (!sub)
		return -ENOMEM;
	sub->links = links;
	sub->fn = fn;
	sub->arg = arg;
	strcpy(sub->last.name, name);
	LIST_INSERT_HEAD(&links->subs, sub, entry);
	*out = sub;
	links->delivering++;
	sub_query(sub);
	if (--links->delivering == 0)
		links_reap(links);
	return 0;
}

void links_unsubscribe(struct link_sub *sub)
{
	if (!sub)
		return;
	if (sub->links->delivering) {
		sub->dead = true;
		return;
	}
	LIST_REMOVE(sub, entry);
	free(sub);
}
