/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Which home of MPPE is chosen, on a kernel without the module. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "conf/conf.h"
#include "dataplane/mppe_homes.h"
#include "log.h"
#include "rig.h"
#include "xpppd.skel.h"

#define MODULE "mppe-module-is-here"

static struct conf *conf_with(const char *mppe)
{
	struct conf *conf = NULL;
	char text[512];

	snprintf(text, sizeof(text),
		 "tunnel T protocol pppoe {\n\tlisten on interface acc0\n\tmppe %s\n}\n"
		 "ipcp P {\n\tpool-address 10.0.0.0/24\n}\n"
		 "interface pppac0 address 10.0.0.1 ipcp P\n"
		 "authentication L type local {\n\tusers-file \"/dev/null\"\n}\n"
		 "bind tunnel from T authenticated by L to pppac0\n",
		 mppe);
	assert_int_equal(conf_parse(text, strlen(text), "test", stderr, &conf), 0);
	return conf;
}

static bool is_entered(const struct rig *rig)
{
	uint32_t place = XP_MPPE_UP, id;

	return bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.mppe_xdp), &place, &id) == 0;
}

static void expect_home(const struct mppe_homes *homes, const char *name, const char *why)
{
	struct dp_mppe_home home;

	mppe_homes_show(homes, &home);
	assert_string_equal(home.name, name);
	assert_non_null(strstr(home.why, why));
}

static void test_choice(void **state)
{
	struct conf *no = conf_with("no"), *yes = conf_with("yes");
	struct rig *rig = *state;
	uint32_t sessions = 0;
	struct mppe_homes_config config = {
		.loop = ev_loop_new(EVFLAG_AUTO),
		.log = log_new(1, LOG_INFO),
		.main = rig->skel,
		.sessions = &sessions,
		.module = MODULE,
	};
	struct mppe_homes *homes;

	unlink(MODULE);
	assert_int_equal(mppe_homes_new(&config, &homes), 0);
	mppe_homes_configure(homes, no);
	expect_home(homes, "none", "no tunnel");
	assert_false(is_entered(rig));
	mppe_homes_configure(homes, yes);
	expect_home(homes, "plain", "is not loaded");
	assert_true(is_entered(rig));
	assert_true(mppe_homes_forward(homes, XP_MPPE_PLAIN_MAX));
	assert_false(mppe_homes_forward(homes, XP_MPPE_PLAIN_MAX + 1));
	/* a module that comes, but with nothing in it that the kernel knows */
	close(open(MODULE, O_CREAT | O_WRONLY, 0600));
	mppe_homes_configure(homes, yes);
	expect_home(homes, "plain", "may go");
	sessions = 1;
	ev_run(config.loop, EVRUN_ONCE); /* sees it */
	expect_home(homes, "plain", "verifies");
	ev_run(config.loop, EVRUN_ONCE); /* has loaded it */
	expect_home(homes, "plain", "does not fit");
	assert_true(is_entered(rig));
	unlink(MODULE);
	ev_run(config.loop, EVRUN_ONCE);
	expect_home(homes, "plain", "is not loaded");
	/* while a session is encrypted it stays, whatever the configuration says */
	mppe_homes_configure(homes, no);
	expect_home(homes, "plain", "is not loaded");
	sessions = 0;
	ev_run(config.loop, EVRUN_ONCE);
	expect_home(homes, "none", "no tunnel");
	assert_false(is_entered(rig));
	assert_false(mppe_homes_forward(homes, 100));
	mppe_homes_configure(homes, yes);
	mppe_homes_free(homes);
	assert_false(is_entered(rig));
	conf_unref(no);
	conf_unref(yes);
	log_free(config.log);
	ev_loop_destroy(config.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, rig_setup_xdp, rig_teardown);
}
