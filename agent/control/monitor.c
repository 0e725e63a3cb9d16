/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/monitor.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "control/control.h"
#include "control/out.h"

static bool text_matches(const char *wanted, const char *is)
{
	return !wanted || strcmp(wanted, is) == 0;
}

static bool filter_matches(const struct session_filter *filter, const struct session_record *record)
{
	return (!filter->by_ppp_id || filter->ppp_id == record->ppp_id) &&
	       (!filter->by_address || filter->address.s_addr == record->address.s_addr) &&
	       text_matches(filter->username, record->username) &&
	       text_matches(filter->interface, record->concentrator) &&
	       text_matches(filter->protocol, record->protocol) &&
	       text_matches(filter->realm, record->realm) &&
	       (!filter->peer || strcasecmp(filter->peer, record->peer) == 0);
}

/* How many events a slow reader has missed comes before the next that fits. */
static void put_lost(struct job *job)
{
	struct json_object *record = record_result("lost");

	if (record)
		json_object_object_add(record, "events", json_object_new_uint64(job->lost));
	job_put(job, record);
	job->lost = 0;
}

static void monitor_event(void *arg, enum session_event event, const struct session_record *record,
			  enum cause cause)
{
	struct job *job = arg;

	if (job->finished || !filter_matches(&job->request.filter, record))
		return;
	if (!out_ready(job->out)) {
		job->lost++;
		return;
	}
	if (job->lost)
		put_lost(job);
	job->matched++;
	job_put(job, record_event(event, record, cause, time(NULL)));
	job->wake(job->arg);
}

void monitor_start(struct job *job)
{
	int err = sessions_subscribe(job->ctx->sessions, monitor_event, job, &job->sub);

	if (err)
		job_fail(job, "monitor: %s", strerror(-err));
}

enum job_state monitor_step(struct job *job)
{
	if (job->lost)
		put_lost(job);
	return JOB_WAIT;
}

void monitor_stop(struct job *job)
{
	if (job->sub)
		sessions_unsubscribe(job->sub);
	job->sub = NULL;
}
