/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * accounting SPOOL [SESSIONS [INTERVAL]]: what accounting costs the agent: Starts, interim updates and Stops of
 * so many sessions, told to a server that answers at once (a process of its own) by the real client,
 * with the spool on a real disk. INTERVAL is compressed; the result is the CPU time of one update, and
 * from that the share of a core that 50,000 sessions take which update every ten minutes. The turns of the loop
 * tell whether it ever waited.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aaa/accounting.h"
#include "aaa/radius.h"
#include "aaa/radius_packet.h"
#include "clock.h"
#include "conf/conf.h"
#include "lag.h"
#include "log.h"

#define SECRET "bench"

struct bench_session {
	uint32_t id;
	struct acct *acct;
};

struct bench {
	struct ev_loop *loop;
	struct conf *conf;
	struct accounting *a;
	struct lag lag;
	struct ev_timer tick;
	uint32_t interval;
	unsigned int n;
	struct bench_session *sessions;
};

static struct bench bench;

static void die(const char *what, int error)
{
	fprintf(stderr, "accounting: %s: %s\n", what, strerror(error));
	exit(1);
}

/* ---- the server ---- */

static void serve(int fd)
{
	uint8_t in[RADIUS_MAX], out[RADIUS_MAX], none[1];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t got;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct radius_attrs attrs = radius_attrs_of(none, sizeof(none));
		int n;

		len = sizeof(from);
		got = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from, &len);
		if (got < RADIUS_HEADER)
			continue;
		n = radius_finish_reply(&attrs, RADIUS_ACCOUNTING_RESPONSE, SECRET,
					buf_of(in, (size_t)got), out);
		if (n > 0)
			sendto(fd, out, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

static uint16_t start_server(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		die("server", errno);
	if (fork() == 0)
		serve(fd);
	close(fd);
	return ntohs(at.sin_port);
}

/* ---- the sessions ---- */

static void describe(void *session, struct acct_facts *facts)
{
	const struct bench_session *s = session;

	facts->carrier = (struct carrier_info){ .peer = "02:00:00:00:00:01",
						.device = "access0.100.200",
						.service = "",
						.circuit_id = "dslam1 eth 1/1/1",
						.remote_id = "line 1",
						.called = "",
						.calling = "",
						.peer_name = "",
						.local_name = "" };
	facts->subject = (struct subject){ .ppp_id = s->id, .nas_port = s->id, .mtu = 1492 };
	facts->subject.carrier = &facts->carrier;
	facts->subject.tunnel = STAILQ_FIRST(&bench.conf->tunnels);
	facts->subject.address.s_addr = htonl(0x0a000000 + s->id);
	facts->subject.netmask.s_addr = INADDR_NONE;
	snprintf(facts->subject.username, sizeof(facts->subject.username), "user%u", s->id);
	subject_session_id(1, s->id, facts->subject.session_id);
	facts->traffic = (struct acct_traffic){ 1000000 + s->id, 1000, 20000000, 20000, 0 };
	facts->interim_s = bench.interval;
}

static struct conf *read_conf(const char *spool, uint16_t port)
{
	static const char format[] =
		"radius spool \"%s\"\nradius nas-id nas1\n"
		"tunnel T protocol pppoe { listen on interface lo\n }\n"
		"ipcp P { pool-address 10.0.0.2-10.0.0.250\n }\n"
		"interface pppac0 address 10.0.0.1 ipcp P\n"
		"authentication A type radius {\n"
		" authentication-server { address 127.0.0.1 secret x\n }\n"
		" accounting-server { address 127.0.0.1 port %u secret " SECRET "\n }\n}\n"
		"bind tunnel from T authenticated by A to pppac0\n";
	struct conf *conf = NULL;
	char text[8192];
	int n = snprintf(text, sizeof(text), format, spool, port);

	if (conf_parse(text, (size_t)n, "bench", stderr, &conf) < 0)
		exit(1);
	return conf;
}

/* ---- measuring ---- */

struct spent {
	int64_t cpu_us, wall_us;
	uint64_t commits;
};

static int64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

static struct acct_totals totals(void)
{
	struct acct_totals t;

	accounting_totals(bench.a, &t);
	return t;
}

static struct spent now(void)
{
	return (struct spent){ cpu_us(), mono_now_us(), totals().commits };
}

static void on_tick(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)timer;
	(void)revents;
	ev_break(loop, EVBREAK_ONE);
}

static void run_for(double seconds)
{
	ev_timer_set(&bench.tick, seconds, 0.);
	ev_timer_start(bench.loop, &bench.tick);
	ev_run(bench.loop, 0);
}

static void report(const char *name, struct spent from, uint64_t n, const char *end)
{
	struct spent to = now();

	printf("\"%s\": { \"messages\": %llu, \"seconds\": %.1f, \"cpu_us\": %.2f, \"commits\": %llu }%s\n",
	       name, (unsigned long long)n, (double)(to.wall_us - from.wall_us) / 1e6,
	       n ? (double)(to.cpu_us - from.cpu_us) / (double)n : 0,
	       (unsigned long long)(to.commits - from.commits), end);
}

/* Upper bound of what 99 % of the turns took. */
static double turn_p99_ms(void)
{
	const struct histogram *h = &bench.lag.turns;
	uint64_t all = 0, seen = 0;

	for (int i = 0; i <= HISTOGRAM_STEPS; i++)
		all += h->count[i];
	for (int i = 0; i < HISTOGRAM_STEPS; i++) {
		seen += h->count[i];
		if (seen * 100 >= all * 99)
			return histogram_bounds_us[i] / 1000.;
	}
	return 60000;
}

static void begin_all(void)
{
	struct spent from = now();

	for (unsigned int i = 0; i < bench.n; i++) {
		bench.sessions[i].id = i + 1;
		bench.sessions[i].acct = accounting_start(bench.a, STAILQ_FIRST(&bench.conf->auths),
							  describe, &bench.sessions[i]);
		if (i % 50 == 49)
			run_for(0.001);
	}
	while (totals().starts < bench.n)
		run_for(0.05);
	report("starts", from, bench.n, ",");
}

static void update_all(void)
{
	uint64_t before;
	struct spent from;

	run_for(1);
	before = totals().interims;
	from = now();
	memset(&bench.lag.turns, 0, sizeof(bench.lag.turns));
	run_for(bench.interval);
	report("interims", from, totals().interims - before, ",");
	printf("\"share_of_core\": %.4f,\n", (double)(cpu_us() - from.cpu_us) /
						     (double)(totals().interims - before) * 50000. /
						     600. / 1e6);
	printf("\"loop_turn_p99_ms\": %.1f,\n", turn_p99_ms());
}

static void end_all(void)
{
	struct spent from = now();

	for (unsigned int i = 0; i < bench.n; i++)
		accounting_stop(bench.sessions[i].acct, CAUSE_PEER);
	while (totals().stops < bench.n)
		run_for(0.05);
	report("stops", from, bench.n, ",");
}

int main(int argc, char **argv)
{
	struct radius *radius = NULL;
	struct log *log = log_new(1, LOG_WARNING);

	if (argc < 2)
		die("usage: accounting SPOOL [SESSIONS [INTERVAL]]", EINVAL);
	bench.n = argc > 2 ? (unsigned int)atoi(argv[2]) : 50000;
	bench.interval = argc > 3 ? (uint32_t)atoi(argv[3]) : 20;
	bench.sessions = calloc(bench.n, sizeof(*bench.sessions));
	bench.conf = read_conf(argv[1], start_server());
	bench.loop = ev_loop_new(0);
	ev_timer_init(&bench.tick, on_tick, 0., 0.);
	unlink(argv[1]);
	if (!bench.sessions || radius_new(bench.loop, log, &radius) < 0 ||
	    accounting_new(bench.loop, radius, log, &bench.a) < 0 ||
	    accounting_configure(bench.a, bench.conf) < 0)
		die("accounting", ENOMEM);
	lag_start(&bench.lag, bench.loop);
	printf("{ \"sessions\": %u,\n", bench.n);
	begin_all();
	update_all();
	end_all();
	printf("\"commit_max_ms\": %.1f }\n", (double)totals().commit_us_max / 1000.);
	lag_stop(&bench.lag);
	accounting_free(bench.a);
	radius_free(radius);
	conf_unref(bench.conf);
	free(bench.sessions);
	ev_loop_destroy(bench.loop);
	log_free(log);
	return 0;
}
