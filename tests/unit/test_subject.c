/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "aaa/attribute.h"
#include "aaa/profile.h"
#include "aaa/subject.h"
#include "conf/conf.h"

static void session_ids(void **state)
{
	char id[SUBJECT_ID_LEN + 1];
	uint32_t start = 1, ppp_id = 2;

	(void)state;
	subject_session_id(0xfedcba98, 7, id);
	assert_string_equal(id, "fedcba9800000007");
	assert_int_equal(subject_session_id_parse("FEDCBA9800000007", 16, &start, &ppp_id), 0);
	assert_int_equal(start, 0xfedcba98);
	assert_int_equal(ppp_id, 7);
	assert_int_equal(subject_session_id_parse(id, 15, &start, &ppp_id), -EINVAL);
	assert_int_equal(subject_session_id_parse("", 0, &start, &ppp_id), -EINVAL);
	assert_int_equal(subject_session_id_parse("fedcba980000000g", 16, &start, &ppp_id),
			 -EINVAL);
	assert_int_equal(subject_session_id_parse("-edcba9800000007", 16, &start, &ppp_id),
			 -EINVAL);
	assert_int_equal(subject_session_id_parse("fedcba98000000070", 17, &start, &ppp_id),
			 -EINVAL);
	assert_int_equal(start, 0xfedcba98); /* untouched */
}

/* Two starts a tenth of a second apart are told apart. */
static void starts(void **state)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	uint32_t first = subject_start();

	(void)state;
	nanosleep(&tenth, NULL);
	assert_in_range(subject_start() - first, 1, 1000);
}

static const char conf_text[] = "radius nas-id nas\n"
				"tunnel T protocol pppoe { listen on interface eth0 }\n"
				"tunnel L protocol l2tp { }\n"
				"ipcp P { }\n"
				"interface pppac0 address 10.0.0.1 ipcp P\n"
				"authentication R type radius {\n authentication-server {\n"
				"  address 127.0.0.1 secret s\n }\n }\n"
				"bind tunnel from T authenticated by R to pppac0\n"
				"bind tunnel from L authenticated by R to pppac0\n";

static int setup(void **state)
{
	struct conf *conf = NULL;

	assert_int_equal(conf_parse(conf_text, strlen(conf_text), "subject", stderr, &conf), 0);
	*state = conf;
	return 0;
}

static int teardown(void **state)
{
	conf_unref(*state);
	return 0;
}

static const struct carrier_info nobody = {
	.peer = "02:00:00:00:00:01",
	.service = "",
	.circuit_id = "",
	.remote_id = "",
	.called = "",
	.calling = "",
	.peer_name = "",
	.local_name = "",
};

static uint8_t storage[RADIUS_MAX];
static struct radius_attrs attrs;

static void put(const struct subject *subject)
{
	attrs = radius_attrs_of(storage, sizeof(storage));
	assert_int_equal(subject_put(subject,
				     &STAILQ_FIRST(&subject->tunnel->conf->auths)->authentication,
				     &attrs),
			 0);
}

static void says(enum attribute_id id, const void *expected, size_t len)
{
	struct buf value;

	assert_true(attribute_get(buf_of(attrs.data, attrs.len), id, &value));
	assert_int_equal(value.len, len);
	assert_memory_equal(value.p, expected, len);
}

static void says_text(enum attribute_id id, const char *expected)
{
	says(id, expected, strlen(expected));
}

static void says_nothing_of(enum attribute_id id)
{
	struct buf value;

	assert_false(attribute_get(buf_of(attrs.data, attrs.len), id, &value));
}

/* What was escaped for the log is told as the line had it. */
static void line_ids(void **state)
{
	struct conf *conf = *state;
	struct carrier_info info = nobody;
	struct subject subject = { .tunnel = STAILQ_FIRST(&conf->tunnels), .carrier = &info };

	info.circuit_id = "a\\x00\\x5c\\xFFb\\";
	info.remote_id = "\\x4";
	put(&subject);
	says(ATTRIBUTE_AGENT_CIRCUIT_ID,
	     "a\0\\\xff"
	     "b\\",
	     6);
	says_text(ATTRIBUTE_AGENT_REMOTE_ID, "\\x4");
	says_text(ATTRIBUTE_CALLING_STATION_ID, "a\\x00\\x5c\\xFFb\\ \\x4");
	info.circuit_id = "";
	put(&subject);
	says_nothing_of(ATTRIBUTE_AGENT_CIRCUIT_ID);
	says_text(ATTRIBUTE_CALLING_STATION_ID, "\\x4");
	info.remote_id = "";
	put(&subject);
	says_text(ATTRIBUTE_CALLING_STATION_ID, "02:00:00:00:00:01");
	says(ATTRIBUTE_NAS_IP_ADDRESS, "\x7f\0\0\1", 4); /* from which 127.0.0.1 is reached */
	says_text(ATTRIBUTE_CALLED_STATION_ID, "T");
	says_nothing_of(ATTRIBUTE_USER_NAME);
	says_nothing_of(ATTRIBUTE_ACCT_SESSION_ID);
	says_nothing_of(ATTRIBUTE_FRAMED_MTU);
	says_nothing_of(ATTRIBUTE_FRAMED_IP_ADDRESS);
}

static void addresses(void **state)
{
	struct conf *conf = *state;
	struct subject subject = {
		.tunnel = STAILQ_FIRST(&conf->tunnels),
		.carrier = &nobody,
		.address.s_addr = inet_addr("10.0.0.7"),
		.netmask.s_addr = INADDR_NONE,
		.mtu = 1492,
	};

	put(&subject);
	says(ATTRIBUTE_FRAMED_IP_ADDRESS, "\x0a\0\0\7", 4);
	says(ATTRIBUTE_FRAMED_MTU, "\0\0\x05\xd4", 4);
	says_nothing_of(ATTRIBUTE_FRAMED_IP_NETMASK);
	subject.netmask.s_addr = inet_addr("255.255.255.0");
	put(&subject);
	says(ATTRIBUTE_FRAMED_IP_NETMASK, "\xff\xff\xff\0", 4);
}

/* Whichever family the server has, or what the configuration says. */
static void nas_addresses(void **state)
{
	static const uint8_t six[16] = { [15] = 1 };
	struct conf *conf = *state;
	struct subject subject = { .tunnel = STAILQ_FIRST(&conf->tunnels), .carrier = &nobody };
	struct sockaddr_in *named = (void *)&conf->nas_address;
	struct sockaddr_in6 *server =
		(void *)&STAILQ_FIRST(&STAILQ_FIRST(&conf->auths)->authentication.servers)->addr;

	*server = (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = htons(1812),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	put(&subject);
	says_nothing_of(ATTRIBUTE_NAS_IP_ADDRESS);
	says(ATTRIBUTE_NAS_IPV6_ADDRESS, six, sizeof(six));
	named->sin_family = AF_INET;
	named->sin_addr.s_addr = inet_addr("192.0.2.7");
	put(&subject);
	says(ATTRIBUTE_NAS_IP_ADDRESS, "\300\0\2\7", 4);
	says_nothing_of(ATTRIBUTE_NAS_IPV6_ADDRESS);
	says_text(ATTRIBUTE_NAS_IDENTIFIER, "nas");
}

static void long_texts(void **state)
{
	struct conf *conf = *state;
	char text[600], expected[SUBJECT_TEXT_MAX + 1];
	struct carrier_info info = nobody;
	struct subject subject = { .tunnel = STAILQ_FIRST(&conf->tunnels), .carrier = &info };

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	snprintf(expected, sizeof(expected), "%.253s", text);
	info.circuit_id = info.remote_id = info.service = text;
	put(&subject);
	says_text(ATTRIBUTE_CALLING_STATION_ID, expected);
	says_text(ATTRIBUTE_CALLED_STATION_ID, expected);
	says(ATTRIBUTE_AGENT_CIRCUIT_ID, text, RADIUS_VENDOR_VALUE_MAX);
}

static void too_much(void **state)
{
	struct conf *conf = *state;
	struct subject subject = { .tunnel = STAILQ_FIRST(&conf->tunnels), .carrier = &nobody };
	struct radius_attrs small = radius_attrs_of(storage, 30);

	assert_int_equal(subject_put(&subject, &STAILQ_FIRST(&conf->auths)->authentication, &small),
			 -EMSGSIZE);
}

static void classes(void **state)
{
	struct conf *conf = *state;
	struct profile *profile = profile_new();
	struct subject subject = { .tunnel = STAILQ_FIRST(&conf->tunnels), .carrier = &nobody };

	attrs = radius_attrs_of(storage, sizeof(storage));
	assert_int_equal(subject_put_classes(&subject, &attrs), 0);
	assert_int_equal(attrs.len, 0);
	assert_int_equal(profile_add_class(profile, "one", 3), 0);
	assert_int_equal(profile_add_class(profile, "two", 3), 0);
	subject.profile = profile;
	assert_int_equal(subject_put_classes(&subject, &attrs), 0);
	assert_int_equal(attrs.len, 10);
	says_text(ATTRIBUTE_CLASS, "one");
	put(&subject);
	says_nothing_of(ATTRIBUTE_CLASS);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_ids),
		cmocka_unit_test(starts),
		cmocka_unit_test_setup_teardown(line_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(nas_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(long_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(too_much, setup, teardown),
		cmocka_unit_test_setup_teardown(classes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
