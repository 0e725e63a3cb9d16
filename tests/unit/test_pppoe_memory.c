/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Reloads while memory runs out: the driver serves the old configuration or the new one, and never
 * keeps anything of one that may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "no_memory.h"
#include "pppoe_fixture.h"

#define NEW_INTERFACES 3

/* Another configuration: its tunnel listens on the old interface and on new ones. On the heap, so
 * that a look at it after its end is seen. */
struct other {
	struct conf conf;
	struct conf_tunnel tunnel;
	struct conf_name name[1 + NEW_INTERFACES];
};

static struct other *other_new(const char *ac_name)
{
	static const char *const names[] = { "acc-test", "acc-2", "acc-3", "acc-4" };
	struct other *o = calloc(1, sizeof(*o));

	STAILQ_INIT(&o->conf.tunnels);
	o->tunnel = (struct conf_tunnel){
		.conf = &o->conf,
		.name = (char *)"first",
		.protocol = CONF_PPPOE,
		.bound = true,
		.pipex = true,
		.pppoe.accept_any_service = true,
		.pppoe.ac_name = (char *)ac_name,
	};
	STAILQ_INIT(&o->tunnel.pppoe.interfaces);
	STAILQ_INIT(&o->tunnel.pppoe.services);
	for (unsigned int i = 0; i < 1 + NEW_INTERFACES; i++) {
		o->name[i].name = (char *)names[i];
		STAILQ_INSERT_TAIL(&o->tunnel.pppoe.interfaces, &o->name[i], entry);
	}
	STAILQ_INSERT_TAIL(&o->conf.tunnels, &o->tunnel, entry);
	return o;
}

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	return fixture_setup(f, 0x10000);
}

static int teardown(void **state)
{
	memory_left = UINT_MAX;
	fixture_teardown(*state);
	free(*state);
	return 0;
}

static unsigned int interfaces(const struct fixture *f)
{
	const struct pppoe_interface *ifc;
	unsigned int n = 0;

	LIST_FOREACH(ifc, &f->pppoe->interfaces, entry)
		n++;
	return n;
}

/* Each allocation fails once. */
static void a_configuration_that_finds_no_memory_changes_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int had = 0;
	struct other *o;
	int r;

	dial(f);
	do {
		o = other_new("another");
		memory_left = had++;
		r = pppoe_prepare(f->pppoe, &o->conf);
		memory_left = UINT_MAX;
		if (r == 0)
			pppoe_prepare(f->pppoe, NULL);
		else
			assert_int_equal(r, -ENOMEM);
		free(o);
		assert_int_equal(interfaces(f), 1);
		padi(f, "");
		assert_true(sent_has(f, PPPOE_TAG_AC_NAME, "ac-one"));
	} while (r);
	assert_int_equal(had, 1 + 1 + 2 * NEW_INTERFACES);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
}

static void one_that_is_prepared_needs_none_for_what_is_served(void **state)
{
	struct fixture *f = *state;
	struct other *first = other_new("another"), *second = other_new("a third");

	dial(f);
	assert_int_equal(pppoe_configure(f->pppoe, &first->conf, f->links), 0);
	assert_int_equal(pppoe_prepare(f->pppoe, &second->conf), 0);
	memory_left = 0;
	assert_int_equal(pppoe_configure(f->pppoe, &second->conf, f->links), 0);
	memory_left = UINT_MAX;
	free(first);
	assert_int_equal(interfaces(f), 1 + NEW_INTERFACES);
	padi(f, "");
	assert_true(sent_has(f, PPPOE_TAG_AC_NAME, "a third"));
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	free(second);
	assert_int_equal(interfaces(f), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_that_finds_no_memory_changes_nothing),
		TEST(one_that_is_prepared_needs_none_for_what_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
