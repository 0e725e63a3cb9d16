/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What aaa.c and aaa_realm.c share; nobody else includes it. */
#ifndef XPPPD_AAA_PRIVATE_H
#define XPPPD_AAA_PRIVATE_H

#include <sys/queue.h>

#include "aaa/aaa.h"

struct conf_auth;
struct dictionary;
struct mschapv2;
struct users;

/* A users file that is read; statements may share it. */
struct aaa_source {
	STAILQ_ENTRY(aaa_source) entry;
	const char *path; /* conf's */
	struct users *users;
};

struct aaa_realm;

struct aaa {
	unsigned int refs; /* jobs hold it, too */
	struct conf *conf;
	struct radius *radius;
	struct dictionary *dictionary;
	struct log *log;
	struct mschapv2 *mschapv2; /* NULL if no users file is asked for it */
	STAILQ_HEAD(, aaa_source) sources;
	STAILQ_HEAD(, aaa_realm) realms;
};

/* aaa.c: by the users file of a statement */
void aaa_decide(struct aaa *aaa, const struct conf_auth *auth, const struct aaa_request *request,
		struct aaa_result *result);
/* Calls, and frees what was not taken. */
void aaa_answer(aaa_done_fn done, void *owner, struct aaa_result *result);

/* aaa_realm.c: the servers of a statement. -ENOMEM, or what radius_group_new() says. */
int aaa_realm_load(struct aaa *aaa, const struct conf_auth *auth);
void aaa_realms_free(struct aaa *aaa);
struct aaa_job *aaa_realm_ask(struct aaa *aaa, const struct conf_bind *bind,
			      const struct aaa_request *request, aaa_done_fn done, void *owner);

#endif
