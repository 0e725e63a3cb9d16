/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "metrics/page.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "conf/conf.h"
#include "control/control.h"
#include "control/counters.h"
#include "control/records.h"
#include "lag.h"
#include "log.h"
#include "metrics/dae_page.h"
#include "metrics/exposition.h"
#include "metrics/accounting_page.h"
#include "metrics/radius_page.h"
#include "pool.h"
#include "process.h"
#include "session.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pptp/pptp.h"

#define COUNTER "counter"
#define GAUGE "gauge"
#define HISTOGRAM "histogram"

static void single(struct exposition *e, const char *name, const char *type, const char *help,
		   uint64_t value)
{
	exposition_family(e, name, type, help);
	exposition_u64(e, value, NULL);
}

/* ---- the process */

static void process(struct exposition *e, const struct control_ctx *ctx)
{
	struct rusage usage = { 0 };
	int64_t uptime = (mono_now().ms - ctx->started.ms) / 1000;

	getrusage(RUSAGE_SELF, &usage);
	exposition_family(e, "xpppd_build_info", GAUGE, "The version that runs; always 1.");
	exposition_u64(e, 1, "version", ctx->version, NULL);
	single(e, "process_start_time_seconds", GAUGE, "When the agent started, Unix time.",
	       (uint64_t)(time(NULL) - uptime));
	single(e, "process_resident_memory_bytes", GAUGE, "Memory of the agent.",
	       process_resident_bytes());
	exposition_family(e, "process_cpu_seconds_total", COUNTER, "CPU time of the agent.");
	exposition_micro(e,
			 (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
				 (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
			 NULL);
}

static void loop_lag(struct exposition *e, const struct lag *lag)
{
	exposition_family(e, "xpppd_loop_turn_seconds", HISTOGRAM,
			  "How long a turn of the agent's loop takes: the longest that an event "
			  "waits for others.");
	exposition_histogram(e, &lag->turns, NULL, NULL);
	exposition_family(e, "xpppd_timer_lateness_seconds", HISTOGRAM,
			  "How late a timer of the agent fires.");
	exposition_histogram(e, &lag->late, NULL, NULL);
}

static void works(struct exposition *e, const struct control_ctx *ctx)
{
	uint64_t slices, steps;

	sessions_works(ctx->sessions, &slices, &steps);
	single(e, "xpppd_work_slices_total", COUNTER,
	       "Turns of the loop with a share of what would be too much for one.", slices);
	single(e, "xpppd_work_steps_total", COUNTER, "Small steps in these shares.", steps);
}

/* ---- sessions */

static void put_states(void *arg, const struct session_tunnel_totals *t)
{
	for (unsigned int i = 0; i < SESSION_STATES; i++)
		exposition_u64(arg, t->states[i], "tunnel", t->tunnel, "protocol", t->protocol,
			       "state", session_state_name(i), NULL);
}

static void put_authentications(void *arg, const struct session_tunnel_totals *t)
{
	exposition_u64(arg, t->auth_accepted, "tunnel", t->tunnel, "result", "accepted", NULL);
	exposition_u64(arg, t->auth_rejected, "tunnel", t->tunnel, "result", "rejected", NULL);
}

static void sessions(struct exposition *e, const struct control_ctx *ctx)
{
	struct session_totals totals;

	sessions_totals(ctx->sessions, &totals);
	exposition_family(e, "xpppd_sessions", GAUGE, "Sessions by tunnel and state.");
	sessions_tunnels(ctx->sessions, put_states, e);
	single(e, "xpppd_sessions_max", GAUGE, "The limit, max-session.",
	       ctx->conf(ctx->arg)->max_session);
	single(e, "xpppd_sessions_half_open", GAUGE,
	       "Sessions on their way to be established for the first time.", totals.half_open);
	single(e, "xpppd_sessions_started_total", COUNTER, "Sessions that began.", totals.started);
	exposition_family(e, "xpppd_sessions_ended_total", COUNTER,
			  "Sessions that ended, by cause.");
	for (int i = CAUSE_NONE + 1; i < CAUSE_MAX; i++)
		exposition_u64(e, totals.ended_by[i], "cause", cause_name((enum cause)i), NULL);
	exposition_family(e, "xpppd_authentications_total", COUNTER,
			  "Answers to users, by tunnel and result.");
	sessions_tunnels(ctx->sessions, put_authentications, e);
	exposition_family(e, "xpppd_session_setup_seconds", HISTOGRAM,
			  "How long the steps of a session's set-up took; step=\"all\" is the "
			  "whole, from the peer's first word.");
	for (int i = 0; i < SESSION_STEPS; i++)
		exposition_histogram(e, sessions_setup(ctx->sessions, (enum session_step)i), "step",
				     session_step_name((enum session_step)i));
}

/* ---- tunnels */

static void counted(struct exposition *e, const char *name, const char *help,
		    const struct counter *counter, const void *counters)
{
	exposition_family(e, name, COUNTER, help);
	for (; counter->name; counter++)
		exposition_u64(e, counter_value(counter, counters), "type", counter->name, NULL);
}

static void pppoe(struct exposition *e, const struct pppoe *p)
{
	struct pppoe_counters c;

	pppoe_counters(p, &c);
	counted(e, "xpppd_pppoe_discovery_total", "Discovery packets.", counters_pppoe, &c);
	single(e, "xpppd_pppoe_sessions", GAUGE, "PPPoE sessions.", c.sessions);
	single(e, "xpppd_pppoe_socket_drops_total", COUNTER,
	       "Frames that the kernel dropped because the agent was late.", c.socket_drops);
}

static void l2tp(struct exposition *e, struct l2tp *l)
{
	struct l2tp_counters c;

	l2tp_counters(l, &c);
	counted(e, "xpppd_l2tp_messages_total", "Control messages, and what became of them.",
		counters_l2tp, &c);
	single(e, "xpppd_l2tp_tunnels", GAUGE, "Control connections.", c.tunnels);
	single(e, "xpppd_l2tp_calls", GAUGE, "Calls.", c.calls);
}

static void pptp(struct exposition *e, const struct pptp *p)
{
	struct pptp_counters c;

	pptp_counters(p, &c);
	counted(e, "xpppd_pptp_messages_total", "Control messages, and what became of them.",
		counters_pptp, &c);
	single(e, "xpppd_pptp_connections", GAUGE, "Control connections.", c.connections);
	single(e, "xpppd_pptp_calls", GAUGE, "Calls.", c.calls);
}

/* ---- data plane */

static void put_reason(struct exposition *e, unsigned int reason, const char *by, uint64_t n)
{
	char number[12];

	/* names say what happened, numbers where: two may share a name */
	snprintf(number, sizeof(number), "%u", reason);
	exposition_u64(e, n, "reason", log_reason_name(reason), "number", number, "by", by, NULL);
}

/* Reasons that only programs have are not told of the agent, and the other way round. */
static void drops(struct exposition *e, const struct control_ctx *ctx)
{
	uint64_t by_dp[XP_REASON_MAX] = { 0 };

	ctx->dp->ops->drops(ctx->dp, by_dp);
	exposition_family(e, "xpppd_drops_total", COUNTER,
			  "Packets dropped, by reason and who dropped them.");
	for (unsigned int i = 1; i < XP_REASON_MAX; i++) {
		uint64_t by_agent = log_drops(ctx->log, (enum xp_reason)i);

		if (!log_reason_name(i) || XP_REASON_IS_PUNT(i))
			continue;
		if (XP_REASON_IS_DROP(i))
			put_reason(e, i, "dataplane", by_dp[i]);
		if (!XP_REASON_IS_DROP(i) || by_agent > 0)
			put_reason(e, i, "agent", by_agent);
	}
	exposition_family(e, "xpppd_punts_total", COUNTER,
			  "Packets left to a slower path, by reason.");
	for (unsigned int i = 1; i < XP_REASON_MAX; i++)
		if (log_reason_name(i) && XP_REASON_IS_PUNT(i))
			put_reason(e, i, "dataplane", by_dp[i]);
}

static void paths(struct exposition *e, struct dataplane *dp)
{
	struct xp_path_counter paths[XP_PATH_MAX] = { 0 };

	dp->ops->paths(dp, paths);
	for (int bytes = 0; bytes < 2; bytes++) {
		exposition_family(e, bytes ? "xpppd_bytes_total" : "xpppd_packets_total", COUNTER,
				  bytes ? "Bytes of IP packets, by path." : "IP packets, by path.");
		for (int i = 0; i < XP_PATH_MAX; i++)
			exposition_u64(e, bytes ? paths[i].bytes : paths[i].packets, "direction",
				       record_path_is_up((enum xp_path)i) ? "up" : "down", "path",
				       record_path_name((enum xp_path)i), NULL);
	}
}

static void put_map_used(void *arg, const struct dp_map *map)
{
	exposition_u64(arg, map->used, "map", map->name, NULL);
}

static void put_map_size(void *arg, const struct dp_map *map)
{
	exposition_u64(arg, map->size, "map", map->name, NULL);
}

static void put_device(void *arg, const struct dp_device *device)
{
	exposition_u64(arg, strcmp(device->state, "attached") == 0, "device", device->name, "role",
		       device->role, "mode", device->mode, NULL);
}

static void put_cpu(struct exposition *e, const struct dp_cpu *cpu, uint64_t value)
{
	char number[12];

	snprintf(number, sizeof(number), "%u", cpu->cpu);
	exposition_u64(e, value, "cpu", number, NULL);
}

static void put_cpu_sessions(void *arg, const struct dp_cpu *cpu)
{
	put_cpu(arg, cpu, cpu->sessions);
}

static void put_cpu_given(void *arg, const struct dp_cpu *cpu)
{
	put_cpu(arg, cpu, cpu->given);
}

static void put_cpu_taken(void *arg, const struct dp_cpu *cpu)
{
	put_cpu(arg, cpu, cpu->taken);
}

/* Series only while there is something to tell. */
static void cpus(struct exposition *e, struct dataplane *dp)
{
	if (!dp->ops->cpus)
		return;
	exposition_family(e, "xpppd_cpu_sessions", GAUGE, "Sessions by pppoe-cpus.");
	dp->ops->cpus(dp, put_cpu_sessions, e);
	exposition_family(e, "xpppd_cpu_given_packets_total", COUNTER,
			  "Packets that the CPU got from a device and gave to others.");
	dp->ops->cpus(dp, put_cpu_given, e);
	exposition_family(e, "xpppd_cpu_taken_packets_total", COUNTER,
			  "Packets that the CPU took from its queue.");
	dp->ops->cpus(dp, put_cpu_taken, e);
}

static void dataplane(struct exposition *e, struct dataplane *dp)
{
	paths(e, dp);
	cpus(e, dp);
	exposition_family(e, "xpppd_device_attached", GAUGE, "1: the device's packets are served.");
	dp->ops->devices(dp, put_device, e);
	if (!dp->ops->maps)
		return;
	exposition_family(e, "xpppd_map_entries", GAUGE, "Entries in use of a BPF map.");
	dp->ops->maps(dp, put_map_used, e);
	exposition_family(e, "xpppd_map_entries_max", GAUGE,
			  "Entries that a BPF map has room for.");
	dp->ops->maps(dp, put_map_size, e);
}

/* ---- pools */

static void put_pool_used(void *arg, const struct pool_usage *usage)
{
	exposition_u64(arg, usage->dynamic_used, "pool", usage->name, "kind", "dynamic", NULL);
	exposition_u64(arg, usage->static_used, "pool", usage->name, "kind", "static", NULL);
	exposition_u64(arg, usage->outside_used, "pool", usage->name, "kind", "outside", NULL);
}

static void put_pool_size(void *arg, const struct pool_usage *usage)
{
	exposition_u64(arg, usage->dynamic_size, "pool", usage->name, "kind", "dynamic", NULL);
	exposition_u64(arg, usage->static_size, "pool", usage->name, "kind", "static", NULL);
}

static void pools(struct exposition *e, const struct pools *pools)
{
	exposition_family(e, "xpppd_pool_addresses_used", GAUGE,
			  "Addresses in use; kind=\"outside\": users' own, outside the ranges.");
	pools_usage(pools, put_pool_used, e);
	exposition_family(e, "xpppd_pool_addresses", GAUGE, "Addresses of the pools' ranges.");
	pools_usage(pools, put_pool_size, e);
}

void metrics_page(struct exposition *e, const struct control_ctx *ctx, const struct lag *lag)
{
	process(e, ctx);
	if (lag)
		loop_lag(e, lag);
	works(e, ctx);
	sessions(e, ctx);
	if (ctx->pppoe)
		pppoe(e, ctx->pppoe);
	if (ctx->l2tp)
		l2tp(e, ctx->l2tp);
	if (ctx->pptp)
		pptp(e, ctx->pptp);
	drops(e, ctx);
	dataplane(e, ctx->dp);
	pools(e, ctx->pools(ctx->arg));
	if (ctx->radius)
		radius_page(e, ctx->radius);
	if (ctx->dae)
		dae_page(e, ctx->dae);
	if (ctx->accounting)
		accounting_page(e, ctx->accounting);
}
