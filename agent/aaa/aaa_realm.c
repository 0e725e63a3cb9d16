/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Authentication by servers. A login becomes a job, which ends with the server's answer. Where
 * there is a `fallback`, a copy of what the peer proved himself with waits in the job for the case
 * that no server answers. While all are known to be dead the fallback decides at once, and one of
 * those logins at a time is sent nevertheless, so that the servers' return is noticed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_private.h"
#include "aaa/attribute.h"
#include "aaa/radius.h"
#include "aaa/radius_auth.h"
#include "aaa/radius_eap.h"
#include "aaa/subject.h"
#include "conf/conf.h"
#include "log.h"

#define RESPONSE_MAX 256 /* a password, or the response of a method that users files know */
#define CHALLENGE_MAX 256

struct aaa_realm {
	STAILQ_ENTRY(aaa_realm) entry;
	const struct conf_auth *auth; /* conf's */
	struct radius_group *group;
	struct radius_job *probe; /* asked for nobody's sake; NULL: none under way */
	bool fallen_back;         /* and said so */
};

/* What the fallback needs. */
struct login {
	struct aaa_request request;
	struct ppp_auth_request ppp;
	char username[PPP_USERNAME_MAX + 1], calling[SUBJECT_TEXT_MAX + 1];
	uint8_t challenge[CHALLENGE_MAX], response[RESPONSE_MAX];
};

struct aaa_job {
	struct aaa *aaa;
	struct aaa_realm *realm;
	const struct conf_bind *bind;
	struct conf *conf; /* holds bind */
	struct radius_job *radius;
	aaa_done_fn done;
	void *owner;
	enum ppp_auth method; /* PPP_AUTH_NONE: authorization only */
	char username[PPP_USERNAME_MAX + 1];
	struct login *login; /* NULL: there is no fallback for it */
};

/* ---- realms ---- */

static struct aaa_realm *realm_of(const struct aaa *aaa, const struct conf_auth *auth)
{
	struct aaa_realm *realm;

	STAILQ_FOREACH(realm, &aaa->realms, entry)
		if (realm->auth == auth)
			return realm;
	return NULL;
}

int aaa_realm_load(struct aaa *aaa, const struct conf_auth *auth)
{
	struct aaa_realm *realm;
	int r;

	if (realm_of(aaa, auth))
		return 0;
	realm = calloc(1, sizeof(*realm));
	if (!realm)
		return -ENOMEM;
	r = radius_group_new(aaa->radius, &auth->authentication, RADIUS_AUTHENTICATION,
			     &realm->group);
	if (r < 0) {
		free(realm);
		return r;
	}
	realm->auth = auth;
	STAILQ_INSERT_TAIL(&aaa->realms, realm, entry);
	return 0;
}

void aaa_realms_free(struct aaa *aaa)
{
	struct aaa_realm *realm;

	while ((realm = STAILQ_FIRST(&aaa->realms))) {
		STAILQ_REMOVE_HEAD(&aaa->realms, entry);
		radius_cancel(realm->probe);
		radius_group_unref(realm->group);
		free(realm);
	}
}

/* Once each time that it begins and ends. */
static void note_fallback(struct aaa *aaa, struct aaa_realm *realm, bool fallen_back)
{
	if (realm->fallen_back == fallen_back)
		return;
	realm->fallen_back = fallen_back;
	if (fallen_back)
		log_msg(aaa->log, LOG_WARNING,
			"authentication %s: no server answers, %s decides until one does",
			realm->auth->name, realm->auth->fallback);
	else
		log_msg(aaa->log, LOG_NOTICE, "authentication %s: a server answers again",
			realm->auth->name);
}

/* ---- fallback ---- */

static struct login *login_new(const struct aaa_request *request)
{
	const struct ppp_auth_request *ppp = request->ppp;
	struct login *l;

	if (ppp->response_len > RESPONSE_MAX || ppp->challenge_len > CHALLENGE_MAX)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->ppp = *ppp;
	l->request = (struct aaa_request){ .tunnel = request->tunnel, .ppp = &l->ppp };
	snprintf(l->username, sizeof(l->username), "%s", ppp->username);
	l->ppp.username = l->username;
	if (request->calling_number) {
		snprintf(l->calling, sizeof(l->calling), "%s", request->calling_number);
		l->request.calling_number = l->calling;
	}
	if (ppp->challenge_len)
		memcpy(l->challenge, ppp->challenge, ppp->challenge_len);
	l->ppp.challenge = l->challenge;
	if (ppp->response_len)
		memcpy(l->response, ppp->response, ppp->response_len);
	l->ppp.response = l->response;
	return l;
}

static void login_free(struct login *login)
{
	if (login)
		explicit_bzero(login, sizeof(*login));
	free(login);
}

/* Users files know no EAP, and change no passwords. */
static bool has_fallback(const struct conf_auth *auth, enum ppp_auth method)
{
	return auth->fallback_auth && (method == PPP_AUTH_PAP || method == PPP_AUTH_CHAP_MD5 ||
				       method == PPP_AUTH_MSCHAPV2);
}

/* ---- jobs ---- */

static void job_free(struct aaa_job *job)
{
	login_free(job->login);
	conf_unref(job->conf);
	aaa_free(job->aaa);
	free(job);
}

void aaa_cancel(struct aaa_job *job)
{
	if (!job)
		return;
	radius_cancel(job->radius);
	job_free(job);
}

static void no_answer(struct aaa_job *job, int why, struct aaa_result *result)
{
	result->ppp.result = PPP_AUTH_REJECT;
	result->error = why;
	if (why == -ETIMEDOUT && job->login) {
		note_fallback(job->aaa, job->realm, true);
		result->error = 0;
		aaa_decide(job->aaa, job->realm->auth->fallback_auth, &job->login->request, result);
		return;
	}
	snprintf(result->ppp.message, sizeof(result->ppp.message), "%s",
		 why == -ENOBUFS ? "too many logins at once, try again"
				 : "no answer from the authentication server");
}

static void on_answer(void *owner, int r, const struct radius_reply *reply)
{
	struct aaa_job *job = owner;
	struct aaa_result result = { .bind = job->bind };
	struct radius_auth auth = {
		.method = job->method,
		.username = job->username,
		.log = job->aaa->log,
		.dictionary = job->aaa->dictionary,
	};
	uint8_t eap[RADIUS_MAX];

	job->radius = NULL;
	if (r == 0) {
		note_fallback(job->aaa, job->realm, false);
		radius_auth_read(&auth, reply, &result, eap);
	} else {
		no_answer(job, r, &result);
	}
	aaa_answer(job->done, job->owner, &result);
	job_free(job);
}

static struct aaa_job *job_new(struct aaa *aaa, struct aaa_realm *realm,
			       const struct conf_bind *bind, enum ppp_auth method,
			       const char *username)
{
	struct aaa_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	aaa->refs++;
	job->aaa = aaa;
	job->realm = realm;
	job->bind = bind;
	job->conf = conf_ref(bind->tunnel->conf);
	job->method = method;
	snprintf(job->username, sizeof(job->username), "%s", username);
	return job;
}

/* NULL: it came to nothing, and that is the answer. */
static struct aaa_job *job_send(struct aaa_job *job, const struct radius_attrs *attrs,
				unsigned int prefer, struct aaa_result *result)
{
	int r = radius_send(job->realm->group, RADIUS_ACCESS_REQUEST, attrs, prefer, on_answer, job,
			    &job->radius);

	if (r == 0)
		return job;
	no_answer(job, r, result);
	job_free(job);
	return NULL;
}

/* ---- logins ---- */

/* What the server is told. */
static int compose(const struct aaa_realm *realm, const struct aaa_request *request,
		   struct radius_attrs *attrs)
{
	const struct ppp_auth_request *ppp = request->ppp;
	struct subject subject = *request->subject;
	int r;

	subject.tunnel = request->tunnel;
	if (ppp->method == PPP_AUTH_EAP)
		subject.mtu = ppp->mtu;
	aaa_sent_name(realm->auth, ppp->method, ppp->username, subject.username);
	if (strlen(subject.username) > RADIUS_VALUE_MAX)
		return -EINVAL;
	r = radius_auth_put(ppp, request->state, attrs);
	return r < 0 ? r : subject_put(&subject, &realm->auth->authentication, attrs);
}

static void on_probed(void *owner, int r, const struct radius_reply *reply)
{
	struct aaa_realm *realm = owner;

	(void)r;
	(void)reply;
	realm->probe = NULL;
}

/* Decides at once by the fallback; true if so. */
static bool decided(struct aaa *aaa, struct aaa_realm *realm, const struct aaa_request *request,
		    const struct radius_attrs *attrs, struct aaa_result *result)
{
	if (!has_fallback(realm->auth, request->ppp->method) || !radius_group_dead(realm->group))
		return false;
	note_fallback(aaa, realm, true);
	if (!realm->probe)
		radius_send(realm->group, RADIUS_ACCESS_REQUEST, attrs, 0, on_probed, realm,
			    &realm->probe);
	aaa_decide(aaa, realm->auth->fallback_auth, request, result);
	return true;
}

static struct aaa_job *ask(struct aaa *aaa, struct aaa_realm *realm,
			   const struct aaa_request *request, const struct radius_attrs *attrs,
			   struct aaa_result *result)
{
	const struct ppp_auth_request *ppp = request->ppp;
	struct aaa_job *job = job_new(aaa, realm, result->bind, ppp->method, ppp->username);

	if (!job) {
		result->error = -ENOMEM;
		return NULL;
	}
	if (has_fallback(realm->auth, ppp->method))
		job->login = login_new(request);
	return job_send(job, attrs, request->state ? request->state->server : 0, result);
}

static struct aaa_job *answer_later(struct aaa_job *job, aaa_done_fn done, void *owner,
				    struct aaa_result *result)
{
	if (!job) {
		aaa_answer(done, owner, result);
		return NULL;
	}
	job->done = done;
	job->owner = owner;
	return job;
}

struct aaa_job *aaa_realm_ask(struct aaa *aaa, const struct conf_bind *bind,
			      const struct aaa_request *request, aaa_done_fn done, void *owner)
{
	struct aaa_realm *realm = realm_of(aaa, bind->auth);
	struct aaa_result result = {
		.ppp = { .result = PPP_AUTH_REJECT, .message = "authentication failed" },
		.bind = bind,
	};
	uint8_t storage[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct aaa_job *job = NULL;

	if (compose(realm, request, &attrs) == 0 && !decided(aaa, realm, request, &attrs, &result))
		job = ask(aaa, realm, request, &attrs, &result);
	explicit_bzero(storage, sizeof(storage));
	return answer_later(job, done, owner, &result);
}

/* ---- authorization ---- */

static struct aaa_realm *realm_today(const struct aaa *aaa, const struct conf_auth *auth)
{
	struct aaa_realm *realm;

	STAILQ_FOREACH(realm, &aaa->realms, entry)
		if (strcmp(realm->auth->name, auth->name) == 0)
			return realm;
	return NULL;
}

struct aaa_job *aaa_authorize_only(struct aaa *aaa, const struct aaa_authorize *authorize,
				   aaa_done_fn done, void *owner)
{
	struct aaa_realm *realm = realm_today(aaa, authorize->bind->auth);
	struct aaa_result result = {
		.ppp.result = PPP_AUTH_REJECT,
		.bind = authorize->bind,
		.error = realm ? -EMSGSIZE : -ENOENT,
	};
	struct subject subject = *authorize->subject;
	uint8_t storage[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct aaa_job *job = NULL;

	subject.service = SUBJECT_AUTHORIZE_ONLY;
	attribute_put(&attrs, ATTRIBUTE_STATE, authorize->state.p, authorize->state.len);
	if (realm && subject_put(&subject, &realm->auth->authentication, &attrs) == 0)
		job = job_new(aaa, realm, authorize->bind, PPP_AUTH_NONE, subject.username);
	if (job)
		job = job_send(job, &attrs, 0, &result);
	return answer_later(job, done, owner, &result);
}
