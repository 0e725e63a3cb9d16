/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The text format of metrics, histograms, and the series of single sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sessions.h"
#include "metrics/exposition.h"
#include "metrics/series.h"

static void assert_text(struct exposition *e, const char *text)
{
	assert_false(e->failed);
	assert_int_equal(e->len, strlen(text));
	assert_memory_equal(e->data, text, e->len);
	exposition_free(e);
}

static void families_and_samples(void **state)
{
	struct exposition e = { 0 };

	(void)state;
	exposition_family(&e, "a_total", "counter", "What\\ is\nthis \"?");
	exposition_u64(&e, UINT64_MAX, NULL);
	exposition_u64(&e, 0, "x", "1", "y", "", NULL);
	exposition_micro(&e, 1234567890012, "x", "2", NULL);
	exposition_micro(&e, 7, "x", "3", NULL);
	assert_text(&e, "# HELP a_total What\\\\ is\\nthis \"?\n# TYPE a_total counter\n"
			"a_total 18446744073709551615\na_total{x=\"1\",y=\"\"} 0\n"
			"a_total{x=\"2\"} 1234567.890012\na_total{x=\"3\"} 0.000007\n");
}

static void peers_strings_are_escaped(void **state)
{
	static const struct {
		const char *peer, *shown;
	} strings[] = {
		{ "anna@isp", "anna@isp" },
		{ "a\"b", "a\\\"b" },
		{ "a\\b", "a\\\\b" },
		{ "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f" },
		/* no UTF-8: as the log shows it, and that backslash is one of the value */
		{ "\xff\xfe", "\\\\xff\\\\xfe" },
		{ "a\x7f", "a\\\\x7f" },
		{ "\xc0\xaf\"", "\\\\xc0\\\\xaf\\\\x22" },
		{ "a\nb} 1\n", "a\\nb} 1\\n" },
	};
	struct exposition e = { 0 };
	char expected[128];

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		e.family = "m";
		exposition_u64(&e, 1, "user", strings[i].peer, NULL);
		snprintf(expected, sizeof(expected), "m{user=\"%s\"} 1\n", strings[i].shown);
		assert_text(&e, expected);
	}
}

static void histograms_are_cumulative(void **state)
{
	struct exposition e = { 0 };
	struct histogram h = { 0 };

	(void)state;
	histogram_add(&h, -5);
	histogram_add(&h, 100); /* bounds are inclusive */
	histogram_add(&h, 101);
	histogram_add(&h, 60000000);
	histogram_add(&h, 60000001);
	assert_int_equal(h.count[0], 2);
	assert_int_equal(h.count[1], 1);
	assert_int_equal(h.count[HISTOGRAM_STEPS - 1], 1);
	assert_int_equal(h.count[HISTOGRAM_STEPS], 1);
	exposition_family(&e, "s", "histogram", "h");
	exposition_histogram(&e, &h, "step", "lcp");
	e.data[e.len - 1] = '\0';
	assert_non_null(strstr(e.data, "\ns_bucket{step=\"lcp\",le=\"0.0001\"} 2\n"));
	assert_non_null(strstr(e.data, "\ns_bucket{step=\"lcp\",le=\"0.00025\"} 3\n"));
	assert_non_null(strstr(e.data, "\ns_bucket{step=\"lcp\",le=\"10\"} 3\n"));
	assert_non_null(strstr(e.data, "\ns_bucket{step=\"lcp\",le=\"60\"} 4\n"));
	assert_non_null(strstr(e.data, "\ns_bucket{step=\"lcp\",le=\"+Inf\"} 5\n"));
	assert_non_null(strstr(e.data, "\ns_sum{step=\"lcp\"} 120.000202\n"));
	assert_non_null(strstr(e.data, "\ns_count{step=\"lcp\"} 5"));
	exposition_free(&e);
}

/* In pieces of any size, with a bounded number of sessions for each. */
static size_t read_series(char *text, size_t size, size_t piece)
{
	struct series *series = series_new(&sessions);
	size_t len = 0;
	ssize_t n;

	do {
		uint32_t seen = sessions.seen;

		assert_true(len + piece < size);
		n = series_read(series, text + len, piece);
		assert_true(n >= 0);
		assert_in_range(sessions.seen - seen, 0, 64);
		len += (size_t)n;
	} while (n > 0);
	text[len] = '\0';
	series_free(series);
	return len;
}

static unsigned int count_text(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void series_stream_in_slices(void **state)
{
	static char text[4 << 20], again[4 << 20];
	size_t len;

	(void)state;
	make_sessions(1000);
	sessions.list[7].username = "a\"b\n\xff";
	len = read_series(text, sizeof(text), 30000);
	assert_int_equal(count_text(text, "\nxpppd_session_info{"), 1000);
	assert_int_equal(count_text(text, "\nxpppd_session_bytes_total{"), 2000);
	assert_int_equal(count_text(text, "# TYPE "), count_text(text, "# HELP "));
	assert_non_null(strstr(
		text, "{ppp_id=\"8\",username=\"a\\\\x22b\\\\x0a\\\\xff\",direction=\"up\"} 2\n"));
	assert_int_equal(read_series(again, sizeof(again), 7), len);
	assert_memory_equal(text, again, len);
	make_sessions(0);
	assert_int_equal(count_text(text, "\nxpppd_session_drops_total{"), 1000);
	read_series(text, sizeof(text), 30000);
	assert_int_equal(count_text(text, "_total{"), 0);
	free(sessions.list);
	sessions.list = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_and_samples),
		cmocka_unit_test(peers_strings_are_escaped),
		cmocka_unit_test(histograms_are_cumulative),
		cmocka_unit_test(series_stream_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
