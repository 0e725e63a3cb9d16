/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Authentication by the `authentication` statement that a `bind` chooses for the
 * user's realm. Answers come by callback, at once or later; never after aaa_cancel().
 */
#ifndef XPPPD_AAA_H
#define XPPPD_AAA_H

#include <netinet/in.h>
#include <stdint.h>

#include "ppp/ppp.h"

struct aaa;
struct aaa_job; /* a request under way */
struct conf;
struct conf_auth;
struct conf_bind;
struct conf_tunnel;
struct log;

/* What an accepted user gets beside the PPP answer. */
struct aaa_profile {
	const struct conf_bind *bind;  /* chooses interface, pool and limits */
	struct in_addr framed_ip;      /* 0: from the pool */
	struct in_addr framed_netmask; /* 255.255.255.255 unless given */
};

struct aaa_result {
	struct ppp_auth_reply ppp;
	struct aaa_profile profile; /* valid when accepted */
};

typedef void (*aaa_done_fn)(void *owner, const struct aaa_result *result);

/* Loads the users files that conf names. conf must outlive it. -ENOENT, -EACCES, -EINVAL (a
 * file's line is wrong: logged with file:line). */
int aaa_new(const struct conf *conf, struct log *log, struct aaa **aaa);
void aaa_free(struct aaa *aaa);

/* The user as the statement knows him: without what it strips. */
void aaa_account(const struct conf_auth *auth, const char *username,
		 char account[PPP_USERNAME_MAX + 1]);

/*
 * Picks the bind of `tunnel` with the longest suffix of the user name, strips what the
 * statement says, and decides. calling_number: text shown by and compared with
 * `calling-number` of the users file, NULL if the carrier has none. done may be called
 * before this returns; then the result is NULL. Otherwise returns the job.
 */
struct aaa_job *aaa_authenticate(struct aaa *aaa, const struct conf_tunnel *tunnel,
				 const struct ppp_auth_request *request, const char *calling_number,
				 aaa_done_fn done, void *owner);
void aaa_cancel(struct aaa_job *job); /* NULL is fine */

#endif
