/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/aaa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_private.h"
#include "aaa/dictionary.h"
#include "aaa/local.h"
#include "aaa/profile.h"
#include "brief.h"
#include "conf/conf.h"
#include "conf/users.h"
#include "log.h"
#include "ppp/mschapv2.h"

/* ---- loading ---- */

static const struct users *users_of(const struct aaa *aaa, const struct conf_auth *auth)
{
	const struct aaa_source *s;

	STAILQ_FOREACH(s, &aaa->sources, entry)
		if (strcmp(s->path, auth->users_file) == 0)
			return s->users;
	return NULL;
}

static int read_fitting(const struct aaa *aaa, const char *path, FILE *errors, struct users **users)
{
	struct users *read;
	int r = users_read(path, aaa->dictionary, errors, &read);

	if (r < 0)
		return r;
	r = users_check(read, aaa->conf, path, errors);
	if (r < 0)
		users_free(read);
	else
		*users = read;
	return r;
}

/* Its messages, one line each, go to the log. */
static int read_users(const struct aaa *aaa, const char *path, struct users **users)
{
	char *messages = NULL, *line, *rest;
	size_t size;
	FILE *errors = open_memstream(&messages, &size);
	int r;

	if (!errors)
		return -ENOMEM;
	r = read_fitting(aaa, path, errors, users);
	fclose(errors);
	for (line = strtok_r(messages, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		log_msg(aaa->log, LOG_ERR, "%s", line);
	free(messages);
	return r;
}

static int load_users(struct aaa *aaa, const struct conf_auth *auth)
{
	struct aaa_source *s;
	int r;

	if (users_of(aaa, auth))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	r = read_users(aaa, auth->users_file, &s->users);
	if (r < 0) {
		free(s);
		return r;
	}
	s->path = auth->users_file;
	STAILQ_INSERT_TAIL(&aaa->sources, s, entry);
	log_msg(aaa->log, LOG_INFO, "%s: %zu users", s->path, users_count(s->users));
	return 0;
}

static int load_mschapv2(struct aaa *aaa)
{
	int r;

	if (aaa->mschapv2)
		return 0;
	r = mschapv2_new(&aaa->mschapv2);
	if (r == -ENOTSUP)
		log_msg(aaa->log, LOG_ERR,
			"MS-CHAPv2 needs the legacy provider of OpenSSL; without it, name "
			"other methods by authentication-method");
	return r;
}

/* What the bind needs to decide with. */
static int load(struct aaa *aaa, const struct conf_bind *bind)
{
	const struct conf_auth *auth = bind->auth;
	int r = 0;

	if (auth->type == CONF_AUTH_RADIUS) {
		r = aaa_realm_load(aaa, auth);
		auth = auth->fallback_auth;
	}
	if (r < 0 || !auth)
		return r;
	r = load_users(aaa, auth);
	return r == 0 && bind->tunnel->ppp.auth_mschapv2 ? load_mschapv2(aaa) : r;
}

int aaa_new(struct conf *conf, struct radius *radius, struct log *log, struct aaa **aaa)
{
	struct aaa *a = calloc(1, sizeof(*a));
	const struct conf_bind *b;
	int r;

	if (!a)
		return -ENOMEM;
	a->refs = 1;
	a->conf = conf_ref(conf);
	a->radius = radius;
	a->log = log;
	STAILQ_INIT(&a->sources);
	STAILQ_INIT(&a->realms);
	r = dictionary_new(conf->dictionary_directory ? conf->dictionary_directory
						      : CONF_DICTIONARY_DIRECTORY,
			   log, &a->dictionary);
	for (b = STAILQ_FIRST(&conf->binds); b && r == 0; b = STAILQ_NEXT(b, entry))
		r = load(a, b);
	if (r < 0) {
		aaa_free(a);
		return r;
	}
	*aaa = a;
	return 0;
}

void aaa_free(struct aaa *aaa)
{
	struct aaa_source *s;

	if (!aaa || --aaa->refs > 0)
		return;
	aaa_realms_free(aaa);
	while ((s = STAILQ_FIRST(&aaa->sources))) {
		STAILQ_REMOVE_HEAD(&aaa->sources, entry);
		users_free(s->users);
		free(s);
	}
	mschapv2_free(aaa->mschapv2);
	dictionary_free(aaa->dictionary);
	conf_unref(aaa->conf);
	free(aaa);
}

/* ---- deciding ---- */

static bool matches(const struct conf_auth *auth, const char *name)
{
	size_t len = strlen(name), suffix = strlen(auth->username_suffix);
	size_t prefix = strlen(auth->username_prefix);

	return suffix <= len && strcmp(name + len - suffix, auth->username_suffix) == 0 &&
	       strncmp(name, auth->username_prefix, prefix) == 0;
}

/* The longer suffix wins, among equal ones the longer prefix. */
static bool is_closer(const struct conf_auth *a, const struct conf_auth *b)
{
	size_t x = strlen(a->username_suffix), y = strlen(b->username_suffix);

	return x != y ? x > y : strlen(a->username_prefix) > strlen(b->username_prefix);
}

/* Tunnels are compared by name: a session may have begun with an earlier configuration. */
static bool serves(const struct conf_bind *b, const struct aaa_request *request)
{
	const struct ppp_auth_request *ppp = request->ppp;

	return strcmp(b->tunnel->name, request->tunnel->name) == 0 &&
	       matches(b->auth, ppp->username) &&
	       (ppp->method != PPP_AUTH_EAP || conf_auth_takes_eap(b->auth));
}

static const struct conf_bind *bind_find(const struct conf *conf, const struct aaa_request *request)
{
	const struct conf_bind *b, *found = NULL;

	STAILQ_FOREACH(b, &conf->binds, entry)
		if (serves(b, request) && (!found || is_closer(b->auth, found->auth)))
			found = b;
	return found;
}

void aaa_account(const struct conf_auth *auth, const char *username,
		 char account[PPP_USERNAME_MAX + 1])
{
	const char *backslash = auth->strip_nt_domain ? strrchr(username, '\\') : NULL;
	char *at;

	if (backslash)
		username = backslash + 1;
	brief_copy(account, PPP_USERNAME_MAX + 1, username);
	at = auth->strip_atmark_realm ? strrchr(account, '@') : NULL;
	if (at)
		*at = '\0';
}

/* RFC 3579 2.1 leaves names alone that go with EAP. The response of MS-CHAPv2 is made with the name
 * without its domain, but with its realm (RFC 2759 8.2): who strips that makes every password wrong. */
void aaa_sent_name(const struct conf_auth *auth, enum ppp_auth method, const char *username,
		   char name[PPP_USERNAME_MAX + 1])
{
	struct conf_auth stripping = *auth;

	if (method == PPP_AUTH_EAP)
		stripping.strip_nt_domain = false;
	if (method != PPP_AUTH_PAP && method != PPP_AUTH_CHAP_MD5)
		stripping.strip_atmark_realm = false;
	aaa_account(&stripping, username, name);
}

void aaa_decide(struct aaa *aaa, const struct conf_auth *auth, const struct aaa_request *request,
		struct aaa_result *result)
{
	char name[PPP_USERNAME_MAX + 1];
	struct local_call call = {
		.users = users_of(aaa, auth),
		.mschapv2 = aaa->mschapv2,
		.name = name,
		.check_calling_number = request->tunnel->callnum_check,
		.calling_number = request->calling_number,
	};

	aaa_account(auth, request->ppp->username, name);
	local_authenticate(&call, request->ppp, result);
	result->local = true;
}

void aaa_answer(aaa_done_fn done, void *owner, struct aaa_result *result)
{
	done(owner, result);
	profile_free(result->profile);
	aaa_state_free(result->state);
	explicit_bzero(result, sizeof(*result));
}

struct aaa_job *aaa_authenticate(struct aaa *aaa, const struct aaa_request *request,
				 aaa_done_fn done, void *owner)
{
	struct aaa_result result = { .ppp.result = PPP_AUTH_REJECT };

	result.bind = bind_find(aaa->conf, request);
	if (result.bind && result.bind->auth->type == CONF_AUTH_RADIUS)
		return aaa_realm_ask(aaa, result.bind, request, done, owner);
	if (result.bind)
		aaa_decide(aaa, result.bind->auth, request, &result);
	aaa_answer(done, owner, &result);
	return NULL;
}
