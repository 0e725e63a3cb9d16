/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/dictionary.h"

struct fixture {
	char directory[32];
	char path[64];
	struct dictionary *dictionary;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/dictionary.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->path, sizeof(f->path), "%s/dictionary.test", f->directory);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dictionary_free(f->dictionary);
	unlink(f->path);
	rmdir(f->directory);
	free(f);
	return 0;
}

static void read_text(struct fixture *f, const char *text, size_t len)
{
	FILE *out = fopen(f->path, "w");

	assert_int_equal(fwrite(text, 1, len, out), len);
	fclose(out);
	assert_int_equal(dictionary_new(f->directory, NULL, &f->dictionary), 0);
}

static void assert_attr(const struct fixture *f, const char *name, uint32_t vendor, uint8_t type,
			enum dictionary_kind kind)
{
	struct dictionary_attr a, b;

	assert_true(dictionary_find(f->dictionary, name, &a));
	assert_int_equal(a.vendor, vendor);
	assert_int_equal(a.type, type);
	assert_int_equal(a.kind, kind);
	assert_true(dictionary_get(f->dictionary, vendor, type, &b));
	assert_string_equal(b.name, name);
}

static void test_own(void **state)
{
	struct fixture *f = *state;
	struct dictionary_attr a;
	uint32_t value;

	assert_int_equal(dictionary_new("/nowhere", NULL, &f->dictionary), 0);
	assert_attr(f, "User-Name", 0, 1, DICTIONARY_STRING);
	assert_attr(f, "Framed-IP-Address", 0, 8, DICTIONARY_ADDRESS);
	assert_attr(f, "Framed-IPv6-Prefix", 0, 97, DICTIONARY_PREFIX6);
	assert_attr(f, "MS-Primary-DNS-Server", 311, 28, DICTIONARY_ADDRESS);
	assert_attr(f, "ADSL-Agent-Circuit-Id", 3561, 1, DICTIONARY_STRING);
	assert_attr(f, "WISPr-Bandwidth-Max-Down", 14122, 8, DICTIONARY_INTEGER);
	assert_attr(f, "Mikrotik-Rate-Limit", 14988, 8, DICTIONARY_STRING);
	assert_true(dictionary_find(f->dictionary, "session-timeout", &a));
	assert_string_equal(a.name, "Session-Timeout");
	assert_false(dictionary_find(f->dictionary, "Nothing", &a));
	assert_false(dictionary_get(f->dictionary, 70000, 1, &a));
	/* two attributes have a value of this name */
	assert_true(dictionary_value(f->dictionary, "Framed-Routing", "None", &value));
	assert_int_equal(value, 0);
	assert_true(dictionary_value(f->dictionary, "Framed-Compression", "None", &value));
	assert_true(dictionary_value(f->dictionary, "Service-Type", "Framed-User", &value));
	assert_int_equal(value, 2);
	assert_false(dictionary_value(f->dictionary, "Service-Type", "PPP", &value));
	assert_string_equal(dictionary_value_name(f->dictionary, "Tunnel-Type", 3), "L2TP");
	assert_null(dictionary_value_name(f->dictionary, "Tunnel-Type", 99));
}

/* As FreeRADIUS has them, with what radcli alone would stop at. */
static void test_vendor(void **state)
{
	static const char text[] = "# a comment\n"
				   "VENDOR\tExample\t\t40000\n"
				   "BEGIN-VENDOR\tExample\n"
				   "ATTRIBUTE\tExample-Rate\t1\tinteger64\n"
				   "ATTRIBUTE\tExample-Group\t2\tinteger\t# more\n"
				   "ATTRIBUTE\tExample-Tree\t3\ttlv\n"
				   "ATTRIBUTE\tExample-Leaf\t3.1\tstring\n"
				   "ATTRIBUTE\tExample-Secret\t4\toctets\tencrypt=2\n"
				   "VALUE\tExample-Group\tGold\t0x10\n"
				   "END-VENDOR\tExample\n"
				   "VENDOR Wide 429 format=2,2\n"
				   "BEGIN-VENDOR Wide\n"
				   "ATTRIBUTE Wide-One 1 string\n"
				   "END-VENDOR Wide\n"
				   "ATTRIBUTE Example-Late 9 ipaddr vendor=Example\n";
	struct fixture *f = *state;
	struct dictionary_attr a;
	uint32_t value;

	read_text(f, text, strlen(text));
	assert_attr(f, "Example-Rate", 40000, 1, DICTIONARY_STRING);
	assert_attr(f, "Example-Group", 40000, 2, DICTIONARY_INTEGER);
	assert_attr(f, "Example-Secret", 40000, 4, DICTIONARY_STRING);
	assert_attr(f, "Example-Late", 40000, 9, DICTIONARY_ADDRESS);
	assert_false(dictionary_find(f->dictionary, "Example-Tree", &a));
	assert_false(dictionary_find(f->dictionary, "Example-Leaf", &a));
	assert_false(dictionary_find(f->dictionary, "Wide-One", &a));
	assert_true(dictionary_value(f->dictionary, "Example-Group", "Gold", &value));
	assert_int_equal(value, 16);
}

/* What is wrong is left out, what is right is taken, and ours stays. */
static void test_bad(void **state)
{
	static const char *const bad[] = {
		"$INCLUDE dictionary.test\n",
		"$INCLUDE /nowhere\n",
		"$INCLUDE\n",
		"ATTRIBUTE\n",
		"ATTRIBUTE X\n",
		"ATTRIBUTE X 1\n",
		"ATTRIBUTE X 0 string\n",
		"ATTRIBUTE X 256 string\n",
		"ATTRIBUTE X -1 string\n",
		"ATTRIBUTE X 99999999999999999999 string\n",
		"ATTRIBUTE X 1 nothing\n",
		"ATTRIBUTE XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX 1 string\n",
		"VALUE X Y Z\n",
		"VALUE Service-Type YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY 1\n",
		"VENDOR X\n",
		"VENDOR X 70000\n",
		"VENDOR XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX 1\n",
		"BEGIN-VENDOR Nobody\nATTRIBUTE X 1 string\nEND-VENDOR Nobody\n",
		"BEGIN-VENDOR\n",
		"%s%n%s%n\n",
	};
	struct fixture *f = *state;
	struct dictionary_attr a;
	char text[4096] = "";
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		strcat(text, bad[i]);
	memset(text + strlen(text), 'A', 1000);
	strcat(text, "\nATTRIBUTE Last 77 string\n");
	read_text(f, text, strlen(text));
	assert_attr(f, "Last", 0, 77, DICTIONARY_STRING);
	assert_attr(f, "User-Name", 0, 1, DICTIONARY_STRING);
	assert_false(dictionary_find(f->dictionary, "X", &a));
}

static void test_garbage(void **state)
{
	struct fixture *f = *state;
	char text[65536];
	size_t i;

	srand(7);
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)rand();
	read_text(f, text, sizeof(text));
	assert_attr(f, "User-Name", 0, 1, DICTIONARY_STRING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vendor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
		cmocka_unit_test_setup_teardown(test_garbage, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
