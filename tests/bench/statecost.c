/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * statecost CONFIG COUNT: what it costs the agent to make and to remove the forwarding state of a session, of
 * each kind of tunnel, by its own data plane: the same that a session calls when it is established and
 * when it ends. ns of CPU time; prints JSON as linuxppp.c. CONFIG has a concentrator interface pppacN with
 * addresses of 10.64+N.0.0/16 for each: PPPoE, L2TP and PPTP in this order.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "link.h"
#include "log.h"

#define ACCESS "access0"
#define POOL 0x0a400000 /* 10.64.0.0 */
#define POOL_SIZE 65536
#define LNS "192.0.2.1"
#define LAC "192.0.2.2"
#define L2TP_PORT 1701

static const char *const protocol_names[] = {
	[DP_PPPOE] = "pppoe", [DP_L2TP] = "l2tp", [DP_PPTP] = "pptp"
};
static const char *const concentrators[] = { "pppac0", "pppac1", "pppac2" };
static const uint16_t mtus[] = { 1492, 1360, 1400 }; /* the tunnels' defaults */

struct rig {
	struct ev_loop *loop;
	struct log *log;
	struct conf *conf;
	struct links *links;
	struct dp_dims dims;
	struct dataplane *dp;
};

static void die(const char *what, int error)
{
	fprintf(stderr, "statecost: %s: %s\n", what, strerror(error));
	exit(1);
}

static struct sockaddr_in address(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(L2TP_PORT) };

	inet_pton(AF_INET, text, &in.sin_addr);
	return in;
}

static struct dp_session session_of(const struct rig *rig, enum dp_carrier carrier, uint16_t id)
{
	struct dp_session s = {
		.slot = carrier == DP_PPPOE  ? id
			: carrier == DP_L2TP ? rig->dims.l2tp_first + id
					     : rig->dims.pptp_first + id,
		.carrier = carrier,
		.sequence.newest = UINT32_MAX,
		.addr.s_addr = htonl(POOL + POOL_SIZE * carrier + 256 + id),
		.netmask.s_addr = INADDR_NONE,
		.mtu = mtus[carrier],
		.concentrator = concentrators[carrier],
		.ingress_filter = true,
		.mss_clamp = true,
	};
	struct sockaddr_in lns = address(LNS), lac = address(LAC);

	if (carrier == DP_PPPOE) {
		s.ifindex = if_nametoindex(ACCESS);
		s.sid = id;
		s.peer_mac[5] = s.own_mac[5] = (uint8_t)id;
	} else if (carrier == DP_L2TP) {
		memcpy(&s.l2tp.local, &lns, sizeof(lns));
		memcpy(&s.l2tp.peer, &lac, sizeof(lac));
		s.l2tp.tunnel_id = s.l2tp.peer_tunnel_id = 1;
		s.l2tp.session_id = s.l2tp.peer_session_id = id;
	} else {
		s.pptp = (struct dp_pptp){ lns.sin_addr, lac.sin_addr, id, id };
	}
	return s;
}

/* ---- the data plane */

static void setup(struct rig *rig, const char *path)
{
	int r = conf_read(path, stderr, &rig->conf);

	if (r < 0)
		die(path, -r);
	rig->loop = ev_default_loop(0);
	rig->log = log_new(1, LOG_WARNING);
	dp_dims(rig->conf, &rig->dims);
	r = links_new(rig->loop, rig->log, &rig->links);
	if (r == 0)
		r = dp_bpf_new(rig->loop, &rig->dims, rig->log, &rig->dp);
	if (r == 0)
		r = rig->dp->ops->configure(rig->dp, rig->conf, rig->links);
	if (r < 0)
		die("data plane", -r);
}

static void settle(const struct rig *rig)
{
	for (int i = 0; i < 10; i++)
		ev_run(rig->loop, EVRUN_NOWAIT);
}

static void clear(struct rig *rig)
{
	rig->dp->ops->free(rig->dp);
	links_free(rig->links);
	conf_unref(rig->conf);
	log_free(rig->log);
}

/* ---- measuring */

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void print_cpu(const char *name, double begun, int count, const char *end)
{
	printf("\"%s\":{\"cpu\":%.0f,\"waits\":0}%s", name, (cpu_ns() - begun) / count, end);
}

/* The sessions are made up before the clock is read, and what the loop has to do afterwards counts. */
static void measure(const struct rig *rig, enum dp_carrier carrier, int count)
{
	struct dp_session *all = calloc((size_t)count, sizeof(*all));
	struct dp_counters counters;
	struct dp_sequence sequence;
	double begun;

	if (!all)
		die("sessions", ENOMEM);
	for (int i = 0; i < count; i++)
		all[i] = session_of(rig, carrier, (uint16_t)(i + 1));
	settle(rig);
	printf("{\"protocol\":\"%s\",\"sessions\":%d,", protocol_names[carrier], count);
	begun = cpu_ns();
	for (int i = 0; i < count; i++) {
		int r = rig->dp->ops->session_add(rig->dp, &all[i]);

		if (r < 0)
			die("session", -r);
	}
	settle(rig);
	print_cpu("create", begun, count, ",");
	begun = cpu_ns();
	for (int i = 0; i < count; i++)
		rig->dp->ops->session_del(rig->dp, all[i].slot, &counters, &sequence);
	settle(rig);
	print_cpu("remove", begun, count, "}");
	free(all);
}

int main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[2]) : 0;
	struct rig rig = { 0 };

	if (count < 1 || count > 60000) {
		fprintf(stderr, "usage: statecost CONFIG COUNT\n");
		return 64;
	}
	setup(&rig, argv[1]);
	putchar('[');
	for (enum dp_carrier carrier = DP_PPPOE; carrier <= DP_PPTP; carrier++) {
		fputs(carrier ? ",\n" : "", stdout);
		measure(&rig, carrier, count);
	}
	puts("]");
	clear(&rig);
	return 0;
}
