/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* xpppctl: its grammar, its printers, and how it reads an answer. */
#include <errno.h>
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cli/answer.h"
#include "../../cli/grammar.h"
#include "../../cli/print.h"

/* ---- grammar ---- */

/* clang-format off */
static const struct {
	const char *line, *request;
} right[] = {
	{ "session brief", "\"command\":\"session\",\"view\":\"brief\"" },
	{ "session packets", "\"command\":\"session\",\"view\":\"packets\"" },
	{ "session all", "\"command\":\"session\",\"view\":\"all\"" },
	{ "se a", "\"command\":\"session\",\"view\":\"all\"" },
	{ "se b u anna@isp", "\"command\":\"session\",\"view\":\"brief\","
			     "\"filter\":{\"username\":\"anna@isp\"}" },
	{ "session all ppp-id 7 address 10.0.0.1 interface pppac0 protocol pppoe realm L username u "
	  "peer 2:0:0:0:0:1",
	  "\"command\":\"session\",\"view\":\"all\",\"filter\":{\"ppp-id\":7,"
	  "\"address\":\"10.0.0.1\",\"interface\":\"pppac0\",\"protocol\":\"pppoe\","
	  "\"realm\":\"L\",\"username\":\"u\",\"peer\":\"2:0:0:0:0:1\"}" },
	{ "se b pp 4294967295", "\"command\":\"session\",\"view\":\"brief\","
				"\"filter\":{\"ppp-id\":4294967295}" },
	{ "clear all", "\"command\":\"clear\",\"all\":true" },
	{ "cl ad 10.0.0.1", "\"command\":\"clear\",\"filter\":{\"address\":\"10.0.0.1\"}" },
	{ "clear tunnel 7", "\"command\":\"clear\",\"tunnel\":7" },
	{ "se b pe 2001:db8::1", "\"command\":\"session\",\"view\":\"brief\","
				"\"filter\":{\"peer\":\"2001:db8::1\"}" },
	{ "m al", "\"command\":\"monitor\",\"all\":true" },
	{ "monitor username all", "\"command\":\"monitor\",\"filter\":{\"username\":\"all\"}" },
	{ "show status", "\"command\":\"status\"" },
	{ "sh p", "\"command\":\"pools\"" },
	{ "sh dr", "\"command\":\"drops\"" },
	{ "show drops all", "\"command\":\"drops\",\"all\":true" },
	{ "sh da", "\"command\":\"dataplane\"" },
	{ "sh t", "\"command\":\"tunnels\"" },
	{ "sh r", "\"command\":\"radius\"" },
	{ "r", "\"command\":\"reload\"" },
	{ "ca ppp-id 1", "\"command\":\"capture\",\"filter\":{\"ppp-id\":1}" },
};

static const struct {
	const char *line, *error;
} wrong[] = {
	{ "", "the command is not complete, expected: session, clear, monitor, show, "
	      "reload, capture, top" },
	{ "s b", "\"s\" is ambiguous: session, show" },
	{ "c all", "\"c\" is ambiguous: clear, capture" },
	{ "sessions", "unexpected \"sessions\", expected: session, clear, monitor, show, reload, "
		      "capture, top" },
	{ "session", "the command is not complete, expected: brief, packets, all" },
	{ "session brief all", "unexpected \"all\", expected: ppp-id, address, interface, protocol, "
			       "realm, username, peer, session-id, calling-station, "
			       "nas-port-id, nothing more" },
	{ "session brief p 7", "\"p\" is ambiguous: ppp-id, protocol, peer" },
	{ "session brief username", "username: expected a user name" },
	{ "session brief ppp-id 0", "ppp-id: expected a number from 1 to 4294967295" },
	{ "session brief ppp-id 4294967296", "ppp-id: expected a number from 1 to 4294967295" },
	{ "session brief ppp-id 7x", "ppp-id: expected a number from 1 to 4294967295" },
	{ "session brief ppp-id -1", "ppp-id: expected a number from 1 to 4294967295" },
	{ "session brief address 10.0.0", "address: expected an IPv4 address" },
	{ "session brief peer 02:00",
	  "peer: expected a MAC address like 02:00:00:00:00:01, or an IP address" },
	{ "clear tunnel 0", "tunnel: expected the id of a tunnel" },
	{ "clear tunnel", "tunnel: expected the id of a tunnel" },
	{ "clear tunnel 7 all", "unexpected \"all\", expected: nothing more" },
	{ "monitor tunnel 7", "unexpected \"tunnel\", expected: all, ppp-id, address, interface, "
			      "protocol, realm, username, peer, session-id, "
			      "calling-station, nas-port-id" },
	{ "session brief realm a realm b", "realm is given twice" },
	{ "clear", "the command is not complete, expected: all, ppp-id, address, interface, protocol, "
		   "realm, username, peer, session-id, calling-station, nas-port-id, tunnel" },
	{ "clear all username u", "unexpected \"username\", expected: nothing more" },
	{ "show", "the command is not complete, expected: status, pools, drops, dataplane, tunnels, "
		  "radius" },
	{ "show d", "\"d\" is ambiguous: drops, dataplane" },
	{ "show status all", "unexpected \"all\", expected: nothing more" },
	{ "capture all", "unexpected \"all\", expected: ppp-id, address, interface, protocol, realm, "
			 "username, peer, session-id, calling-station, nas-port-id" },
};
/* clang-format on */

static int parse(const char *line, struct json_object **request, char *error, size_t size)
{
	char copy[256], *words[20], *save = NULL;
	int n = 0;

	strcpy(copy, line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	return grammar_parse(words, n, request, error, size);
}

static void test_grammar_right(void **state)
{
	char expected[512], error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		struct json_object *request = NULL;

		if (parse(right[i].line, &request, error, sizeof(error)))
			fail_msg("%s: %s", right[i].line, error);
		snprintf(expected, sizeof(expected), "{\"version\":1,%s}", right[i].request);
		assert_string_equal(json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN),
				    expected);
		json_object_put(request);
	}
}

static void test_grammar_wrong(void **state)
{
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct json_object *request = NULL;

		assert_int_equal(parse(wrong[i].line, &request, error, sizeof(error)), -EINVAL);
		assert_null(request);
		assert_string_equal(error, wrong[i].error);
	}
}

static void test_grammar_empty_word(void **state)
{
	char *words[] = { (char[]){ "" }, (char[]){ "brief" } };
	struct json_object *request = NULL;
	char error[512];

	(void)state;
	assert_int_equal(grammar_parse(words, 2, &request, error, sizeof(error)), -EINVAL);
}

/* ---- answers ---- */

struct seen {
	enum control_status status;
	char *text;
};

static struct seen answer_of(const char *bytes, size_t len, struct answer_options options)
{
	struct seen seen = { 0 };
	size_t size;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(write(fd[1], bytes, len), len);
	close(fd[1]);
	options.out = open_memstream(&seen.text, &size);
	seen.status = answer_print(fd[0], &options);
	fclose(options.out);
	close(fd[0]);
	return seen;
}

static const struct answer_options as_brief = { .view = CONTROL_VIEW_BRIEF };
static const struct answer_options as_all = { .view = CONTROL_VIEW_ALL };
static const struct answer_options as_json = { .view = CONTROL_VIEW_BRIEF, .json = true };

#define assert_printed(records, options_, text_)                                                   \
	do {                                                                                       \
		const char bytes_[] = records "{\"end\":{\"status\":0,\"matched\":1}}\n";          \
		struct seen seen_ = answer_of(bytes_, strlen(bytes_), options_);                   \
		assert_int_equal(seen_.status, CONTROL_DONE);                                      \
		assert_string_equal(seen_.text, text_);                                            \
		free(seen_.text);                                                                  \
	} while (0)

#define BRIEF(id, name)                                                                            \
	"{\"type\":\"session\",\"ppp-id\":" #id ",\"address\":\"10.0.0." #id                       \
	"\",\"username\":\"" name "\",\"protocol\":\"pppoe\",\"peer\":\"02:00:00:00:00:0" #id      \
	"\","                                                                                      \
	"\"device\":\"access0.100.200\"}\n"

static void test_print_brief(void **state)
{
	(void)state;
	assert_printed(BRIEF(1, "anna@isp") BRIEF(2, "")
			       BRIEF(3, "\\u001b[31m\xc3\xb6\xc2\x9b DOM\\\\user"),
		       as_brief,
		       "    Ppp Id Assigned IPv4   Username             Proto  Tunnel From       \n"
		       "---------- --------------- -------------------- ------ -----------------"
		       " ----------------\n"
		       "         1 10.0.0.1        anna@isp             pppoe  02:00:00:00:00:01 "
		       "access0.100.200\n"
		       "         2 10.0.0.2        -                    pppoe  02:00:00:00:00:02 "
		       "access0.100.200\n"
		       "         3 10.0.0.3        \\x1b[31m\\xc3\\xb6\\xc2\\x9b DOM\\user pppoe  "
		       "02:00:00:00:00:03 access0.100.200\n");
}

static void test_print_all(void **state)
{
	(void)state;
	assert_printed("{\"type\":\"session\",\"ppp-id\":7,\"username\":\"anna\",\"mtu\":1492,"
		       "\"encryption\":\"mppe-128 stateless\","
		       "\"started\":1700000000,\"duration\":90061,\"idle\":7,"
		       "\"up-packets\":18446744073709551615,\"circuit-id\":\"\"}\n",
		       as_all,
		       "Ppp Id = 7\n"
		       "    Ppp Id                    : 7\n"
		       "    Username                  : anna\n"
		       "    MTU                       : 1492\n"
		       "    Encryption                : mppe-128 stateless\n"
		       "    Circuit Id                : -\n"
		       "    Start Time                : 2023-11-14 22:13:20\n"
		       "    Duration                  : 1d 01:01:01\n"
		       "    Idle                      : 00:00:07\n"
		       "    Input Packets             : 18446744073709551615\n");
}

static void test_print_granted(void **state)
{
	(void)state;
	assert_printed("{\"type\":\"session\",\"ppp-id\":7,\"pool\":\"P\",\"session-timeout\":3600,"
		       "\"session-left\":59,\"rate-down\":2000000,\"rate-down-drops\":9,"
		       "\"routes\":[\"10.1.0.0/16\",\"10.2.0.0/24\"],"
		       "\"filters\":[\"a\\u001b\",null],\"classes\":2}\n",
		       as_all,
		       "Ppp Id = 7\n"
		       "    Ppp Id                    : 7\n"
		       "    Address Pool              : P\n"
		       "    Session Timeout           : 01:00:00\n"
		       "    Session Time left         : 00:00:59\n"
		       "    Output Bit/s at most      : 2000000\n"
		       "    Output beyond Rate        : 9\n"
		       "    Routes                    : 10.1.0.0/16, 10.2.0.0/24\n"
		       "    Filters                   : a\\x1b, -\n"
		       "    Classes                   : 2\n");
}

static void test_print_mixed(void **state)
{
	(void)state;
	assert_printed("{\"type\":\"dataplane\",\"name\":\"bpf\",\"sessions\":3}\n"
		       "{\"type\":\"path\",\"direction\":\"up\",\"path\":\"fast\",\"packets\":2,"
		       "\"bytes\":200,\"percent\":66.67}\n"
		       "{\"type\":\"path\",\"direction\":\"up\",\"path\":\"slow\",\"packets\":1,"
		       "\"bytes\":1,\"percent\":33.33}\n"
		       "{\"type\":\"new-kind\",\"a\":1}\n",
		       as_all,
		       "Data Plane                : bpf\n"
		       "Sessions                  : 3\n"
		       "\n"
		       "Direction Path              Packets              Bytes    Share\n"
		       "--------- -------- ---------------- ------------------ --------\n"
		       "up        fast                    2                200   66.67%\n"
		       "up        slow                    1                  1   33.33%\n"
		       "\n"
		       "{ \"type\": \"new-kind\", \"a\": 1 }\n");
	/* a kind of tunnel has no columns that only the other one has */
	assert_printed(
		"{\"type\":\"tunnel\",\"protocol\":\"pptp\",\"tunnel-id\":65537,"
		"\"tunnel\":\"P\",\"local\":\"192.0.2.1:1723\",\"peer\":\"192.0.2.2:4000\","
		"\"hostname\":\"c\",\"state\":\"established\",\"sessions\":2,"
		"\"echoes\":3,\"silence\":4,\"duration\":61}\n",
		as_all,
		"    Id Kind Peer's Tunnel       Local                 Peer                  "
		"Name             State       Sessions Window Queued   Resent IPsec   Echoes "
		"Silence  Duration\n"
		"------ ---- ------ ------------ --------------------- --------------------- "
		"---------------- ----------- -------- ------ ------ -------- ----- -------- "
		"-------- ----------------\n"
		" 65537 pptp      - P            192.0.2.1:1723        192.0.2.2:4000        "
		"c                established        2      -      -        - -            3 "
		"00:00:04 00:01:01\n");
	assert_printed("{\"type\":\"status\",\"version\":\"1\",\"memory\":5242880,"
		       "\"ended-by\":{\"idle timeout\":4}}\n",
		       as_all,
		       "Version                   : 1\n"
		       "Memory                    : 5.0 MiB\n"
		       "Ended by Cause            :\n"
		       "    idle timeout          : 4\n");
}

static void test_print_json(void **state)
{
	(void)state;
	assert_printed(BRIEF(1, "anna") BRIEF(2, "bob"), as_json, BRIEF(1, "anna") BRIEF(2, "bob"));
}

static void test_statuses(void **state)
{
	static const struct {
		const char *answer;
		enum control_status status;
	} cases[] = {
		{ "{\"end\":{\"status\":0,\"matched\":0}}\n", CONTROL_DONE },
		{ "{\"end\":{\"status\":1,\"matched\":0}}\n", CONTROL_NO_MATCH },
		{ "{\"end\":{\"status\":2,\"matched\":0,\"error\":\"no\"}}\n", CONTROL_ERROR },
		{ "{\"end\":{\"status\":9}}\n", CONTROL_ERROR },
		{ "{\"end\":7}\n", CONTROL_ERROR },
		{ "{\"end\":\n", CONTROL_ERROR },
		{ "", CONTROL_ERROR },
		{ "{\"type\":\"pool\"}\n", CONTROL_ERROR },
		{ "junk\n", CONTROL_ERROR },
		{ "[]\n", CONTROL_ERROR },
		{ "{\"end\":{\"status\":0}}", CONTROL_ERROR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = answer_of(cases[i].answer, strlen(cases[i].answer),
					     (struct answer_options){ 0 });

		assert_int_equal(seen.status, cases[i].status);
		free(seen.text);
	}
}

static void test_line_too_long(void **state)
{
	char line[70000];
	struct seen seen;

	(void)state;
	memset(line, 'x', sizeof(line));
	seen = answer_of(line, sizeof(line), (struct answer_options){ 0 });
	assert_int_equal(seen.status, CONTROL_ERROR);
	free(seen.text);
}

static void test_capture_file(void **state)
{
	static const char answer[] = "{\"type\":\"pcap\",\"linktype\":101}\n\0{\"end\":\n\xff";
	char path[] = "/tmp/xpppd-test-XXXXXX", got[64];
	struct seen seen;
	struct stat st;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	seen = answer_of(answer, sizeof(answer) - 1,
			 (struct answer_options){ .capture_path = path, .json = true });
	assert_int_equal(seen.status, CONTROL_DONE);
	assert_string_equal(seen.text, "");
	free(seen.text);
	assert_int_equal(read(fd, got, sizeof(got)), 10);
	assert_memory_equal(got, "\0{\"end\":\n\xff", 10);
	close(fd);
	unlink(path);
	umask(0022);
	seen = answer_of(answer, sizeof(answer) - 1,
			 (struct answer_options){ .capture_path = path });
	assert_int_equal(seen.status, CONTROL_DONE);
	free(seen.text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(path);
	seen = answer_of(answer, sizeof(answer) - 1,
			 (struct answer_options){ .capture_path = "/nonexistent/file" });
	assert_int_equal(seen.status, CONTROL_ERROR);
	free(seen.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar_right),      cmocka_unit_test(test_grammar_wrong),
		cmocka_unit_test(test_grammar_empty_word), cmocka_unit_test(test_print_brief),
		cmocka_unit_test(test_print_all),          cmocka_unit_test(test_print_granted),
		cmocka_unit_test(test_print_mixed),        cmocka_unit_test(test_print_json),
		cmocka_unit_test(test_statuses),           cmocka_unit_test(test_line_too_long),
		cmocka_unit_test(test_capture_file),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
