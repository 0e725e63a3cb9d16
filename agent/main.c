/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* xpppd(8): options, signals, the service manager. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "agent.h"
#include "conf/conf.h"
#include "log.h"

#define RUN_DIR "/run/xpppd"
#define PID_PATH RUN_DIR "/xpppd.pid"

struct options {
	struct agent_options agent;
	const char *pid_path;
	bool foreground, check_only;
	int level;
};

struct daemon {
	struct ev_loop *loop;
	struct log *log;
	struct agent *agent;
	struct ev_signal term, interrupt, hangup;
	struct ev_timer watchdog;
	struct ev_prepare turn_over;
	bool stopping;
};

static int usage(FILE *out, int status)
{
	fputs("usage: xpppd [-dnvV] [-f file] [-s control-socket] [-p pid-file]\n"
	      "  -d  log to standard error\n"
	      "  -n  check the configuration, print it and exit\n"
	      "  -v  log more\n"
	      "  -V  print the version and exit\n",
	      out);
	return status;
}

/* -1: go on; otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "dnvVf:s:p:h")) != -1) {
		switch (c) {
		case 'd':
			o->foreground = true;
			break;
		case 'n':
			o->check_only = true;
			break;
		case 'v':
			o->level = LOG_DEBUG;
			break;
		case 'f':
			o->agent.conf_path = optarg;
			break;
		case 's':
			o->agent.control_path = optarg;
			break;
		case 'p':
			o->pid_path = optarg;
			break;
		case 'V':
			puts("xpppd " XPPPD_VERSION);
			return 0;
		case 'h':
			return usage(stdout, 0);
		default:
			return usage(stderr, 1);
		}
	}
	return optind == argc ? -1 : usage(stderr, 1);
}

/* The lock on the pid file is what keeps a second instance out; it goes with the process. */
static int take_pid_file(const char *path, struct log *log)
{
	char pid[16];
	int fd, n, r;

	if (strncmp(path, RUN_DIR "/", strlen(RUN_DIR) + 1) == 0)
		mkdir(RUN_DIR, 0755);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		r = -errno;
		log_msg(log, LOG_ERR, "cannot write the pid file %s: %s", path, strerror(-r));
		return r;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		log_msg(log, LOG_ERR, "another xpppd is running: %s is locked", path);
		close(fd);
		return -EADDRINUSE;
	}
	n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || write(fd, pid, (size_t)n) != n)
		log_msg(log, LOG_WARNING, "pid file %s: %s", path, strerror(errno));
	return fd;
}

static void on_stopped(void *arg)
{
	struct daemon *d = arg;

	ev_break(d->loop, EVBREAK_ALL);
}

static void on_stop_signal(struct ev_loop *loop, struct ev_signal *w, int revents)
{
	struct daemon *d = w->data;

	(void)revents;
	if (d->stopping) { /* a second signal does not wait for the peers */
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	d->stopping = true;
	sd_notify(0, "STOPPING=1");
	log_msg(d->log, LOG_NOTICE, "stopping on signal %d", w->signum);
	agent_stop(d->agent, on_stopped, d);
}

static void on_hangup(struct ev_loop *loop, struct ev_signal *w, int revents)
{
	struct daemon *d = w->data;

	(void)loop;
	(void)revents;
	sd_notify(0, "RELOADING=1");
	agent_reload(d->agent);
	sd_notify(0, "READY=1");
}

static void on_watchdog(struct ev_loop *loop, struct ev_timer *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	sd_notify(0, "WATCHDOG=1");
}

/* Nobody waits for what is in the log longer than a turn of the loop. */
static void on_turn_over(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
	struct daemon *d = w->data;

	(void)loop;
	(void)revents;
	log_flush(d->log);
}

static void watch_signal(struct daemon *d, struct ev_signal *w, int signum,
			 void (*fn)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(w, fn, signum);
	w->data = d;
	ev_signal_start(d->loop, w);
}

static void start_watchers(struct daemon *d)
{
	uint64_t usec = 0;

	signal(SIGPIPE, SIG_IGN);
	ev_prepare_init(&d->turn_over, on_turn_over);
	ev_set_priority(&d->turn_over, EV_MINPRI);
	d->turn_over.data = d;
	ev_prepare_start(d->loop, &d->turn_over);
	log_hold(d->log);
	watch_signal(d, &d->term, SIGTERM, on_stop_signal);
	watch_signal(d, &d->interrupt, SIGINT, on_stop_signal);
	watch_signal(d, &d->hangup, SIGHUP, on_hangup);
	if (sd_watchdog_enabled(0, &usec) > 0) {
		ev_timer_init(&d->watchdog, on_watchdog, 0., (double)usec / 2e6);
		ev_timer_start(d->loop, &d->watchdog);
	}
}

/* Each PPTP connection takes a descriptor: the limit that counts is the administrator's hard one. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(const struct options *o, struct conf *conf, struct log *log)
{
	struct daemon d = { .loop = ev_default_loop(0), .log = log };
	int pid_fd, r;

	if (!d.loop) {
		log_msg(log, LOG_ERR, "cannot set up the event loop");
		return 1;
	}
	pid_fd = take_pid_file(o->pid_path, log);
	if (pid_fd < 0)
		return 1;
	r = agent_new(d.loop, &o->agent, conf, log, &d.agent);
	if (r == 0) {
		start_watchers(&d);
		sd_notify(0, "READY=1");
		log_msg(log, LOG_NOTICE, "xpppd " XPPPD_VERSION " is ready");
		ev_run(d.loop, 0);
		agent_free(d.agent);
		log_msg(log, LOG_NOTICE, "stopped");
	}
	unlink(o->pid_path);
	close(pid_fd);
	ev_loop_destroy(d.loop);
	return r < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct options o = {
		.agent = { CONF_PATH, CONF_CONTROL_PATH },
		.pid_path = PID_PATH,
		.level = LOG_INFO,
	};
	int status = parse_options(argc, argv, &o);
	struct conf *conf = NULL;
	struct log *log;

	if (status >= 0)
		return status;
	/* passwords are in memory: no core dump, no ptrace by the same user */
	prctl(PR_SET_DUMPABLE, 0);
	if (conf_read(o.agent.conf_path, stderr, &conf) < 0)
		return 1;
	if (o.check_only) {
		conf_print(conf, stdout, false);
		conf_unref(conf);
		return 0;
	}
	raise_file_limit();
	log = log_new(o.foreground, o.level);
	status = log ? run(&o, conf, log) : 1;
	conf_unref(conf);
	log_free(log);
	return status;
}
