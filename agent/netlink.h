/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Requests to netlink, mostly rtnetlink: composed in place, sent, answered. */
#ifndef XPPPD_NETLINK_H
#define XPPPD_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/* A request; what does not fit sets its length to 0, and sending it fails with -EMSGSIZE. */
struct nl_msg {
	struct nlmsghdr head;
	uint8_t payload[1008];
};

/* header: struct ifinfomsg and the like, which all messages of a type begin with. */
void nl_begin(struct nl_msg *m, uint16_t type, uint16_t flags, const void *header, size_t len);
void nl_put(struct nl_msg *m, uint16_t type, const void *data, size_t len);
void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t v);
void nl_put_str(struct nl_msg *m, uint16_t type, const char *s);
/* Bytes that are no attribute: a header within a nest. */
void nl_put_raw(struct nl_msg *m, const void *data, size_t len);
/* What is put until the end stands inside the attribute. */
size_t nl_nest_begin(struct nl_msg *m, uint16_t type);
void nl_nest_end(struct nl_msg *m, size_t nest);

/* Fills table[0..max] with the attributes found, NULL for the others. */
void nl_attrs(const void *attrs, size_t len, const struct rtattr **table, uint16_t max);
/* Those behind the header (of header_len bytes) of a message. */
void nl_msg_attrs(const struct nlmsghdr *h, size_t header_len, const struct rtattr **table,
		  uint16_t max);
/* 0 if absent or too short. */
uint32_t nl_attr_u32(const struct rtattr *attr);

/* A socket that does not block; protocol: NETLINK_ROUTE and the like, groups: RTMGRP_* of it.
 * -errno. */
int nl_socket(int protocol, uint32_t groups);
/* Sends without waiting for an answer. */
int nl_send(int fd, const struct nl_msg *m);

typedef void (*nl_fn)(void *arg, const struct nlmsghdr *h);
/* Asks the kernel on a socket of its own and waits for the end of the answer, which the kernel
 * has ready. fn: called with each message of it, may be NULL. */
int nl_talk(struct nl_msg *m, nl_fn fn, void *arg);
/* Splits what a socket received into messages. */
void nl_each(const void *data, size_t len, nl_fn fn, void *arg);

#endif
