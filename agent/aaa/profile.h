/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What somebody is granted, whoever grants it: the users file, a server's Access-Accept, a
 * Change-of-Authorization. One owner, no references.
 */
#ifndef XPPPD_PROFILE_H
#define XPPPD_PROFILE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_NAME_MAX 63 /* of pools and filters, without the end */
#define PROFILE_USERNAME_MAX 253
#define PROFILE_CLASS_MAX 253 /* bytes of one */
#define PROFILE_LIST_MAX 64   /* routes, filters and classes: so many of each */

/* Framed-IP-Address, RFC 2865 5.8 */
#define PROFILE_IP_USER_SELECTS 0xffffffffU /* host order: the peer may name one */
#define PROFILE_IP_POOL 0xfffffffeU         /* host order: we choose one */

/* What is given: bits of profile.set. What is not given is as profile_new() leaves it. */
enum profile_field {
	PROFILE_FRAMED_IP = 1 << 0,
	PROFILE_FRAMED_NETMASK = 1 << 1,
	PROFILE_ROUTES = 1 << 2,
	PROFILE_POOL = 1 << 3,
	PROFILE_MTU = 1 << 4,
	PROFILE_SESSION_TIMEOUT = 1 << 5,
	PROFILE_IDLE_TIMEOUT = 1 << 6,
	PROFILE_INTERIM = 1 << 7,
	PROFILE_PORT_LIMIT = 1 << 8,
	PROFILE_FILTERS = 1 << 9,
	PROFILE_CLASSES = 1 << 10,
	PROFILE_DNS = 1 << 11,
	PROFILE_NBNS = 1 << 12,
	PROFILE_RATE_UP = 1 << 13,
	PROFILE_RATE_DOWN = 1 << 14,
	PROFILE_MPPE_POLICY = 1 << 15,
	PROFILE_MPPE_TYPES = 1 << 16,
	PROFILE_USERNAME = 1 << 17,
	PROFILE_MESSAGE = 1 << 18,
};

struct profile_route {      /* Framed-Route, RFC 2865 5.22; its gateway is the session */
	struct in_addr net; /* host bits are 0 */
	uint32_t metric;    /* 0: none given */
	uint8_t prefix;
};

struct profile_rate {
	uint64_t bits_per_s; /* 0: no limit */
	uint32_t burst;      /* bytes; 0: whatever is usual */
};

struct profile_class { /* opaque, sent back with accounting */
	uint8_t len;
	uint8_t value[];
};

struct profile {
	uint32_t set;                   /* enum profile_field */
	struct in_addr framed_ip;       /* 0, or one of the special values: none of his own */
	struct in_addr framed_netmask;  /* 255.255.255.255 unless given */
	struct in_addr dns[2], nbns[2]; /* 0: none */
	uint32_t session_timeout, idle_timeout, interim_interval; /* seconds; 0: none */
	uint32_t port_limit;                                      /* sessions; 0: no limit */
	uint32_t mppe_policy; /* 1: encryption allowed, 2: required (RFC 2548 2.4.4) */
	uint32_t mppe_types;  /* bits: 2: 40 bit, 4: 128 bit, 8: 56 bit (RFC 2548 2.4.5) */
	struct profile_rate rate_up, rate_down;
	uint16_t mtu;
	uint8_t n_routes, n_filters, n_classes;
	struct profile_route *routes;
	char **filters; /* Filter-Id, in the order given */
	struct profile_class **classes;
	char *pool;
	char *message;  /* Reply-Message; the peer is told it once */
	char *username; /* what accounting calls him, if a server names him (RFC 2865 5.1) */
};

struct profile *profile_new(void); /* NULL: no memory */
void profile_free(struct profile *profile);
struct profile *profile_copy(const struct profile *profile); /* NULL: no memory */
/* base with what `change` gives in the place of what it gave. NULL: no memory. */
struct profile *profile_merge(const struct profile *base, const struct profile *change);

static inline bool profile_has(const struct profile *profile, enum profile_field field)
{
	return profile->set & (uint32_t)field;
}

/* An address of his own; 0: none, it comes from a pool. */
struct in_addr profile_own_ip(const struct profile *profile);

/* These add to the lists, and set the bit. -ENOMEM; -E2BIG: there are too many; -EEXIST: it is
 * there; -EINVAL: a name that is none. */
int profile_add_route(struct profile *profile, const struct profile_route *route);
int profile_add_filter(struct profile *profile, const char *name);
int profile_add_class(struct profile *profile, const void *value, size_t len);
int profile_set_pool(struct profile *profile, const char *name);
int profile_set_username(struct profile *profile, const char *name);
/* Adds a line to it. */
int profile_add_message(struct profile *profile, const char *text);

#endif
