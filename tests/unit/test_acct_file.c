/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the file of accounting records asks of the system. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/acct_db.h"

#define SIZE (8UL << 20)

struct world {
	char dir[32], file[64], other[64];
	unsigned int *alarm_s; /* shared with children */
	unsigned int directories;
	bool exchange; /* the file becomes another one while its lock is awaited */
};
static struct world world;

/* The system's, and what is seen of it. */
int fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		world.directories++;
	return (int)syscall(SYS_fsync, fd);
}

unsigned int alarm(unsigned int seconds)
{
	if (world.alarm_s)
		*world.alarm_s = seconds;
	return 0;
}

int flock(int fd, int operation)
{
	if (world.exchange) {
		world.exchange = false;
		assert_int_equal(rename(world.other, world.file), 0);
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int setup(void **state)
{
	*state = &world;
	memset(&world, 0, sizeof(world));
	world.alarm_s = mmap(NULL, sizeof(*world.alarm_s), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world.alarm_s != MAP_FAILED);
	strcpy(world.dir, "/tmp/xpppd-file-XXXXXX");
	assert_non_null(mkdtemp(world.dir));
	snprintf(world.file, sizeof(world.file), "%s/spool", world.dir);
	snprintf(world.other, sizeof(world.other), "%s/other", world.dir);
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	munmap(world.alarm_s, sizeof(*world.alarm_s));
	snprintf(command, sizeof(command), "rm -r %s", world.dir);
	return system(command);
}

static int count_one(void *arg, struct buf key, struct buf head, struct buf body)
{
	(void)key;
	(void)head;
	(void)body;
	++*(unsigned int *)arg;
	return 0;
}

static unsigned int count(struct acct_db *db)
{
	unsigned int n = 0;

	assert_int_equal(acct_db_walk(db, count_one, &n), 0);
	return n;
}

static void fill(const char *file, unsigned int records)
{
	uint8_t key[ACCT_KEY] = { ACCT_SESSION }, head[ACCT_HEAD] = { 0 };
	struct acct_db *db;

	assert_int_equal(acct_db_open(file, SIZE, &db), 0);
	assert_int_equal(acct_db_begin(db), 0);
	for (unsigned int i = 0; i < records; i++) {
		key[ACCT_KEY - 1] = (uint8_t)i;
		assert_int_equal(
			acct_db_put(db, key, buf_of(head, sizeof(head)), buf_of("body", 4)), 0);
	}
	assert_int_equal(acct_db_commit(db), 0);
	acct_db_close(db);
}

/* A name that the directory forgets is a file that is lost. */
static void names_last(void **state)
{
	struct world *w = *state;
	struct acct_db *db;

	fill(w->file, 10);
	assert_true(w->directories > 0);
	w->directories = 0;
	assert_int_equal(acct_db_open(w->file, SIZE, &db), 0);
	assert_true(w->directories > 0);
	assert_int_equal(count(db), 10);
	acct_db_close(db);
}

/* A large file is not damaged because it takes long to read. */
static void large(void **state)
{
	struct world *w = *state;
	struct acct_db *db;

	fill(w->file, 10);
	assert_int_equal(acct_db_open(w->file, SIZE, &db), 0);
	acct_db_close(db);
	assert_in_range(*w->alarm_s, 5, 60);
	assert_int_equal(truncate(w->file, 1L << 30), 0);
	assert_int_equal(acct_db_open(w->file, SIZE, &db), 0);
	assert_in_range(*w->alarm_s, 100, 600);
	assert_int_equal(count(db), 10);
	acct_db_close(db);
}

/* Who opened what the path named before has the lock of a file that nobody finds any more. */
static void exchanged(void **state)
{
	struct world *w = *state;
	struct acct_db *first, *second = NULL;

	fill(w->file, 1);
	fill(w->other, 2);
	assert_int_equal(acct_db_open(w->other, SIZE, &first), 0);
	w->exchange = true;
	assert_int_equal(acct_db_open(w->file, SIZE, &second), -EBUSY);
	assert_null(second);
	assert_int_equal(count(first), 2);
	acct_db_close(first);
	assert_int_equal(acct_db_open(w->file, SIZE, &second), 0);
	assert_int_equal(count(second), 2);
	acct_db_close(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_last),
		TEST(large),
		TEST(exchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
