/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Logging and the agent's own drop counters. Only owners of a context log:
 * main, session, tunnel drivers, control. Peer-supplied strings go through
 * log_escape(). Secrets are never passed here.
 */
#ifndef XPPPD_LOG_H
#define XPPPD_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <syslog.h>
#include <xpppd/reason.h>

#include "clock.h"

struct log;

/* to_stderr: with a time stamp, or with "<N>" prefixes when the journal reads
 * (JOURNAL_STREAM is set); otherwise syslog(3), facility daemon. NULL when out
 * of memory. */
struct log *log_new(int to_stderr, int max_level);
void log_free(struct log *log);
void log_set_level(struct log *log, int max_level);

/* From now on lines of LOG_INFO to standard error wait for others, at most until log_flush(): a system
 * call for each is dear where thousands of sessions come and go. Who crashes before that takes them along.
 * None waits with LOG_DEBUG. */
void log_hold(struct log *log);
void log_flush(struct log *log);

/* level: LOG_ERR .. LOG_DEBUG of syslog.h. A NULL log is silent. */
void log_msg(struct log *log, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The one exit of every rejected packet: counts the reason, and writes at most
 * one line per reason and second, which tells how many it stands for.
 */
void log_drop(struct log *log, enum xp_reason reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Packets that the agent dropped for this reason since the start. */
uint64_t log_drops(const struct log *log, enum xp_reason reason);

/* The reason's name ("no-session") and explanation; NULL for unknown numbers. */
const char *log_reason_name(unsigned int reason);
const char *log_reason_text(unsigned int reason);

/* Makes n peer-supplied bytes printable ASCII: anything else, and '"' and '\\', as
 * \xNN. Truncates with "..." when out is too small. Returns out. */
char *log_escape(char *out, size_t out_size, const void *bytes, size_t n);

#endif
