/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Replies are kept for the request that they were given to, so many and so long. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "aaa/dae_cache.h"

static const struct mono now = { 1000 }, later = { 2000 };

static struct dae_key key_of(unsigned int n)
{
	struct dae_key key = { .port = 40000, .id = (uint8_t)n };

	memcpy(key.authenticator, &n, sizeof(n));
	return key;
}

static void put(struct dae_cache *cache, unsigned int n, const char *reply)
{
	struct dae_key key = key_of(n);

	assert_int_equal(dae_cache_put(cache, &key, buf_of(reply, strlen(reply)), later), 0);
}

static bool has(const struct dae_cache *cache, struct dae_key key, const char *reply)
{
	struct buf found = dae_cache_find(cache, &key, now);

	return found.len == strlen(reply) && memcmp(found.p, reply, found.len) == 0;
}

static bool has_not(const struct dae_cache *cache, struct dae_key key)
{
	return dae_cache_find(cache, &key, now).len == 0;
}

static void keeps_what_it_is_given(void **state)
{
	struct dae_cache *cache;
	struct dae_key other;

	(void)state;
	assert_int_equal(dae_cache_new(10, 10000, &cache), 0);
	put(cache, 1, "one");
	put(cache, 2, "two");
	assert_true(has(cache, key_of(1), "one"));
	assert_true(has(cache, key_of(2), "two"));
	other = key_of(1);
	other.port++;
	assert_true(has_not(cache, other));
	other = key_of(1);
	other.id++;
	assert_true(has_not(cache, other));
	other = key_of(1);
	other.authenticator[15]++;
	assert_true(has_not(cache, other));
	put(cache, 1, "another");
	assert_true(has(cache, key_of(1), "another"));
	assert_int_equal(dae_cache_len(cache), 2);
	dae_cache_free(cache);
	dae_cache_free(NULL);
}

static void forgets_in_time(void **state)
{
	struct dae_key key = key_of(1);
	struct dae_cache *cache;

	(void)state;
	assert_int_equal(dae_cache_new(10, 10000, &cache), 0);
	put(cache, 1, "one");
	assert_int_equal(dae_cache_find(cache, &key, (struct mono){ later.ms - 1 }).len, 3);
	assert_int_equal(dae_cache_find(cache, &key, later).len, 0);
	put(cache, 1, "anew");
	assert_true(has(cache, key, "anew"));
	assert_int_equal(dae_cache_len(cache), 1);
	dae_cache_free(cache);
}

static void the_oldest_go_first(void **state)
{
	struct dae_cache *cache;

	(void)state;
	assert_int_equal(dae_cache_new(100, 1000000, &cache), 0);
	for (unsigned int n = 0; n < 1000; n++)
		put(cache, n, "reply");
	assert_int_equal(dae_cache_len(cache), 100);
	assert_true(has_not(cache, key_of(899)));
	for (unsigned int n = 900; n < 1000; n++)
		assert_true(has(cache, key_of(n), "reply"));
	dae_cache_free(cache);
}

static void octets_are_bounded_too(void **state)
{
	static uint8_t reply[RADIUS_MAX];
	struct dae_cache *cache;

	(void)state;
	assert_int_equal(dae_cache_new(100, 5 * sizeof(reply), &cache), 0);
	for (unsigned int n = 0; n < 20; n++) {
		struct dae_key key = key_of(n);

		assert_int_equal(dae_cache_put(cache, &key, buf_of(reply, sizeof(reply)), later),
				 0);
		assert_true(dae_cache_len(cache) <= 4);
	}
	assert_true(has_not(cache, key_of(15)));
	assert_false(has_not(cache, key_of(19)));
	dae_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_it_is_given),
		cmocka_unit_test(forgets_in_time),
		cmocka_unit_test(the_oldest_go_first),
		cmocka_unit_test(octets_are_bounded_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
