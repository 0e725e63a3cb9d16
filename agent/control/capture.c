/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The file is a pcap of version 2.4 with nanoseconds (magic a1b23c4d), in the machine's byte
 * order as that format has it, link type LINKTYPE_RAW.
 */
#include "control/capture.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "control/control.h"
#include "control/out.h"

#define PCAP_MAGIC_NS 0xa1b23c4d
#define PCAP_LINKTYPE_RAW 101
#define NS_PER_S 1000000000

struct pcap_file {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy;
	uint32_t snaplen;
	uint32_t linktype;
};

struct pcap_packet {
	uint32_t s, ns;
	uint32_t caplen, len;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Index of the session, -1 if the job does not capture it. */
static int captured_index(const struct job *job, uint32_t ppp_id)
{
	for (unsigned int i = 0; i < job->n_captured; i++)
		if (job->captured[i].ppp_id == ppp_id)
			return (int)i;
	return -1;
}

static bool captured_by_any(const struct job_list *captures, uint32_t ppp_id)
{
	const struct job *job;

	LIST_FOREACH(job, captures, entry)
		if (captured_index(job, ppp_id) >= 0)
			return true;
	return false;
}

static void capture_switch(struct job *job, uint32_t ppp_id, bool on)
{
	struct session_cursor cursor = { .filter = { .by_ppp_id = true, .ppp_id = ppp_id } };
	struct session *session = session_next(job->ctx->sessions, &cursor);

	if (session)
		session_capture(session, on);
}

/* When a session ends, the job goes on with the others; one that came up again, after IPCP had been
 * down, is copied no more unless it is asked for anew. */
static void capture_event(void *arg, enum session_event event, const struct session_record *record,
			  enum cause cause)
{
	struct job *job = arg;
	int i = captured_index(job, record->ppp_id);

	(void)cause;
	if (i < 0)
		return;
	if (event == SESSION_ESTABLISHED)
		capture_switch(job, record->ppp_id, true);
	if (event != SESSION_ENDED)
		return;
	job->captured[i] = job->captured[--job->n_captured];
	if (job->n_captured == 0)
		job_finish(job);
}

/* A session that forwards nothing yet does not match. */
static int capture_add(struct job *job, struct session *session)
{
	struct session_record record;
	int err;

	if (job->n_captured == JOB_CAPTURES) {
		job_fail(job, "capture: the filter matches more than %d sessions", JOB_CAPTURES);
		return -1;
	}
	session_describe(session, &record);
	err = session_capture(session, true);
	if (err == -ENOTCONN)
		return 0;
	if (err) {
		job_fail(job, "capture: ppp-id %u: %s", record.ppp_id, strerror(-err));
		return err;
	}
	job->captured[job->n_captured++] =
		(struct job_captured){ .ppp_id = record.ppp_id, .slot = record.slot };
	job->matched++;
	return 0;
}

static void put_pcap_header(struct job *job)
{
	const struct pcap_file file = {
		.magic = PCAP_MAGIC_NS,
		.major = 2,
		.minor = 4,
		.snaplen = XP_CAPTURE_SNAP,
		.linktype = PCAP_LINKTYPE_RAW,
	};
	struct json_object *record = record_result("pcap");

	if (record)
		json_object_object_add(record, "linktype", json_object_new_int(PCAP_LINKTYPE_RAW));
	job_put(job, record);
	if (job->finished)
		return;
	job->raw = true;
	out_put(job->out, &file, sizeof(file));
}

void capture_start(struct job *job)
{
	struct session *session;
	int err;

	LIST_INSERT_HEAD(job->captures, job, entry);
	while ((session = session_next(job->ctx->sessions, &job->cursor)))
		if (capture_add(job, session))
			return;
	if (job->n_captured == 0) {
		job->finished = true;
		return;
	}
	err = sessions_subscribe(job->ctx->sessions, capture_event, job, &job->sub);
	if (err) {
		job_fail(job, "capture: %s", strerror(-err));
		return;
	}
	job->clock_offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	put_pcap_header(job);
}

enum job_state capture_step(struct job *job)
{
	(void)job;
	return JOB_WAIT;
}

void capture_stop(struct job *job)
{
	if (job->sub)
		sessions_unsubscribe(job->sub);
	job->sub = NULL;
	LIST_REMOVE(job, entry);
	for (unsigned int i = 0; i < job->n_captured; i++)
		if (!captured_by_any(job->captures, job->captured[i].ppp_id))
			capture_switch(job, job->captured[i].ppp_id, false);
	job->n_captured = 0;
}

static bool job_wants(const struct job *job, uint32_t slot)
{
	for (unsigned int i = 0; i < job->n_captured; i++)
		if (job->captured[i].slot == slot)
			return !job->finished;
	return false;
}

static void job_packet(struct job *job, const struct xp_capture *packet)
{
	int64_t time = (int64_t)packet->time + job->clock_offset_ns;
	const struct pcap_packet header = {
		.s = (uint32_t)(time / NS_PER_S),
		.ns = (uint32_t)(time % NS_PER_S),
		.caplen = packet->caplen < XP_CAPTURE_SNAP ? packet->caplen : XP_CAPTURE_SNAP,
		.len = packet->len,
	};

	if (!out_ready(job->out))
		return;
	out_put(job->out, &header, sizeof(header));
	out_put(job->out, packet->data, header.caplen);
	if (++job->packets == job->request.count)
		job->finished = true;
	job->wake(job->arg);
}

void capture_packet(struct job_list *captures, const struct xp_capture *packet)
{
	struct job *job;

	LIST_FOREACH(job, captures, entry)
		if (job_wants(job, packet->slot))
			job_packet(job, packet);
}
