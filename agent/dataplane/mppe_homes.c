/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The plain home is loaded as long as some tunnel may encrypt or some session does; the module's is
 * loaded beside it when it is needed, because programs that call the module's functions keep it from
 * being removed. A home that the kernel did not take is not tried again before the next reload.
 *
 * The kernel takes its time to verify the programs. The module's are loaded while sessions run, so a
 * thread does it and the loop goes on; nothing else looks at what the thread works on.
 */
#include "dataplane/mppe_homes.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "dataplane/inspect.h"
#include "dataplane/mppe_home.h"
#include "log.h"

#include "mppe.skel.h"

#define LOOK_AGAIN 3. /* seconds */

enum kind { HOME_AGENT, HOME_PLAIN, HOME_MODULE };

static const char *const names[] = { "agent", "plain", "module" };

struct form {
	struct mppe *home;
	int error; /* why it could not be loaded */
};

struct mppe_homes {
	struct mppe_homes_config config;
	ev_timer timer;
	bool wanted;    /* some tunnel may encrypt */
	enum kind kind; /* in use */
	struct form plain, module;
	/* of the module's form */
	pthread_t loader;
	ev_async loaded;
	bool loading;
	struct form result; /* the thread's while it is loading */
};

static bool module_is_there(const struct mppe_homes *h)
{
	return access(h->config.module, F_OK) == 0;
}

static bool is_idle(const struct mppe_homes *h)
{
	return !h->wanted && *h->config.sessions == 0;
}

static const char *name_of(const struct mppe_homes *h)
{
	return is_idle(h) ? "none" : names[h->kind];
}

static void why(const struct mppe_homes *h, char text[static DP_MPPE_WHY])
{
	if (is_idle(h))
		snprintf(text, DP_MPPE_WHY, "no tunnel encrypts");
	else if (h->kind == HOME_MODULE)
		snprintf(text, DP_MPPE_WHY, "the kernel module xppp_mppe is loaded");
	else if (h->kind == HOME_AGENT)
		snprintf(text, DP_MPPE_WHY, "the kernel does not take the programs: %s",
			 strerror(-h->plain.error));
	else if (h->module.error)
		snprintf(text, DP_MPPE_WHY, "the kernel module xppp_mppe does not fit: %s",
			 strerror(-h->module.error));
	else if (h->loading)
		snprintf(text, DP_MPPE_WHY, "the kernel verifies the programs for xppp_mppe");
	else if (module_is_there(h))
		snprintf(text, DP_MPPE_WHY, "no session is encrypted, the module xppp_mppe may go");
	else
		snprintf(text, DP_MPPE_WHY, "the kernel module xppp_mppe is not loaded");
}

/* ---- loading */

static void tell_error(const struct mppe_homes *h, const struct form *form, const char *by)
{
	if (form->error)
		log_msg(h->config.log, LOG_WARNING,
			"the kernel does not take the BPF programs for MPPE%s: %s", by,
			strerror(-form->error));
}

static void plain_load(struct mppe_homes *h)
{
	if (h->plain.home || h->plain.error)
		return;
	h->plain.error = mppe_home_load(h->config.main, false, &h->plain.home);
	tell_error(h, &h->plain, "");
}

static void *module_loader(void *arg)
{
	struct mppe_homes *h = arg;

	h->result.error = mppe_home_load(h->config.main, true, &h->result.home);
	ev_async_send(h->config.loop, &h->loaded);
	return NULL;
}

static void module_load(struct mppe_homes *h)
{
	if (h->loading || h->module.home || h->module.error)
		return;
	h->result = (struct form){ .home = NULL };
	h->module.error = -pthread_create(&h->loader, NULL, module_loader, h);
	h->loading = !h->module.error;
	tell_error(h, &h->module, " by the module xppp_mppe");
}

/* Waits for the thread if it is still at work. */
static void module_take(struct mppe_homes *h)
{
	if (!h->loading)
		return;
	pthread_join(h->loader, NULL);
	h->loading = false;
	h->module = h->result;
	tell_error(h, &h->module, " by the module xppp_mppe");
}

static void form_free(struct form *form)
{
	mppe_home_free(form->home);
	*form = (struct form){ .home = NULL };
}

/* The best there is now. */
static struct mppe *choose(struct mppe_homes *h, enum kind *kind)
{
	*kind = HOME_AGENT;
	if (is_idle(h))
		return NULL;
	plain_load(h);
	if (*h->config.sessions > 0 && module_is_there(h))
		module_load(h);
	if (*h->config.sessions > 0 && h->module.home) {
		*kind = HOME_MODULE;
		return h->module.home;
	}
	if (h->plain.home)
		*kind = HOME_PLAIN;
	return h->plain.home;
}

/* ---- changing over */

static void change(struct mppe_homes *h, struct mppe *home, enum kind kind)
{
	int r = mppe_home_enter(h->config.main, home);
	char text[DP_MPPE_WHY];

	if (r < 0) {
		log_msg(h->config.log, LOG_ERR, "cannot change MPPE's home to %s: %s", names[kind],
			strerror(-r));
		return;
	}
	h->kind = kind;
	why(h, text);
	log_msg(h->config.log, LOG_INFO, "MPPE home is now %s: %s", name_of(h), text);
}

static void look(struct mppe_homes *h)
{
	enum kind kind;
	struct mppe *home = choose(h, &kind);

	if (kind != h->kind)
		change(h, home, kind);
	/* a module that was removed may come back as another one */
	if (h->kind != HOME_MODULE && (h->module.home || !module_is_there(h)))
		form_free(&h->module);
	if (h->kind == HOME_AGENT && is_idle(h))
		form_free(&h->plain);
}

static void on_loaded(struct ev_loop *loop, ev_async *async, int revents)
{
	struct mppe_homes *h = async->data;

	(void)loop;
	(void)revents;
	module_take(h);
	look(h);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct mppe_homes *h = timer->data;

	(void)revents;
	look(h);
	if (is_idle(h))
		ev_timer_stop(loop, timer);
}

static bool conf_encrypts(const struct conf *conf)
{
	const struct conf_bind *bind;

	STAILQ_FOREACH(bind, &conf->binds, entry)
		if (bind->tunnel->ppp.mppe != PPP_MPPE_NO)
			return true;
	return false;
}

void mppe_homes_configure(struct mppe_homes *h, const struct conf *conf)
{
	h->wanted = conf_encrypts(conf);
	h->plain.error = 0;
	h->module.error = 0;
	look(h);
	if (!is_idle(h))
		ev_timer_again(h->config.loop, &h->timer);
}

bool mppe_homes_forward(const struct mppe_homes *h, size_t len)
{
	return h->kind == HOME_MODULE || (h->kind == HOME_PLAIN && len <= XP_MPPE_PLAIN_MAX);
}

/* ---- as shown */

void mppe_homes_show(const struct mppe_homes *h, struct dp_mppe_home *home)
{
	home->name = name_of(h);
	home->sessions = *h->config.sessions;
	why(h, home->why);
}

void mppe_homes_programs(const struct mppe_homes *h, dp_program_fn fn, void *arg)
{
	const struct mppe *home = h->kind == HOME_MODULE ? h->module.home : h->plain.home;

	if (home)
		inspect_programs(home->obj, fn, arg);
}

/* ---- coming and going */

int mppe_homes_new(const struct mppe_homes_config *config, struct mppe_homes **homes)
{
	struct mppe_homes *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->config = *config;
	ev_timer_init(&h->timer, on_timer, LOOK_AGAIN, LOOK_AGAIN);
	h->timer.data = h;
	ev_async_init(&h->loaded, on_loaded);
	h->loaded.data = h;
	ev_async_start(h->config.loop, &h->loaded);
	ev_unref(h->config.loop);
	*homes = h;
	return 0;
}

void mppe_homes_free(struct mppe_homes *h)
{
	if (!h)
		return;
	module_take(h);
	ev_ref(h->config.loop);
	ev_async_stop(h->config.loop, &h->loaded);
	ev_timer_stop(h->config.loop, &h->timer);
	mppe_home_enter(h->config.main, NULL);
	form_free(&h->module);
	form_free(&h->plain);
	free(h);
}
