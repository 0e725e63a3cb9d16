/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What accounting servers are told of sessions, and when. */
#include "acct_rig.h"

#include "aaa/acct_cause.h"

static int setup(void **state)
{
	*state = rig_new("", "");
	return 0;
}

static int setup_tunnels(void **state)
{
	*state = rig_new("", "tunnel-accounting yes");
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static void causes(void **state)
{
	(void)state;
	for (int c = 0; c < CAUSE_MAX; c++)
		assert_in_range(acct_cause((enum cause)c), ACCT_USER_REQUEST, ACCT_HOST_REQUEST);
	assert_int_equal(acct_cause(CAUSE_MAX), 0);
	assert_int_equal(acct_cause(CAUSE_PEER), 1);
	assert_int_equal(acct_cause(CAUSE_LOST_CARRIER), 2);
	assert_int_equal(acct_cause(CAUSE_IDLE), 4);
	assert_int_equal(acct_cause(CAUSE_SESSION_TIMEOUT), 5);
	assert_int_equal(acct_cause(CAUSE_CLEARED), 6);
	assert_int_equal(acct_cause(CAUSE_SHUTDOWN), 7);
	assert_int_equal(acct_cause(CAUSE_LOST_INTERFACE), 8);
	assert_int_equal(acct_cause(CAUSE_DATAPLANE), 9);
	assert_int_equal(acct_cause(CAUSE_CONFIG), 10);
	assert_int_equal(acct_cause(CAUSE_REPLACED), 13);
	assert_int_equal(acct_cause(CAUSE_NO_ADDRESS), 15);
}

static void assert_text(const struct radius_job *j, uint8_t type, const char *text)
{
	struct buf value;

	assert_true(find_attr(j, type, &value));
	assert_int_equal(value.len, strlen(text));
	assert_memory_equal(value.p, text, value.len);
}

static void from_start_to_stop(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { 0 };
	struct radius_job *start, *stop;

	begin(r, &s, 7);
	settle(r);
	assert_int_equal(number(&fake.sent[0], STATUS), ON);
	assert_text(&fake.sent[0], 32, "nas1");
	assert_int_equal(told(START, 7, &start), 1);
	assert_text(start, 1, "user7");
	assert_text(start, ID, "1234567800000007");
	assert_int_equal(number(start, 8), 0x0a000007);
	assert_int_equal(number(start, 45), 1);
	assert_int_equal(number(start, STAMP), (uint32_t)start->event);
	assert_int_equal(number(start, IN_OCTETS), 0xdeadbeef);
	assert_int_equal(totals(r).starts, 1);
	assert_int_equal(totals(r).sessions, 1);
	s.traffic = (struct acct_traffic){ 0x500000006, 7, 0x800000009, 10, 0 };
	end(&s, CAUSE_IDLE);
	settle(r);
	assert_int_equal(told(STOP, 7, &stop), 1);
	assert_text(stop, 1, "user7");
	assert_int_equal(number(stop, IN_OCTETS), 6);
	assert_int_equal(number(stop, 52), 5);
	assert_int_equal(number(stop, 43), 9);
	assert_int_equal(number(stop, 53), 8);
	assert_int_equal(number(stop, 47), 7);
	assert_int_equal(number(stop, 48), 10);
	assert_int_equal(number(stop, CAUSE), 4);
	assert_int_equal(number(stop, TIME), 0);
	assert_int_equal(totals(r).stops, 1);
	assert_int_equal(totals(r).sessions, 0);
	assert_int_equal(totals(r).records, 0);
	assert_int_equal(totals(r).bytes, 0);
	assert_int_equal(fake.n, 3);
}

/* On and Off are told alone, and the Stop of a session that is not yet told of after its Start. */
static void order(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { 0 };

	begin(r, &s, 1);
	end(&s, CAUSE_PEER);
	await_sent(r, 1);
	await_disk(r);
	assert_int_equal(fake.n, 1);
	assert_int_equal(number(&fake.sent[0], STATUS), ON);
	end_all(0);
	await_disk(r);
	assert_int_equal(fake.n, 2);
	assert_int_equal(number(&fake.sent[1], STATUS), START);
	end_all(0);
	await_disk(r);
	assert_int_equal(fake.n, 3);
	assert_int_equal(number(&fake.sent[2], STATUS), STOP);
}

static void on_closed(void *arg)
{
	(*(int *)arg)++;
}

static void closing(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { 0 };
	int closed = 0;

	begin(r, &s, 1);
	settle(r);
	end(&s, CAUSE_SHUTDOWN);
	accounting_close(r->a, on_closed, &closed);
	assert_int_equal(closed, 0);
	settle(r);
	assert_int_equal(closed, 1);
	assert_int_equal(fake.n, 4);
	assert_int_equal(number(&fake.sent[2], STATUS), STOP);
	assert_int_equal(number(&fake.sent[2], CAUSE), ACCT_ADMIN_REBOOT);
	assert_int_equal(number(&fake.sent[3], STATUS), OFF);
}

/* A server that is away does not hold the agent up for long. */
static void closing_unheard(void **state)
{
	struct rig *r = *state;
	int closed = 0;

	accounting_close(r->a, on_closed, &closed);
	for (int i = 0; i < 500 && !closed; i++) {
		run(r);
		usleep(10000);
	}
	assert_int_equal(closed, 1);
}

static void interims(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { .interim = 1 };
	struct radius_job *last;

	begin(r, &s, 3);
	settle(r);
	s.traffic.in_octets = 77;
	for (int i = 0; i < 500 && told(INTERIM, 3, &last) < 3; i++) {
		settle(r);
		usleep(10000);
	}
	assert_true(told(INTERIM, 3, &last) >= 3);
	assert_int_equal(number(last, IN_OCTETS), 77);
	assert_true(number(last, TIME) >= 2);
	assert_int_equal(totals(r).interims, told(INTERIM, 3, NULL));
	s.interim = 0;
	accounting_update(s.acct);
	settle(r);
	fake.n = fake.looked = 0;
	for (int i = 0; i < 15; i++) {
		settle(r);
		usleep(10000);
	}
	assert_int_equal(fake.n, 0);
	end(&s, CAUSE_PEER);
	settle(r);
}

/* One interim update waits, the newest; a Stop takes its place. */
static void interims_unheard(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { .interim = 1 }, t = { .interim = 1 };
	struct radius_job *last;

	begin(r, &s, 3);
	begin(r, &t, 4);
	settle(r);
	fake.refuse = -ENOBUFS;
	for (int i = 0; i < 30; i++) {
		s.traffic.in_octets++;
		run(r);
		usleep(100000);
	}
	assert_int_equal(totals(r).waiting, 2);
	end(&t, CAUSE_PEER);
	fake.n = fake.looked = 0;
	fake.refuse = 0;
	await_sent(r, 2);
	settle(r);
	assert_int_equal(told(INTERIM, 4, NULL), 0);
	assert_int_equal(told(STOP, 4, NULL), 1);
	assert_in_range(told(INTERIM, 3, &last), 1, 2);
	assert_true(number(last, IN_OCTETS) > 1);
	end(&s, CAUSE_PEER);
	settle(r);
}

static void servers_away(void **state)
{
	struct rig *r = *state;
	struct fake_session s[300] = { { 0 } };
	uint32_t last = 0;

	settle(r);
	for (unsigned int i = 0; i < 300; i++)
		begin(r, &s[i], i + 1);
	settle(r);
	assert_int_equal(totals(r).starts, 300);
	r->silent = true;
	for (unsigned int i = 0; i < 300; i++) {
		s[i].traffic.out_octets = i;
		end(&s[i], CAUSE_PEER);
	}
	settle(r);
	settle(r);
	assert_int_equal(totals(r).stops, 0);
	assert_int_equal(totals(r).waiting, 300);
	r->silent = false;
	fake.n = fake.looked = 0;
	for (int i = 0; i < 40 && totals(r).stops < 300; i++) {
		settle(r);
		usleep(100000);
	}
	assert_int_equal(totals(r).stops, 300);
	for (unsigned int i = 0; i < 300; i++) {
		struct radius_job *j;

		assert_int_equal(told(STOP, i + 1, &j), 1);
		assert_int_equal(number(j, 43), i);
	}
	/* in order, but for the second one that is tried while nobody answers */
	for (unsigned int i = 2; i < fake.n; i++) {
		assert_true(whose(&fake.sent[i]) > last);
		last = whose(&fake.sent[i]);
	}
	assert_int_equal(totals(r).records, 0);
}

/* A server that is well does not answer one record: the others do not wait for it. */
static void ignored(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { 0 }, t = { 0 };
	struct radius_job *j;

	settle(r);
	begin(r, &s, 1);
	begin(r, &t, 2);
	for (int i = 0; i < 3; i++) {
		await_sent(r, fake.looked + 1);
		await_disk(r);
		usleep(5000);
		for (j = &fake.sent[fake.looked]; j < &fake.sent[fake.n]; j++)
			if (whose(j) == 2)
				done(j, 0);
		if (t.acct)
			end(&t, CAUSE_PEER);
		await_disk(r);
		for (j = &fake.sent[fake.looked]; j < &fake.sent[fake.n]; j++)
			if (whose(j) == 2)
				done(j, 0);
		fake.looked = fake.n;
		if (told(START, 1, &j))
			done(j, -ETIMEDOUT);
		if (!t.acct)
			begin(r, &t, 2);
	}
	assert_int_equal(told(START, 1, NULL), 3);
	assert_int_equal(totals(r).ignored, 1);
	end(&s, CAUSE_PEER);
	end(&t, CAUSE_PEER);
	settle(r);
	assert_int_equal(told(STOP, 1, NULL), 1);
	assert_int_equal(totals(r).records, 0);
}

static void tunnels(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { .tunnel_id = 5, .serial = 1 },
			    t = { .tunnel_id = 5, .serial = 2 };
	struct radius_job *j;

	begin(r, &s, 1);
	begin(r, &t, 2);
	settle(r);
	assert_int_equal(told(9, 0, NULL), 1);
	assert_int_equal(told(12, 1, NULL), 1);
	assert_int_equal(told(12, 2, NULL), 1);
	s.traffic = (struct acct_traffic){ 10, 1, 20, 2, 3 };
	t.traffic = (struct acct_traffic){ 100, 1, 200, 2, 30 };
	end(&s, CAUSE_PEER);
	settle(r);
	assert_int_equal(told(13, 1, &j), 1);
	assert_int_equal(number(j, IN_OCTETS), 10);
	assert_int_equal(number(j, 86), 3);
	assert_text(j, 68, "1");
	assert_int_equal(told(STOP, 1, NULL), 1);
	assert_int_equal(told(10, 0, NULL), 0);
	end(&t, CAUSE_LOST_CARRIER);
	settle(r);
	assert_int_equal(told(10, 0, &j), 1);
	assert_int_equal(number(j, IN_OCTETS), 110);
	assert_int_equal(number(j, 43), 220);
	assert_int_equal(number(j, 86), 33);
	assert_int_equal(number(j, CAUSE), ACCT_LOST_CARRIER);
	assert_text(j, 66, "192.0.2.9");
	assert_text(j, 67, "192.0.2.1");
	assert_int_equal(totals(r).records, 0);
}

/* A statement without accounting servers. */
static void not_accounted(void **state)
{
	struct conf_auth auth = { .name = (char *)"other" };
	struct fake_session s = { .rig = *state, .id = 1 };

	assert_null(accounting_start(((struct rig *)*state)->a, &auth, describe, &s));
	accounting_update(NULL);
	accounting_stop(NULL, CAUSE_PEER);
}

/* The next reload names other servers, or none: what waits is told to those that there were. */
static void reloaded(void **state)
{
	struct rig *r = *state;
	struct fake_session s = { 0 };
	struct conf *conf = NULL;
	static const char none[] = "tunnel T protocol l2tp { listen on 0.0.0.0\n }\n"
				   "ipcp P { pool-address 10.0.0.2-10.0.0.250\n }\n"
				   "interface pppac0 address 10.0.0.1 ipcp P\n"
				   "authentication B type local { users-file \"/dev/null\"\n }\n"
				   "bind tunnel from T authenticated by B to pppac0\n";

	begin(r, &s, 1);
	settle(r);
	assert_int_equal(conf_parse(none, sizeof(none) - 1, "none", stderr, &conf), 0);
	assert_int_equal(accounting_configure(r->a, conf), 0);
	end(&s, CAUSE_CONFIG);
	settle(r);
	assert_int_equal(told(STOP, 1, NULL), 1);
	assert_int_equal(accounting_configure(r->a, r->conf), 0);
	settle(r);
	assert_int_equal(told(ON, 0, NULL), 1);
	conf_unref(conf);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(causes),
		TEST(from_start_to_stop),
		TEST(order),
		TEST(closing),
		TEST(closing_unheard),
		TEST(interims),
		TEST(interims_unheard),
		TEST(servers_away),
		TEST(ignored),
		cmocka_unit_test_setup_teardown(tunnels, setup_tunnels, teardown),
		TEST(not_accounted),
		TEST(reloaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
