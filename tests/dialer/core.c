/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Receives on a plain UDP socket. Sends on a raw one, with checksums made here: a plain
 * socket would leave them to a device, and on a veth nobody computes them.
 *
 * Questions on the control socket: "down PPS MIN MAX" starts sending, "stop" ends it, and
 * "report" gives the counts as JSON. Counts begin anew when packets of a new run come in.
 */
#include "core.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "options.h"
#include "pace.h"
#include "probe.h"
#include "report.h"
#include "track.h"

#define CORE_BATCH 128
#define CORE_SESSIONS_MAX (1 << 20)
#define CORE_PACKET_MAX 2048
#define CORE_WAIT_MS 50

/* What the core knows of one session. */
struct member {
	struct in_addr addr;
	uint32_t dial;
	uint32_t place; /* in core.active, plus one; 0: not there */
	uint64_t down_seq;
	struct track up;
};

struct outgoing {
	struct mmsghdr message[CORE_BATCH];
	struct iovec vec[CORE_BATCH];
	struct sockaddr_in to[CORE_BATCH];
	uint8_t bytes[CORE_BATCH][CORE_PACKET_MAX];
	unsigned int count;
};

struct incoming {
	struct mmsghdr message[CORE_BATCH];
	struct iovec vec[CORE_BATCH];
	struct sockaddr_in from[CORE_BATCH];
	uint8_t bytes[CORE_BATCH][CORE_PACKET_MAX];
	uint8_t ancillary[CORE_BATCH][64];
};

struct core {
	const struct options *opt;
	int udp, raw, listener, control, signals;
	struct member *members; /* by session number */
	uint32_t *active;       /* numbers of those that joined, densely */
	uint32_t actives, next;
	uint32_t run;
	struct plan_range size;
	struct pace down_pace;
	struct tally up, down;
	uint64_t reflected, send_errors;
	uint32_t overflow, overflow_base;
	int64_t now;
	struct outgoing out;
	struct incoming in;
};

/* ---- sending */

static void flush(struct core *c)
{
	unsigned int done = 0;
	int n;

	while (done < c->out.count) {
		n = sendmmsg(c->raw, c->out.message + done, c->out.count - done, 0);
		if (n > 0) {
			done += n;
		} else if (errno != EINTR) {
			c->send_errors++;
			done++;
		}
	}
	c->out.count = 0;
}

static void send_probe(struct core *c, const struct probe *p)
{
	struct outgoing *o = &c->out;
	unsigned int i = o->count++;
	struct wr w = { o->bytes[i], 0, CORE_PACKET_MAX, false };
	struct probe_path path = { c->opt->core.sin_addr, p->addr, ntohs(c->opt->core.sin_port),
				   PROBE_PORT };

	probe_put(&w, &path, p);
	o->to[i] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = p->addr };
	o->vec[i] = (struct iovec){ w.p, w.len };
	o->message[i].msg_hdr = (struct msghdr){ .msg_name = &o->to[i],
						 .msg_namelen = sizeof(o->to[i]),
						 .msg_iov = &o->vec[i],
						 .msg_iovlen = 1 };
	if (o->count == CORE_BATCH)
		flush(c);
}

static void send_down(struct core *c)
{
	uint32_t number, size = c->size.from;
	struct member *m;
	struct probe p;

	if (c->next >= c->actives)
		c->next = 0;
	number = c->active[c->next++];
	m = &c->members[number];
	if (c->size.to > size)
		size += random() % (c->size.to - size + 1);
	p = (struct probe){ .kind = PROBE_DOWN,
			    .size = size,
			    .run = c->run,
			    .from = PROBE_CORE,
			    .to = number,
			    .dial = m->dial,
			    .addr = m->addr,
			    .seq = m->down_seq++,
			    .sent_ns = c->now };
	c->down.sent++;
	c->down.bytes += size;
	send_probe(c, &p);
}

static void send_due(struct core *c)
{
	uint32_t n;

	if (c->down_pace.rate == 0 || c->actives == 0)
		return;
	n = pace_due(&c->down_pace, c->now, 2 * CORE_BATCH);
	pace_took(&c->down_pace, n);
	while (n--)
		send_down(c);
}

static void reflect(struct core *c, const struct probe *p)
{
	struct probe reply = *p;

	reply.kind = PROBE_ECHO_REPLY;
	reply.from = PROBE_CORE;
	reply.to = p->from;
	c->reflected++;
	send_probe(c, &reply);
}

/* ---- receiving */

static void reset(struct core *c, uint32_t run)
{
	memset(c->members, 0, CORE_SESSIONS_MAX * sizeof(*c->members));
	c->actives = 0;
	c->run = run;
	c->overflow_base = c->overflow;
	c->reflected = 0;
	memset(&c->up, 0, sizeof(c->up));
	memset(&c->down, 0, sizeof(c->down));
}

static void join(struct core *c, const struct probe *p)
{
	struct member *m = &c->members[p->from];

	m->addr = p->addr;
	m->dial = p->dial;
	if (m->place)
		return;
	c->active[c->actives++] = p->from;
	m->place = c->actives;
}

static void leave(struct core *c, const struct probe *p)
{
	struct member *m = &c->members[p->from];
	uint32_t last;

	if (!m->place || m->dial != p->dial)
		return;
	last = c->active[--c->actives];
	c->active[m->place - 1] = last;
	c->members[last].place = m->place;
	m->place = 0;
}

static void probe_input(struct core *c, const struct probe *p, const struct sockaddr_in *from)
{
	if (p->run != c->run)
		reset(c, p->run);
	if (p->from >= CORE_SESSIONS_MAX || p->to != PROBE_CORE) {
		c->up.corrupt++;
		return;
	}
	if (from->sin_addr.s_addr != p->addr.s_addr) {
		c->up.wrong_session++;
		return;
	}
	switch (p->kind) {
	case PROBE_JOIN:
		join(c, p);
		break;
	case PROBE_LEAVE:
		leave(c, p);
		break;
	case PROBE_UP:
		tally_add(&c->up, track_add(&c->members[p->from].up, p->seq), p->size);
		break;
	case PROBE_ECHO:
		reflect(c, p);
		break;
	default:
		c->up.corrupt++;
	}
}

static void read_overflow(struct core *c, struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SO_RXQ_OVFL)
			memcpy(&c->overflow, CMSG_DATA(h), sizeof(c->overflow));
}

static bool receive(struct core *c)
{
	struct incoming *in = &c->in;
	struct probe p;
	bool ours;
	int n;

	for (int i = 0; i < CORE_BATCH; i++) {
		in->vec[i] = (struct iovec){ in->bytes[i], CORE_PACKET_MAX };
		in->message[i].msg_hdr = (struct msghdr){ .msg_name = &in->from[i],
							  .msg_namelen = sizeof(in->from[i]),
							  .msg_iov = &in->vec[i],
							  .msg_iovlen = 1,
							  .msg_control = in->ancillary[i],
							  .msg_controllen = 64 };
	}
	n = recvmmsg(c->udp, in->message, CORE_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		read_overflow(c, &in->message[i].msg_hdr);
		if (probe_parse((struct rd){ in->bytes[i], in->message[i].msg_len }, &p, &ours))
			probe_input(c, &p, &in->from[i]);
		else if (ours)
			c->up.corrupt++;
	}
	return n > 0;
}

/* ---- control */

static struct json_object *make_report(struct core *c)
{
	struct json_object *o = json_object_new_object();

	c->up.lost = 0;
	for (uint32_t i = 0; i < CORE_SESSIONS_MAX; i++)
		c->up.lost += c->members[i].up.next - c->members[i].up.unique;
	json_object_object_add(o, "joined", json_object_new_int64(c->actives));
	json_object_object_add(o, "up", report_tally(&c->up));
	json_object_object_add(o, "down", report_tally(&c->down));
	json_object_object_add(o, "reflected", json_object_new_uint64(c->reflected));
	json_object_object_add(o, "send_errors", json_object_new_uint64(c->send_errors));
	json_object_object_add(o, "socket_overflow",
			       json_object_new_uint64(c->overflow - c->overflow_base));
	return o;
}

static void answer(struct core *c, const char *question)
{
	struct json_object *report;
	unsigned int min, max;
	double pps;

	if (sscanf(question, "down %lf %u %u", &pps, &min, &max) == 3) {
		c->size = (struct plan_range){ min, max };
		pace_begin(&c->down_pace, pps, c->now);
		control_send(c->control, "{}");
	} else if (strcmp(question, "stop") == 0) {
		c->down_pace.rate = 0;
		control_send(c->control, "{}");
	} else if (strcmp(question, "report") == 0) {
		report = make_report(c);
		control_send(c->control,
			     json_object_to_json_string_ext(report, JSON_C_TO_STRING_PLAIN));
		json_object_put(report);
	} else {
		control_send(c->control, "{\"error\":\"unknown question\"}");
	}
}

static void control_ready(struct core *c)
{
	char question[CONTROL_MAX];

	if (control_receive(c->control, question) > 0) {
		answer(c, question);
		return;
	}
	close(c->control);
	c->control = -1;
	c->down_pace.rate = 0; /* its dialer is gone */
}

/* ---- the loop */

/* Returns false when it is time to go. */
static bool serve(struct core *c)
{
	struct pollfd fds[] = { { c->signals, POLLIN, 0 },
				{ c->udp, POLLIN, 0 },
				{ c->control < 0 ? c->listener : c->control, POLLIN, 0 } };
	bool sending = c->down_pace.rate > 0 && c->actives;
	struct timespec timeout = { 0, sending ? 200000 : CORE_WAIT_MS * 1000000 };

	if (ppoll(fds, 3, &timeout, NULL) < 0 && errno != EINTR)
		return false;
	c->now = pace_clock();
	if (fds[0].revents)
		return false;
	if (fds[1].revents)
		for (int i = 0; i < 8 && receive(c);)
			i++;
	if (fds[2].revents && c->control >= 0)
		control_ready(c);
	else if (fds[2].revents)
		c->control = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
	send_due(c);
	flush(c);
	return true;
}

static int open_sockets(struct core *c)
{
	int bytes = 64 << 20, on = 1;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	c->signals = signalfd(-1, &set, SFD_CLOEXEC);
	c->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	c->raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (c->signals < 0 || c->udp < 0 || c->raw < 0)
		return -errno;
	if (setsockopt(c->udp, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(c->raw, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(c->udp, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) < 0 ||
	    bind(c->udp, (struct sockaddr *)&c->opt->core, sizeof(c->opt->core)) < 0)
		return -errno;
	if (!c->opt->control)
		return 0;
	c->listener = control_listen(c->opt->control);
	return c->listener < 0 ? c->listener : 0;
}

static void core_free(struct core *c)
{
	const int fds[] = { c->udp, c->raw, c->listener, c->control, c->signals };

	for (unsigned int i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (c->listener >= 0)
		unlink(c->opt->control);
	free(c->members);
	free(c->active);
	free(c);
}

int core_run(const struct options *opt)
{
	struct core *c = calloc(1, sizeof(*c));
	int ret = -ENOMEM;

	if (!c)
		return 1;
	c->opt = opt;
	c->udp = c->raw = c->listener = c->control = c->signals = -1;
	c->size = opt->size;
	c->members = calloc(CORE_SESSIONS_MAX, sizeof(*c->members));
	c->active = calloc(CORE_SESSIONS_MAX, sizeof(*c->active));
	if (c->members && c->active)
		ret = open_sockets(c);
	if (ret < 0) {
		fprintf(stderr, "dialer: core: %s\n", strerror(-ret));
		core_free(c);
		return 1;
	}
	pace_begin(&c->down_pace, opt->down_pps, pace_clock());
	while (serve(c))
		;
	ret = report_write(make_report(c), opt->report);
	core_free(c);
	return ret < 0;
}
