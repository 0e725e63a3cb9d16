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

#include "buf.h"
#include "ppp/ppp.h"

struct aaa;
struct aaa_job;   /* a request under way */
struct aaa_state; /* what a server wants back with the next round of the same login */
struct conf;
struct conf_auth;
struct conf_bind;
struct conf_tunnel;
struct log;
struct profile;
struct radius;
struct subject;

struct aaa_request {
	const struct conf_tunnel *tunnel; /* whose binds are searched */
	const struct ppp_auth_request *ppp;
	const struct subject *subject; /* its username is filled in here */
	const char *calling_number;    /* NULL: the carrier has none */
	const struct aaa_state *state; /* of the round before, NULL: there was none */
};

/* Belongs to the giver, but for what the callee takes: it sets the pointer to NULL. */
struct aaa_result {
	struct ppp_auth_reply ppp;
	const struct conf_bind *bind; /* accepted: chooses interface, pool and limits */
	struct profile *profile;      /* accepted: what is granted, never NULL */
	struct aaa_state *state;      /* PPP_AUTH_CHALLENGE: for the next request */
	bool local;                   /* a users file decided */
	int error; /* reject: why nobody could decide, as -ETIMEDOUT; 0: somebody did */
};

/* Authorization alone, RFC 5176 3.2: the session is asked for again, with the State that the server
 * gave in its CoA-Request. */
struct aaa_authorize {
	const struct conf_bind *bind;
	const struct subject *subject;
	struct buf state;
};

typedef void (*aaa_done_fn)(void *owner, struct aaa_result *result);

/* Loads the users files that conf names. radius must outlive it, and may be NULL where no bind leads
 * to a server. -ENOENT, -EACCES, -EINVAL (a file's line is wrong: logged with
 * file:line). */
int aaa_new(struct conf *conf, struct radius *radius, struct log *log, struct aaa **aaa);
/* Requests under way are answered nevertheless. */
void aaa_free(struct aaa *aaa);

/* The user as the statement knows him: without what it strips. */
void aaa_account(const struct conf_auth *auth, const char *username,
		 char account[PPP_USERNAME_MAX + 1]);

/* The same as servers are told it, which is more for some methods. */
void aaa_sent_name(const struct conf_auth *auth, enum ppp_auth method, const char *username,
		   char name[PPP_USERNAME_MAX + 1]);

/*
 * Picks the bind of `tunnel` with the longest suffix of the user name, strips what the
 * statement says, and decides, or asks its servers. done may be called before this returns; then
 * the result is NULL. Otherwise returns the job. What the bind belongs to may not be the
 * configuration of the day any more when the answer comes.
 */
struct aaa_job *aaa_authenticate(struct aaa *aaa, const struct aaa_request *request,
				 aaa_done_fn done, void *owner);
/* Like aaa_authenticate(). */
struct aaa_job *aaa_authorize_only(struct aaa *aaa, const struct aaa_authorize *authorize,
				   aaa_done_fn done, void *owner);
void aaa_cancel(struct aaa_job *job);         /* NULL is fine */
void aaa_state_free(struct aaa_state *state); /* NULL is fine */

#endif
