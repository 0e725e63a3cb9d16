/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_ipsec.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "tunnel/l2tp/l2tp_addr.h"

#define REPLY_MAX 32768
#define REPLY_WAIT_MS 200
#define ATTRIBUTE_ALIGN 4

/* The best policy that was found for a path. */
struct best {
	const struct l2tp_path *path;
	uint32_t priority; /* the lowest number wins */
	bool found, esp;
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

/* What the attributes of a policy say: is it for the mark, and does it ask for ESP? */
static void policy_read(struct buf attributes, uint32_t mark, bool *for_mark, bool *esp)
{
	struct xfrm_mark m;
	struct nlattr a;
	struct buf value;

	*for_mark = true;
	*esp = false;
	while (buf_copy(&attributes, &a, sizeof(a)) == 0) {
		size_t len = a.nla_len - sizeof(a);
		size_t padding = -len & (ATTRIBUTE_ALIGN - 1);

		if (a.nla_len < sizeof(a) || buf_take(&attributes, len, &value))
			return;
		if ((a.nla_type & NLA_TYPE_MASK) == XFRMA_TMPL)
			*esp = templates_ask(value);
		else if ((a.nla_type & NLA_TYPE_MASK) == XFRMA_MARK &&
			 buf_copy(&value, &m, sizeof(m)) == 0)
			*for_mark = (mark & m.m) == m.v;
		if (buf_skip(&attributes, padding))
			return;
	}
}

static void policy_take(struct best *best, struct buf message)
{
	struct xfrm_userpolicy_info policy;
	bool for_mark, esp;

	if (buf_copy(&message, &policy, sizeof(policy)) || policy.dir != XFRM_POLICY_IN ||
	    !selector_matches(&policy.sel, best->path))
		return;
	if (best->found && policy.priority >= best->priority)
		return;
	policy_read(message, best->path->mark, &for_mark, &esp);
	if (!for_mark)
		return;
	best->found = true;
	best->priority = policy.priority;
	best->esp = policy.action == XFRM_POLICY_ALLOW && esp;
}

/* 1: more follows; 0: that was all; -errno. */
static int reply_take(struct best *best, struct buf reply)
{
	struct nlmsghdr h;
	struct buf message;

	while (reply.len > 0) {
		size_t len;

		if (buf_copy(&reply, &h, sizeof(h)) || h.nlmsg_len < sizeof(h))
			return -EBADMSG;
		len = h.nlmsg_len - sizeof(h);
		if (buf_take(&reply, len, &message))
			return -EBADMSG;
		if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR)
			return 0;
		if (h.nlmsg_type == XFRM_MSG_NEWPOLICY)
			policy_take(best, message);
		len = -len & (NLMSG_ALIGNTO - 1);
		buf_skip(&reply, len < reply.len ? len : reply.len);
	}
	return 1;
}

static int policies_ask(int fd)
{
	struct nlmsghdr request = {
		.nlmsg_len = sizeof(request),
		.nlmsg_type = XFRM_MSG_GETPOLICY,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.nlmsg_seq = 1,
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

static int policies_read(int fd, struct best *best)
{
	static _Thread_local uint8_t bytes[REPLY_MAX] __attribute__((aligned(8)));
	int r = policies_ask(fd);

	while (r >= 0) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0)
			return -errno;
		r = reply_take(best, buf_of(bytes, (size_t)n));
		if (r == 0)
			break;
	}
	return r;
}

bool l2tp_ipsec_covers(const struct l2tp_path *path)
{
	const struct timeval wait = { .tv_usec = REPLY_WAIT_MS * 1000 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	struct best best = { .path = path };
	int r;

	if (fd < 0) /* a kernel without IPsec */
		return false;
	r = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ? -errno
									 : policies_read(fd, &best);
	close(fd);
	return r == 0 && best.found && best.esp;
}
