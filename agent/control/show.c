/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/show.h"

#include <time.h>

#include "aaa/dae.h"
#include "aaa/radius.h"
#include "conf/conf.h"
#include "control/control.h"
#include "control/out.h"
#include "log.h"
#include "pool.h"
#include "process.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pptp/pptp.h"

/* ---- status ---- */

static void count_states(void *arg, const struct session_tunnel_totals *totals)
{
	uint32_t *states = arg;

	for (int i = 0; i < SESSION_STATES; i++)
		states[i] += totals->states[i];
}

enum job_state show_status_step(struct job *job)
{
	const struct control_ctx *ctx = job->ctx;
	struct pppoe_counters counters;
	struct l2tp_counters l2tp;
	struct pptp_counters pptp;
	struct record_status status = { 0 };

	status.version = ctx->version;
	status.now = time(NULL);
	status.uptime_s = (mono_now().ms - ctx->started.ms) / 1000;
	status.max_session = ctx->conf(ctx->arg)->max_session;
	status.memory = process_resident_bytes();
	sessions_totals(ctx->sessions, &status.totals);
	sessions_tunnels(ctx->sessions, count_states, status.states);
	if (ctx->pppoe) {
		pppoe_counters(ctx->pppoe, &counters);
		status.pppoe = &counters;
	}
	if (ctx->l2tp) {
		l2tp_counters(ctx->l2tp, &l2tp);
		status.l2tp = &l2tp;
	}
	if (ctx->pptp) {
		pptp_counters(ctx->pptp, &pptp);
		status.pptp = &pptp;
	}
	job_put(job, record_status(&status));
	return JOB_DONE;
}

/* ---- lists that are told by callback ---- */

/* Each step walks the whole list and puts what has not been put yet, as far as there is room. */
struct walk {
	struct job *job;
	unsigned int seen;
	bool full;
};

static bool walk_due(struct walk *walk)
{
	if (walk->seen++ < walk->job->index || walk->full)
		return false;
	if (!out_ready(walk->job->out)) {
		walk->full = true;
		return false;
	}
	walk->job->index++;
	return true;
}

static void put_pool(void *arg, const struct pool_usage *usage)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_pool(usage));
}

static void put_device(void *arg, const struct dp_device *device)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_device(device));
}

static void put_cpu(void *arg, const struct dp_cpu *cpu)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_cpu(cpu));
}

static void put_program(void *arg, const struct dp_program *program)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_program(program));
}

static void put_map(void *arg, const struct dp_map *map)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_map(map));
}

static void put_radius(void *arg, const struct radius_server_info *info)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_radius(info));
}

static void put_dae(void *arg, const struct dae_client_info *info)
{
	struct walk *walk = arg;

	if (walk_due(walk))
		job_put(walk->job, record_dae(info));
}

enum job_state show_radius_step(struct job *job)
{
	struct walk walk = { .job = job };

	if (job->ctx->radius)
		radius_info(job->ctx->radius, put_radius, &walk);
	if (job->ctx->dae)
		dae_info(job->ctx->dae, put_dae, &walk);
	if (job->ctx->accounting && walk_due(&walk))
		job_put(job, record_accounting(job->ctx->accounting));
	return walk.full ? JOB_MORE : JOB_DONE;
}

enum job_state show_pools_step(struct job *job)
{
	struct walk walk = { .job = job };

	pools_usage(job->ctx->pools(job->ctx->arg), put_pool, &walk);
	return walk.full ? JOB_MORE : JOB_DONE;
}

/* Ids of L2TP's tunnels are below those of PPTP's connections: one position serves for both. */
enum job_state show_tunnels_step(struct job *job)
{
	const struct control_ctx *ctx = job->ctx;
	uint64_t *after = &job->cursor.after;
	struct pptp_connection_record connection;
	struct l2tp_tunnel_record tunnel;

	if (ctx->l2tp && l2tp_next_tunnel(ctx->l2tp, after, &tunnel))
		job_put(job, record_tunnel(&tunnel));
	else if (ctx->pptp && pptp_next_connection(ctx->pptp, after, &connection))
		job_put(job, record_connection(&connection));
	else
		return JOB_DONE;
	return JOB_MORE;
}

/* ---- data plane ---- */

enum job_state show_drops_step(struct job *job)
{
	struct dataplane *dp = job->ctx->dp;
	uint64_t drops[XP_REASON_MAX] = { 0 };

	dp->ops->drops(dp, drops);
	/* all reasons together are shorter than the buffer, which is empty */
	for (unsigned int i = 0; i < XP_REASON_MAX; i++) {
		uint64_t agent = log_drops(job->ctx->log, (enum xp_reason)i);

		if (log_reason_name(i) && (job->request.all || drops[i] + agent > 0))
			job_put(job, record_drop(i, drops[i], agent));
	}
	return JOB_DONE;
}

static void put_paths(struct job *job)
{
	struct xp_path_counter paths[XP_PATH_MAX] = { 0 };
	struct dataplane *dp = job->ctx->dp;
	uint64_t total[2] = { 0 };

	dp->ops->paths(dp, paths);
	for (int i = 0; i < XP_PATH_MAX; i++)
		total[record_path_is_up((enum xp_path)i)] += paths[i].packets;
	for (int up = 1; up >= 0; up--)
		for (int i = 0; i < XP_PATH_MAX; i++)
			if (record_path_is_up((enum xp_path)i) == up)
				job_put(job, record_path((enum xp_path)i, &paths[i], total[up]));
}

enum job_state show_dataplane_step(struct job *job)
{
	const struct control_ctx *ctx = job->ctx;
	struct dataplane *dp = ctx->dp;
	struct walk walk = { .job = job };
	struct dp_mppe_home home = { .name = "none" };
	struct session_totals totals;

	if (job->index == 0) {
		sessions_totals(ctx->sessions, &totals);
		if (dp->ops->mppe_home)
			dp->ops->mppe_home(dp, &home);
		job_put(job, record_dataplane(dp->ops->name, totals.established,
					      dp_slots(ctx->dims), &home));
		put_paths(job);
	}
	dp->ops->devices(dp, put_device, &walk);
	if (dp->ops->cpus)
		dp->ops->cpus(dp, put_cpu, &walk);
	if (dp->ops->programs)
		dp->ops->programs(dp, put_program, &walk);
	if (dp->ops->maps)
		dp->ops->maps(dp, put_map, &walk);
	return walk.full ? JOB_MORE : JOB_DONE;
}
