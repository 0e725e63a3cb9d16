/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The commands of the control socket. */
#include <errno.h>
#include <ev.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/out.h"
#include "control/records.h"
#include "control_world.h"

/* ---- sessions ---- */

static void test_session(void **state)
{
	struct world *w = *state;
	struct answer a;

	assert_answer(w, "{\"command\":\"session\",\"view\":\"brief\"}\n",
		      BRIEF(1, "user@isp", "10.0.0.1") BRIEF(2, "anna", "10.0.0.2")
			      BRIEF(3, "user@isp", "10.0.0.3") END(0, 3));
	assert_answer(w,
		      "{\"version\":1,\"command\":\"session\",\"view\":\"brief\","
		      "\"filter\":{\"username\":\"anna\"}}\n",
		      BRIEF(2, "anna", "10.0.0.2") END(0, 1));
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
	assert_answer(w,
		      "{\"command\":\"session\",\"view\":\"packets\",\"filter\":{\"ppp-id\":2}}\n",
		      "{\"type\":\"session\",\"ppp-id\":2,\"address\":\"10.0.0.2\","
		      "\"username\":\"anna\",\"up-packets\":1,\"up-bytes\":2,\"down-packets\":3,"
		      "\"down-bytes\":4,\"drops\":5}\n" END(0, 1));
	a = answer_to(w, "{\"command\":\"session\",\"view\":\"all\",\"filter\":{\"ppp-id\":2}}\n");
	assert_contains(
		&a,
		"\"realm\":\"LOCAL\",\"tunnel\":\"ACCESS\",\"interface\":\"pppac0\","
		"\"phase\":\"authenticate\",\"auth\":\"chap\",\"mtu\":1492,"
		"\"encryption\":\"mppe-128 stateless\",\"path\":\"stack\",\"started\":1700000000,\"duration\":90061,"
		"\"idle\":7,\"carrier-id\":77,\"service\":\"isp\","
		"\"circuit-id\":\"port\\\\x201\",\"remote-id\":\"\"");
	free(a.text);
}

static void test_clear(void **state)
{
	struct world *w = *state;

	assert_answer(w, "{\"command\":\"clear\",\"filter\":{\"username\":\"anna\"}}\n",
		      "{\"type\":\"clear\",\"cleared\":1}\n" END(0, 1));
	assert_int_equal(sessions.list[0].cause, CAUSE_NONE);
	assert_int_equal(sessions.list[1].cause, CAUSE_CLEARED);
	assert_answer(w, "{\"command\":\"clear\",\"all\":true}\n",
		      "{\"type\":\"clear\",\"cleared\":3}\n" END(0, 3));
	assert_int_equal(sessions.list[2].cause, CAUSE_CLEARED);
	assert_answer(w, "{\"command\":\"clear\",\"filter\":{\"username\":\"nobody\"}}\n",
		      "{\"type\":\"clear\",\"cleared\":0}\n" END(1, 0));
}

/* ---- monitor ---- */

static void test_monitor(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	int fd = ask(w, "{\"command\":\"monitor\",\"filter\":{\"username\":\"anna\"}}\n");

	happen(SESSION_STARTED, 0, CAUSE_NONE);
	happen(SESSION_ESTABLISHED, 1, CAUSE_NONE);
	turn(w, 3);
	assert_false(receive(&a, fd));
	assert_int_equal(count_lines(&a), 1);
	assert_contains(&a, "{\"type\":\"event\",\"ppp-id\":2,");
	assert_contains(&a, "\"event\":\"established\",\"time\":");
	assert_null(strstr(a.text, "cause"));
	happen(SESSION_ENDED, 1, CAUSE_IDLE);
	turn(w, 3);
	assert_false(receive(&a, fd));
	assert_contains(&a, "\"event\":\"ended\",");
	assert_contains(&a, "\"cause\":\"idle timeout\"}");
	shutdown(fd, SHUT_WR);
	turn(w, 3);
	assert_true(receive(&a, fd));
	assert_contains(&a, END(0, 2));
	free(a.text);
	close(fd);
}

static void test_monitor_of_an_end(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	int fd = ask(w, "{\"command\":\"monitor\",\"all\":true}\n");

	control_free(w->control);
	w->control = NULL;
	assert_true(receive(&a, fd));
	assert_string_equal(a.text, END(0, 0));
	free(a.text);
	close(fd);
}

static void test_monitor_flood(void **state)
{
	struct world *w = *state;
	int fd = ask(w, "{\"command\":\"monitor\",\"all\":true}\n");
	unsigned int told = 0, lost = 0;
	struct answer a = { 0 };

	for (int i = 0; i < 20000; i++)
		happen(SESSION_STARTED, 0, CAUSE_NONE);
	turn(w, 10);
	for (int i = 0; i < 10; i++) {
		assert_false(receive(&a, fd));
		turn(w, 10);
	}
	shutdown(fd, SHUT_WR);
	turn(w, 10);
	receive(&a, fd);
	for (char *p = a.text; p && *p; p = strchr(p, '\n') + 1) {
		unsigned int n = 0;

		told += strncmp(p, "{\"type\":\"event\"", 15) == 0;
		if (sscanf(p, "{\"type\":\"lost\",\"events\":%u", &n) == 1)
			lost += n;
	}
	assert_true(told > 0);
	assert_true(told < 2 * OUT_SIZE / 300);
	assert_int_equal(told + lost, 20000);
	free(a.text);
	close(fd);
}

/* ---- capture ---- */

static struct xp_capture packet_of(uint32_t len)
{
	struct xp_capture packet = {
		.len = len,
		.caplen = len < XP_CAPTURE_SNAP ? len : XP_CAPTURE_SNAP,
		.time = (uint64_t)mono_now().ms * 1000000,
	};

	memset(packet.data, 0x45, sizeof(packet.data));
	return packet;
}

static const struct xp_capture *captured_of(uint32_t slot, struct xp_capture *packet)
{
	packet->slot = slot;
	return packet;
}

static const char *pcap_of(const struct answer *a)
{
	static const char line[] = "{\"type\":\"pcap\",\"linktype\":101}\n";
	const char *file = strchr(a->text, '\n') + 1;
	uint32_t words[6];

	assert_int_equal(strncmp(a->text, line, strlen(line)), 0);
	memcpy(words, file, sizeof(words));
	assert_int_equal(words[0], 0xa1b23c4d);
	assert_int_equal(words[4], XP_CAPTURE_SNAP);
	assert_int_equal(words[5], 101);
	return file + sizeof(words);
}

static void test_capture(void **state)
{
	struct world *w = *state;
	struct xp_capture small = packet_of(40), big = packet_of(9000);
	int fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"anna\"}}\n");
	int two = ask(w, "{\"command\":\"capture\",\"count\":1,\"filter\":{\"ppp-id\":2}}\n");
	struct answer a;
	uint32_t words[4];
	const char *p;

	assert_true(sessions.list[1].captured);
	control_captured(w->control, captured_of(1001, &small)); /* another's */
	control_captured(w->control, captured_of(1002, &small));
	control_captured(w->control, captured_of(1002, &big));
	a = finish(w, two);
	assert_int_equal(a.text + a.len - pcap_of(&a), 16 + 40);
	free(a.text);
	assert_true(sessions.list[1].captured); /* for the first client */
	turn(w, 3);
	shutdown(fd, SHUT_WR);
	a = finish(w, fd);
	p = pcap_of(&a);
	assert_int_equal(a.text + a.len - p, 16 + 40 + 16 + XP_CAPTURE_SNAP);
	memcpy(words, p + 16 + 40, sizeof(words));
	assert_in_range(words[0], time(NULL) - 5, time(NULL) + 5);
	assert_int_equal(words[2], XP_CAPTURE_SNAP);
	assert_int_equal(words[3], 9000);
	free(a.text);
}

/* A session may come up again, a session may not be up: the double answers for both. */
static void test_capture_of_states(void **state)
{
	struct world *w = *state;
	struct answer a;
	int fd;

	sessions.list[0].down = true;
	assert_answer(w, "{\"command\":\"capture\",\"filter\":{\"ppp-id\":1}}\n", END(1, 0));
	fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"user@isp\"}}\n");
	assert_false(sessions.list[0].captured);
	assert_true(sessions.list[2].captured);
	sessions.list[2].captured = false;
	happen(SESSION_ESTABLISHED, 2, CAUSE_NONE);
	assert_true(sessions.list[2].captured);
	shutdown(fd, SHUT_WR);
	a = finish(w, fd);
	pcap_of(&a);
	free(a.text);
	assert_false(sessions.list[2].captured);
}

static void test_capture_ends(void **state)
{
	struct world *w = *state;
	int fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"user@isp\"}}\n");
	struct answer a = { 0 };

	assert_true(sessions.list[0].captured);
	assert_true(sessions.list[2].captured);
	happen(SESSION_ENDED, 0, CAUSE_PEER);
	turn(w, 3);
	assert_false(receive(&a, fd));
	happen(SESSION_ENDED, 2, CAUSE_PEER);
	turn(w, 3);
	assert_true(receive(&a, fd));
	pcap_of(&a);
	free(a.text);
	close(fd);
}

static void test_capture_refused(void **state)
{
	struct world *w = *state;
	struct answer a;

	assert_answer(w, "{\"command\":\"capture\",\"filter\":{\"ppp-id\":50}}\n", END(1, 0));
	make_sessions(20);
	a = answer_to(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"user@isp\"}}\n");
	assert_contains(&a, "more than 16 sessions");
	free(a.text);
	for (int i = 0; i < 20; i++)
		assert_false(sessions.list[i].captured);
}

static void test_capture_flood(void **state)
{
	struct world *w = *state;
	struct xp_capture packet = packet_of(1000);
	int fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"ppp-id\":1}}\n");
	struct answer a;

	for (int i = 0; i < 20000; i++)
		control_captured(w->control, captured_of(1001, &packet));
	shutdown(fd, SHUT_WR);
	a = finish(w, fd);
	assert_true(a.len > 50000);
	assert_true(a.len <= OUT_SIZE);
	/* whole packets only */
	assert_int_equal((a.text + a.len - pcap_of(&a)) % 1016, 0);
	free(a.text);
}

/* ---- show and reload ---- */

static void test_show_status(void **state)
{
	struct world *w = *state;
	struct answer a;

	make_sessions(1001);
	clock_shift_s = 100;
	a = answer_to(w, "{\"command\":\"status\"}\n");
	assert_contains(&a, "{\"type\":\"status\",\"version\":\"1.2.3\",\"pid\":");
	assert_contains(&a, "\"uptime\":100,\"sessions\":1001,\"sessions-established\":500,"
			    "\"sessions-half-open\":3,\"sessions-max\":10000,"
			    "\"phases\":{\"authenticate\":500,\"opened\":501},\"started-total\":9");
	assert_contains(&a, "\"ended-by\":{\"idle timeout\":4}");
	assert_contains(&a, "\"discovery\":{\"padi\":11,\"pado\":10,");
	assert_contains(&a, END(0, 0));
	assert_null(strstr(a.text, "\"memory\":0"));
	free(a.text);
}

static void test_show_pools(void **state)
{
	struct world *w = *state;
	struct answer a = answer_to(w, "{\"command\":\"pools\"}\n");
	const char *p = a.text;

	/* more than fit into the buffer at once */
	assert_true(a.len > OUT_SIZE);
	for (int i = 0; i < FAKE_POOLS; i++) {
		int used = -1;

		assert_int_equal(sscanf(p,
					"{\"type\":\"pool\",\"name\":\"POOL\","
					"\"dynamic-used\":%d,\"dynamic-size\":100,",
					&used),
				 1);
		assert_int_equal(used, i);
		p = strchr(p, '\n') + 1;
	}
	assert_string_equal(p, END(0, 0));
	free(a.text);
}

static void test_show_drops(void **state)
{
	struct world *w = *state;
	struct answer a;

	assert_answer(w, "{\"command\":\"drops\"}\n", END(0, 0));
	log_drop(w->log, XP_R_D_TAG, "test");
	log_drop(w->log, XP_R_D_TAG, "test");
	assert_answer(w, "{\"command\":\"drops\"}\n",
		      "{\"type\":\"drop\",\"number\":65,\"name\":\"discovery-tag\","
		      "\"text\":\"malformed tag\",\"punt\":false,\"packets\":2,\"dataplane\":0,"
		      "\"agent\":2}\n" END(0, 0));
	a = answer_to(w, "{\"command\":\"drops\",\"all\":true}\n");
	assert_true(count_lines(&a) > 50);
	assert_contains(&a, "\"name\":\"punt-ttl\"");
	free(a.text);
}

static void fixed_paths(struct dataplane *dp, struct xp_path_counter paths[XP_PATH_MAX])
{
	(void)dp;
	paths[XP_PATH_UP_FAST] = (struct xp_path_counter){ 2, 200 };
	paths[XP_PATH_UP_STACK] = (struct xp_path_counter){ 1, 100 };
	paths[XP_PATH_DOWN_FAST] = (struct xp_path_counter){ 7, 700 };
}

static void fixed_devices(struct dataplane *dp, dp_device_fn fn, void *arg)
{
	const struct dp_device device = { "eth0", "native", "pppoe", "attached", "rxvlan off" };

	(void)dp;
	fn(arg, &device);
}

static void fixed_maps(struct dataplane *dp, dp_map_fn fn, void *arg)
{
	const struct dp_map map = { "routes", 1, 64 };

	(void)dp;
	fn(arg, &map);
}

static void fixed_programs(struct dataplane *dp, dp_program_fn fn, void *arg)
{
	const struct dp_program program = { "xp_main", "xdp", 12, 3456 };

	(void)dp;
	fn(arg, &program);
}

static void fixed_cpus(struct dataplane *dp, dp_cpu_fn fn, void *arg)
{
	const struct dp_cpu first = { .cpu = 0, .given = 12 };
	const struct dp_cpu second = { .cpu = 5, .sessions = 3, .taken = 11 };

	(void)dp;
	fn(arg, &first);
	fn(arg, &second);
}

static void test_show_dataplane(void **state)
{
	struct world *w = *state;
	const struct dataplane_ops *real = w->dp->ops;
	struct dataplane_ops ops = *real;
	struct answer a;

	ops.paths = fixed_paths;
	ops.devices = fixed_devices;
	ops.maps = fixed_maps;
	ops.programs = fixed_programs;
	ops.cpus = fixed_cpus;
	w->dp->ops = &ops;
	a = answer_to(w, "{\"command\":\"dataplane\"}\n");
	w->dp->ops = real;
	assert_contains(&a, "{\"type\":\"dataplane\",\"name\":\"double\",\"map-version\":");
	assert_contains(&a, "\"sessions\":1,\"sessions-size\":4096,"
			    "\"encrypted\":0,\"mppe\":\"none\",\"mppe-why\":\"\"}\n");
	assert_contains(&a, "\"direction\":\"up\",\"path\":\"fast\",\"packets\":2,\"bytes\":200,"
			    "\"percent\":66.67}");
	assert_contains(&a,
			"{\"type\":\"cpu\",\"cpu\":0,\"sessions\":0,\"given\":12,\"taken\":0}\n"
			"{\"type\":\"cpu\",\"cpu\":5,\"sessions\":3,\"given\":0,\"taken\":11}\n");
	assert_contains(&a, "\"direction\":\"up\",\"path\":\"stack\",\"packets\":1,\"bytes\":100,"
			    "\"percent\":33.33}");
	assert_contains(&a, "\"direction\":\"down\",\"path\":\"fast\",\"packets\":7,"
			    "\"bytes\":700,\"percent\":100.00}");
	assert_contains(&a, "\"direction\":\"down\",\"path\":\"slow\",\"packets\":0,\"bytes\":0,"
			    "\"percent\":0.00}");
	assert_contains(&a, "{\"type\":\"device\",\"name\":\"eth0\",\"mode\":\"native\","
			    "\"role\":\"pppoe\",\"state\":\"attached\",\"detail\":\"rxvlan off\"}");
	assert_contains(&a, "{\"type\":\"map\",\"name\":\"routes\",\"used\":1,\"size\":64}");
	assert_contains(&a, "{\"type\":\"program\",\"name\":\"xp_main\",\"kind\":\"xdp\","
			    "\"id\":12,\"instructions\":3456}");
	free(a.text);
}

static void test_reload(void **state)
{
	struct world *w = *state;

	strcpy(w->reload_message, "x.conf:3: unknown \"keyword\"");
	w->reload_error = -EINVAL;
	assert_answer(w, "{\"command\":\"reload\"}\n",
		      "{\"end\":{\"status\":2,\"matched\":0,"
		      "\"error\":\"x.conf:3: unknown \\\"keyword\\\"\"}}\n");
}

static void test_record_string(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "anna@isp", "anna@isp" },
		{ "J\xc3\xb6rg", "J\xc3\xb6rg" },
		{ "DOMAIN\\user", "DOMAIN\\user" },
		{ "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xff", "\\xff" },
		{ "a\xc3", "a\\xc3" },                 /* cut */
		{ "\xc0\xaf", "\\xc0\\xaf" },          /* too long a form */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xc2\x9b[31m", "\\xc2\\x9b[31m" }, /* C1: a terminal obeys it */
		{ "a\x7f", "a\\x7f" },
		{ "\\xff", "\\x5cxff" },  /* no escape, so it becomes one */
		{ "\x1b[0m", "\x1b[0m" }, /* JSON escapes it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *o = record_string(cases[i].in);

		assert_string_equal(json_object_get_string(o), cases[i].out);
		json_object_put(o);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_session),
		T(test_clear),
		T(test_monitor),
		T(test_monitor_of_an_end),
		T(test_monitor_flood),
		T(test_capture),
		T(test_capture_of_states),
		T(test_capture_ends),
		T(test_capture_refused),
		T(test_capture_flood),
		T(test_show_status),
		T(test_show_pools),
		T(test_show_drops),
		T(test_show_dataplane),
		T(test_reload),
		cmocka_unit_test(test_record_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
