/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A spool that is full to the last page takes deletions nevertheless, and then records again. */
#include <errno.h>
#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/acct_spool.h"

enum { FEW = 20, MOST = 2000, BODY = 1300 };

struct verdict {
	uint64_t ticket;
	int error;
	unsigned int errors;
};

static void on_stored(void *arg, uint64_t ticket, int error)
{
	struct verdict *v = arg;

	v->ticket = ticket;
	v->error = error;
	v->errors += error < 0;
}

static void on_loaded(void *arg, void *what, int result, struct buf body)
{
	(void)arg;
	(void)what;
	(void)result;
	(void)body;
}

static const struct acct_spool_user user = { .stored = on_stored, .loaded = on_loaded };

static void await(struct ev_loop *loop, const struct verdict *v, uint64_t ticket)
{
	for (int i = 0; i < 15000 && v->ticket < ticket; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(1000);
	}
}

static uint64_t put(struct acct_spool *spool, unsigned int id)
{
	static const uint8_t body[BODY];
	const struct acct_record record = { .kind = ACCT_SESSION, .id = id };

	return acct_spool_put(spool, &record, buf_of(body, sizeof(body)));
}

static unsigned int fill(struct ev_loop *loop, struct acct_spool *spool, struct verdict *v)
{
	unsigned int n = 0;

	while (n < MOST && v->error == 0) {
		uint64_t ticket = 0;

		for (int i = 0; i < FEW; i++)
			ticket = put(spool, ++n);
		await(loop, v, ticket);
	}
	return n;
}

static void full_to_the_last_page(void **state)
{
	struct ev_loop *loop = ev_loop_new(0);
	char dir[32] = "/tmp/xpppd-full-XXXXXX", file[64], command[64];
	struct verdict v = { 0 };
	struct acct_spool *spool;
	uint64_t ticket = 0;
	unsigned int n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/spool", dir);
	assert_int_equal(acct_spool_open(loop, file, 1 << 20, &user, &v, &spool), 0);
	n = fill(loop, spool, &v);
	assert_in_range(n, 100, MOST - 1);
	assert_int_equal(v.error, -ENOSPC);
	for (unsigned int i = 1; i <= n; i++)
		ticket = acct_spool_del(spool,
					&(struct acct_record){ .kind = ACCT_SESSION, .id = i });
	for (int i = 0; i < 15000 && (v.ticket < ticket || v.error); i++) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(1000);
	}
	assert_int_equal(v.error, 0);
	assert_int_equal(v.ticket, ticket);
	ticket = put(spool, 1);
	await(loop, &v, ticket);
	assert_int_equal(v.error, 0);
	acct_spool_close(spool);
	ev_loop_destroy(loop);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(full_to_the_last_page) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
