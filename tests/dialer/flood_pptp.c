/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Control connections of somebody who is no client: each says one wrong thing, or nothing, and
 * then stays. CONNECTIONS of them are there at a time; the oldest gives way to the next.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "flood.h"
#include "options.h"
#include "pace.h"
#include "report.h"
#include "rng.h"

#define FLOOD_BURST 64
#define CONNECTIONS 1024
#define EVENTS 64

struct guest {
	int fd; /* -1 */
	bool spoke;
};

struct flood {
	const struct options *opt;
	int epoll;
	uint64_t random;
	uint64_t opened, failed, connected, closed, answers, kept;
	struct guest guest[CONNECTIONS];
};

static void dismiss(struct guest *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}

static void put_words(struct flood *f, struct wr *w)
{
	const char *name = f->opt->host_name;

	switch (f->opt->flood) {
	case FLOOD_PPTP_MAGIC:
		pptp_put_sccrq(w, name);
		w->p[4] ^= 0xff;
		break;
	case FLOOD_PPTP_ZERO:
		pptp_put_sccrq(w, name);
		wr_patch_u16(w, 0, 0);
		break;
	case FLOOD_PPTP_LONG:
		pptp_put_sccrq(w, name);
		wr_patch_u16(w, 0, UINT16_MAX);
		break;
	case FLOOD_PPTP_HALF:
		pptp_put_sccrq(w, name);
		w->len /= 2;
		break;
	case FLOOD_PPTP_GARBAGE:
		while (!w->full)
			wr_u8(w, rng_next(&f->random));
		break;
	case FLOOD_PPTP_SCCRQ:
		pptp_put_sccrq(w, name);
		break;
	default: /* silent */
		break;
	}
}

static void speak(struct flood *f, struct guest *g)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = g };
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	g->spoke = true;
	f->connected++;
	put_words(f, &w);
	if (w.len && send(g->fd, w.p, w.len, MSG_NOSIGNAL) < 0)
		f->failed++;
	epoll_ctl(f->epoll, EPOLL_CTL_MOD, g->fd, &event);
}

static void listen_to(struct flood *f, struct guest *g)
{
	uint8_t bytes[512];
	ssize_t n = recv(g->fd, bytes, sizeof(bytes), 0);

	if (n > 0) {
		f->answers++;
	} else if (n == 0 || errno != EAGAIN) {
		if (g->spoke)
			f->closed++;
		else
			f->failed++;
		dismiss(g);
	}
}

static void meanwhile(void *arg)
{
	struct flood *f = arg;
	struct epoll_event events[EVENTS];
	struct guest *g;
	int n = epoll_wait(f->epoll, events, EVENTS, 0);

	for (int i = 0; i < n; i++) {
		g = events[i].data.ptr;
		if (g->fd >= 0 && !g->spoke && events[i].events == EPOLLOUT)
			speak(f, g);
		else if (g->fd >= 0)
			listen_to(f, g);
	}
}

static void open_one(void *arg)
{
	struct flood *f = arg;
	const struct options *o = f->opt;
	struct guest *g = &f->guest[f->opened++ % CONNECTIONS];
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT, .data.ptr = g };

	dismiss(g);
	g->spoke = false;
	g->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (g->fd < 0 || bind(g->fd, &o->local.any, endpoint_len(&o->local)) < 0 ||
	    (connect(g->fd, &o->server.any, endpoint_len(&o->server)) < 0 &&
	     errno != EINPROGRESS) ||
	    epoll_ctl(f->epoll, EPOLL_CTL_ADD, g->fd, &event) < 0) {
		f->failed++;
		dismiss(g);
	}
}

static struct json_object *flood_report(const struct flood *f, double seconds)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "sent", json_object_new_uint64(f->opened));
	json_object_object_add(o, "seconds", json_object_new_double(seconds));
	json_object_object_add(o, "per_second", json_object_new_double(f->opened / seconds));
	json_object_object_add(o, "failed", json_object_new_uint64(f->failed));
	json_object_object_add(o, "connected", json_object_new_uint64(f->connected));
	json_object_object_add(o, "closed_by_server", json_object_new_uint64(f->closed));
	json_object_object_add(o, "answers", json_object_new_uint64(f->answers));
	json_object_object_add(o, "open", json_object_new_uint64(f->kept));
	return o;
}

int flood_pptp_run(const struct options *opt)
{
	struct rlimit files = { CONNECTIONS + 64, CONNECTIONS + 64 };
	struct flood f = { .opt = opt, .random = pace_clock() * 2 + 1 };
	const struct pace_work work = {
		opt->rate, opt->count, opt->wait, FLOOD_BURST, open_one, meanwhile, &f,
	};
	int64_t begun = pace_clock();

	f.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f.epoll < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0) {
		fprintf(stderr, "dialer: sockets: %s\n", strerror(errno));
		return 1;
	}
	for (unsigned int i = 0; i < CONNECTIONS; i++)
		f.guest[i].fd = -1;
	pace_work(&work);
	for (unsigned int i = 0; i < CONNECTIONS; i++) {
		f.kept += f.guest[i].fd >= 0 && f.guest[i].spoke;
		dismiss(&f.guest[i]);
	}
	close(f.epoll);
	return report_write(flood_report(&f, (pace_clock() - begun) / 1e9 - opt->wait),
			    opt->report) < 0;
}
