/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa.h"
#include "aaa/accounting.h"
#include "aaa/dae.h"
#include "aaa/radius.h"
#include "conf/conf.h"
#include "control/control.h"
#include "dataplane/dataplane.h"
#include "lag.h"
#include "link.h"
#include "log.h"
#include "metrics/metrics.h"
#include "nftset.h"
#include "pool.h"
#include "session.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pptp/pptp.h"

struct agent {
	struct ev_loop *loop;
	struct log *log;
	struct agent_options options;
	struct dp_dims dims;
	struct conf *conf;
	struct dataplane *dp;
	struct links *links;
	struct pools *pools;
	struct radius *radius;
	struct aaa *aaa;
	struct accounting *accounting;
	struct sessions *sessions;
	struct nftsets *nftsets;
	struct dae *dae;
	struct pppoe *pppoe;
	struct l2tp *l2tp;
	struct pptp *pptp;
	struct control *control;
	struct metrics *metrics;
	struct lag lag;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

static struct pools *control_pools(void *arg)
{
	return ((struct agent *)arg)->pools;
}

static const struct conf *control_conf(void *arg)
{
	return ((struct agent *)arg)->conf;
}

/* ---- reload ---- */

static void tunnels_unprepare(struct agent *a)
{
	pppoe_prepare(a->pppoe, NULL);
	l2tp_prepare(a->l2tp, NULL);
	pptp_prepare(a->pptp, NULL);
}

/* The drivers know the old configuration until they have the new one. */
static int tunnels_prepare(struct agent *a, const struct conf *conf)
{
	int r = pppoe_prepare(a->pppoe, conf);

	if (r == 0)
		r = l2tp_prepare(a->l2tp, conf);
	if (r == 0)
		r = pptp_prepare(a->pptp, conf);
	if (r < 0)
		tunnels_unprepare(a);
	return r;
}

/* What of it the maps have no room for; "" if nothing. */
static const char *restart_reason(const struct agent *a, const struct conf *conf)
{
	struct dp_dims dims;

	dp_dims(conf, &dims);
	if (dims.l2tp_spaces > 0 && a->dims.l2tp_spaces == 0)
		return "; L2TP sessions need a restart of xpppd: there was no L2TP tunnel at its "
		       "start, and its maps have no room for them";
	if (dims.pptp_size > 0 && a->dims.pptp_size == 0)
		return "; PPTP sessions need a restart of xpppd: there was no PPTP tunnel at its "
		       "start, and its maps have no room for them";
	if (dims.spaces != a->dims.spaces || dims.space_size < a->dims.space_size)
		return "; max-session needs a restart of xpppd: its maps keep the size they had "
		       "at start";
	return "";
}

/* Everything that can fail comes first, so that a failure leaves all as it was. */
static int apply(struct agent *a, struct conf *conf)
{
	struct conf *old = a->conf;
	struct aaa *aaa = NULL, *old_aaa = a->aaa;
	int r = aaa_new(conf, a->radius, a->log, &aaa);

	if (r < 0)
		return r;
	r = tunnels_prepare(a, conf);
	if (r < 0)
		goto free_aaa;
	r = pools_reload(a->pools, conf);
	if (r < 0)
		goto unprepare;
	a->conf = conf_ref(conf);
	a->aaa = aaa;
	accounting_configure(a->accounting, conf);
	sessions_configure(a->sessions, conf, aaa, a->pools);
	/* from here on errors concern single devices, which are logged and tried again */
	a->dp->ops->configure(a->dp, conf, a->links);
	pppoe_configure(a->pppoe, conf, a->links);
	l2tp_configure(a->l2tp, conf);
	pptp_configure(a->pptp, conf);
	dae_configure(a->dae, conf);
	control_set_group(a->control, conf->control_group);
	metrics_configure(a->metrics, conf);
	aaa_free(old_aaa);
	conf_unref(old);
	return 0;
unprepare:
	tunnels_unprepare(a);
free_aaa:
	aaa_free(aaa);
	return r;
}

static int read_conf(const char *path, char *errors, size_t size, struct conf **conf)
{
	FILE *f = fmemopen(errors, size, "w");
	int r;

	if (!f)
		return -errno;
	r = conf_read(path, f, conf);
	fclose(f);
	errors[size - 1] = '\0';
	return r;
}

static int reload(void *arg, char *message, size_t size)
{
	struct agent *a = arg;
	struct conf *conf = NULL;
	char errors[2048] = "";
	const char *restart;
	int r = read_conf(a->options.conf_path, errors, sizeof(errors), &conf);

	errors[strcspn(errors, "\n")] = '\0';
	if (r < 0) {
		snprintf(message, size, "%s", *errors ? errors : strerror(-r));
		log_msg(a->log, LOG_ERR, "reload: %s; nothing was changed", message);
		return r;
	}
	r = apply(a, conf);
	restart = r < 0 ? "" : restart_reason(a, conf);
	conf_unref(conf);
	snprintf(message, size, "%s%s", r < 0 ? strerror(-r) : "configuration reloaded", restart);
	log_msg(a->log,
		r < 0      ? LOG_ERR
		: *restart ? LOG_WARNING
			   : LOG_NOTICE,
		"reload of %s: %s", a->options.conf_path, message);
	return r;
}

int agent_reload(struct agent *a)
{
	char message[1024];

	return reload(a, message, sizeof(message));
}

/* ---- start ---- */

static int new_dataplane(struct agent *a)
{
	int r = links_new(a->loop, a->log, &a->links);

	if (r < 0) {
		log_msg(a->log, LOG_ERR, "cannot watch network devices: %s", strerror(-r));
		return r;
	}
	dp_dims(a->conf, &a->dims);
	r = dp_bpf_new(a->loop, &a->dims, a->log, &a->dp);
	if (r < 0)
		return r;
	return a->dp->ops->configure(a->dp, a->conf, a->links);
}

static int new_radius(struct agent *a)
{
	int r = radius_new(a->loop, a->log, &a->radius);

	if (r == 0)
		r = accounting_new(a->loop, a->radius, a->log, &a->accounting);
	if (r == 0)
		r = accounting_configure(a->accounting, a->conf);
	if (r < 0)
		log_msg(a->log, LOG_ERR, "cannot set up RADIUS: %s", strerror(-r));
	return r;
}

static int new_sessions(struct agent *a)
{
	int r = pools_new(a->conf, &a->pools);

	if (r < 0) {
		log_msg(a->log, LOG_ERR, "cannot set up the address pools: %s", strerror(-r));
		return r;
	}
	r = aaa_new(a->conf, a->radius, a->log, &a->aaa);
	if (r < 0)
		return r;
	r = sessions_new(a->loop, a->dp, a->log, &a->sessions);
	if (r < 0) {
		log_msg(a->log, LOG_ERR, "cannot set up the sessions: %s", strerror(-r));
		return r;
	}
	r = nftsets_new(a->loop, a->log, &a->nftsets);
	if (r < 0)
		return r;
	sessions_filter(a->sessions, a->nftsets);
	sessions_watch(a->sessions, &a->lag);
	sessions_account(a->sessions, a->accounting);
	sessions_configure(a->sessions, a->conf, a->aaa, a->pools);
	a->dp->ip_input = sessions_ip_input;
	a->dp->ip_arg = a->sessions;
	return 0;
}

static int new_tunnels(struct agent *a)
{
	struct pppoe_dims dims = { a->dims.spaces, a->dims.space_size };
	struct l2tp_dims l2tp_dims = { a->dims.l2tp_first, a->dims.l2tp_spaces,
				       a->dims.l2tp_space_size };
	struct pptp_dims pptp_dims = { a->dims.pptp_first, a->dims.pptp_size };
	int r = pppoe_new(a->loop, &session_carrier_user, a->sessions, a->log, dims, &a->pppoe);

	if (r < 0)
		goto failed;
	r = l2tp_new(a->loop, &session_carrier_user, a->sessions, a->log, l2tp_dims, &a->l2tp);
	if (r < 0)
		goto failed;
	r = pptp_new(a->loop, &session_carrier_user, a->sessions, a->log, pptp_dims, &a->pptp);
	if (r < 0)
		goto failed;
	r = pppoe_configure(a->pppoe, a->conf, a->links);
	if (r == 0)
		r = l2tp_configure(a->l2tp, a->conf);
	return r < 0 ? r : pptp_configure(a->pptp, a->conf);
failed:
	log_msg(a->log, LOG_ERR, "cannot set up the tunnels: %s", strerror(-r));
	return r;
}

/* Each driver has slots of its own. */
static struct carrier *carrier_by_slot(const struct agent *a, uint32_t slot)
{
	struct pppoe_session *pppoe = pppoe_by_slot(a->pppoe, slot);
	struct l2tp_call *l2tp = l2tp_by_slot(a->l2tp, slot);
	struct pptp_call *pptp = pptp_by_slot(a->pptp, slot);

	return pppoe ? &pppoe->carrier : l2tp ? &l2tp->carrier : pptp ? &pptp->carrier : NULL;
}

/* What the programs have seen of a session and cannot do themselves. */
static void on_event(void *arg, uint32_t slot, enum xp_event_kind kind)
{
	struct carrier *c = carrier_by_slot(arg, slot);

	if (c)
		session_event(c->session, kind);
}

static void on_captured(void *arg, const struct xp_capture *packet)
{
	control_captured(arg, packet);
}

static int new_dae(struct agent *a)
{
	int r = dae_new(a->loop, a->sessions, a->log, &a->dae);

	if (r == 0)
		dae_configure(a->dae, a->conf);
	return r;
}

static int new_control(struct agent *a)
{
	struct control_ctx ctx = {
		.version = XPPPD_VERSION,
		.sessions = a->sessions,
		.dp = a->dp,
		.dims = &a->dims,
		.pppoe = a->pppoe,
		.l2tp = a->l2tp,
		.pptp = a->pptp,
		.dae = a->dae,
		.radius = a->radius,
		.accounting = a->accounting,
		.pools = control_pools,
		.conf = control_conf,
		.reload = reload,
		.arg = a,
	};
	int r = control_new(a->loop, &ctx, a->options.control_path, a->conf->control_group, a->log,
			    &a->control);

	if (r < 0)
		return r;
	a->dp->event = on_event;
	a->dp->event_arg = a;
	a->dp->captured = on_captured;
	a->dp->capture_arg = a->control;
	ctx.log = a->log;
	ctx.started = mono_now();
	r = metrics_new(a->loop, &ctx, &a->lag, &a->metrics);
	if (r == 0)
		metrics_configure(a->metrics, a->conf);
	return r;
}

int agent_new(struct ev_loop *loop, const struct agent_options *options, struct conf *conf,
	      struct log *log, struct agent **out)
{
	int r = control_check(options->control_path, log);
	struct agent *a;

	if (r < 0)
		return r;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->loop = loop;
	a->log = log;
	a->options = *options;
	a->conf = conf_ref(conf);
	lag_start(&a->lag, loop);
	r = new_dataplane(a);
	if (r == 0)
		r = new_radius(a);
	if (r == 0)
		r = new_sessions(a);
	if (r == 0)
		r = new_tunnels(a);
	if (r == 0)
		r = new_dae(a);
	if (r == 0)
		r = new_control(a);
	if (r < 0) {
		agent_free(a);
		return r;
	}
	*out = a;
	return 0;
}

static void on_drained(void *arg)
{
	struct agent *a = arg;

	accounting_close(a->accounting, a->stopped, a->stopped_arg);
}

void agent_stop(struct agent *a, void (*stopped)(void *arg), void *arg)
{
	a->stopped = stopped;
	a->stopped_arg = arg;
	sessions_shutdown(a->sessions, on_drained, a);
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	metrics_free(a->metrics);
	control_free(a->control);
	dae_free(a->dae);
	sessions_free(a->sessions);
	nftsets_free(a->nftsets);
	pppoe_free(a->pppoe);
	l2tp_free(a->l2tp);
	pptp_free(a->pptp);
	accounting_free(a->accounting);
	aaa_free(a->aaa);
	radius_free(a->radius);
	pools_free(a->pools);
	if (a->dp)
		a->dp->ops->free(a->dp);
	links_free(a->links);
	lag_stop(&a->lag);
	conf_unref(a->conf);
	free(a);
}
