/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The agent ends while servers are silent: no Stop goes without a trace. */
#include "acct_rig.h"

#include <signal.h>
#include <sys/resource.h>

#include "aaa/profile.h"
#include "stderr_text.h"

enum { MANY = 50 };

static int setup(void **state)
{
	*state = rig_new("", "");
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

/* Another run, whose errors are seen. */
static void run_again(struct rig *r, const char *file)
{
	accounting_free(r->a);
	log_free(r->log);
	r->log = log_new(1, LOG_ERR);
	fake.n = fake.looked = 0;
	rig_open(r, file);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void end_run(struct rig *r, struct stderr_text *out)
{
	stderr_begin(out);
	accounting_free(r->a);
	r->a = NULL;
	stderr_end(out);
}

/* Servers have not been given up yet, and there is no file. */
static void in_memory_only(void **state)
{
	struct rig *r = *state;
	struct fake_session s[2] = { { 0 } };
	struct stderr_text out;

	settle(r);
	run_again(r, "/dev/null/spool");
	assert_null(totals(r).file);
	begin(r, &s[0], 1);
	begin(r, &s[1], 2);
	settle(r);
	s[1].traffic.in_octets = 4711;
	end(&s[0], CAUSE_PEER);
	end(&s[1], CAUSE_PEER);
	run(r);
	end_run(r, &out);
	assert_int_equal(count(out.text, "a Stop is lost"), 2);
	assert_int_equal(count(out.text, "session 1234567800000002"), 1);
	assert_int_equal(count(out.text, "4711 bytes"), 1);
}

static void limit_file(const struct rig *r, struct rlimit *before)
{
	struct rlimit limit;
	struct stat st;

	assert_int_equal(stat(r->file, &st), 0);
	getrlimit(RLIMIT_FSIZE, before);
	limit = *before;
	limit.rlim_cur = (rlim_t)st.st_size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Sessions that end when the disk is full and the servers are silent. */
static void end_on_full_disk(struct rig *r, struct rlimit *before)
{
	struct fake_session s[MANY] = { { 0 } };

	settle(r);
	run_again(r, r->file);
	settle(r);
	limit_file(r, before);
	r->silent = true;
	for (unsigned int i = 0; i < MANY; i++)
		begin(r, &s[i], i + 1);
	await_disk(r);
	assert_true(totals(r).failing);
	for (unsigned int i = 0; i < MANY; i++)
		end(&s[i], CAUSE_PEER);
	await_disk(r);
	assert_true(totals(r).failing);
}

/* The disk has room again, but nobody has tried since. */
static void written_at_last(void **state)
{
	struct rig *r = *state;
	struct rlimit before;
	struct stderr_text out;

	stderr_begin(&out);
	end_on_full_disk(r, &before);
	stderr_end(&out);
	setrlimit(RLIMIT_FSIZE, &before);
	end_run(r, &out);
	assert_int_equal(count(out.text, "a Stop is lost"), 0);
	fake.n = fake.looked = 0;
	r->silent = false;
	rig_open(r, r->file);
	settle(r);
	for (unsigned int i = 0; i < MANY; i++)
		assert_int_equal(told(STOP, i + 1, NULL), 1);
}

static void never_written(void **state)
{
	struct rig *r = *state;
	struct rlimit before;
	struct stderr_text out;

	stderr_begin(&out);
	end_on_full_disk(r, &before);
	stderr_end(&out);
	end_run(r, &out);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(count(out.text, "a Stop is lost"), MANY);
}

/* ---- what a server makes of it ---- */

static void describe_much(void *session, struct acct_facts *facts)
{
	static uint8_t bytes[15][sizeof(struct profile_class) + PROFILE_CLASS_MAX];
	static struct profile_class *classes[15];
	static struct profile profile = { .set = PROFILE_CLASSES,
					  .n_classes = 15,
					  .classes = classes };

	for (int i = 0; i < 15; i++) {
		classes[i] = (struct profile_class *)(void *)bytes[i];
		classes[i]->len = PROFILE_CLASS_MAX;
	}
	describe(session, facts);
	facts->subject.profile = &profile;
}

/* More than a message holds: the session is told of without them, with a file and without. */
static void too_many_classes(struct rig *r)
{
	struct fake_session s = { .rig = r, .id = 7 }, t = { 0 };
	struct radius_job *start, *stop;
	struct buf value;

	s.acct = accounting_start(r->a, STAILQ_FIRST(&r->conf->auths), describe_much, &s);
	settle(r);
	assert_int_equal(told(START, 7, &start), 1);
	assert_false(find_attr(start, 25, &value));
	s.traffic.in_octets = 5;
	end(&s, CAUSE_PEER);
	begin(r, &t, 8);
	settle(r);
	assert_int_equal(told(STOP, 7, &stop), 1);
	assert_int_equal(number(stop, IN_OCTETS), 5);
	assert_int_equal(told(START, 8, NULL), 1);
	end(&t, CAUSE_PEER);
	settle(r);
	assert_int_equal(totals(r).lost, 0);
}

static void classes_on_disk(void **state)
{
	too_many_classes(*state);
}

static void classes_in_memory(void **state)
{
	struct rig *r = *state;

	settle(r);
	run_again(r, "/dev/null/spool");
	settle(r);
	too_many_classes(r);
}

/* Some servers know nothing but Acct-Session-Id: what is no session has none of a session's. */
static void ids(void **state)
{
	struct rig *r = *state;

	settle(r);
	assert_int_equal(number(&fake.sent[0], STATUS), ON);
	assert_true(whose(&fake.sent[0]) > INT32_MAX);
}

/* Its files are missing, and are there when the configuration is read again. */
static void servers_later(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { 0 };
	char file[64];

	settle(r);
	fake.no_groups = true;
	snprintf(file, sizeof(file), "%s/second", r->dir);
	accounting_free(r->a);
	fake.n = fake.looked = 0;
	rig_open(r, file);
	begin(r, &s, 1);
	s.traffic.in_octets = 99;
	end(&s, CAUSE_PEER);
	await_disk(r);
	assert_int_equal(fake.n, 0);
	fake.no_groups = false;
	conf_unref(r->conf);
	r->conf = rig_conf(file, "", "");
	assert_int_equal(accounting_configure(r->a, r->conf), 0);
	settle(r);
	assert_int_equal(fake.n, 3);
	assert_int_equal(number(&fake.sent[0], STATUS), ON);
	assert_int_equal(number(&fake.sent[1], STATUS), START);
	assert_int_equal(number(&fake.sent[2], STATUS), STOP);
	assert_int_equal(number(&fake.sent[2], IN_OCTETS), 99);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_memory_only),  TEST(written_at_last),   TEST(never_written),
		TEST(classes_on_disk), TEST(classes_in_memory), TEST(ids),
		TEST(servers_later),
	};

	/* a write beyond the limit fails, as on a disk that is full */
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
