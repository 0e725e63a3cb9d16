/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Reloads while memory runs out: the driver serves the old configuration or the new one, and never
 * keeps anything of one that may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "l2tp_fixture.h"
#include "no_memory.h"

#define NEW_LISTENERS 3

/* Another configuration: its tunnel listens on the old address and on new ones. On the heap, so
 * that a look at it after its end is seen. */
struct other {
	struct conf conf;
	struct conf_tunnel tunnel;
	struct conf_addr listen[1 + NEW_LISTENERS];
};

static struct other *other_new(const struct fixture *f, const char *hostname)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3",
						 "192.0.2.4" };
	struct other *o = calloc(1, sizeof(*o));

	STAILQ_INIT(&o->conf.tunnels);
	o->tunnel = f->tunnel;
	o->tunnel.conf = &o->conf;
	o->tunnel.l2tp.hostname = (char *)hostname;
	STAILQ_INIT(&o->tunnel.l2tp.listen);
	STAILQ_INIT(&o->tunnel.l2tp.secrets);
	for (unsigned int i = 0; i < 1 + NEW_LISTENERS; i++) {
		union l2tp_addr addr = fixture_addr(addresses[i], 1701);

		o->listen[i].addr = l2tp_addr_storage(&addr);
		STAILQ_INSERT_TAIL(&o->tunnel.l2tp.listen, &o->listen[i], entry);
	}
	STAILQ_INSERT_TAIL(&o->conf.tunnels, &o->tunnel, entry);
	return o;
}

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	return fixture_setup(f);
}

static int teardown(void **state)
{
	memory_left = UINT_MAX;
	fixture_teardown(*state);
	free(*state);
	return 0;
}

static unsigned int listeners(const struct fixture *f)
{
	const struct l2tp_listener *listener;
	unsigned int n = 0;

	LIST_FOREACH(listener, &f->l2tp->listeners, entry)
		n++;
	return n;
}

/* The host name that a new tunnel is told at the old address. */
static void assert_served_as(struct fixture *f, uint16_t id, const char *hostname)
{
	union l2tp_addr addr = fixture_addr("192.0.2.1", 1701);
	struct lac lac = lac_at(f, "198.51.100.1", 1701, id);
	struct l2tp_listener *listener;
	struct message m;
	uint8_t bytes[512];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	LIST_FOREACH(listener, &f->l2tp->listeners, entry)
		if (l2tp_addr_same(&listener->addr, &addr))
			break;
	assert_non_null(listener);
	sccrq_begin(&m, &lac);
	l2tp_control_header_put(&w, (uint16_t)(L2TP_CONTROL_HEADER + m.w.len), 0, 0, 0, 0);
	wbuf_put(&w, m.w.base, m.w.len);
	l2tp_receive(listener, &lac.path, buf_of(bytes, w.len));
	assert_int_equal(last_sent(f)->avps.message, L2TP_SCCRP);
	assert_int_equal(last_sent(f)->avps.hostname.len, strlen(hostname));
	assert_memory_equal(last_sent(f)->avps.hostname.p, hostname, strlen(hostname));
}

/* Each allocation fails once. */
static void a_configuration_that_finds_no_memory_changes_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int had = 0;
	struct other *o;
	int r;

	do {
		o = other_new(f, "another");
		memory_left = had++;
		r = l2tp_prepare(f->l2tp, &o->conf);
		memory_left = UINT_MAX;
		if (r == 0)
			l2tp_prepare(f->l2tp, NULL);
		else
			assert_int_equal(r, -ENOMEM);
		free(o);
		assert_int_equal(listeners(f), 1);
		assert_served_as(f, (uint16_t)(7 + had), "lns");
	} while (r);
	assert_int_equal(had, 1 + NEW_LISTENERS);
}

static void one_that_is_prepared_needs_none(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct other *o = other_new(f, "another");
	struct accepted *a;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	assert_int_equal(l2tp_prepare(f->l2tp, &o->conf), 0);
	memory_left = 0;
	assert_int_equal(l2tp_configure(f->l2tp, &o->conf), 0);
	memory_left = UINT_MAX;
	assert_int_equal(listeners(f), 1 + NEW_LISTENERS);
	assert_served_as(f, 8, "another");
	assert_int_equal(a->lost, CAUSE_NONE);
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	free(o);
	assert_int_equal(listeners(f), 1);
	assert_served_as(f, 9, "lns");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_that_finds_no_memory_changes_nothing),
		TEST(one_that_is_prepared_needs_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
