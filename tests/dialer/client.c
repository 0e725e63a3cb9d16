/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "client.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "access.h"
#include "crypto.h"
#include "l2tp.h"
#include "report.h"
#include "rng.h"
#include "tun.h"

#define DIAL_BURST 256
#define HANGUP_BURST 256
#define WAIT_BUSY_NS 200000
#define WAIT_SETUP_NS 1000000
#define WAIT_IDLE_NS 20000000

/* ---- sessions */

uint64_t client_random(struct client *client)
{
	return rng_next(&client->random);
}

static uint64_t mac_number(const uint8_t *mac)
{
	return (uint64_t)wire_get16(mac) << 32 | wire_get32(mac + 2);
}

struct call *client_find(struct client *client, const uint8_t *mac)
{
	uint64_t nth = mac_number(mac) - mac_number(client->opt.mac_base) - client->opt.first;

	return nth < client->opt.sessions ? &client->calls[nth] : NULL;
}

uint32_t client_established(const struct client *client)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < client->opt.sessions; i++)
		n += client->calls[i].ever_up;
	return n;
}

int client_verdict(const struct client *client)
{
	const struct options *o = &client->opt;
	const struct stats *s = &client->stats;

	if (client_established(client) != o->sessions || s->misdirected || s->second_session ||
	    (client->l2tp && client->l2tp->stats.second_tunnel) || client->address_conflicts ||
	    traffic_wrong(client))
		return 1;
	if (o->max_loss >= 0 && traffic_lost(client) > (uint64_t)o->max_loss)
		return 1;
	for (uint32_t i = 0; i < o->sessions; i++)
		if (client->calls[i].failed)
			return 1;
	/* without the companion's figures nobody saw what arrived there */
	return o->control && client->traffic.stage == TRAFFIC_DONE && !client->traffic.core_known;
}

/* ---- timers */

static void expired(struct wheel_timer *t, void *arg)
{
	call_expired(arg, (struct call *)t);
}

static void ccp_timer(struct wheel_timer *t, void *arg)
{
	ccp_expired(arg, (struct call *)((char *)t - offsetof(struct call, ccp.timer)));
}

/* ---- stages */

static void dial_due(struct client *client)
{
	uint32_t busy = client->dialling + client->closing, n;
	struct call *call;

	if (!client->queue || busy >= client->opt.outstanding)
		return;
	n = pace_due(&client->dial_pace, client->now, DIAL_BURST);
	if (n > client->opt.outstanding - busy)
		n = client->opt.outstanding - busy;
	for (; n && client->queue; n--) {
		call = client->queue;
		client->queue = call->next;
		if (!client->queue)
			client->queue_end = &client->queue;
		pace_took(&client->dial_pace, 1);
		call_dial(client, call);
	}
}

static void churn_due(struct client *client)
{
	uint32_t n;
	struct call *call;

	if (client->opt.churn == 0)
		return;
	n = pace_due(&client->churn_pace, client->now, HANGUP_BURST);
	pace_took(&client->churn_pace, n);
	for (; n && client->ups && client->closing < client->opt.outstanding; n--) {
		if (client->churn_next >= client->ups)
			client->churn_next = 0;
		call = client->up[client->churn_next++];
		call->again = true;
		call_hangup(client, call);
	}
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void check_addresses(struct client *client)
{
	uint32_t *addrs = calloc(client->ups + 1, sizeof(*addrs));

	if (!addrs)
		return;
	for (uint32_t i = 0; i < client->ups; i++)
		addrs[i] = client->up[i]->addr.s_addr;
	qsort(addrs, client->ups, sizeof(*addrs), compare_u32);
	client->address_conflicts = 0;
	for (uint32_t i = 1; i < client->ups; i++)
		client->address_conflicts += addrs[i] == addrs[i - 1];
	free(addrs);
}

static void enter(struct client *client, enum stage stage)
{
	client->stage = stage;
	client->stage_begun = client->now;
	if (stage == STAGE_HOLD) {
		check_addresses(client);
		report_ready(client);
		pace_begin(&client->churn_pace, client->opt.churn, client->now);
		traffic_begin(client);
	} else if (stage == STAGE_HANGUP) {
		check_addresses(client);
		client->up_at_end = client->ups;
		client->queue = NULL;
		client->queue_end = &client->queue;
		pace_begin(&client->hangup_pace, client->opt.hangup_rate, client->now);
	}
}

static bool is_settled(const struct client *client)
{
	return !client->dialling && !client->queue && !client->closing;
}

/* Churn ends before hanging up, so that sessions that it was redialling still count. */
static void hold(struct client *client)
{
	int64_t elapsed = client->now - client->stage_begun;
	bool over = client->opt.hold >= 0 && elapsed >= client->opt.hold * 1e9;
	bool gone = is_settled(client) && !client->ups;

	traffic_tick(client);
	if (traffic_active(client) && !gone)
		over = false;
	else if (client->interrupted || (gone && !traffic_active(client)))
		enter(client, STAGE_HANGUP);
	else if (over && is_settled(client))
		enter(client, STAGE_HANGUP);
	if (!over && client->stage == STAGE_HOLD)
		churn_due(client);
}

static void hang_up(struct client *client)
{
	uint32_t n = pace_due(&client->hangup_pace, client->now, HANGUP_BURST);

	for (; n && client->ups && client->closing < client->opt.outstanding; n--) {
		pace_took(&client->hangup_pace, 1);
		client->up[0]->again = false;
		call_hangup(client, client->up[0]);
	}
	if (client->ups || client->closing || client->dialling)
		return;
	if (client->opt.hangup == HANGUP_SILENT || client->access->finish(client))
		enter(client, STAGE_DONE);
}

static void tick(struct client *client)
{
	switch (client->stage) {
	case STAGE_SETUP:
		dial_due(client);
		if (client->interrupted)
			enter(client, STAGE_HANGUP);
		else if (!client->queue && !client->dialling)
			enter(client, STAGE_HOLD);
		break;
	case STAGE_HOLD:
		dial_due(client);
		hold(client);
		break;
	case STAGE_HANGUP:
		hang_up(client);
		break;
	case STAGE_DONE:
		break;
	}
}

/* ---- the loop */

static void wait_events(struct client *client, bool busy)
{
	struct epoll_event events[64];
	struct timespec timeout = { 0 };
	struct signalfd_siginfo signal;
	int n;

	if (!busy && traffic_active(client))
		timeout.tv_nsec = WAIT_BUSY_NS;
	else if (!busy)
		timeout.tv_nsec =
			client->stage == STAGE_HOLD && !client->queue && client->opt.churn == 0
				? WAIT_IDLE_NS
				: WAIT_SETUP_NS;
	n = epoll_pwait2(client->epoll, events, 64, &timeout, NULL);
	client->now = pace_clock();
	for (int i = 0; i < n; i++) {
		if (events[i].data.u64 == CLIENT_EVENT_SIGNAL &&
		    read(client->signals, &signal, sizeof(signal)) > 0)
			client->interrupted = true;
		else if (events[i].data.u64 >= CLIENT_EVENT_TUN)
			tun_ready(client, &client->calls[events[i].data.u64 - CLIENT_EVENT_TUN]);
	}
}

void client_run(struct client *client)
{
	bool busy;

	client->now = client->started = pace_clock();
	wheel_init(&client->wheel, client->now);
	wheel_init(&client->ccp_wheel, client->now);
	pace_begin(&client->dial_pace, client->opt.rate, client->now);
	for (uint32_t i = 0; i < client->opt.sessions; i++)
		client_enqueue(client, &client->calls[i]);
	enter(client, STAGE_SETUP);
	while (client->stage != STAGE_DONE) {
		busy = client->access->receive(client);
		client->now = pace_clock();
		wheel_advance(&client->wheel, client->now, expired, client);
		wheel_advance(&client->ccp_wheel, client->now, ccp_timer, client);
		tick(client);
		client->access->flush(client);
		wait_events(client, busy);
	}
	client->stopped = client->now;
}

/* ---- making it */

static int make_events(struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN };
	sigset_t set;

	client->epoll = epoll_create1(EPOLL_CLOEXEC);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	client->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (client->epoll < 0 || client->signals < 0)
		return -errno;
	event.data.u64 = CLIENT_EVENT_IO;
	if (epoll_ctl(client->epoll, EPOLL_CTL_ADD, client->access->fd(client), &event) < 0)
		return -errno;
	event.data.u64 = CLIENT_EVENT_SIGNAL;
	if (epoll_ctl(client->epoll, EPOLL_CTL_ADD, client->signals, &event) < 0)
		return -errno;
	return 0;
}

static int make_calls(struct client *client)
{
	const struct options *o = &client->opt;
	struct call *call;

	client->calls = calloc(o->sessions, sizeof(*client->calls));
	client->up = calloc(o->sessions, sizeof(struct call *));
	if (!client->calls || !client->up)
		return -ENOMEM;
	for (uint32_t i = 0; i < o->sessions; i++) {
		call = &client->calls[i];
		call->nth = i;
		call->tun = -1;
		plan_mac(o->mac_base, o->first + i, call->mac);
		plan_vlans(&o->vlans, o->first + i, &call->vlans);
	}
	return 0;
}

static int complain(const char *what, int error)
{
	fprintf(stderr, "dialer: %s: %s\n", what, strerror(-error));
	return error;
}

int client_init(struct client *client, const struct options *opt)
{
	struct timespec wall;
	const char *what;
	int ret;

	memset(client, 0, sizeof(*client));
	client->opt = *opt;
	client->access = opt->mode == MODE_L2TP   ? &l2tp_access
			 : opt->mode == MODE_PPTP ? &pptp_access
						  : &pppoe_access;
	client->epoll = client->signals = -1;
	client->queue_end = &client->queue;
	client->traffic.control = -1;
	clock_gettime(CLOCK_REALTIME, &wall);
	client->wall_started = wall.tv_sec + wall.tv_nsec / 1e9;
	client->random = wall.tv_sec * 1000000007ULL + wall.tv_nsec + getpid();
	ret = crypto_new(&client->crypto);
	if (ret < 0)
		return complain("OpenSSL's legacy provider", ret);
	ret = client->access->open(client, &what);
	if (ret < 0)
		return complain(what, ret);
	ret = make_calls(client);
	if (ret < 0)
		return complain("sessions", ret);
	ret = make_events(client);
	if (ret < 0)
		return complain("event loop", ret);
	if (opt->sessions_file) {
		client->sessions_file = fopen(opt->sessions_file, "we");
		if (!client->sessions_file)
			return complain(opt->sessions_file, -errno);
	}
	ret = traffic_init(client);
	return ret < 0 ? complain(opt->control, ret) : 0;
}

void client_free(struct client *client)
{
	for (uint32_t i = 0; client->calls && i < client->opt.sessions; i++) {
		free(client->calls[i].offer);
		ccp_reset(&client->calls[i]);
		tun_close(client, &client->calls[i]);
	}
	traffic_free(client);
	if (client->sessions_file)
		fclose(client->sessions_file);
	if (client->signals >= 0)
		close(client->signals);
	if (client->epoll >= 0)
		close(client->epoll);
	free(client->up);
	free(client->calls);
	client->access->close(client);
	crypto_free(client->crypto);
}
