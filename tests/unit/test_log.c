/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Which lines wait for others, and that none is lost or passes another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"
#include "stderr_text.h"

#define STAMP 24 /* "2026-01-31 23:59:59.999 " */

struct fixture {
	struct log *log;
	struct stderr_text out;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	unsetenv("JOURNAL_STREAM");
	f->log = log_new(1, LOG_INFO);
	log_hold(f->log);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_free(f->log);
	free(f);
	return 0;
}

static void lines_of_info_wait_for_the_end_of_the_turn(void **state)
{
	struct fixture *f = *state;

	stderr_begin(&f->out);
	log_msg(f->log, LOG_INFO, "one %d", 1);
	log_msg(f->log, LOG_INFO, "two");
	log_msg(f->log, LOG_DEBUG, "never");
	stderr_end(&f->out);
	assert_string_equal(f->out.text, "");
	stderr_begin(&f->out);
	log_flush(f->log);
	log_flush(f->log);
	stderr_end(&f->out);
	assert_int_equal(strlen(f->out.text), STAMP + 6 + STAMP + 4);
	assert_memory_equal(f->out.text + STAMP, "one 1\n", 6);
	assert_string_equal(f->out.text + STAMP + 6 + STAMP, "two\n");
}

static void more_urgent_ones_wait_for_nobody_and_pass_nobody(void **state)
{
	static const int levels[] = { LOG_NOTICE, LOG_WARNING, LOG_ERR };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		stderr_begin(&f->out);
		log_msg(f->log, LOG_INFO, "one");
		log_msg(f->log, levels[i], "two");
		stderr_end(&f->out);
		assert_int_equal(strlen(f->out.text), 2 * (STAMP + 4));
		assert_memory_equal(f->out.text + STAMP, "one\n", 4);
		assert_string_equal(f->out.text + STAMP + 4 + STAMP, "two\n");
	}
}

static void nothing_waits_where_all_is_asked_for(void **state)
{
	struct fixture *f = *state;

	stderr_begin(&f->out);
	log_set_level(f->log, LOG_DEBUG);
	log_msg(f->log, LOG_INFO, "one");
	stderr_end(&f->out);
	assert_string_equal(f->out.text + STAMP, "one\n");
}

/* As long as lines can be. */
static void log_lines(struct fixture *f, unsigned int first, unsigned int last)
{
	char line[1100];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (unsigned int i = first; i <= last; i++)
		log_msg(f->log, LOG_INFO, "%02u %s", i, line);
}

/* How many there are, beginning with this one. */
static unsigned int lines_from(const struct fixture *f, unsigned int first)
{
	const size_t len = STAMP + 1023 + 1;
	unsigned int n = (unsigned int)(strlen(f->out.text) / len);

	assert_int_equal(strlen(f->out.text), n * len);
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(atoi(f->out.text + i * len + STAMP), first + i);
		assert_int_equal(f->out.text[(i + 1) * len - 1], '\n');
	}
	return n;
}

static void what_finds_no_room_makes_some(void **state)
{
	struct fixture *f = *state;
	unsigned int n;

	stderr_begin(&f->out);
	log_lines(f, 1, 10);
	stderr_end(&f->out);
	assert_string_equal(f->out.text, "");
	stderr_begin(&f->out);
	log_lines(f, 11, 20);
	stderr_end(&f->out);
	n = lines_from(f, 1);
	assert_in_range(n, 10, 19);
	stderr_begin(&f->out);
	log_flush(f->log);
	stderr_end(&f->out);
	assert_int_equal(n + lines_from(f, n + 1), 20);
}

static void the_last_ones_are_written_at_the_end(void **state)
{
	struct fixture *f = *state;

	stderr_begin(&f->out);
	log_msg(f->log, LOG_INFO, "good-bye");
	log_free(f->log);
	f->log = NULL;
	stderr_end(&f->out);
	assert_string_equal(f->out.text + STAMP, "good-bye\n");
}

static void the_journal_gets_levels(void **state)
{
	struct fixture *f = *state;

	setenv("JOURNAL_STREAM", "1:2", 1);
	log_free(f->log);
	f->log = log_new(1, LOG_INFO);
	unsetenv("JOURNAL_STREAM");
	log_hold(f->log);
	stderr_begin(&f->out);
	log_msg(f->log, LOG_INFO, "one");
	log_msg(f->log, LOG_WARNING, "two");
	stderr_end(&f->out);
	assert_string_equal(f->out.text, "<6>one\n<4>two\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_of_info_wait_for_the_end_of_the_turn),
		T(more_urgent_ones_wait_for_nobody_and_pass_nobody),
		T(nothing_waits_where_all_is_asked_for),
		T(what_finds_no_room_makes_some),
		T(the_last_ones_are_written_at_the_end),
		T(the_journal_gets_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
