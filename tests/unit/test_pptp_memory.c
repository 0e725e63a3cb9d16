/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Memory runs out at a reload and when peers connect: nothing is kept of a configuration that may
 * go, and nobody but the newcomer suffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "no_memory.h"
#include "pptp_fixture.h"

#define NEW_LISTENERS 3

/* Another configuration: its tunnel listens on the old address and on new ones. On the heap, so
 * that a look at it after its end is seen. */
struct other {
	struct conf conf;
	struct conf_tunnel tunnel;
	struct conf_addr listen[1 + NEW_LISTENERS];
};

static struct other *other_new(const struct fixture *f)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3",
						 "192.0.2.4" };
	struct other *o = calloc(1, sizeof(*o));

	STAILQ_INIT(&o->conf.tunnels);
	o->tunnel = f->tunnel;
	o->tunnel.conf = &o->conf;
	o->tunnel.pptp.hostname = (char *)"another";
	STAILQ_INIT(&o->tunnel.pptp.listen);
	for (unsigned int i = 0; i < 1 + NEW_LISTENERS; i++) {
		fixture_listen_on(&o->listen[i], addresses[i], 1723);
		STAILQ_INSERT_TAIL(&o->tunnel.pptp.listen, &o->listen[i], entry);
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

/* An old client's name for the server: its second SCCRQ is answered from the configuration. */
static void assert_served_as(struct pns *pns, const char *hostname)
{
	const struct message m = sccrq();

	pns_send(pns, &m);
	assert_int_equal(heard_type(pns), 2);
	assert_string_equal((const char *)heard_before(pns, 0)->bytes + 28, hostname);
}

/* Each allocation fails once. */
static void a_configuration_that_finds_no_memory_changes_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int had = 0;
	struct other *o;
	struct pns pns;
	int r;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	do {
		o = other_new(f);
		memory_left = had++;
		r = pptp_prepare(f->pptp, &o->conf);
		memory_left = UINT_MAX;
		if (r == 0)
			pptp_prepare(f->pptp, NULL);
		else
			assert_int_equal(r, -ENOMEM);
		free(o);
		assert_int_equal(f->n_open, 1);
		assert_served_as(&pns, "pac");
	} while (r);
	assert_int_equal(had, 1 + NEW_LISTENERS);
	pns_close(&pns);
}

static void one_that_is_prepared_needs_none(void **state)
{
	struct fixture *f = *state;
	struct other *o = other_new(f);
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	assert_int_equal(pptp_prepare(f->pptp, &o->conf), 0);
	memory_left = 0;
	assert_int_equal(pptp_configure(f->pptp, &o->conf), 0);
	memory_left = UINT_MAX;
	assert_int_equal(f->n_open, 1 + NEW_LISTENERS);
	assert_served_as(&pns, "another");
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	free(o);
	assert_int_equal(f->n_open, 1);
	assert_served_as(&pns, "pac");
	assert_int_equal(a->lost, CAUSE_NONE);
	pns_close(&pns);
}

static void a_peer_for_whom_there_is_none_is_sent_away(void **state)
{
	struct fixture *f = *state;
	struct pns old, late;

	pns_connect(&old, f, "198.51.100.1", 4000);
	memory_left = 0;
	pns_open(&late, f, "198.51.100.1", 4001);
	memory_left = UINT_MAX;
	assert_int_equal(drops(f, XP_R_T_LIMIT), 1);
	pns_turn(&late);
	assert_true(late.ended);
	assert_int_equal(f->pptp->counters.connections, 1);
	assert_non_null(pns_connection(&old));
	close(late.fd);
	pns_close(&old);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_that_finds_no_memory_changes_nothing),
		TEST(one_that_is_prepared_needs_none),
		TEST(a_peer_for_whom_there_is_none_is_sent_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
