/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/job.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/capture.h"
#include "control/control.h"
#include "control/monitor.h"
#include "control/out.h"
#include "control/show.h"
#include "control/top.h"
#include "log.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pptp/pptp.h"

static enum job_state session_step(struct job *job)
{
	struct session_record record;
	struct session *session;
	bool more;

	session = session_next_soon(job->ctx->sessions, &job->cursor, &more);
	if (!session)
		return more ? JOB_MORE : JOB_DONE;
	job->matched++;
	session_describe(session, &record);
	job_put(job, record_session(&record, job->request.view));
	return JOB_MORE;
}

static int clear_by_id(const struct control_ctx *ctx, uint32_t id)
{
	if (id >= PPTP_CONNECTION_FIRST)
		return ctx->pptp ? pptp_clear_connection(ctx->pptp, id) : -ENOENT;
	return ctx->l2tp ? l2tp_clear_tunnel(ctx->l2tp, (uint16_t)id) : -ENOENT;
}

static enum job_state clear_tunnel(struct job *job)
{
	const struct control_ctx *ctx = job->ctx;
	uint32_t id = job->request.tunnel;
	struct json_object *record;

	if (clear_by_id(ctx, id) == 0) {
		job->matched++;
		log_msg(ctx->log, LOG_NOTICE, "a control client cleared tunnel %u", id);
	}
	record = record_result("clear-tunnel");
	if (record)
		json_object_object_add(record, "cleared", json_object_new_int64(job->matched));
	job_put(job, record);
	return JOB_DONE;
}

static void clear_start(struct job *job)
{
	job->clearing.cursor.filter = job->request.filter;
	job->clearing.visit = session_terminate;
	job->clearing.cause = CAUSE_CLEARED;
	if (!job->request.tunnel)
		session_walk_start(job->ctx->sessions, &job->clearing);
}

static void clear_stop(struct job *job)
{
	session_walk_stop(&job->clearing);
}

static enum job_state clear_step(struct job *job)
{
	struct json_object *record;

	if (job->request.tunnel)
		return clear_tunnel(job);
	job->matched = job->clearing.visited;
	if (!session_walk_over(&job->clearing))
		return JOB_MORE;
	if (job->matched)
		log_msg(job->ctx->log, LOG_NOTICE, "a control client cleared %u sessions",
			job->matched);
	record = record_result("clear");
	if (record)
		json_object_object_add(record, "cleared", json_object_new_int64(job->matched));
	job_put(job, record);
	return JOB_DONE;
}

static enum job_state reload_step(struct job *job)
{
	char message[384] = "";
	struct json_object *record;

	if (job->ctx->reload(job->ctx->arg, message, sizeof(message))) {
		job_fail(job, "%s", message[0] ? message : "the configuration was not accepted");
		return JOB_DONE;
	}
	record = record_result("reload");
	if (record)
		json_object_object_add(record, "message", record_string(message));
	job_put(job, record);
	return JOB_DONE;
}

static const struct command {
	void (*start)(struct job *job); /* NULL: nothing to prepare */
	enum job_state (*step)(struct job *job);
	void (*stop)(struct job *job); /* NULL: nothing to let go */
	bool selects;                  /* status 1 when nothing matched */
} commands[CONTROL_COMMAND_MAX] = {
	[CONTROL_SESSION] = { NULL, session_step, NULL, true },
	[CONTROL_CLEAR] = { clear_start, clear_step, clear_stop, true },
	[CONTROL_MONITOR] = { monitor_start, monitor_step, monitor_stop, false },
	[CONTROL_STATUS] = { NULL, show_status_step, NULL, false },
	[CONTROL_POOLS] = { NULL, show_pools_step, NULL, false },
	[CONTROL_DROPS] = { NULL, show_drops_step, NULL, false },
	[CONTROL_DATAPLANE] = { NULL, show_dataplane_step, NULL, false },
	[CONTROL_TUNNELS] = { NULL, show_tunnels_step, NULL, false },
	[CONTROL_RADIUS] = { NULL, show_radius_step, NULL, false },
	[CONTROL_RELOAD] = { NULL, reload_step, NULL, false },
	[CONTROL_CAPTURE] = { capture_start, capture_step, capture_stop, true },
	[CONTROL_TOP] = { top_start, top_step, top_stop, false },
};

void job_fail(struct job *job, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(job->error, sizeof(job->error), fmt, ap);
	va_end(ap);
	job->status = CONTROL_ERROR;
	job->finished = true;
}

void job_put(struct job *job, struct json_object *record)
{
	int err = out_json(job->out, record);

	if (err)
		job_fail(job, "a record could not be sent: %s", strerror(-err));
}

void job_start(struct job *job, const char *line, size_t len)
{
	const struct command *command;

	if (request_read(&job->request, line, len, job->error, sizeof(job->error))) {
		job->status = CONTROL_ERROR;
		job->finished = true;
		return;
	}
	job->cursor.filter = job->request.filter;
	command = &commands[job->request.command];
	if (command->start)
		command->start(job);
}

/* The closing line. */
static void put_end(struct job *job)
{
	struct json_object *end = json_object_new_object();
	struct json_object *record = json_object_new_object();

	if (end && record) {
		json_object_object_add(end, "status", json_object_new_int(job->status));
		json_object_object_add(end, "matched", json_object_new_int64(job->matched));
		if (job->status == CONTROL_ERROR)
			json_object_object_add(end, "error", record_string(job->error));
		json_object_object_add(record, "end", end);
	} else {
		json_object_put(end);
	}
	out_json(job->out, record);
}

enum job_state job_step(struct job *job)
{
	const struct command *command = &commands[job->request.command];
	enum job_state state = job->finished ? JOB_DONE : command->step(job);

	if (job->finished)
		state = JOB_DONE;
	if (state != JOB_DONE)
		return state;
	job->finished = true;
	if (job->raw)
		return JOB_DONE;
	if (job->status == CONTROL_DONE && command->selects && job->matched == 0)
		job->status = CONTROL_NO_MATCH;
	put_end(job);
	return JOB_DONE;
}

void job_finish(struct job *job)
{
	job->finished = true;
	job->wake(job->arg);
}

void job_stop(struct job *job)
{
	const struct command *command = &commands[job->request.command];

	if (job->request.json && command->stop)
		command->stop(job);
	request_clear(&job->request);
}
