/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What accounting keeps on disk: over restarts, crashes, damage and disks that are full. */
#include "acct_rig.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "aaa/acct_cause.h"
#include "aaa/acct_record.h"

static int setup(void **state)
{
	*state = rig_new("", "");
	return 0;
}

static int setup_small(void **state)
{
	*state = rig_new("size 1", "");
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

/* ---- the format ---- */

static void records(void **state)
{
	const struct acct_record r = { .id = 0x1234567890abcdef,
				       .seq = 0xfedcba9876543210,
				       .kind = ACCT_SESSION,
				       .due = ACCT_DUE_START | ACCT_DUE_STOP,
				       .cause = 4,
				       .linked = 1,
				       .session_s = 99,
				       .body = 77,
				       .started = 1000000000000,
				       .event = 1000000000099,
				       .traffic = { UINT64_MAX, 2, 3, 4, 5 } };
	uint8_t key[ACCT_KEY], head[ACCT_HEAD];
	struct acct_record back;

	(void)state;
	acct_key_write(&r, key);
	acct_head_write(&r, head);
	memset(&back, 0, sizeof(back));
	assert_int_equal(acct_record_read(buf_of(key, ACCT_KEY), buf_of(head, ACCT_HEAD), &back),
			 0);
	assert_int_equal(back.id, r.id);
	assert_int_equal(back.seq, r.seq);
	assert_int_equal(back.due, r.due);
	assert_int_equal(back.cause, r.cause);
	assert_int_equal(back.linked, 1);
	assert_int_equal(back.session_s, 99);
	assert_int_equal(back.body, 77);
	assert_int_equal(back.started, r.started);
	assert_int_equal(back.event, r.event);
	assert_memory_equal(&back.traffic, &r.traffic, sizeof(r.traffic));
	for (unsigned int bit = 0; bit < ACCT_HEAD * 8; bit++) {
		head[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(acct_record_read(buf_of(key, ACCT_KEY), buf_of(head, ACCT_HEAD),
						  &back),
				 -EBADMSG);
		head[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned int len = 0; len < ACCT_HEAD; len++)
		assert_int_equal(acct_record_read(buf_of(key, ACCT_KEY), buf_of(head, len), &back),
				 -EBADMSG);
}

static void bodies(void **state)
{
	const uint8_t attrs[] = { 1, 4, 'x', 'y', 5, 6, 0, 0, 0, 1 };
	const uint8_t bad[] = { 1, 2, 5, 6, 0, 0, 0, 1 };
	char name[ACCT_NAME_MAX + 1], long_name[ACCT_NAME_MAX + 2];
	uint8_t body[64];
	struct buf back;
	int len = acct_body_write("RADIUS", buf_of(attrs, sizeof(attrs)), body, sizeof(body));

	(void)state;
	assert_true(len > 0);
	assert_int_equal(acct_body_read(buf_of(body, (size_t)len), name, &back), 0);
	assert_string_equal(name, "RADIUS");
	assert_int_equal(back.len, sizeof(attrs));
	assert_memory_equal(back.p, attrs, sizeof(attrs));
	for (int i = 0; i < len; i++)
		assert_int_equal(acct_body_read(buf_of(body, (size_t)i), name, &back), -EBADMSG);
	for (int i = 0; i < len; i++) {
		body[i] ^= 1;
		assert_int_equal(acct_body_read(buf_of(body, (size_t)len), name, &back), -EBADMSG);
		body[i] ^= 1;
	}
	assert_int_equal(acct_body_write("A", buf_of(attrs, sizeof(attrs)), body, 5), -EMSGSIZE);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(acct_body_write(long_name, buf_of(attrs, 0), body, sizeof(body)),
			 -EMSGSIZE);
	len = acct_body_write("A", buf_of(bad, sizeof(bad)), body, sizeof(body));
	assert_int_equal(acct_body_read(buf_of(body, (size_t)len), name, &back), -EBADMSG);
}

/* ---- restarts ---- */

static void mode(void **state)
{
	struct rig *r = *state;
	struct stat st;

	settle(r);
	assert_int_equal(stat(r->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Stops that no server has heard of, and the Start of one, are told by the next run, once. */
static void restart(void **state)
{
	struct rig *r = *state;
	struct fake_session s[100] = { { 0 } }, late = { 0 };
	struct radius_job *j;
	time_t event;

	settle(r);
	for (unsigned int i = 0; i < 100; i++)
		begin(r, &s[i], i + 1);
	settle(r);
	r->silent = true;
	begin(r, &late, 200);
	for (unsigned int i = 100; i-- > 0;) {
		s[i].traffic.in_octets = 1000 + i;
		end(&s[i], CAUSE_CLEARED);
	}
	end(&late, CAUSE_PEER);
	event = time(NULL);
	settle(r);
	accounting_free(r->a);
	sleep(2);
	fake.n = fake.looked = 0;
	r->silent = false;
	rig_open(r, r->file);
	assert_int_equal(totals(r).waiting, 101 + 1);
	assert_int_equal(totals(r).recovered, 0);
	settle(r);
	for (unsigned int i = 0; i < 100; i++) {
		assert_int_equal(told(STOP, i + 1, &j), 1);
		assert_int_equal(number(j, IN_OCTETS), 1000 + i);
		assert_int_equal(number(j, CAUSE), ACCT_ADMIN_RESET);
		assert_int_equal(told(START, i + 1, NULL), 0);
		assert_in_range(j->event, event - 1, event);
	}
	/* in the order in which they ended, but for the one whose Start goes before */
	for (unsigned int i = 1, last = 101; i < fake.n; i++) {
		if (number(&fake.sent[i], STATUS) != STOP || whose(&fake.sent[i]) == 200)
			continue;
		assert_true(whose(&fake.sent[i]) < last);
		last = whose(&fake.sent[i]);
	}
	assert_int_equal(told(START, 200, NULL), 1);
	assert_int_equal(told(STOP, 200, NULL), 1);
	assert_int_equal(told(ON, 0, NULL), 1);
	assert_int_equal(number(&fake.sent[fake.n - 1], STATUS), ON);
	assert_int_equal(totals(r).records, 0);
	fake.n = fake.looked = 0;
	accounting_free(r->a);
	rig_open(r, r->file);
	settle(r);
	assert_int_equal(fake.n, 1);
}

static void copy(const struct rig *r, const char *from, char *to, size_t size)
{
	char command[256];

	snprintf(to, size, "%s/copy", r->dir);
	snprintf(command, sizeof(command), "cp %s %s", from, to);
	assert_int_equal(system(command), 0);
}

/* The agent dies: what it had written is all there is. */
static void crash(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { .interim = 1 }, t = { 0 };
	struct radius_job *j;
	char file[64];

	begin(r, &s, 1);
	begin(r, &t, 2);
	settle(r);
	s.traffic.in_octets = 55;
	for (int i = 0; i < 300 && (!told(INTERIM, 1, &j) || number(j, IN_OCTETS) != 55); i++) {
		settle(r);
		usleep(5000);
	}
	assert_int_equal(number(j, IN_OCTETS), 55);
	await_disk(r);
	copy(r, r->file, file, sizeof(file));
	end(&s, CAUSE_PEER);
	end(&t, CAUSE_PEER);
	settle(r);
	accounting_free(r->a);
	fake.n = fake.looked = 0;
	rig_open(r, file);
	assert_int_equal(totals(r).recovered, 2);
	settle(r);
	assert_int_equal(told(STOP, 1, &j), 1);
	assert_int_equal(number(j, IN_OCTETS), 55);
	assert_int_equal(number(j, CAUSE), ACCT_NAS_REBOOT);
	assert_int_equal(told(INTERIM, 0, NULL), 0);
	assert_int_equal(told(STOP, 2, &j), 1);
	assert_int_equal(number(j, IN_OCTETS), 0);
	assert_int_equal(number(&fake.sent[fake.n - 1], STATUS), ON);
	assert_int_equal(fake.n, 3);
}

/* Two agents do not share a file; the second one works from memory. */
static void taken(void **state)
{
	struct rig *r = *state;
	struct accounting *first = r->a;
	struct fake_session s = { 0 };

	settle(r);
	rig_open(r, r->file);
	assert_null(totals(r).file);
	begin(r, &s, 1);
	settle(r);
	end(&s, CAUSE_PEER);
	settle(r);
	assert_int_equal(told(STOP, 1, NULL), 1);
	assert_int_equal(totals(r).records, 0);
	accounting_free(first);
}

/* ---- no room ---- */

static void full(void **state)
{
	enum { MANY = 2000 };
	struct rig *r = *state;
	struct fake_session *s = calloc(MANY, sizeof(*s));
	unsigned int recorded, stops = 0;

	settle(r);
	r->silent = true;
	for (unsigned int i = 0; i < MANY; i++)
		begin(r, &s[i], i + 1);
	await_disk(r);
	recorded = totals(r).records;
	assert_in_range(recorded, 100, MANY - 100);
	assert_int_equal(totals(r).refused, MANY - recorded);
	assert_true(totals(r).bytes <= totals(r).bytes_max);
	assert_false(totals(r).failing);
	settle(r);
	for (unsigned int i = 0; i < MANY; i++)
		end(&s[i], CAUSE_PEER);
	await_disk(r);
	assert_false(totals(r).failing);
	assert_int_equal(totals(r).lost, MANY - recorded);
	assert_int_equal(totals(r).records, recorded);
	accounting_free(r->a);
	fake.n = fake.looked = 0;
	r->silent = false;
	rig_open(r, r->file);
	assert_int_equal(totals(r).records, recorded + 1);
	settle(r);
	for (unsigned int i = 0; i < MANY; i++)
		stops += told(STOP, i + 1, NULL);
	assert_int_equal(stops, recorded);
	assert_int_equal(totals(r).records, 0);
	free(s);
}

/* A session without a record is told of nevertheless while servers answer. */
static void full_but_answered(void **state)
{
	enum { MANY = 2000 };
	struct rig *r = *state;
	struct fake_session *s = calloc(MANY, sizeof(*s));

	for (unsigned int i = 0; i < MANY; i++)
		begin(r, &s[i], i + 1);
	settle(r);
	assert_int_equal(totals(r).starts, MANY);
	assert_true(totals(r).refused > 0);
	fake.n = fake.looked = 0;
	for (unsigned int i = 0; i < MANY; i++)
		end(&s[i], CAUSE_PEER);
	settle(r);
	assert_int_equal(totals(r).stops, MANY);
	assert_int_equal(totals(r).lost, 0);
	assert_int_equal(totals(r).records, 0);
	free(s);
}

/* The disk is full, and is not any more. */
static void disk_full(void **state)
{
	struct rig *r = *state;
	struct rlimit limit, before;
	struct fake_session s[50] = { { 0 } };
	struct stat st;

	settle(r);
	assert_int_equal(stat(r->file, &st), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = (rlim_t)st.st_size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned int i = 0; i < 50; i++)
		begin(r, &s[i], i + 1);
	settle(r);
	assert_true(totals(r).failing);
	assert_int_equal(totals(r).starts, 50);
	fake.n = fake.looked = 0;
	for (unsigned int i = 0; i < 25; i++)
		end(&s[i], CAUSE_PEER);
	settle(r);
	assert_int_equal(totals(r).stops, 25);
	setrlimit(RLIMIT_FSIZE, &before);
	for (int i = 0; i < 800 && totals(r).failing; i++) {
		run(r);
		usleep(10000);
	}
	assert_false(totals(r).failing);
	await_disk(r);
	/* what was told of from memory has left no trace, and what goes on is on disk */
	for (unsigned int i = 25; i < 50; i++)
		end(&s[i], CAUSE_PEER);
	r->silent = true;
	settle(r);
	accounting_free(r->a);
	fake.n = fake.looked = 0;
	r->silent = false;
	rig_open(r, r->file);
	settle(r);
	for (unsigned int i = 0; i < 50; i++)
		assert_int_equal(told(STOP, i + 1, NULL), i >= 25);
}

/* ---- damage ---- */

static unsigned int damaged_files(const struct rig *r)
{
	DIR *dir = opendir(r->dir);
	struct dirent *e;
	unsigned int n = 0;

	while ((e = readdir(dir)))
		n += strstr(e->d_name, ".damaged-") != NULL;
	closedir(dir);
	return n;
}

/* A file with some sessions in it. */
static void fill(struct rig *r, unsigned int sessions)
{
	struct fake_session *s = calloc(sessions, sizeof(*s));

	r->silent = true;
	for (unsigned int i = 0; i < sessions; i++) {
		begin(r, &s[i], i + 1);
		end(&s[i], CAUSE_PEER);
	}
	await_disk(r);
	accounting_free(r->a);
	r->silent = false;
	fake.n = fake.looked = 0;
	free(s);
}

static void works(struct rig *r)
{
	struct fake_session s = { 0 };

	begin(r, &s, 9999);
	settle(r);
	end(&s, CAUSE_PEER);
	settle(r);
	assert_int_equal(told(STOP, 9999, NULL), 1);
	assert_non_null(totals(r).file);
}

static void no_such_file(void **state)
{
	struct rig *r = *state;
	FILE *f;

	settle(r);
	accounting_free(r->a);
	f = fopen(r->file, "w");
	for (int i = 0; i < 10000; i++)
		fputs("this is no file of accounting records\n", f);
	fclose(f);
	rig_open(r, r->file);
	works(r);
	assert_int_equal(damaged_files(r), 1);
}

static void truncated(void **state)
{
	struct rig *r = *state;
	struct stat st;

	fill(r, 300);
	assert_int_equal(stat(r->file, &st), 0);
	assert_int_equal(truncate(r->file, st.st_size / 2), 0);
	rig_open(r, r->file);
	works(r);
	assert_int_equal(damaged_files(r), 1);
}

/* Whatever a bad disk makes of it, the agent starts and goes on. */
static void mutated(void **state)
{
	struct rig *r = *state;
	unsigned int x = 12345;
	struct stat st;

	for (int round = 0; round < 24; round++) {
		int fd;

		if (round > 0) {
			unlink(r->file);
			rig_open(r, r->file);
		}
		fill(r, 100);
		fd = open(r->file, O_RDWR);
		assert_true(fd >= 0);
		assert_int_equal(fstat(fd, &st), 0);
		for (int i = 0; i < 1 << round % 8; i++) {
			uint8_t byte;

			x = x * 1103515245 + 12345;
			byte = (uint8_t)(x >> 24);
			assert_int_equal(pwrite(fd, &byte, 1, (off_t)(x >> 4) % st.st_size), 1);
		}
		close(fd);
		rig_open(r, r->file);
		settle(r);
		works(r);
		fake.n = fake.looked = 0;
		accounting_free(r->a);
	}
	rig_open(r, r->file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define SMALL(name) cmocka_unit_test_setup_teardown(name, setup_small, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(bodies),
		TEST(mode),
		TEST(restart),
		TEST(crash),
		TEST(taken),
		SMALL(full),
		SMALL(full_but_answered),
		TEST(disk_full),
		TEST(no_such_file),
		TEST(truncated),
		TEST(mutated),
	};

	/* a write beyond the limit fails, as on a disk that is full */
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
