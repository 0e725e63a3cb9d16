/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * nfnetlink answers within sendmsg(2), so that each change is asked for and its answer read at
 * once, without waiting: who joins has to know whether he is in. A change is a batch of its own,
 * because one that fails takes its whole batch with it.
 *
 * Operators load their rules anew with `flush ruleset` in front, and their sets come back empty.
 * The kernel's announcements of new sets are listened to, and members added again, a part in
 * each turn of the loop (timer refill).
 */
#include "nftset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "index.h"
#include "log.h"
#include "netlink.h"

#define TABLE "xpppd"
#define MARK "xpppd: "
#define KEY_IPV4_ADDR 7    /* nft's number of the type */
#define COMMENT 0          /* and of a comment in an element's user data */
#define PER_MESSAGE 12     /* elements that fit struct nl_msg beside the longest name */
#define REFILL_MESSAGES 8  /* in one turn */
#define RECEIVE_SIZE 32768 /* the kernel makes no larger message */
#define NAME_MAX_LEN (NFT_SET_MAXNAMELEN - 1)

struct nftset {
	struct index_node node;
	LIST_ENTRY(nftset) entry;
	struct nftsets *all;
	LIST_HEAD(, nftset_member) members;
	struct nftset_member *refill; /* this and those behind it are to be added again */
	bool checked;                 /* it is there and fits */
	char name[];
};

struct nftset_member {
	LIST_ENTRY(nftset_member) entry;
	struct nftset *set;
	struct in_addr addr;
	uint32_t ppp_id;
};

struct nftsets {
	struct ev_loop *loop;
	struct log *log;
	int fd; /* -1: no nftables */
	uint32_t seq;
	struct ev_io events;
	struct ev_timer refill;
	struct index index;
	LIST_HEAD(, nftset) list;
};

/* ---- messages ---- */

static void message(struct nl_msg *m, unsigned int type, unsigned int flags, uint32_t seq)
{
	const struct nfgenmsg header = { .nfgen_family = NFPROTO_INET };

	nl_begin(m, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), (uint16_t)flags, &header,
		 sizeof(header));
	m->head.nlmsg_seq = seq;
}

static void put_mark(struct nl_msg *m, uint32_t ppp_id)
{
	uint8_t data[2 + 40];
	int len = snprintf((char *)data + 2, sizeof(data) - 2, MARK "ppp-id %u", ppp_id);

	data[0] = COMMENT;
	data[1] = (uint8_t)(len + 1);
	nl_put(m, NFTA_SET_ELEM_USERDATA, data, (size_t)len + 3);
}

static size_t begin_elements(struct nl_msg *m, unsigned int type, const char *set, uint32_t seq)
{
	message(m, type, NLM_F_ACK | (type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0), seq);
	nl_put_str(m, NFTA_SET_ELEM_LIST_TABLE, TABLE);
	nl_put_str(m, NFTA_SET_ELEM_LIST_SET, set);
	return nl_nest_begin(m, NFTA_SET_ELEM_LIST_ELEMENTS);
}

/* ppp_id 0: only the key, to take it away */
static void put_element(struct nl_msg *m, struct in_addr addr, uint32_t ppp_id)
{
	size_t element = nl_nest_begin(m, NFTA_LIST_ELEM);
	size_t key = nl_nest_begin(m, NFTA_SET_ELEM_KEY);

	nl_put(m, NFTA_DATA_VALUE, &addr, sizeof(addr));
	nl_nest_end(m, key);
	if (ppp_id)
		put_mark(m, ppp_id);
	nl_nest_end(m, element);
}

static void batch_edge(struct nl_msg *m, uint16_t type, uint32_t seq)
{
	const struct nfgenmsg header = { .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	nl_begin(m, type, 0, &header, sizeof(header));
	m->head.nlmsg_seq = seq;
}

/* ---- asking ---- */

struct answer {
	uint32_t seq;
	nl_fn fn;
	void *arg;
	bool complete;
	int error;
};

static void on_answer(void *arg, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = (const struct nlmsgerr *)(h + 1);
	struct answer *answer = arg;

	if (h->nlmsg_seq != answer->seq)
		return;
	if (h->nlmsg_type == NLMSG_DONE) {
		answer->complete = true;
	} else if (h->nlmsg_type == NLMSG_ERROR) {
		answer->complete = true;
		if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) && e->error && !answer->error)
			answer->error = e->error;
	} else if (answer->fn) {
		answer->fn(answer->arg, h);
	}
}

/* All there is: the kernel has answered before the request returned. */
static int read_answer(struct nftsets *n, struct answer *answer)
{
	uint8_t data[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len;

	do {
		len = recv(n->fd, data, sizeof(data), MSG_DONTWAIT);
		if (len > 0)
			nl_each(data, (size_t)len, on_answer, answer);
	} while (len > 0 || (len < 0 && errno == EINTR));
	if (answer->error)
		return answer->error;
	return answer->complete ? 0 : -EIO;
}

static int ask(struct nftsets *n, const struct nl_msg *m, nl_fn fn, void *arg)
{
	struct answer answer = { .seq = m->head.nlmsg_seq, .fn = fn, .arg = arg };
	int r = n->fd < 0 ? -EPROTONOSUPPORT : nl_send(n->fd, m);

	return r < 0 ? r : read_answer(n, &answer);
}

static int change(struct nftsets *n, struct nl_msg *messages, unsigned int count)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec parts[REFILL_MESSAGES + 2];
	struct msghdr msg = { .msg_name = &kernel,
			      .msg_namelen = sizeof(kernel),
			      .msg_iov = parts,
			      .msg_iovlen = count + 2 };
	struct answer answer = { .seq = n->seq };
	struct nl_msg begin, end;

	if (n->fd < 0)
		return -EPROTONOSUPPORT;
	batch_edge(&begin, NFNL_MSG_BATCH_BEGIN, n->seq);
	batch_edge(&end, NFNL_MSG_BATCH_END, n->seq);
	parts[0] = (struct iovec){ &begin, begin.head.nlmsg_len };
	for (unsigned int i = 0; i < count; i++) {
		if (!messages[i].head.nlmsg_len)
			return -EMSGSIZE;
		parts[i + 1] = (struct iovec){ &messages[i], messages[i].head.nlmsg_len };
	}
	parts[count + 1] = (struct iovec){ &end, end.head.nlmsg_len };
	n->seq++;
	return sendmsg(n->fd, &msg, 0) < 0 ? -errno : read_answer(n, &answer);
}

static int change_one(struct nftsets *n, unsigned int type, const char *set, struct in_addr addr,
		      uint32_t ppp_id)
{
	struct nl_msg m;
	size_t list = begin_elements(&m, type, set, n->seq);

	put_element(&m, addr, ppp_id);
	nl_nest_end(&m, list);
	return change(n, &m, 1);
}

/* ---- sets ---- */

static uint32_t attr_be32(const struct rtattr *attr)
{
	return ntohl(nl_attr_u32(attr));
}

static const char *attr_text(const struct rtattr *attr)
{
	size_t len = attr ? RTA_PAYLOAD(attr) : 0;
	const char *text = len ? RTA_DATA(attr) : NULL;

	return text && text[len - 1] == '\0' ? text : "";
}

/* An element of a set with intervals is where one begins; those of maps have values. */
static bool set_fits(const struct rtattr *const *attrs)
{
	uint32_t flags = attr_be32(attrs[NFTA_SET_FLAGS]);

	return !(flags & (NFT_SET_INTERVAL | NFT_SET_MAP | NFT_SET_CONSTANT)) &&
	       attr_be32(attrs[NFTA_SET_KEY_LEN]) == sizeof(struct in_addr) &&
	       attr_be32(attrs[NFTA_SET_KEY_TYPE]) == KEY_IPV4_ADDR;
}

static void on_set(void *arg, const struct nlmsghdr *h)
{
	const struct rtattr *attrs[NFTA_SET_MAX + 1];

	nl_msg_attrs(h, sizeof(struct nfgenmsg), attrs, NFTA_SET_MAX);
	*(bool *)arg = set_fits(attrs);
}

static int set_check(struct nftset *set)
{
	struct nl_msg m;
	bool fits = false;
	int r;

	if (set->checked)
		return 0;
	message(&m, NFT_MSG_GETSET, NLM_F_ACK, set->all->seq++);
	nl_put_str(&m, NFTA_SET_TABLE, TABLE);
	nl_put_str(&m, NFTA_SET_NAME, set->name);
	r = ask(set->all, &m, on_set, &fits);
	if (r < 0)
		return r;
	set->checked = fits;
	return fits ? 0 : -EINVAL;
}

static uint64_t name_hash(const struct nftsets *n, const char *name)
{
	return index_hash(&n->index, name, strlen(name));
}

static struct nftset *set_find(const struct nftsets *n, const char *name)
{
	struct index_node *node = index_first(&n->index, name_hash(n, name));

	for (; node; node = index_next(node)) {
		struct nftset *set = INDEX_ENTRY(node, struct nftset, node);

		if (strcmp(set->name, name) == 0)
			return set;
	}
	return NULL;
}

static struct nftset *set_get(struct nftsets *n, const char *name)
{
	struct nftset *set = set_find(n, name);
	size_t len = strlen(name);

	if (set)
		return set;
	set = calloc(1, sizeof(*set) + len + 1);
	if (!set)
		return NULL;
	set->all = n;
	memcpy(set->name, name, len);
	LIST_INIT(&set->members);
	LIST_INSERT_HEAD(&n->list, set, entry);
	index_add(&n->index, &set->node, name_hash(n, name));
	return set;
}

/* Without members it need not be remembered. */
static void set_put(struct nftset *set)
{
	if (!LIST_EMPTY(&set->members))
		return;
	index_del(&set->all->index, &set->node);
	LIST_REMOVE(set, entry);
	free(set);
}

int nftset_join(struct nftsets *n, const char *name, struct in_addr addr, uint32_t ppp_id,
		struct nftset_member **out)
{
	struct nftset_member *member;
	struct nftset *set;
	int r;

	if (!*name || strlen(name) > NAME_MAX_LEN)
		return -ENOENT;
	member = calloc(1, sizeof(*member));
	set = set_get(n, name);
	r = member && set ? set_check(set) : -ENOMEM;
	if (r == 0)
		r = change_one(n, NFT_MSG_NEWSETELEM, name, addr, ppp_id);
	if (r < 0) {
		free(member);
		if (set)
			set_put(set);
		return r;
	}
	*member = (struct nftset_member){ .set = set, .addr = addr, .ppp_id = ppp_id };
	LIST_INSERT_HEAD(&set->members, member, entry);
	*out = member;
	return 0;
}

void nftset_leave(struct nftset_member *member)
{
	struct nftset *set;
	struct nftsets *n;
	int r;

	if (!member)
		return;
	set = member->set;
	n = set->all;
	r = change_one(n, NFT_MSG_DELSETELEM, set->name, member->addr, 0);
	if (r < 0 && r != -ENOENT)
		log_msg(n->log, LOG_ERR, "ppp-id %u stays in the set %s of nftables: %s",
			member->ppp_id, set->name, strerror(-r));
	if (set->refill == member)
		set->refill = LIST_NEXT(member, entry);
	LIST_REMOVE(member, entry);
	free(member);
	set_put(set);
}

/* ---- sets that come anew ---- */

static unsigned int put_members(struct nl_msg *m, struct nftset *set)
{
	size_t list = begin_elements(m, NFT_MSG_NEWSETELEM, set->name, set->all->seq);
	unsigned int count = 0;

	for (; set->refill && count < PER_MESSAGE; count++) {
		put_element(m, set->refill->addr, set->refill->ppp_id);
		set->refill = LIST_NEXT(set->refill, entry);
	}
	nl_nest_end(m, list);
	return count;
}

static int refill_some(struct nftset *set)
{
	struct nl_msg messages[REFILL_MESSAGES];
	unsigned int count = 0;

	for (; set->refill && count < REFILL_MESSAGES; count++)
		put_members(&messages[count], set);
	return change(set->all, messages, count);
}

static void on_refill(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct nftsets *n = timer->data;
	struct nftset *set;
	int r;

	(void)revents;
	LIST_FOREACH(set, &n->list, entry)
		if (set->refill)
			break;
	if (!set)
		return;
	r = set_check(set);
	if (r == 0)
		r = refill_some(set);
	if (r < 0) {
		log_msg(n->log, LOG_ERR, "the new set %s of nftables gets no sessions: %s",
			set->name, strerror(-r));
		set->refill = NULL;
	}
	ev_timer_set(timer, 0., 0.);
	ev_timer_start(loop, timer);
}

static void set_again(struct nftset *set)
{
	struct nftsets *n = set->all;

	set->checked = false;
	set->refill = LIST_FIRST(&set->members);
	if (set->refill)
		ev_timer_start(n->loop, &n->refill);
}

static void on_event(void *arg, const struct nlmsghdr *h)
{
	const struct nfgenmsg *g = (const struct nfgenmsg *)(h + 1);
	const struct rtattr *attrs[NFTA_SET_NAME + 1];
	struct nftset *set;

	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET) ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*g)) || g->nfgen_family != NFPROTO_INET)
		return;
	nl_msg_attrs(h, sizeof(*g), attrs, NFTA_SET_NAME);
	if (strcmp(attr_text(attrs[NFTA_SET_TABLE]), TABLE) != 0)
		return;
	set = set_find(arg, attr_text(attrs[NFTA_SET_NAME]));
	if (set)
		set_again(set);
}

static void on_events(struct ev_loop *loop, struct ev_io *io, int revents)
{
	uint8_t data[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len = recv(io->fd, data, sizeof(data), 0);
	struct nftsets *n = io->data;
	struct nftset *set;

	(void)loop;
	(void)revents;
	if (len > 0)
		nl_each(data, (size_t)len, on_event, n);
	else if (len < 0 && errno == ENOBUFS) /* who knows what was announced */
		LIST_FOREACH(set, &n->list, entry)
			set_again(set);
}

/* ---- what an earlier agent has left ---- */

struct leftover {
	struct leftover *next;
	struct in_addr addr;
};

struct sweep { /* of one set */
	struct sweep *next;
	struct leftover *elements;
	char name[];
};

static void on_listed_set(void *arg, const struct nlmsghdr *h)
{
	const struct rtattr *attrs[NFTA_SET_MAX + 1];
	struct sweep **list = arg, *set;
	const char *name;

	nl_msg_attrs(h, sizeof(struct nfgenmsg), attrs, NFTA_SET_MAX);
	name = attr_text(attrs[NFTA_SET_NAME]);
	if (strcmp(attr_text(attrs[NFTA_SET_TABLE]), TABLE) != 0 || !set_fits(attrs))
		return;
	set = calloc(1, sizeof(*set) + strlen(name) + 1);
	if (!set)
		return;
	memcpy(set->name, name, strlen(name));
	set->next = *list;
	*list = set;
}

static bool is_marked(const struct rtattr *userdata)
{
	const uint8_t *data = userdata ? RTA_DATA(userdata) : NULL;

	return data && RTA_PAYLOAD(userdata) > 2 + strlen(MARK) && data[0] == COMMENT &&
	       memcmp(data + 2, MARK, strlen(MARK)) == 0;
}

static void sweep_element(struct sweep *set, const struct rtattr *element)
{
	const struct rtattr *attrs[NFTA_SET_ELEM_USERDATA + 1], *key[NFTA_DATA_VALUE + 1];
	struct leftover *left;

	nl_attrs(RTA_DATA(element), RTA_PAYLOAD(element), attrs, NFTA_SET_ELEM_USERDATA);
	if (!is_marked(attrs[NFTA_SET_ELEM_USERDATA]) || !attrs[NFTA_SET_ELEM_KEY])
		return;
	nl_attrs(RTA_DATA(attrs[NFTA_SET_ELEM_KEY]), RTA_PAYLOAD(attrs[NFTA_SET_ELEM_KEY]), key,
		 NFTA_DATA_VALUE);
	left = calloc(1, sizeof(*left));
	if (!left)
		return;
	left->addr.s_addr = nl_attr_u32(key[NFTA_DATA_VALUE]);
	left->next = set->elements;
	set->elements = left;
}

static void on_listed_elements(void *arg, const struct nlmsghdr *h)
{
	const struct rtattr *attrs[NFTA_SET_ELEM_LIST_ELEMENTS + 1], *list, *element;
	int left;

	nl_msg_attrs(h, sizeof(struct nfgenmsg), attrs, NFTA_SET_ELEM_LIST_ELEMENTS);
	list = attrs[NFTA_SET_ELEM_LIST_ELEMENTS];
	if (!list)
		return;
	left = (int)RTA_PAYLOAD(list);
	for (element = RTA_DATA(list); RTA_OK(element, left); element = RTA_NEXT(element, left))
		sweep_element(arg, element);
}

static unsigned int sweep_set(struct nftsets *n, struct sweep *set)
{
	struct leftover *left;
	unsigned int count = 0;
	struct nl_msg m;

	message(&m, NFT_MSG_GETSETELEM, NLM_F_DUMP, n->seq++);
	nl_put_str(&m, NFTA_SET_ELEM_LIST_TABLE, TABLE);
	nl_put_str(&m, NFTA_SET_ELEM_LIST_SET, set->name);
	ask(n, &m, on_listed_elements, set);
	while ((left = set->elements)) {
		count += change_one(n, NFT_MSG_DELSETELEM, set->name, left->addr, 0) == 0;
		set->elements = left->next;
		free(left);
	}
	return count;
}

static void sweep(struct nftsets *n)
{
	struct sweep *list = NULL, *set;
	unsigned int count = 0;
	struct nl_msg m;

	message(&m, NFT_MSG_GETSET, NLM_F_DUMP, n->seq++);
	nl_put_str(&m, NFTA_SET_TABLE, TABLE);
	ask(n, &m, on_listed_set, &list);
	while ((set = list)) {
		count += sweep_set(n, set);
		list = set->next;
		free(set);
	}
	if (count)
		log_msg(n->log, LOG_NOTICE,
			"sets of nftables: %u addresses of sessions of an earlier run removed",
			count);
}

/* ---- coming and going ---- */

/* Everything but what is our own doing. */
static void listen_to_others(struct nftsets *n, int fd)
{
	struct sockaddr_nl self = { 0 };
	socklen_t len = sizeof(self);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (getsockname(n->fd, (struct sockaddr *)&self, &len) == 0) {
		code[1].k = htonl(self.nl_pid); /* packets are loaded in network order */
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	}
	ev_io_set(&n->events, fd, EV_READ);
	ev_io_start(n->loop, &n->events);
}

static void nftables_open(struct nftsets *n)
{
	int fd;

	n->fd = nl_socket(NETLINK_NETFILTER, 0);
	if (n->fd < 0)
		return;
	fd = nl_socket(NETLINK_NETFILTER, 1u << (NFNLGRP_NFTABLES - 1));
	if (fd >= 0)
		listen_to_others(n, fd);
	sweep(n);
}

int nftsets_new(struct ev_loop *loop, struct log *log, struct nftsets **out)
{
	struct nftsets *n = calloc(1, sizeof(*n));
	int r = n ? index_init(&n->index) : -ENOMEM;

	if (r < 0) {
		free(n);
		return r;
	}
	n->loop = loop;
	n->log = log;
	LIST_INIT(&n->list);
	ev_init(&n->events, on_events);
	n->events.data = n;
	ev_init(&n->refill, on_refill);
	n->refill.data = n;
	nftables_open(n);
	*out = n;
	return 0;
}

void nftsets_free(struct nftsets *n)
{
	if (!n)
		return;
	if (ev_is_active(&n->events)) {
		ev_io_stop(n->loop, &n->events);
		close(n->events.fd);
	}
	ev_timer_stop(n->loop, &n->refill);
	if (n->fd >= 0)
		close(n->fd);
	index_fini(&n->index);
	free(n);
}
