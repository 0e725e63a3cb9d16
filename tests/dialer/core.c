/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Receives on a plain UDP socket. Sends on a raw one, with checksums made here: a plain
 * socket would leave them to a device, and on a veth nobody computes them.
 *
 * Every dialer has a run of its own here, which its packets name; several may use one
 * companion at a time. Questions on the control socket: "down RUN PPS MIN MAX" starts sending
 * to the run's sessions, "stop RUN" ends it, "report RUN" gives its counts as JSON.
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
#define CORE_RUNS 16
#define CORE_CONTROLS 16
#define CORE_PACKET_MAX 2048
#define CORE_BUSY_NS 200000
#define CORE_IDLE_NS 50000000

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

struct run {
	uint32_t id;           /* 0: unused */
	int control;           /* who directs it, or -1 */
	int64_t last;          /* when a packet of it came */
	uint32_t members;      /* room in member and active */
	struct member *member; /* by session number */
	uint32_t *active;      /* numbers of those that joined, densely */
	uint32_t actives, next;
	struct plan_range size;
	struct pace down_pace;
	struct tally up, down;
	uint64_t reflected;
	uint32_t overflow_base;
};

struct core {
	const struct options *opt;
	int udp, raw, listener, signals;
	int control[CORE_CONTROLS]; /* -1: free */
	struct run run[CORE_RUNS];
	uint64_t send_errors;
	uint32_t overflow;
	int64_t now;
	struct outgoing out;
	struct incoming in;
};

/* ---- runs */

static void run_clear(struct run *r)
{
	free(r->member);
	free(r->active);
	memset(r, 0, sizeof(*r));
	r->control = -1;
}

/* The run of this id; a new one takes the place of the one that was silent longest. */
static struct run *run_get(struct core *c, uint32_t id)
{
	struct run *oldest = &c->run[0];

	for (unsigned int i = 0; i < CORE_RUNS; i++) {
		if (c->run[i].id == id)
			return &c->run[i];
		if (c->run[i].last < oldest->last)
			oldest = &c->run[i];
	}
	run_clear(oldest);
	oldest->id = id;
	oldest->last = c->now;
	oldest->overflow_base = c->overflow;
	oldest->size = c->opt->size;
	pace_begin(&oldest->down_pace, c->opt->down_pps, c->now);
	return oldest;
}

static struct member *run_member(struct run *r, uint32_t number)
{
	uint32_t room = r->members ? r->members : 64;
	struct member *member;
	uint32_t *active;

	while (room <= number)
		room *= 2;
	if (room == r->members)
		return &r->member[number];
	active = realloc(r->active, room * sizeof(*active));
	if (!active)
		return NULL;
	r->active = active;
	member = realloc(r->member, room * sizeof(*member));
	if (!member)
		return NULL;
	memset(member + r->members, 0, (room - r->members) * sizeof(*member));
	r->member = member;
	r->members = room;
	return &member[number];
}

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

static void send_down(struct core *c, struct run *r)
{
	uint32_t number, size = r->size.from;
	struct member *m;
	struct probe p;

	if (r->next >= r->actives)
		r->next = 0;
	number = r->active[r->next++];
	m = &r->member[number];
	if (r->size.to > size)
		size += random() % (r->size.to - size + 1);
	p = (struct probe){ .kind = PROBE_DOWN,
			    .size = size,
			    .run = r->id,
			    .from = PROBE_CORE,
			    .to = number,
			    .dial = m->dial,
			    .addr = m->addr,
			    .seq = m->down_seq++,
			    .sent_ns = c->now };
	r->down.sent++;
	r->down.bytes += size;
	send_probe(c, &p);
}

static void send_due(struct core *c, struct run *r)
{
	uint32_t n;

	if (r->down_pace.rate == 0 || r->actives == 0)
		return;
	n = pace_due(&r->down_pace, c->now, 2 * CORE_BATCH);
	pace_took(&r->down_pace, n);
	while (n--)
		send_down(c, r);
}

static void reflect(struct core *c, struct run *r, const struct probe *p)
{
	struct probe reply = *p;

	reply.kind = PROBE_ECHO_REPLY;
	reply.from = PROBE_CORE;
	reply.to = p->from;
	r->reflected++;
	send_probe(c, &reply);
}

/* ---- receiving */

static void join(struct run *r, struct member *m, const struct probe *p)
{
	m->addr = p->addr;
	m->dial = p->dial;
	if (m->place)
		return;
	r->active[r->actives++] = p->from;
	m->place = r->actives;
}

static void leave(struct run *r, struct member *m, const struct probe *p)
{
	uint32_t last;

	if (!m->place || m->dial != p->dial)
		return;
	last = r->active[--r->actives];
	r->active[m->place - 1] = last;
	r->member[last].place = m->place;
	m->place = 0;
}

static void probe_input(struct core *c, const struct probe *p, const struct sockaddr_in *from)
{
	struct run *r = run_get(c, p->run);
	struct member *m;

	r->last = c->now;
	if (p->from >= CORE_SESSIONS_MAX || p->to != PROBE_CORE) {
		r->up.corrupt++;
		return;
	}
	if (from->sin_addr.s_addr != p->addr.s_addr) {
		r->up.wrong_session++;
		return;
	}
	m = run_member(r, p->from);
	if (!m)
		return;
	switch (p->kind) {
	case PROBE_JOIN:
		join(r, m, p);
		break;
	case PROBE_LEAVE:
		leave(r, m, p);
		break;
	case PROBE_UP:
		tally_add(&r->up, track_add(&m->up, p->seq), p->size);
		break;
	case PROBE_ECHO:
		reflect(c, r, p);
		break;
	default:
		r->up.corrupt++;
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
			run_get(c, p.run)->up.corrupt++;
	}
	return n > 0;
}

/* ---- control */

static struct json_object *run_report(struct core *c, struct run *r)
{
	struct json_object *o = json_object_new_object();

	r->up.lost = 0;
	for (uint32_t i = 0; i < r->members; i++)
		r->up.lost += r->member[i].up.next - r->member[i].up.unique;
	json_object_object_add(o, "joined", json_object_new_int64(r->actives));
	json_object_object_add(o, "up", report_tally(&r->up));
	json_object_object_add(o, "down", report_tally(&r->down));
	json_object_object_add(o, "reflected", json_object_new_uint64(r->reflected));
	json_object_object_add(o, "send_errors", json_object_new_uint64(c->send_errors));
	json_object_object_add(o, "socket_overflow",
			       json_object_new_uint64(c->overflow - r->overflow_base));
	return o;
}

static struct json_object *core_report(struct core *c)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < CORE_RUNS; i++)
		if (c->run[i].id)
			json_object_array_add(list, run_report(c, &c->run[i]));
	return list;
}

static void answer(struct core *c, int fd, const char *question)
{
	struct json_object *report;
	unsigned int id, min, max;
	struct run *r;
	double pps;

	if (sscanf(question, "%*s %u", &id) != 1 || id == 0) {
		control_send(fd, "{\"error\":\"no run\"}");
		return;
	}
	r = run_get(c, id);
	if (sscanf(question, "down %*u %lf %u %u", &pps, &min, &max) == 3) {
		r->control = fd;
		r->size = (struct plan_range){ min, max };
		pace_begin(&r->down_pace, pps, c->now);
		control_send(fd, "{}");
	} else if (strncmp(question, "stop ", 5) == 0) {
		r->down_pace.rate = 0;
		control_send(fd, "{}");
	} else if (strncmp(question, "report ", 7) == 0) {
		report = run_report(c, r);
		control_send(fd, json_object_to_json_string_ext(report, JSON_C_TO_STRING_PLAIN));
		json_object_put(report);
	} else {
		control_send(fd, "{\"error\":\"unknown question\"}");
	}
}

/* The dialer behind a control socket is gone. */
static void control_close(struct core *c, int *fd)
{
	for (unsigned int i = 0; i < CORE_RUNS; i++) {
		if (c->run[i].control == *fd) {
			c->run[i].down_pace.rate = 0;
			c->run[i].control = -1;
		}
	}
	close(*fd);
	*fd = -1;
}

static void control_accept(struct core *c)
{
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);

	for (unsigned int i = 0; fd >= 0 && i < CORE_CONTROLS; i++) {
		if (c->control[i] < 0) {
			c->control[i] = fd;
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}

/* ---- the loop */

static bool is_sending(const struct core *c)
{
	for (unsigned int i = 0; i < CORE_RUNS; i++)
		if (c->run[i].down_pace.rate > 0 && c->run[i].actives)
			return true;
	return false;
}

static void serve_controls(struct core *c, const struct pollfd fds[CORE_CONTROLS])
{
	char question[CONTROL_MAX];

	for (unsigned int i = 0; i < CORE_CONTROLS; i++) {
		if (!fds[i].revents || c->control[i] < 0)
			continue;
		if (control_receive(c->control[i], question) > 0)
			answer(c, c->control[i], question);
		else
			control_close(c, &c->control[i]);
	}
}

/* Returns false when it is time to go. */
static bool serve(struct core *c)
{
	struct pollfd fds[3 + CORE_CONTROLS] = { { c->signals, POLLIN, 0 },
						 { c->udp, POLLIN, 0 },
						 { c->listener, POLLIN, 0 } };
	struct timespec timeout = { 0, is_sending(c) ? CORE_BUSY_NS : CORE_IDLE_NS };

	for (unsigned int i = 0; i < CORE_CONTROLS; i++)
		fds[3 + i] = (struct pollfd){ c->control[i], POLLIN, 0 };
	if (ppoll(fds, 3 + CORE_CONTROLS, &timeout, NULL) < 0 && errno != EINTR)
		return false;
	c->now = pace_clock();
	if (fds[0].revents)
		return false;
	if (fds[1].revents)
		for (int i = 0; i < 8 && receive(c);)
			i++;
	serve_controls(c, fds + 3);
	if (fds[2].revents)
		control_accept(c);
	for (unsigned int i = 0; i < CORE_RUNS; i++)
		send_due(c, &c->run[i]);
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
	const int fds[] = { c->udp, c->raw, c->listener, c->signals };

	for (unsigned int i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (unsigned int i = 0; i < CORE_CONTROLS; i++)
		if (c->control[i] >= 0)
			close(c->control[i]);
	if (c->listener >= 0)
		unlink(c->opt->control);
	for (unsigned int i = 0; i < CORE_RUNS; i++)
		run_clear(&c->run[i]);
	free(c);
}

int core_run(const struct options *opt)
{
	struct core *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return 1;
	c->opt = opt;
	c->udp = c->raw = c->listener = c->signals = -1;
	memset(c->control, 0xff, sizeof(c->control));
	for (unsigned int i = 0; i < CORE_RUNS; i++)
		c->run[i].control = -1;
	ret = open_sockets(c);
	if (ret < 0) {
		fprintf(stderr, "dialer: core: %s\n", strerror(-ret));
		core_free(c);
		return 1;
	}
	while (serve(c))
		;
	ret = report_write(core_report(c), opt->report);
	core_free(c);
	return ret < 0;
}
