/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Control messages in the log: where the configuration wants them, and without their secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "dump.h"
#include "l2tp_fixture.h"
#include "stderr_text.h"

struct hex {
	char text[2 * DUMP_BYTES + 1];
};

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	if (fixture_setup(f))
		return -1;
	log_set_level(f->log, LOG_DEBUG);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_set_level(f->log, LOG_EMERG);
	fixture_teardown(f);
	free(*state);
	return 0;
}

static const char *hex_of(struct hex *hex, const void *bytes, size_t len)
{
	hex->text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		sprintf(hex->text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
	return hex->text;
}

static void assert_shown(const struct stderr_text *log, const void *bytes, size_t len, bool shown)
{
	struct hex hex;

	assert_int_equal(strstr(log->text, hex_of(&hex, bytes, len)) != NULL, shown);
}

static void connect_logged(struct fixture *f, uint16_t id, bool in, bool out,
			   struct stderr_text *log)
{
	struct lac lac = lac_at(f, "198.51.100.1", 1701, id);

	f->tunnel.ctrl_in_pktdump = in;
	f->tunnel.ctrl_out_pktdump = out;
	stderr_begin(log);
	lac_connect(&lac);
	stderr_end(log);
}

static void each_direction_is_dumped_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;
	struct stderr_text silent, in, out;

	connect_logged(f, 7, false, false, &silent);
	connect_logged(f, 8, true, false, &in);
	connect_logged(f, 9, false, true, &out);
	assert_null(strstr(silent.text, " bytes "));
	/* SCCRQ and SCCCN; headers, then the type */
	assert_non_null(strstr(in.text, "198.51.100.1:1701: in 63 bytes "
					"c802003f00000000000000008008000000000001"));
	assert_non_null(strstr(in.text, "8008000000000003"));
	assert_shown(&in, "lac", 3, true);
	assert_null(strstr(in.text, ": out "));
	/* SCCRP, and the acknowledgement of SCCCN */
	assert_non_null(strstr(out.text, "8008000000000002"));
	assert_non_null(strstr(out.text, "198.51.100.1:1701: out 12 bytes c802000c0009"));
	assert_null(strstr(out.text, ": in "));
}

static void responses_are_not_shown(void **state)
{
	static const uint8_t challenge[] = "a challenge";
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	uint8_t theirs[L2TP_RESPONSE_LEN], ours[L2TP_RESPONSE_LEN];
	struct stderr_text log;
	struct message m;

	fixture_secret(f, 0, "hush", NULL, 0);
	f->tunnel.ctrl_in_pktdump = f->tunnel.ctrl_out_pktdump = true;
	stderr_begin(&log);
	sccrq_begin(&m, &lac);
	l2tp_avp_put(&m.w, L2TP_AVP_CHALLENGE, true, challenge, sizeof(challenge));
	assert_true(lac_request(&lac, &m));
	memcpy(ours, last_sent(f)->avps.response.p, sizeof(ours));
	l2tp_response(L2TP_SCCCN, "hush", last_sent(f)->avps.challenge, theirs);
	message_begin(&m, L2TP_SCCCN);
	l2tp_avp_put(&m.w, L2TP_AVP_RESPONSE, true, theirs, sizeof(theirs));
	lac_send(&lac, 0, &m.w);
	stderr_end(&log);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
	assert_shown(&log, challenge, sizeof(challenge), true);
	/* the header of the AVP is, its value is not */
	assert_non_null(strstr(log.text, "80160000000d**"));
	assert_shown(&log, ours, 4, false);
	assert_shown(&log, theirs, 4, false);
	assert_shown(&log, "hush", 4, false);
}

static struct lac connected(struct fixture *f)
{
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);

	lac_connect(&lac);
	return lac;
}

static void proofs_of_users_are_not_shown(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	uint16_t id = lac_icrq(&lac, 5);
	struct stderr_text log;
	struct message m;

	message_begin(&m, L2TP_ICCN);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_PROXY_TYPE, 3);
	l2tp_avp_put(&m.w, L2TP_AVP_PROXY_RESPONSE, true, "swordfish", 9);
	l2tp_avp_put(&m.w, L2TP_AVP_PROXY_NAME, true, "joe", 3);
	f->tunnel.ctrl_in_pktdump = true;
	stderr_begin(&log);
	lac_send(&lac, id, &m.w);
	stderr_end(&log);
	assert_shown(&log, "joe", 3, true);
	assert_shown(&log, "swor", 4, false);
	assert_shown(&log, "fish", 4, false);
	assert_non_null(strstr(log.text, "800f00000021******************8009"));
}

static void hidden_values_and_what_cannot_be_read_are_not_shown(void **state)
{
	static const uint8_t hidden[] = { 0xc0, 11, 0, 0, 0, 21, 'h', 'i', 'd', 'e', 'n' };
	static const uint8_t cut[] = { 0x80, 200, 0, 0, 0, 33, 'o', 'p', 'e', 'n' };
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct stderr_text log;
	struct message m;

	f->tunnel.ctrl_in_pktdump = true;
	message_begin(&m, L2TP_ICRQ);
	wbuf_put(&m.w, hidden, sizeof(hidden));
	wbuf_put(&m.w, cut, sizeof(cut));
	stderr_begin(&log);
	lac_send(&lac, 0, &m.w);
	stderr_end(&log);
	assert_non_null(strstr(log.text, "in 41 bytes c802"));
	assert_non_null(strstr(log.text, "c00b00000015******************************\n"));
	assert_shown(&log, "hide", 4, false);
	assert_shown(&log, "open", 4, false);
}

/* Whatever is cut off, and beyond what is shown. */
static void a_veil_stays_within_its_packet(void **state)
{
	static const uint8_t value[400];
	uint8_t long_one[600];
	struct wbuf w = wbuf_of(long_one, sizeof(long_one));
	struct dump_veil veil;

	(void)state;
	l2tp_avp_put_message(&w, L2TP_ICCN);
	l2tp_avp_put(&w, L2TP_AVP_PROXY_NAME, true, value, 90);
	l2tp_avp_put(&w, L2TP_AVP_PROXY_RESPONSE, true, value, 400);
	for (size_t len = 0; len <= w.len; len++) {
		uint8_t *exact = malloc(len ? len : 1);

		memcpy(exact, long_one, len);
		memset(&veil, 0, sizeof(veil));
		l2tp_avps_veil(buf_of(exact, len), 12, &veil);
		free(exact);
	}
	for (size_t i = 0; i < DUMP_BYTES; i++)
		assert_int_equal(veil.over[i], i >= 12 + 8 + 96 + 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_direction_is_dumped_where_it_is_wanted),
		TEST(responses_are_not_shown),
		TEST(proofs_of_users_are_not_shown),
		TEST(hidden_values_and_what_cannot_be_read_are_not_shown),
		cmocka_unit_test(a_veil_stays_within_its_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
