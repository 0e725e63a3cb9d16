/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_ipsec.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "index.h"
#include "tunnel/l2tp/l2tp_addr.h"

#define REPLY_MAX 32768
#define REPLY_WAIT_MS 200
#define EVENTS_QUEUE (1 << 20) /* octets; when there are more, all is read again */
#define ATTRIBUTE_ALIGN 4

/* What a policy for incoming packets says. */
struct policy {
	LIST_ENTRY(policy) entry;
	struct index_node by_hosts, by_number;
	struct xfrm_selector selector;
	struct xfrm_mark mark;
	uint32_t number;   /* the kernel's */
	uint32_t priority; /* the lowest number wins */
	uint32_t if_id;    /* of an XFRM interface, 0: none */
	bool esp;
};

struct l2tp_ipsec {
	int events; /* socket, -1: what is here is not followed */
	LIST_HEAD(, policy) policies;
	struct index hosts; /* by both addresses; those of networks together under one key */
	struct index numbers;
	uint64_t reads;
};

static bool prefix_matches(const xfrm_address_t *net, unsigned int bits,
			   const union l2tp_addr *addr)
{
	size_t len;
	const uint8_t *octets = l2tp_addr_octets(addr, &len);
	const uint8_t *n = (const uint8_t *)net;
	unsigned int whole = bits / 8, rest = bits % 8;

	if (bits > len * 8 || memcmp(n, octets, whole) != 0)
		return false;
	return rest == 0 || ((n[whole] ^ octets[whole]) >> (8 - rest)) == 0;
}

static bool port_matches(uint16_t port, uint16_t mask, uint16_t ours)
{
	return ((ntohs(port) ^ ours) & ntohs(mask)) == 0;
}

static bool selector_matches(const struct xfrm_selector *s, const struct l2tp_path *path)
{
	return s->family == path->peer.sa.sa_family && (s->proto == 0 || s->proto == IPPROTO_UDP) &&
	       prefix_matches(&s->saddr, s->prefixlen_s, &path->peer) &&
	       prefix_matches(&s->daddr, s->prefixlen_d, &path->local) &&
	       port_matches(s->sport, s->sport_mask, l2tp_addr_port(&path->peer)) &&
	       port_matches(s->dport, s->dport_mask, l2tp_addr_port(&path->local));
}

/* Is there a template that asks for ESP and may not be passed over? */
static bool templates_ask(struct buf templates)
{
	struct xfrm_user_tmpl t;

	while (buf_copy(&templates, &t, sizeof(t)) == 0)
		if (t.id.proto == IPPROTO_ESP && !t.optional)
			return true;
	return false;
}

/* ---- the policies that are known ---- */

static void policy_free(struct l2tp_ipsec *ipsec, struct policy *policy)
{
	index_del(&ipsec->hosts, &policy->by_hosts);
	index_del(&ipsec->numbers, &policy->by_number);
	LIST_REMOVE(policy, entry);
	free(policy);
}

static void policies_free(struct l2tp_ipsec *ipsec)
{
	struct policy *policy;

	while ((policy = LIST_FIRST(&ipsec->policies)))
		policy_free(ipsec, policy);
}

static uint64_t number_hash(const struct l2tp_ipsec *ipsec, uint32_t number)
{
	return index_hash(&ipsec->numbers, &number, sizeof(number));
}

static void policy_forget(struct l2tp_ipsec *ipsec, uint32_t number)
{
	struct index_node *n = index_first(&ipsec->numbers, number_hash(ipsec, number));

	for (; n; n = index_next(n)) {
		struct policy *policy = INDEX_ENTRY(n, struct policy, by_number);

		if (policy->number != number)
			continue;
		policy_free(ipsec, policy);
		return;
	}
}

static uint64_t networks_hash(const struct l2tp_ipsec *ipsec)
{
	return index_hash(&ipsec->hosts, NULL, 0);
}

static uint64_t hosts_hash(const struct l2tp_ipsec *ipsec, const void *peer, const void *local,
			   size_t len)
{
	uint8_t key[2 * sizeof(xfrm_address_t)];

	memcpy(key, peer, len);
	memcpy(key + len, local, len);
	return index_hash(&ipsec->hosts, key, 2 * len);
}

static uint64_t selector_hash(const struct l2tp_ipsec *ipsec, const struct xfrm_selector *s)
{
	size_t len = s->family == AF_INET ? sizeof(s->saddr.a4) : sizeof(s->saddr.a6);

	if (s->prefixlen_s != 8 * len || s->prefixlen_d != 8 * len)
		return networks_hash(ipsec);
	return hosts_hash(ipsec, &s->saddr, &s->daddr, len);
}

/* ---- what the kernel tells ---- */

/* Calls take for each attribute that is whole. */
static void attributes_read(struct buf attributes,
			    void (*take)(void *arg, unsigned int type, struct buf value), void *arg)
{
	struct nlattr a;
	struct buf value;

	while (buf_copy(&attributes, &a, sizeof(a)) == 0) {
		size_t len = a.nla_len - sizeof(a);
		size_t padding = -len & (ATTRIBUTE_ALIGN - 1);

		if (a.nla_len < sizeof(a) || buf_take(&attributes, len, &value))
			return;
		take(arg, a.nla_type & NLA_TYPE_MASK, value);
		if (buf_skip(&attributes, padding))
			return;
	}
}

static void policy_attribute(void *arg, unsigned int type, struct buf value)
{
	struct policy *policy = arg;
	struct xfrm_mark mark;

	if (type == XFRMA_TMPL)
		policy->esp = templates_ask(value);
	else if (type == XFRMA_MARK && buf_copy(&value, &mark, sizeof(mark)) == 0)
		policy->mark = mark;
	else if (type == XFRMA_IF_ID)
		(void)buf_copy(&value, &policy->if_id, sizeof(policy->if_id));
}

/* One of a device may not be for us, and does not keep clear text from others. */
static bool policy_asks(const struct policy *policy, const struct xfrm_userpolicy_info *info)
{
	return policy->esp && info->action == XFRM_POLICY_ALLOW && !info->sel.ifindex;
}

static int policy_learn(struct l2tp_ipsec *ipsec, struct buf message)
{
	struct xfrm_userpolicy_info info;
	struct policy *policy;

	if (buf_copy(&message, &info, sizeof(info)))
		return -EBADMSG;
	if (info.dir != XFRM_POLICY_IN)
		return 0;
	policy = calloc(1, sizeof(*policy));
	if (!policy)
		return -ENOMEM;
	policy->selector = info.sel;
	policy->number = info.index;
	policy->priority = info.priority;
	attributes_read(message, policy_attribute, policy);
	policy->esp = policy_asks(policy, &info);
	policy_forget(ipsec, policy->number);
	if (policy->if_id) { /* for what comes in over an XFRM interface, whatever its selector says */
		free(policy);
		return 0;
	}
	LIST_INSERT_HEAD(&ipsec->policies, policy, entry);
	index_add(&ipsec->hosts, &policy->by_hosts, selector_hash(ipsec, &policy->selector));
	index_add(&ipsec->numbers, &policy->by_number, number_hash(ipsec, policy->number));
	return 0;
}

static void deleted_attribute(void *arg, unsigned int type, struct buf value)
{
	struct xfrm_userpolicy_info info;

	if (type == XFRMA_POLICY && buf_copy(&value, &info, sizeof(info)) == 0)
		*(uint32_t *)arg = info.index;
}

static int policy_deleted(struct l2tp_ipsec *ipsec, struct buf message)
{
	uint32_t number = 0;

	if (buf_skip(&message, sizeof(struct xfrm_userpolicy_id)))
		return -EBADMSG;
	attributes_read(message, deleted_attribute, &number);
	if (number == 0)
		return -EBADMSG;
	policy_forget(ipsec, number);
	return 0;
}

static int policy_expired(struct l2tp_ipsec *ipsec, struct buf message)
{
	struct xfrm_user_polexpire expire;

	if (buf_copy(&message, &expire, sizeof(expire)))
		return -EBADMSG;
	if (expire.hard)
		policy_forget(ipsec, expire.pol.index);
	return 0;
}

static int message_take(struct l2tp_ipsec *ipsec, unsigned int type, struct buf message)
{
	switch (type) {
	case XFRM_MSG_NEWPOLICY:
	case XFRM_MSG_UPDPOLICY:
		return policy_learn(ipsec, message);
	case XFRM_MSG_DELPOLICY:
		return policy_deleted(ipsec, message);
	case XFRM_MSG_POLEXPIRE:
		return policy_expired(ipsec, message);
	case XFRM_MSG_FLUSHPOLICY:
		policies_free(ipsec);
		return 0;
	default:
		return 0;
	}
}

/* 1: more follows; 0: that was all; -errno. */
static int messages_take(struct l2tp_ipsec *ipsec, struct buf reply)
{
	struct nlmsghdr h;
	struct buf message;

	while (reply.len > 0) {
		size_t len;
		int r;

		if (buf_copy(&reply, &h, sizeof(h)) || h.nlmsg_len < sizeof(h))
			return -EBADMSG;
		len = h.nlmsg_len - sizeof(h);
		if (buf_take(&reply, len, &message))
			return -EBADMSG;
		if (h.nlmsg_type == NLMSG_DONE)
			return 0;
		if (h.nlmsg_type == NLMSG_ERROR)
			return -EIO;
		r = message_take(ipsec, h.nlmsg_type, message);
		if (r)
			return r;
		len = -len & (NLMSG_ALIGNTO - 1);
		buf_skip(&reply, len < reply.len ? len : reply.len);
	}
	return 1;
}

/* 1: that was not all; 0; -errno. */
static int datagram_take(struct l2tp_ipsec *ipsec, int fd, int flags)
{
	static _Thread_local uint8_t bytes[REPLY_MAX] __attribute__((aligned(8)));
	ssize_t n = recv(fd, bytes, sizeof(bytes), flags | MSG_TRUNC);

	if (n < 0)
		return -errno;
	return n > REPLY_MAX ? -EMSGSIZE : messages_take(ipsec, buf_of(bytes, (size_t)n));
}

/* ---- following them ---- */

static int netlink_open(unsigned int groups)
{
	const struct timeval wait = { .tv_usec = REPLY_WAIT_MS * 1000 };
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

static int policies_read(struct l2tp_ipsec *ipsec)
{
	const struct nlmsghdr request = {
		.nlmsg_len = sizeof(request),
		.nlmsg_type = XFRM_MSG_GETPOLICY,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.nlmsg_seq = 1,
	};
	int fd = netlink_open(0), r;

	if (fd < 0)
		return fd;
	ipsec->reads++;
	r = send(fd, &request, sizeof(request), 0) < 0 ? -errno : 1;
	while (r == 1)
		r = datagram_take(ipsec, fd, 0);
	close(fd);
	return r;
}

static void follow_end(struct l2tp_ipsec *ipsec)
{
	policies_free(ipsec);
	if (ipsec->events >= 0)
		close(ipsec->events);
	ipsec->events = -1;
}

/* Listens before it reads, so that no change is missed; one may be told twice. */
static int follow_begin(struct l2tp_ipsec *ipsec)
{
	int queue = EVENTS_QUEUE, r;

	ipsec->events = netlink_open(XFRMGRP_POLICY | XFRMGRP_EXPIRE);
	if (ipsec->events < 0) {
		r = ipsec->events;
		ipsec->events = -1;
		return r;
	}
	/* a shorter queue is no reason to do without */
	(void)setsockopt(ipsec->events, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue));
	return policies_read(ipsec);
}

static int follow(struct l2tp_ipsec *ipsec)
{
	int r = -ENOTCONN;

	if (ipsec->events >= 0) {
		do
			r = datagram_take(ipsec, ipsec->events, MSG_DONTWAIT);
		while (r >= 0);
		if (r == -EAGAIN)
			return 0;
	}
	/* at the beginning, and when something was missed */
	follow_end(ipsec);
	r = follow_begin(ipsec);
	if (r)
		follow_end(ipsec);
	return r;
}

/* ---- asking ---- */

/* Of equal ones the kernel takes the older, which cannot be told here: all must agree. */
static void best_of(struct index_node *n, const struct l2tp_path *path, const struct policy **best,
		    bool *esp)
{
	for (; n; n = index_next(n)) {
		const struct policy *policy = INDEX_ENTRY(n, struct policy, by_hosts);

		if ((path->mark & policy->mark.m) != policy->mark.v ||
		    !selector_matches(&policy->selector, path) ||
		    (*best && policy->priority > (*best)->priority))
			continue;
		*esp = policy->esp && (!*best || policy->priority < (*best)->priority || *esp);
		*best = policy;
	}
}

bool l2tp_ipsec_covers(struct l2tp_ipsec *ipsec, const struct l2tp_path *path)
{
	const struct policy *best = NULL;
	size_t len;
	const uint8_t *peer = l2tp_addr_octets(&path->peer, &len);
	const uint8_t *local = l2tp_addr_octets(&path->local, &len);
	bool esp = false;

	if (follow(ipsec))
		return false;
	best_of(index_first(&ipsec->hosts, hosts_hash(ipsec, peer, local, len)), path, &best, &esp);
	best_of(index_first(&ipsec->hosts, networks_hash(ipsec)), path, &best, &esp);
	return esp;
}

uint64_t l2tp_ipsec_reads(const struct l2tp_ipsec *ipsec)
{
	return ipsec->reads;
}

/* ---- beginning and end ---- */

int l2tp_ipsec_new(struct l2tp_ipsec **out)
{
	struct l2tp_ipsec *ipsec = calloc(1, sizeof(*ipsec));
	int r;

	if (!ipsec)
		return -ENOMEM;
	ipsec->events = -1;
	LIST_INIT(&ipsec->policies);
	r = index_init(&ipsec->hosts);
	if (r == 0)
		r = index_init(&ipsec->numbers);
	if (r) {
		l2tp_ipsec_free(ipsec);
		return r;
	}
	*out = ipsec;
	return 0;
}

void l2tp_ipsec_free(struct l2tp_ipsec *ipsec)
{
	if (!ipsec)
		return;
	follow_end(ipsec);
	index_fini(&ipsec->hosts);
	index_fini(&ipsec->numbers);
	free(ipsec);
}
