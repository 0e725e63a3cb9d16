/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index.h"

struct item {
	unsigned int key;
	struct index_node node;
};

static struct item *find(const struct index *index, unsigned int key)
{
	uint64_t hash = index_hash(index, &key, sizeof(key));

	for (struct index_node *n = index_first(index, hash); n; n = index_next(n)) {
		struct item *item = INDEX_ENTRY(n, struct item, node);

		if (item->key == key)
			return item;
	}
	return NULL;
}

static void add(struct index *index, struct item *item, unsigned int key)
{
	item->key = key;
	index_add(index, &item->node, index_hash(index, &key, sizeof(key)));
}

static void finds_all_while_it_grows_and_shrinks(void **state)
{
	enum { N = 5000 };
	static struct item items[N];
	struct index index;

	(void)state;
	assert_int_equal(index_init(&index), 0);
	for (unsigned int i = 0; i < N; i++) {
		add(&index, &items[i], i * 7);
		assert_ptr_equal(find(&index, i / 2 * 7), &items[i / 2]);
	}
	for (unsigned int i = 0; i < N; i += 2)
		index_del(&index, &items[i].node);
	for (unsigned int i = 0; i < N; i++)
		assert_ptr_equal(find(&index, i * 7), i % 2 ? &items[i] : NULL);
	assert_int_equal(index.count, N / 2);
	index_fini(&index);
}

static void keeps_equal_keys_newest_first(void **state)
{
	struct item items[300];
	struct index index;
	unsigned int key = 1;
	int at = 299;

	(void)state;
	assert_int_equal(index_init(&index), 0);
	for (int i = 0; i < 300; i++)
		add(&index, &items[i], key);
	for (struct index_node *n = index_first(&index, index_hash(&index, &key, sizeof(key))); n;
	     n = index_next(n))
		assert_ptr_equal(n, &items[at--].node);
	assert_int_equal(at, -1);
	index_del(&index, &items[7].node);
	index_del(&index, &items[7].node);
	assert_int_equal(index.count, 299);
	index_fini(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_all_while_it_grows_and_shrinks),
		cmocka_unit_test(keeps_equal_keys_newest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
