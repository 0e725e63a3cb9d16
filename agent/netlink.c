/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define RECEIVE_SIZE 32768 /* the kernel makes no larger message of a dump */
#define ANSWER_TIMEOUT_S 5

static size_t msg_room(const struct nl_msg *m)
{
	return m->head.nlmsg_len ? sizeof(*m) - m->head.nlmsg_len : 0;
}

void nl_begin(struct nl_msg *m, uint16_t type, uint16_t flags, const void *header, size_t len)
{
	memset(&m->head, 0, sizeof(m->head));
	m->head.nlmsg_type = type;
	m->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	m->head.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(len));
	memset(m->payload, 0, NLMSG_ALIGN(len));
	memcpy(m->payload, header, len);
}

void nl_put(struct nl_msg *m, uint16_t type, const void *data, size_t len)
{
	struct rtattr *attr = (struct rtattr *)((uint8_t *)m + m->head.nlmsg_len);

	if (RTA_SPACE(len) > msg_room(m)) {
		m->head.nlmsg_len = 0;
		return;
	}
	memset(attr, 0, RTA_SPACE(len));
	attr->rta_type = type;
	attr->rta_len = (uint16_t)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attr), data, len);
	m->head.nlmsg_len += (uint32_t)RTA_SPACE(len);
}

void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_str(struct nl_msg *m, uint16_t type, const char *s)
{
	nl_put(m, type, s, strlen(s) + 1);
}

void nl_put_raw(struct nl_msg *m, const void *data, size_t len)
{
	if (NLMSG_ALIGN(len) > msg_room(m)) {
		m->head.nlmsg_len = 0;
		return;
	}
	memcpy((uint8_t *)m + m->head.nlmsg_len, data, len);
	m->head.nlmsg_len += (uint32_t)NLMSG_ALIGN(len);
}

size_t nl_nest_begin(struct nl_msg *m, uint16_t type)
{
	size_t nest = m->head.nlmsg_len;

	nl_put(m, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void nl_nest_end(struct nl_msg *m, size_t nest)
{
	struct rtattr *attr = (struct rtattr *)((uint8_t *)m + nest);

	if (m->head.nlmsg_len)
		attr->rta_len = (uint16_t)(m->head.nlmsg_len - nest);
}

void nl_attrs(const void *attrs, size_t len, const struct rtattr **table, uint16_t max)
{
	const struct rtattr *attr = attrs;
	size_t left = len;

	memset(table, 0, (max + 1u) * sizeof(*table));
	while (left >= sizeof(*attr) && attr->rta_len >= sizeof(*attr) && attr->rta_len <= left) {
		size_t step = RTA_ALIGN(attr->rta_len);
		uint16_t type = attr->rta_type & NLA_TYPE_MASK;

		if (type <= max)
			table[type] = attr;
		if (step >= left)
			break;
		left -= step;
		attr = (const struct rtattr *)((const uint8_t *)attr + step);
	}
}

void nl_msg_attrs(const struct nlmsghdr *h, size_t header_len, const struct rtattr **table,
		  uint16_t max)
{
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(header_len);

	if (h->nlmsg_len < skip)
		skip = h->nlmsg_len;
	nl_attrs((const uint8_t *)h + skip, h->nlmsg_len - skip, table, max);
}

uint32_t nl_attr_u32(const struct rtattr *attr)
{
	uint32_t v = 0;

	if (attr && RTA_PAYLOAD(attr) >= sizeof(v))
		memcpy(&v, RTA_DATA(attr), sizeof(v));
	return v;
}

int nl_socket(int protocol, uint32_t groups)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

int nl_send(int fd, const struct nl_msg *m)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (!m->head.nlmsg_len)
		return -EMSGSIZE;
	if (sendto(fd, m, m->head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

void nl_each(const void *data, size_t len, nl_fn fn, void *arg)
{
	const struct nlmsghdr *h = data;

	while (len >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= len) {
		size_t step = NLMSG_ALIGN(h->nlmsg_len);

		fn(arg, h);
		if (step >= len)
			break;
		len -= step;
		h = (const struct nlmsghdr *)((const uint8_t *)h + step);
	}
}

struct answer {
	nl_fn fn;
	void *arg;
	int done; /* 1, or -errno */
};

static void answer_message(void *arg, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = (const struct nlmsgerr *)(h + 1);
	struct answer *answer = arg;

	if (answer->done)
		return;
	if (h->nlmsg_type == NLMSG_DONE)
		answer->done = 1;
	else if (h->nlmsg_type == NLMSG_ERROR)
		answer->done = h->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) && e->error ? e->error : 1;
	else if (answer->fn)
		answer->fn(answer->arg, h);
}

static int answer_read(int fd, struct answer *answer)
{
	uint8_t data[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));

	while (!answer->done) {
		ssize_t n = recv(fd, data, sizeof(data), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		nl_each(data, (size_t)n, answer_message, answer);
	}
	return answer->done < 0 ? answer->done : 0;
}

int nl_talk(struct nl_msg *m, nl_fn fn, void *arg)
{
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	struct answer answer = { .fn = fn, .arg = arg };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int r;

	if (fd < 0)
		return -errno;
	/* one of its bits alone means something else, of requests that create */
	if ((m->head.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		m->head.nlmsg_flags |= NLM_F_ACK;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	r = nl_send(fd, m);
	if (r == 0)
		r = answer_read(fd, &answer);
	close(fd);
	return r;
}
