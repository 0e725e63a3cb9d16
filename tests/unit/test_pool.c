/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "pool.h"

/* Configurations of which only the ipcp statements P and Q and the interfaces matter. */
static struct conf *conf_of(const char *p, const char *q)
{
	struct conf *conf = NULL;
	char text[2048];

	snprintf(text, sizeof(text),
		 "tunnel T protocol pppoe { listen on interface eth0 }\n"
		 "authentication A type local { users-file u }\n"
		 "ipcp P {\n%s\n}\nipcp Q {\n%s\n}\n"
		 "interface pppac0 address 10.0.0.1 ipcp P\n"
		 "interface pppac1 address 10.0.0.1 ipcp Q\n"
		 "bind tunnel from T authenticated by A to pppac0\n",
		 p, q);
	assert_int_equal(conf_parse(text, strlen(text), "pool", stderr, &conf), 0);
	return conf;
}

static const struct conf_ipcp *P(const struct conf *conf)
{
	return STAILQ_FIRST(&conf->ipcps);
}

static const struct conf_ipcp *Q(const struct conf *conf)
{
	return STAILQ_NEXT(P(conf), entry);
}

static struct in_addr in4(const char *text)
{
	struct in_addr in = { 0 };

	if (text)
		assert_int_equal(inet_pton(AF_INET, text, &in), 1);
	return in;
}

/* Takes and tells the address as text, or the error's name. */
static const char *take(struct pools *pools, const struct conf_ipcp *ipcp, const char *fixed,
			const char *wanted)
{
	struct in_addr addr = in4("255.255.255.255");
	int r = pool_take(pools, ipcp, in4(fixed), in4(wanted), &addr);

	if (r < 0) {
		assert_int_equal(addr.s_addr, 0xffffffff);
		return r == -EADDRINUSE ? "in use" : r == -ENOSPC ? "full" : strerror(-r);
	}
	return inet_ntoa(addr);
}

static void give(struct pools *pools, const struct conf_ipcp *ipcp, const char *addr)
{
	pool_give(pools, ipcp, in4(addr));
}

#define TAKES(expected, ...) assert_string_equal(take(__VA_ARGS__), expected)

struct usages {
	struct pool_usage of[2];
	unsigned int n;
};

static void on_usage(void *arg, const struct pool_usage *usage)
{
	struct usages *u = arg;

	assert_true(u->n < 2);
	u->of[u->n++] = *usage;
}

static struct pool_usage usage_of(const struct pools *pools, unsigned int i)
{
	struct usages u = { .n = 0 };

	pools_usage(pools, on_usage, &u);
	assert_int_equal(u.n, 2);
	return u.of[i];
}

static void range(void **state)
{
	struct conf *conf = conf_of("pool-address 10.0.0.1-10.0.0.4", "");
	struct pools *pools;

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	/* the interface has the first one */
	assert_int_equal(usage_of(pools, 0).dynamic_size, 3);
	TAKES("10.0.0.2", pools, P(conf), NULL, NULL);
	TAKES("10.0.0.3", pools, P(conf), NULL, NULL);
	give(pools, P(conf), "10.0.0.2");
	TAKES("10.0.0.4", pools, P(conf), NULL, NULL);
	TAKES("10.0.0.2", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	TAKES("full", pools, Q(conf), NULL, NULL);
	/* returned last, handed out last; returning twice, or what was not taken, is nothing */
	give(pools, P(conf), "10.0.0.4");
	give(pools, P(conf), "10.0.0.3");
	give(pools, P(conf), "10.0.0.3");
	give(pools, P(conf), "10.0.0.9");
	assert_int_equal(usage_of(pools, 0).dynamic_used, 1);
	TAKES("10.0.0.4", pools, P(conf), NULL, NULL);
	TAKES("10.0.0.3", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	pools_free(pools);
	conf_unref(conf);
}

static void prefixes(void **state)
{
	struct conf *conf = conf_of("pool-address 10.1.0.0/30, pool-address 10.2.0.0/31\n"
				    "pool-address 10.0.9.0/32",
				    "pool-address 10.3.0.0/24 for static");
	struct pools *pools;

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	assert_int_equal(usage_of(pools, 0).dynamic_size, 5);
	TAKES("10.0.9.0", pools, P(conf), NULL, NULL);
	TAKES("10.1.0.1", pools, P(conf), NULL, NULL);
	TAKES("10.1.0.2", pools, P(conf), NULL, NULL);
	TAKES("10.2.0.0", pools, P(conf), NULL, NULL);
	TAKES("10.2.0.1", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	/* network and broadcast are nobody's, not even a fixed address */
	TAKES("in use", pools, P(conf), "10.1.0.0", NULL);
	TAKES("in use", pools, P(conf), "10.1.0.3", NULL);
	TAKES("in use", pools, Q(conf), "10.3.0.255", NULL);
	/* static addresses are for users that have one */
	TAKES("full", pools, Q(conf), NULL, NULL);
	TAKES("full", pools, Q(conf), NULL, "10.3.0.7");
	TAKES("10.3.0.7", pools, Q(conf), "10.3.0.7", NULL);
	assert_int_equal(usage_of(pools, 1).static_size, 254);
	assert_int_equal(usage_of(pools, 1).static_used, 1);
	pools_free(pools);
	conf_unref(conf);
}

static void fixed(void **state)
{
	struct conf *conf =
		conf_of("pool-address 10.0.0.2-10.0.0.4", "pool-address 10.0.1.0-10.0.1.1");
	struct pools *pools;

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	TAKES("10.0.0.3", pools, P(conf), "10.0.0.3", NULL);
	TAKES("in use", pools, P(conf), "10.0.0.3", NULL);
	TAKES("in use", pools, Q(conf), "10.0.0.3", NULL);
	TAKES("in use", pools, P(conf), "10.0.0.1", NULL);
	TAKES("192.0.2.1", pools, P(conf), "192.0.2.1", "10.0.0.2");
	TAKES("in use", pools, Q(conf), "192.0.2.1", NULL);
	assert_int_equal(usage_of(pools, 0).outside_used, 1);
	/* the cursor steps over it, and it comes back when it is free */
	TAKES("10.0.0.2", pools, P(conf), NULL, NULL);
	TAKES("10.0.0.4", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	give(pools, P(conf), "10.0.0.3");
	TAKES("10.0.0.3", pools, P(conf), NULL, NULL);
	/* a user of another pool has an address of this one */
	TAKES("10.0.1.0", pools, P(conf), "10.0.1.0", NULL);
	assert_int_equal(usage_of(pools, 0).outside_used, 2);
	TAKES("10.0.1.1", pools, Q(conf), NULL, NULL);
	TAKES("full", pools, Q(conf), NULL, NULL);
	give(pools, P(conf), "10.0.1.0");
	assert_int_equal(usage_of(pools, 0).outside_used, 1);
	TAKES("10.0.1.0", pools, Q(conf), NULL, NULL);
	/* out of the queue of that pool as well */
	give(pools, Q(conf), "10.0.1.0");
	TAKES("10.0.1.0", pools, P(conf), "10.0.1.0", NULL);
	TAKES("full", pools, Q(conf), NULL, NULL);
	/* outside addresses leave nothing behind */
	give(pools, P(conf), "192.0.2.1");
	TAKES("192.0.2.1", pools, Q(conf), "192.0.2.1", NULL);
	pools_free(pools);
	conf_unref(conf);
}

static void wanted(void **state)
{
	struct conf *conf =
		conf_of("pool-address 10.0.0.0-10.0.0.5",
			"pool-address 10.0.1.0-10.0.1.9, allow-user-selected-address no");
	struct pools *pools;
	int i;

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	TAKES("10.0.0.4", pools, P(conf), NULL, "10.0.0.4");
	TAKES("10.0.0.0", pools, P(conf), NULL, "10.0.0.4");
	TAKES("10.0.0.2", pools, P(conf), NULL, "10.0.0.1"); /* the interface's */
	TAKES("10.0.0.3", pools, P(conf), NULL, "10.0.1.1"); /* not of this pool */
	TAKES("10.0.1.0", pools, Q(conf), NULL, "10.0.1.5");
	/* asking again for the same adds nothing to the queue */
	for (i = 0; i < 1000; i++) {
		give(pools, P(conf), "10.0.0.4");
		TAKES("10.0.0.4", pools, P(conf), NULL, "10.0.0.4");
	}
	TAKES("10.0.0.5", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	give(pools, P(conf), "10.0.0.4");
	TAKES("10.0.0.4", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	pools_free(pools);
	conf_unref(conf);
}

static void max_session(void **state)
{
	struct conf *conf = conf_of("pool-address 10.0.0.2-10.0.0.9, max-session 2",
				    "pool-address 10.0.1.0/24");
	struct pools *pools;

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	TAKES("10.0.0.2", pools, P(conf), NULL, NULL);
	TAKES("192.0.2.1", pools, P(conf), "192.0.2.1", NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), "192.0.2.2", NULL);
	TAKES("10.0.1.1", pools, Q(conf), NULL, NULL);
	give(pools, P(conf), "192.0.2.1");
	TAKES("10.0.0.3", pools, P(conf), NULL, NULL);
	TAKES("full", pools, P(conf), NULL, NULL);
	pools_free(pools);
	conf_unref(conf);
}

static void reload(void **state)
{
	struct conf *old = conf_of("pool-address 10.0.0.2-10.0.0.5", "pool-address 10.0.1.0/30");
	struct conf *new =
		conf_of("pool-address 10.0.0.4-10.0.0.7", "pool-address 10.0.0.2-10.0.0.3");
	struct pools *pools;

	(void)state;
	assert_int_equal(pools_new(old, &pools), 0);
	TAKES("10.0.0.2", pools, P(old), NULL, NULL);
	TAKES("10.0.0.3", pools, P(old), NULL, NULL);
	TAKES("10.0.0.4", pools, P(old), NULL, NULL);
	TAKES("10.0.0.5", pools, P(old), NULL, NULL);
	TAKES("10.0.1.1", pools, Q(old), NULL, NULL);
	give(pools, P(old), "10.0.0.5");
	assert_int_equal(pools_reload(pools, new), 0);
	assert_int_equal(usage_of(pools, 0).dynamic_used, 1);
	assert_int_equal(usage_of(pools, 0).outside_used, 2);
	assert_int_equal(usage_of(pools, 1).outside_used, 1);
	TAKES("10.0.0.5", pools, P(new), NULL, NULL);
	TAKES("full", pools, Q(new), NULL, NULL); /* P's users have them */
	/* given back by the old session: now the other pool's */
	give(pools, P(old), "10.0.0.2");
	TAKES("10.0.0.2", pools, Q(new), NULL, NULL);
	/* not in any range any more */
	give(pools, Q(old), "10.0.1.1");
	TAKES("full", pools, Q(new), NULL, NULL);
	assert_int_equal(usage_of(pools, 1).outside_used, 0);
	conf_unref(old);
	give(pools, P(new), "10.0.0.4");
	TAKES("10.0.0.6", pools, P(new), NULL, NULL);
	TAKES("10.0.0.7", pools, P(new), NULL, NULL);
	TAKES("10.0.0.4", pools, P(new), NULL, NULL);
	TAKES("full", pools, P(new), NULL, NULL);
	pools_free(pools);
	conf_unref(new);
}

/* A statement that goes takes no address with it. */
static void statement_gone(void **state)
{
	struct conf *old = conf_of("pool-address 10.0.0.2", "pool-address 10.0.1.2"), *new;
	struct conf_ipcp *q = (struct conf_ipcp *)Q(old);
	struct pools *pools;

	(void)state;
	new = conf_of("pool-address 10.0.1.2", "");
	assert_int_equal(pools_new(old, &pools), 0);
	TAKES("10.0.1.2", pools, q, NULL, NULL);
	strcpy(q->name, "X");
	assert_int_equal(pools_reload(pools, old), 0);
	assert_int_equal(pools_reload(pools, new), 0);
	TAKES("full", pools, P(new), NULL, NULL);
	give(pools, q, "10.0.1.2");
	TAKES("10.0.1.2", pools, P(new), NULL, NULL);
	pools_free(pools);
	conf_unref(old);
	conf_unref(new);
}

/* A /8 costs what is used of it, and no look-up walks. */
static void large(void **state)
{
	struct conf *conf = conf_of("pool-address 11.0.0.0/8", "");
	const uint32_t n = 50000;
	struct pools *pools;
	struct in_addr addr;
	uint32_t i;

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	assert_int_equal(usage_of(pools, 0).dynamic_size, (1 << 24) - 2);
	for (i = 0; i < n; i++) {
		assert_int_equal(pool_take(pools, P(conf), in4(NULL), in4(NULL), &addr), 0);
		assert_int_equal(ntohl(addr.s_addr), 0x0b000001 + i);
	}
	for (i = 0; i < n; i++)
		pool_give(pools, P(conf), (struct in_addr){ htonl(0x0b000001 + i) });
	assert_int_equal(usage_of(pools, 0).dynamic_used, 0);
	assert_int_equal(pool_take(pools, P(conf), in4(NULL), in4(NULL), &addr), 0);
	assert_int_equal(ntohl(addr.s_addr), 0x0b000001 + n);
	pools_free(pools);
	conf_unref(conf);
}

/* Random operations against a plain array. */
static void against_model(void **state)
{
	struct conf *conf =
		conf_of("pool-address 10.0.0.0/26, pool-address 10.0.0.80-10.0.0.90", "");
	bool used[128] = { false };
	struct pools *pools;
	unsigned int i, n = 0, seed = 7,
			capacity = 61 + 11; /* 62 of the /26, one the interface's */

	(void)state;
	assert_int_equal(pools_new(conf, &pools), 0);
	for (i = 0; i < 20000; i++) {
		unsigned int r = (unsigned int)rand_r(&seed), host = r % 128;
		struct in_addr want = { htonl(0x0a000000 + host) }, addr;
		bool inside = (host >= 2 && host <= 62) || (host >= 80 && host <= 90);

		if (r / 128 % 2) {
			if (used[host])
				n--;
			used[host] = false;
			pool_give(pools, P(conf), want);
		} else if (pool_take(pools, P(conf), in4(NULL), want, &addr) == 0) {
			unsigned int got = ntohl(addr.s_addr) - 0x0a000000;

			assert_true(got < 128 && !used[got]);
			assert_true((got >= 2 && got <= 62) || (got >= 80 && got <= 90));
			if (inside && !used[host])
				assert_int_equal(got, host);
			used[got] = true;
			n++;
		} else {
			assert_int_equal(n, capacity);
		}
		assert_int_equal(usage_of(pools, 0).dynamic_used, n);
	}
	pools_free(pools);
	conf_unref(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(range),          cmocka_unit_test(prefixes),
		cmocka_unit_test(fixed),          cmocka_unit_test(wanted),
		cmocka_unit_test(max_session),    cmocka_unit_test(reload),
		cmocka_unit_test(statement_gone), cmocka_unit_test(large),
		cmocka_unit_test(against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
