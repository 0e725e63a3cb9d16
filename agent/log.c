/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct log_rate {
	uint64_t count;
	uint64_t unwritten; /* since the last line */
	struct mono written;
};

#define LOG_LINE 1024
#define LOG_HELD (16 * LOG_LINE)

struct log {
	int to_stderr;
	int journal;
	int max_level;
	struct log_rate rate[XP_REASON_MAX];
	int hold;
	size_t n_held;
	char held[LOG_HELD];
	time_t stamped; /* when the stamp was made */
	char stamp[32];
};

static const char *const reason_names[XP_REASON_MAX] = {
#define X_NAME(number, symbol, name, text) [number] = (name),
	XP_REASONS(X_NAME)
#undef X_NAME
};

static const char *const reason_texts[XP_REASON_MAX] = {
#define X_TEXT(number, symbol, name, text) [number] = (text),
	XP_REASONS(X_TEXT)
#undef X_TEXT
};

struct log *log_new(int to_stderr, int max_level)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->to_stderr = to_stderr;
	log->journal = getenv("JOURNAL_STREAM") != NULL;
	log->max_level = max_level;
	for (int i = 0; i < XP_REASON_MAX; i++)
		log->rate[i].written.ms = -CLOCK_LOG_RATE_MS;
	if (!to_stderr)
		openlog("xpppd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	return log;
}

void log_free(struct log *log)
{
	log_flush(log);
	if (log && !log->to_stderr)
		closelog();
	free(log);
}

void log_set_level(struct log *log, int max_level)
{
	if (log)
		log->max_level = max_level;
}

void log_hold(struct log *log)
{
	log->hold = 1;
}

void log_flush(struct log *log)
{
	if (!log || log->n_held == 0)
		return;
	fwrite(log->held, 1, log->n_held, stderr);
	log->n_held = 0;
}

static const char *log_stamp(struct log *log, time_t now)
{
	struct tm tm;

	if (now != log->stamped) {
		localtime_r(&now, &tm);
		strftime(log->stamp, sizeof(log->stamp), "%F %T", &tm);
		log->stamped = now;
	}
	return log->stamp;
}

/* There is room for a line. */
static void log_put(struct log *log, int level, const char *line)
{
	char *end = log->held + log->n_held;
	size_t room = sizeof(log->held) - log->n_held;
	struct timespec t;
	int n;

	if (log->journal) {
		n = snprintf(end, room, "<%d>%s\n", level, line);
	} else {
		clock_gettime(CLOCK_REALTIME, &t);
		n = snprintf(end, room, "%s.%03ld %s\n", log_stamp(log, t.tv_sec),
			     t.tv_nsec / 1000000, line);
	}
	log->n_held += (size_t)n;
}

static void log_write(struct log *log, int level, const char *line)
{
	if (!log->to_stderr) {
		syslog(level, "%s", line);
		return;
	}
	if (sizeof(log->held) - log->n_held < LOG_LINE + sizeof(log->stamp) + 16)
		log_flush(log);
	log_put(log, level, line);
	if (!log->hold || level != LOG_INFO || log->max_level >= LOG_DEBUG)
		log_flush(log);
}

void log_msg(struct log *log, int level, const char *fmt, ...)
{
	char line[LOG_LINE];
	va_list ap;

	if (!log || level > log->max_level)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_write(log, level, line);
}

void log_drop(struct log *log, enum xp_reason reason, const char *fmt, ...)
{
	struct log_rate *rate;
	struct mono now;
	char what[768];
	va_list ap;

	if (!log || (unsigned int)reason >= XP_REASON_MAX)
		return;
	rate = &log->rate[reason];
	rate->count++;
	rate->unwritten++;
	now = mono_now();
	if (mono_elapsed_ms(rate->written, now) < CLOCK_LOG_RATE_MS)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	log_msg(log, LOG_NOTICE, "dropped %llu: %s: %s", (unsigned long long)rate->unwritten,
		reason_names[reason] ? reason_names[reason] : "unknown", what);
	rate->unwritten = 0;
	rate->written = now;
}

uint64_t log_drops(const struct log *log, enum xp_reason reason)
{
	return log && (unsigned int)reason < XP_REASON_MAX ? log->rate[reason].count : 0;
}

const char *log_reason_name(unsigned int reason)
{
	return reason < XP_REASON_MAX ? reason_names[reason] : NULL;
}

const char *log_reason_text(unsigned int reason)
{
	return reason < XP_REASON_MAX ? reason_texts[reason] : NULL;
}

char *log_escape(char *out, size_t out_size, const void *bytes, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *b = bytes;
	size_t o = 0;

	if (out_size == 0)
		return out;
	for (size_t i = 0; i < n; i++) {
		int plain = b[i] >= 0x20 && b[i] < 0x7f && b[i] != '"' && b[i] != '\\';

		/* always leave room for "..." and the end */
		if (o + (plain ? 1 : 4) + 4 > out_size) {
			for (int dots = 0; dots < 3 && o + 1 < out_size; dots++)
				out[o++] = '.';
			break;
		}
		if (plain) {
			out[o++] = (char)b[i];
			continue;
		}
		out[o++] = '\\';
		out[o++] = 'x';
		out[o++] = hex[b[i] >> 4];
		out[o++] = hex[b[i] & 15];
	}
	out[o] = '\0';
	return out;
}
