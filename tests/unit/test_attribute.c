/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aaa/attribute.h"
#include "aaa/attribute_text.h"
#include "aaa/profile.h"

/* ---- values with a syntax of their own ---- */

static void route_is(const char *text, const char *net, unsigned int prefix, unsigned int metric)
{
	struct profile_route route;

	assert_int_equal(attribute_text_route(text, &route), 0);
	assert_int_equal(route.net.s_addr, inet_addr(net));
	assert_int_equal(route.prefix, prefix);
	assert_int_equal(route.metric, metric);
}

static void no_route(const char *text)
{
	struct profile_route route = { .prefix = 99 };

	assert_int_equal(attribute_text_route(text, &route), -EINVAL);
	assert_int_equal(route.prefix, 99);
}

static void routes(void **state)
{
	(void)state;
	route_is("192.168.1.0/24 192.168.1.1 1 2 -1 3 400", "192.168.1.0", 24, 1); /* RFC 2865 */
	route_is("192.168.1.7/24", "192.168.1.0", 24, 0);
	route_is("  10.9.8.7/32 0.0.0.0  7 ", "10.9.8.7", 32, 7);
	route_is("10.9.8.7/31\t0.0.0.0", "10.9.8.6", 31, 0);
	route_is("10.0.0.0 0.0.0.0", "10.0.0.0", 8, 0);
	route_is("172.16.0.0", "172.16.0.0", 16, 0);
	route_is("192.168.3.0", "192.168.3.0", 24, 0);
	route_is("128.0.0.0/1", "128.0.0.0", 1, 0);
	no_route("");
	no_route(" ");
	no_route("0.0.0.0/0");
	no_route("0.0.0.0/8 1.2.3.4");
	no_route("10.0.0.0/0");
	no_route("10.0.0.0/33");
	no_route("10.0.0.0/");
	no_route("10.0.0.0/x");
	no_route("10.0.0.0/-1");
	no_route("10.0.0/8");
	no_route("127.0.0.0/8");
	no_route("224.0.0.0/4");
	no_route("10.0.0.0/8 gateway");
	no_route("10.0.0.0/8 0.0.0.0 far");
	no_route("10.0.0.0/8 0.0.0.0 4294967296");
	no_route("10.0.0.0/8000000000000000000000000000000000");
	no_route("2001:db8::/32 ::");
}

static void rates_are(const char *text, uint64_t up, uint32_t up_burst, uint64_t down,
		      uint32_t down_burst)
{
	struct profile_rate u, d;

	assert_int_equal(attribute_text_rates(text, &u, &d), 0);
	assert_int_equal(u.bits_per_s, up);
	assert_int_equal(u.burst, up_burst);
	assert_int_equal(d.bits_per_s, down);
	assert_int_equal(d.burst, down_burst);
}

static void no_rates(const char *text)
{
	struct profile_rate up = { .burst = 99 }, down = { .burst = 99 };

	assert_int_equal(attribute_text_rates(text, &up, &down), -EINVAL);
	assert_int_equal(up.burst, 99);
	assert_int_equal(down.burst, 99);
}

static void rates(void **state)
{
	(void)state;
	rates_are("64k", 64000, 0, 64000, 0);
	rates_are("64000/2M", 64000, 0, 2000000, 0);
	rates_are("1G/0", 1000000000, 0, 0, 0);
	rates_are("0/0", 0, 0, 0, 0);
	/* 2M while the mean of 8 s is below 1M: 4 s, in which 4 Mbit more than at 1M come */
	rates_are("1M/2M 2M/4M 1M/2M 8/8", 1000000, 500000, 2000000, 1000000);
	rates_are("1M/2M 2M/4M 1M/2M 8s/8s 5 32k/32k", 1000000, 500000, 2000000, 1000000);
	rates_are("1M 2M 500k 8", 1000000, 250000, 1000000, 250000);
	rates_are("1M 2M", 1000000, 62500, 1000000, 62500);
	rates_are("1M/1M 0/0 0/0 0/0 8", 1000000, 0, 1000000, 0);
	rates_are("1M/1M 500k/500k", 1000000, 0, 1000000, 0); /* no burst at all */
	rates_are("1M/10000G 10G/10000G 10G/10000G 86400/86400", 1000000, UINT32_MAX,
		  10000000000000, 0);
	no_rates("");
	no_rates("k");
	no_rates("1M/");
	no_rates("1M/2M/3M");
	no_rates("/1M");
	no_rates("1T");
	no_rates("-1");
	no_rates("1M 2M 3M four");
	no_rates("1M 2M 3M 86401");
	no_rates("1M/1M 2M/2M 1M/1M 8/8 5 1M/1M more");
	no_rates("10001G");
	no_rates("99999999999999999999999999999999");
	no_rates("999999999999999999999999999999999999");
	no_rates("1M;reboot");
}

static void octets(void **state)
{
	uint8_t out[2];
	size_t len;

	(void)state;
	assert_int_equal(attribute_text_octets("00fF", out, sizeof(out), &len), 0);
	assert_int_equal(len, 2);
	assert_int_equal(out[1], 0xff);
	assert_int_equal(attribute_text_octets("", out, sizeof(out), &len), -EINVAL);
	assert_int_equal(attribute_text_octets("0", out, sizeof(out), &len), -EINVAL);
	assert_int_equal(attribute_text_octets("0g", out, sizeof(out), &len), -EINVAL);
	assert_int_equal(attribute_text_octets("000000", out, sizeof(out), &len), -EINVAL);
}

/* ---- the table ---- */

static void rows(void **state)
{
	(void)state;
	for (int i = 0; i < ATTRIBUTES; i++) {
		const struct attribute *a = attribute_of(i);

		assert_non_null(a->name);
		assert_int_not_equal(a->type, 0);
		assert_ptr_equal(attribute_find(a->vendor, a->type), a);
		assert_ptr_equal(attribute_by_name(a->name), a);
		assert_int_equal(attribute_id(a), i);
	}
	assert_null(attribute_find(0, 255));
	assert_null(attribute_find(1, 8));
	assert_null(attribute_by_name(""));
	assert_string_equal(attribute_by_name("framed-ip-address")->name, "Framed-IP-Address");
	assert_false(attribute_grants(attribute_of(ATTRIBUTE_USER_PASSWORD)));
	assert_false(attribute_grants(attribute_of(ATTRIBUTE_STATE)));
	assert_false(attribute_grants(attribute_of(ATTRIBUTE_MS_MPPE_SEND_KEY)));
	assert_true(attribute_grants(attribute_of(ATTRIBUTE_FRAMED_ROUTE)));
}

static uint8_t storage[RADIUS_MAX];
static struct radius_attrs attrs;

static void begin(void)
{
	attrs = radius_attrs_of(storage, sizeof(storage));
}

static unsigned int n_wrong;
static const char *last_wrong;

static void on_wrong(void *arg, const struct attribute *a, const char *why)
{
	assert_ptr_equal(arg, &attrs);
	assert_string_not_equal(why, "");
	last_wrong = a->name;
	n_wrong++;
}

/* What the attributes grant; the caller frees it. */
static struct profile *read_all(int expected)
{
	struct profile *p = profile_new();

	n_wrong = 0;
	last_wrong = NULL;
	assert_int_equal(attrs.overflow, false);
	assert_int_equal(attribute_read_all(buf_of(attrs.data, attrs.len), p, on_wrong, &attrs),
			 expected);
	return p;
}

static void put_address(enum attribute_id id, const char *address)
{
	struct in_addr in = { inet_addr(address) };

	assert_int_equal(attribute_put_addr(&attrs, id, in), 0);
}

static void put_everything(void)
{
	begin();
	attribute_put_u32(&attrs, ATTRIBUTE_SERVICE_TYPE, 2);
	attribute_put_u32(&attrs, ATTRIBUTE_FRAMED_PROTOCOL, 1);
	put_address(ATTRIBUTE_FRAMED_IP_ADDRESS, "10.0.0.7");
	put_address(ATTRIBUTE_FRAMED_IP_NETMASK, "255.255.255.248");
	attribute_put_text(&attrs, ATTRIBUTE_FRAMED_ROUTE, "10.1.0.0/16 0.0.0.0 1");
	attribute_put_text(&attrs, ATTRIBUTE_FRAMED_ROUTE, "10.2.0.0/16");
	attribute_put_text(&attrs, ATTRIBUTE_FRAMED_ROUTE, "10.2.0.0/16"); /* once more */
	attribute_put_text(&attrs, ATTRIBUTE_FRAMED_POOL, "POOL");
	attribute_put_u32(&attrs, ATTRIBUTE_FRAMED_MTU, 1400);
	attribute_put_u32(&attrs, ATTRIBUTE_SESSION_TIMEOUT, 3600);
	attribute_put_u32(&attrs, ATTRIBUTE_IDLE_TIMEOUT, 600);
	attribute_put(&attrs, ATTRIBUTE_CLASS, "a\0b", 3);
	attribute_put(&attrs, ATTRIBUTE_CLASS, "c", 1);
	attribute_put_u32(&attrs, ATTRIBUTE_ACCT_INTERIM_INTERVAL, 300);
	attribute_put_text(&attrs, ATTRIBUTE_FILTER_ID, "guests");
	attribute_put(&attrs, ATTRIBUTE_FILTER_ID, "slow\0", 5); /* with its end */
	put_address(ATTRIBUTE_MS_PRIMARY_DNS_SERVER, "192.0.2.1");
	put_address(ATTRIBUTE_MS_SECONDARY_DNS_SERVER, "192.0.2.2");
	put_address(ATTRIBUTE_MS_PRIMARY_NBNS_SERVER, "192.0.2.3");
	put_address(ATTRIBUTE_MS_SECONDARY_NBNS_SERVER, "192.0.2.4");
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "good");
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "morning");
	attribute_put_u32(&attrs, ATTRIBUTE_PORT_LIMIT, 3);
	attribute_put_u32(&attrs, ATTRIBUTE_WISPR_BANDWIDTH_MAX_UP, 1000000);
	attribute_put_u32(&attrs, ATTRIBUTE_WISPR_BANDWIDTH_MAX_DOWN, 4000000000U);
	attribute_put_u32(&attrs, ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY, 2);
	attribute_put_u32(&attrs, ATTRIBUTE_MS_MPPE_ENCRYPTION_TYPES, 4);
	attribute_put_text(&attrs, ATTRIBUTE_USER_NAME, "anna@isp");
	radius_put(&attrs, 0, 250, "what is that", 12);
	radius_put(&attrs, 9, 1, "ip:addr", 7);
}

static void check_everything(const struct profile *p)
{
	assert_int_equal(p->framed_ip.s_addr, inet_addr("10.0.0.7"));
	assert_int_equal(p->framed_netmask.s_addr, inet_addr("255.255.255.248"));
	assert_int_equal(p->n_routes, 2);
	assert_int_equal(p->routes[0].net.s_addr, inet_addr("10.1.0.0"));
	assert_int_equal(p->routes[0].metric, 1);
	assert_int_equal(p->routes[1].prefix, 16);
	assert_string_equal(p->pool, "POOL");
	assert_int_equal(p->mtu, 1400);
	assert_int_equal(p->session_timeout, 3600);
	assert_int_equal(p->idle_timeout, 600);
	assert_int_equal(p->n_classes, 2);
	assert_int_equal(p->classes[0]->len, 3);
	assert_memory_equal(p->classes[0]->value, "a\0b", 3);
	assert_int_equal(p->interim_interval, 300);
	assert_int_equal(p->n_filters, 2);
	assert_string_equal(p->filters[0], "guests");
	assert_string_equal(p->filters[1], "slow");
	assert_int_equal(p->dns[0].s_addr, inet_addr("192.0.2.1"));
	assert_int_equal(p->dns[1].s_addr, inet_addr("192.0.2.2"));
	assert_int_equal(p->nbns[0].s_addr, inet_addr("192.0.2.3"));
	assert_int_equal(p->nbns[1].s_addr, inet_addr("192.0.2.4"));
	assert_string_equal(p->message, "good morning");
	assert_int_equal(p->port_limit, 3);
	assert_int_equal(p->rate_up.bits_per_s, 1000000);
	assert_int_equal(p->rate_down.bits_per_s, 4000000000U);
	assert_int_equal(p->mppe_policy, 2);
	assert_int_equal(p->mppe_types, 4);
	assert_string_equal(p->username, "anna@isp");
	assert_int_equal(p->set, (PROFILE_MESSAGE << 1) - 1);
}

static void everything(void **state)
{
	struct profile *p, *copy, *empty = profile_new();

	(void)state;
	put_everything();
	p = read_all(0);
	assert_int_equal(n_wrong, 0);
	check_everything(p);
	copy = profile_copy(p);
	check_everything(copy);
	profile_free(p);
	p = profile_merge(empty, copy);
	profile_free(copy);
	check_everything(p);
	copy = profile_merge(p, empty);
	check_everything(copy);
	profile_free(copy);
	profile_free(p);
	profile_free(empty);
}

/* A change takes the place of what it names, lists as a whole. */
static void change(void **state)
{
	struct profile *p, *base, *delta;

	(void)state;
	put_everything();
	base = read_all(0);
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_FRAMED_ROUTE, "10.3.0.0/24");
	attribute_put_text(&attrs, ATTRIBUTE_FILTER_ID, "fast");
	attribute_put_u32(&attrs, ATTRIBUTE_SESSION_TIMEOUT, 7);
	attribute_put_text(&attrs, ATTRIBUTE_MIKROTIK_RATE_LIMIT, "8M/0");
	delta = read_all(0);
	p = profile_merge(base, delta);
	assert_int_equal(p->n_routes, 1);
	assert_int_equal(p->routes[0].net.s_addr, inet_addr("10.3.0.0"));
	assert_int_equal(p->n_filters, 1);
	assert_string_equal(p->filters[0], "fast");
	assert_int_equal(p->session_timeout, 7);
	assert_int_equal(p->idle_timeout, 600);
	assert_int_equal(p->rate_up.bits_per_s, 8000000);
	assert_int_equal(p->rate_down.bits_per_s, 0);
	assert_true(profile_has(p, PROFILE_RATE_DOWN));
	assert_int_equal(p->n_classes, 2);
	profile_free(p);
	profile_free(base);
	profile_free(delta);
}

static void is_wrong(int expected, enum attribute_id id)
{
	struct profile *p = read_all(expected);

	assert_int_equal(n_wrong, 1);
	assert_string_equal(last_wrong, attribute_of(id)->name);
	assert_int_equal(p->set, 0);
	profile_free(p);
}

static void wrong_u32(enum attribute_id id, uint32_t value, int expected)
{
	begin();
	attribute_put_u32(&attrs, id, value);
	is_wrong(expected, id);
}

static void wrong_octets(enum attribute_id id, const void *value, size_t len, int expected)
{
	begin();
	attribute_put(&attrs, id, value, len);
	is_wrong(expected, id);
}

/* A server's own word beside that of the user. */
static void encryption_twice(void **state)
{
	struct profile *p;

	(void)state;
	begin();
	attribute_put_u32(&attrs, ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY, 1);
	attribute_put_u32(&attrs, ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY, 2);
	attribute_put_u32(&attrs, ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY, 1);
	p = read_all(0);
	assert_int_equal(p->mppe_policy, 2);
	profile_free(p);
}

/* Who is to have less, or something else than others, is not let in with more. */
static void wrong_and_strict(void **state)
{
	(void)state;
	wrong_u32(ATTRIBUTE_SERVICE_TYPE, 1, -EINVAL);
	wrong_u32(ATTRIBUTE_SERVICE_TYPE, 6, -EINVAL); /* Administrative */
	wrong_u32(ATTRIBUTE_FRAMED_PROTOCOL, 2, -EINVAL);
	wrong_u32(ATTRIBUTE_FRAMED_IP_ADDRESS, 0, -EINVAL);
	wrong_u32(ATTRIBUTE_FRAMED_IP_ADDRESS, 0x7f000001, -EINVAL);
	wrong_u32(ATTRIBUTE_FRAMED_IP_ADDRESS, 0xe0000001, -EINVAL);
	wrong_u32(ATTRIBUTE_FRAMED_IP_NETMASK, 0, -EINVAL);
	wrong_u32(ATTRIBUTE_FRAMED_IP_NETMASK, 0xff00ff00, -EINVAL);
	wrong_u32(ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY, 0, -EINVAL);
	wrong_u32(ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY, 3, -EINVAL);
	wrong_octets(ATTRIBUTE_SESSION_TIMEOUT, "\0\0\1", 3, -EINVAL);
	wrong_octets(ATTRIBUTE_SESSION_TIMEOUT, "\0\0\0\0\1", 5, -EINVAL);
	wrong_octets(ATTRIBUTE_IDLE_TIMEOUT, "600", 3, -EINVAL);
	wrong_octets(ATTRIBUTE_FRAMED_IP_ADDRESS, "10.0.0.1", 8, -EINVAL);
	wrong_octets(ATTRIBUTE_FILTER_ID, "a;b", 3, -EINVAL);
	wrong_octets(ATTRIBUTE_FILTER_ID, "\0", 1, -EINVAL);
	wrong_octets(ATTRIBUTE_FILTER_ID, "a\0b", 3, -EINVAL);
	wrong_octets(ATTRIBUTE_FRAMED_ROUTE, "10.0.0.0/40", 11, -EINVAL);
	wrong_octets(ATTRIBUTE_MIKROTIK_RATE_LIMIT, "fast", 4, -EINVAL);
	wrong_octets(ATTRIBUTE_WISPR_BANDWIDTH_MAX_UP, "1", 1, -EINVAL);
}

static void wrong_and_left_out(void **state)
{
	(void)state;
	wrong_u32(ATTRIBUTE_FRAMED_MTU, 67, 0);
	wrong_u32(ATTRIBUTE_FRAMED_MTU, 65536, 0);
	wrong_u32(ATTRIBUTE_ACCT_INTERIM_INTERVAL, 59, 0);
	wrong_u32(ATTRIBUTE_MS_PRIMARY_DNS_SERVER, 0xffffffff, 0);
	wrong_octets(ATTRIBUTE_MS_PRIMARY_NBNS_SERVER, "abc", 3, 0);
}

static void special_addresses(void **state)
{
	struct profile *p;

	(void)state;
	for (uint32_t special = PROFILE_IP_POOL; special != 0; special++) {
		begin();
		attribute_put_u32(&attrs, ATTRIBUTE_FRAMED_IP_ADDRESS, special);
		p = read_all(0);
		assert_int_equal(ntohl(p->framed_ip.s_addr), special);
		assert_true(profile_has(p, PROFILE_FRAMED_IP));
		assert_int_equal(profile_own_ip(p).s_addr, 0);
		profile_free(p);
	}
}

/* There is a bound on lists. */
static void too_many(void **state)
{
	struct profile *p;
	char text[32];

	(void)state;
	begin();
	for (int i = 0; i <= PROFILE_LIST_MAX; i++) {
		snprintf(text, sizeof(text), "10.%d.0.0/16", i);
		attribute_put_text(&attrs, ATTRIBUTE_FRAMED_ROUTE, text);
	}
	p = read_all(-EINVAL);
	assert_int_equal(p->n_routes, PROFILE_LIST_MAX);
	assert_int_equal(n_wrong, 1);
	profile_free(p);
}

static void text_is(const char *name, const char *text, int expected)
{
	struct profile *p = profile_new();
	const char *why = NULL;

	assert_int_equal(attribute_read_text(attribute_by_name(name), text, p, &why), expected);
	assert_true(expected != -EINVAL || why);
	profile_free(p);
}

static void users_text(void **state)
{
	(void)state;
	text_is("Session-Timeout", "4294967295", 0);
	text_is("Session-Timeout", "4294967296", -EINVAL);
	text_is("Session-Timeout", "", -EINVAL);
	text_is("Session-Timeout", "0x10", -EINVAL);
	text_is("Framed-IP-Address", "255.255.255.254", 0);
	text_is("Framed-IP-Address", "10.0.0", -EINVAL);
	text_is("Class", "text", 0);
	text_is("Class", "0x00", 0);
	text_is("Class", "0x", -EINVAL);
	text_is("Framed-Pool", "P", 0);
	text_is("Framed-Pool", "", -EINVAL);
	text_is("User-Password", "secret", -ENOENT);
	text_is("Acct-Interim-Interval", "60", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes),
		cmocka_unit_test(rates),
		cmocka_unit_test(octets),
		cmocka_unit_test(rows),
		cmocka_unit_test(everything),
		cmocka_unit_test(change),
		cmocka_unit_test(wrong_and_strict),
		cmocka_unit_test(wrong_and_left_out),
		cmocka_unit_test(special_addresses),
		cmocka_unit_test(too_many),
		cmocka_unit_test(users_text),
		cmocka_unit_test(encryption_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
