/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A request being answered. A job writes into the client's output buffer only when it is asked to
 * take a step, a few records at most, so that the client paces it; `monitor` and `capture`, which
 * wait for events, write when these come and lose what does not fit.
 */
#ifndef XPPPD_JOB_H
#define XPPPD_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <xpppd/control.h>

#include "control/records.h"
#include "control/request.h"
#include "session.h"

struct control_ctx;
struct json_object;
struct out;
struct top;

enum job_state {
	JOB_MORE, /* another step is due */
	JOB_WAIT, /* for an event: then job->wake is called */
	JOB_DONE, /* all is in the buffer */
};

/* One capture may take several sessions together. */
#define JOB_CAPTURES 16
struct job_captured {
	uint32_t ppp_id, slot;
};
LIST_HEAD(job_list, job);

struct job {
	/* set by the client before the start */
	const struct control_ctx *ctx;
	struct out *out;
	struct job_list *captures; /* the jobs of all clients that capture */
	unsigned int *tops;        /* jobs of all clients that watch the busiest */
	void (*wake)(void *arg);
	void *arg;

	struct request request;
	enum control_status status;
	uint32_t matched;
	char error[512];
	bool finished;
	bool raw; /* a pcap file follows: no closing line */

	struct session_cursor cursor;
	struct session_walk clearing;
	unsigned int index; /* of the next record, for lists that are walked by callback */
	struct session_sub *sub;
	uint64_t lost;         /* events that did not fit */
	LIST_ENTRY(job) entry; /* in captures */
	struct job_captured captured[JOB_CAPTURES];
	unsigned int n_captured;
	uint32_t packets;
	struct top *top;
	int64_t clock_offset_ns; /* wall clock - monotonic */
};

/* Reads the request line, without its end, and begins; a request that is wrong is answered with an
 * error. What the client does not set is zero. */
void job_start(struct job *job, const char *line, size_t len);
/* out_ready() must be true. */
enum job_state job_step(struct job *job);
/* Ends a job that waits for events: its next step is the last. */
void job_finish(struct job *job);
/* Lets go of everything. Safe on a job that has not been started. */
void job_stop(struct job *job);

/* For the commands. A record that cannot be put fails the job. */
void job_put(struct job *job, struct json_object *record);
void job_fail(struct job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
