/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The agent as a whole: builds its parts in order, replaces the configuration, and takes them
 * down in reverse. */
#ifndef XPPPD_AGENT_H
#define XPPPD_AGENT_H

#include <ev.h>

struct agent;
struct conf;
struct log;

#ifndef XPPPD_VERSION
#define XPPPD_VERSION "0.1.0"
#endif

struct agent_options {
	const char *conf_path;
	const char *control_path;
};

/*
 * Brings everything up; takes its own reference of conf. Errors have been logged when it
 * fails with a negative errno. The loop's owner runs it until agent_stop()'s callback.
 */
int agent_new(struct ev_loop *loop, const struct agent_options *options, struct conf *conf,
	      struct log *log, struct agent **agent);
/* Reads the configuration file again: a bad one changes nothing. The result is logged. */
int agent_reload(struct agent *agent);
/* Ends all sessions in order; `stopped` is called when none is left. */
void agent_stop(struct agent *agent, void (*stopped)(void *arg), void *arg);
void agent_free(struct agent *agent);

#endif
