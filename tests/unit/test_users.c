/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/dictionary.h"
#include "aaa/profile.h"
#include "conf/users.h"

static struct dictionary *dictionary;

static int parse(const char *text, size_t len, char **errors, struct users **users)
{
	size_t size;
	FILE *out = open_memstream(errors, &size);
	int r;

	assert_non_null(out);
	r = users_parse(text, len, "u", dictionary, out, users);
	fclose(out);
	return r;
}

static struct users *good(const char *text)
{
	struct users *users = NULL;
	char *errors;
	int r = parse(text, strlen(text), &errors, &users);

	assert_string_equal(errors, "");
	assert_int_equal(r, 0);
	free(errors);
	return users;
}

static void bad_bytes(const char *text, size_t len, const char *expected)
{
	struct users *users = (void *)"untouched";
	char *errors;

	assert_int_equal(parse(text, len, &errors, &users), -EINVAL);
	assert_string_equal((const char *)(void *)users, "untouched");
	assert_string_equal(errors, expected);
	free(errors);
}

static void bad(const char *text, const char *expected)
{
	bad_bytes(text, strlen(text), expected);
}

static void password(const struct users *users, const char *name, const char *expected)
{
	const struct user *u = users_find(users, name);

	assert_non_null(u);
	assert_string_equal(u->name, name);
	assert_string_equal(u->password, expected);
}

static void records(void **state)
{
	struct users *users = good("# users\n"
				   "taro:\\\n"
				   "    :password=taro's password:\\\n"
				   "    :framed-ip-address=192.168.0.101:\\\n"
				   "    :framed-ip-netmask=255.255.255.0:\n"
				   "\n"
				   "#hana:\\\n"
				   "hana:password=h=1;:calling-number=02\\07200\\:01:\n"
				   "user@example.com:password=at:\n"
				   "DOMAIN\\user:password=nt\r\n"
				   "   \n"
				   "crlf:\\\r\n"
				   "\t:password=a\\\r\nb:\\\r\n"
				   "\t:calling-number=7:\r\n"
				   "last:password=no end");
	const struct user *u;

	(void)state;
	assert_int_equal(users_count(users), 6);
	password(users, "taro", "taro's password");
	u = users_find(users, "taro");
	assert_int_equal(u->profile->framed_ip.s_addr, inet_addr("192.168.0.101"));
	assert_int_equal(u->profile->framed_netmask.s_addr, inet_addr("255.255.255.0"));
	assert_null(u->calling_number);
	password(users, "hana", "h=1;");
	u = users_find(users, "hana");
	assert_string_equal(u->calling_number, "02:00:01");
	assert_int_equal(u->profile->framed_ip.s_addr, 0);
	assert_int_equal(u->profile->framed_netmask.s_addr, 0xffffffff);
	password(users, "user@example.com", "at");
	password(users, "DOMAIN\\user", "nt");
	password(users, "crlf", "ab");
	password(users, "last", "no end");
	assert_null(users_find(users, "Taro"));
	assert_null(users_find(users, ""));
	users_free(users);
}

static void escapes(void **state)
{
	struct users *users = good("o:password=a\\072b\\0723\\1:\n"
				   "c:password=^A^[\\^x^:\n"
				   "l:password=\\E\\n\\t\\b\\f\\r\\c\\\\\\:\\q:\n"
				   "h:password=\\303\\274\xc3\xbc:\n"
				   "s:password= two  blanks :\n"
				   "e:password=x\\");

	(void)state;
	password(users, "o", "a:b:3\001");
	password(users, "c", "\001\033^x^");
	password(users, "l", "\033\n\t\b\f\r:\\:q");
	password(users, "h", "\xc3\xbc\xc3\xbc");
	password(users, "s", " two  blanks ");
	password(users, "e", "x\\");
	users_free(users);
}

/* What a server may grant, by the names of dictionaries. */
static void attributes(void **state)
{
	struct users *users = good("a:password=1:Framed-Route=10.1.0.0/16 0.0.0.0 5:\\\n"
				   " :Framed-Route=10.2.0.0/16:Session-Timeout=600:\\\n"
				   " :mikrotik-rate-limit=1M/2M:Filter-Id=guests:Class=0x00ff:\\\n"
				   " :Reply-Message=good morning:Framed-Pool=P2:\n"
				   "b:password=1:Session-Timeout=5:\n");
	const struct profile *p = users_find(users, "a")->profile;

	(void)state;
	assert_int_equal(p->n_routes, 2);
	assert_int_equal(p->routes[0].metric, 5);
	assert_int_equal(p->routes[1].net.s_addr, inet_addr("10.2.0.0"));
	assert_int_equal(p->session_timeout, 600);
	assert_int_equal(p->rate_up.bits_per_s, 1000000);
	assert_int_equal(p->rate_down.bits_per_s, 2000000);
	assert_string_equal(p->filters[0], "guests");
	assert_int_equal(p->classes[0]->len, 2);
	assert_int_equal(p->classes[0]->value[1], 0xff);
	assert_string_equal(p->message, "good morning");
	assert_string_equal(p->pool, "P2");
	assert_int_equal(users_find(users, "b")->profile->session_timeout, 5);
	users_free(users);
}

/* As dictionaries call attributes and values. */
static void dictionary_names(void **state)
{
	struct users *users;
	const struct profile *p;

	(void)state;
	bad("a:password=1:MS-MPPE-Encryption-Policy=Encryption-Required:\n",
	    "u:1: MS-MPPE-Encryption-Policy: wrong value, expected a number\n");
	assert_int_equal(dictionary_new(NULL, NULL, &dictionary), 0);
	users = good("a:password=1:MS-MPPE-Encryption-Policy=Encryption-Required:\\\n"
		     " :Service-Type=Framed-User:Framed-Protocol=PPP:Port-Limit=2:\n");
	p = users_find(users, "a")->profile;
	assert_int_equal(p->mppe_policy, 2);
	assert_int_equal(p->port_limit, 2);
	users_free(users);
	bad("a:password=1:Service-Type=Administrative-User:\n",
	    "u:1: Service-Type: wrong value, it is not Framed, which is all there is here\n");
	bad("a:password=1:Login-Host=192.0.2.1:\n",
	    "u:1: unknown attribute \"Login-Host\", expected password, calling-number, or what a "
	    "RADIUS server may grant, as Framed-IP-Address\n");
	dictionary_free(dictionary);
	dictionary = NULL;
}

#define TEN "xxxxxxxxxx"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN
#define EIGHTY_SHOWN TEN TEN TEN TEN TEN TEN TEN "xxxxxx..."

static void errors(void **state)
{
	char longest[400];

	(void)state;
	bad("a:password=1:\n\na:password=2:\n",
	    "u:3: user \"a\" is in line 1 already, expected another name\n");
	bad("a:framed-ip-address=10.0.0.1:\n",
	    "u:1: user \"a\" has no password, expected :password=...:\n");
	bad("a:\\\n :password=1:\\\n :pasword=2:\n",
	    "u:3: unknown attribute \"pasword\", expected password, calling-number, or what a "
	    "RADIUS server may grant, as Framed-IP-Address\n");
	bad("a:password=1:NAS-Port=3:\n",
	    "u:1: unknown attribute \"NAS-Port\", expected password, calling-number, or what a "
	    "RADIUS server may grant, as Framed-IP-Address\n");
	bad("a:password=1:" EIGHTY "=3:\n", "u:1: unknown attribute \"" EIGHTY_SHOWN "\"\n");
	bad("a:password=1:Session-Timeout=60:session-timeout=61:\n",
	    "u:1: session-timeout is given twice, expected once\n");
	bad("a:password=1:Session-Timeout=1m:\n",
	    "u:1: Session-Timeout: wrong value, expected a number\n");
	bad("a:password=1:Framed-Route=10.1.0.0/33:\n",
	    "u:1: Framed-Route: wrong value, it is not NET/LENGTH [GATEWAY [METRIC]] of a net for "
	    "hosts\n");
	bad("a:password=1:password=2:\n", "u:1: password is given twice, expected once\n");
	bad("a:password=1:framed-ip-address=10.0.0.1:framed-ip-address=10.0.0.1:\n",
	    "u:1: framed-ip-address is given twice, expected once\n");
	bad("a:password=:\n", "u:1: password: wrong value, expected text of 1 to 255 characters\n");
	bad("a:password:\n", "u:1: password: wrong value, expected text of 1 to 255 characters\n");
	bad("a:password=x\\000y:\n",
	    "u:1: password: wrong value, expected text of 1 to 255 characters\n");
	bad_bytes("a:password=x\0y:\n", 16,
		  "u:1: password: wrong value, expected text of 1 to 255 characters\n");
	bad("a:password=1:framed-ip-address=10.0.0:\nb:password=1:framed-ip-address=0.0.0.0:\n",
	    "u:1: framed-ip-address: wrong value, expected an IPv4 address\n"
	    "u:2: framed-ip-address: wrong value, no host can have this address\n");
	bad("a:password=1:framed-ip-netmask=0.0.0.0:\n",
	    "u:1: framed-ip-netmask: wrong value, it is no netmask\n");
	bad("a:password=1:framed-ip-netmask=255.0.255.0:\n",
	    "u:1: framed-ip-netmask: wrong value, it is no netmask\n");
	bad("a:password=1:\n  :framed-ip-address=10.0.0.1:\n",
	    "u:2: wrong user name \"  \", expected NAME: at the begin of a line\n");
	bad("a|b:password=1:\n",
	    "u:1: wrong user name \"a|b\", expected NAME: at the begin of a line\n");
	bad(":password=1:\n", "u:1: wrong user name \"\", expected NAME: at the begin of a line\n");
	bad("a\\\n:password=1:\n",
	    "u:1: wrong user name \"a\\x5c\\x0a\", expected NAME: at the begin of a line\n");
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "a:password=", 11);
	bad_bytes(longest, 11 + 256,
		  "u:1: password: wrong value, expected text of 1 to 255 characters\n");
}

static void many_errors(void **state)
{
	char text[1024] = "", *messages;
	struct users *users;
	int i, lines = 0;
	char *s;

	(void)state;
	for (i = 0; i < 120; i++)
		strcat(text, ":x\n");
	assert_int_equal(parse(text, strlen(text), &messages, &users), -EINVAL);
	for (s = messages; *s; s++)
		lines += *s == '\n';
	assert_int_equal(lines, 51);
	assert_non_null(strstr(messages, "u: 70 more errors\n"));
	free(messages);
}

/* Thousands of users, found by hash. */
static void many(void **state)
{
	const unsigned int n = 20000;
	struct users *users;
	char *text, *at, name[32], expected[32];
	unsigned int i;

	(void)state;
	at = text = malloc(n * 64);
	assert_non_null(text);
	for (i = 0; i < n; i++)
		at += sprintf(at, "user%u@example.net:\\\n\t:password=pw%u:\n", i, i);
	users = good(text);
	free(text);
	assert_int_equal(users_count(users), n);
	for (i = 0; i < n; i++) {
		sprintf(name, "user%u@example.net", i);
		sprintf(expected, "pw%u", i);
		password(users, name, expected);
	}
	assert_null(users_find(users, "user20000@example.net"));
	users_free(users);
}

static int read_with_mode(const char *path, mode_t mode, char **errors, struct users **users)
{
	size_t size;
	FILE *out = open_memstream(errors, &size);
	int r;

	assert_int_equal(chmod(path, mode), 0);
	r = users_read(path, NULL, out, users);
	fclose(out);
	return r;
}

static void files(void **state)
{
	char path[] = "/tmp/test-users.XXXXXX", expected[128], *messages;
	struct users *users = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a:password=1:\n", 14), 14);
	close(fd);
	assert_int_equal(read_with_mode(path, 0640, &messages, &users), 0);
	free(messages);
	password(users, "a", "1");
	users_free(users);
	assert_int_equal(read_with_mode(path, 0644, &messages, &users), -EACCES);
	snprintf(expected, sizeof(expected),
		 "%s: others may access it (mode 0644), expected mode 0640 or less\n", path);
	assert_string_equal(messages, expected);
	free(messages);
	unlink(path);
	mkdir(path, 0700);
	assert_int_equal(read_with_mode(path, 0700, &messages, &users), -EINVAL);
	assert_non_null(strstr(messages, "not a regular file"));
	free(messages);
	rmdir(path);
}

static void missing(void **state)
{
	char *messages;
	size_t size;
	FILE *out = open_memstream(&messages, &size);
	struct users *users;

	(void)state;
	assert_int_equal(users_read("/nonexistent/users", NULL, out, &users), -ENOENT);
	fclose(out);
	assert_string_equal(messages,
			    "/nonexistent/users: cannot be read: No such file or directory\n");
	free(messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes), cmocka_unit_test(dictionary_names),
		cmocka_unit_test(records),    cmocka_unit_test(escapes),
		cmocka_unit_test(errors),     cmocka_unit_test(many_errors),
		cmocka_unit_test(many),       cmocka_unit_test(files),
		cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
