/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/aaa.h"
#include "aaa/profile.h"
#include "conf/conf.h"
#include "log.h"
#include "ppp/chap_md5.h"
#include "stderr_text.h"

static char dir[] = "/tmp/test-aaa.XXXXXX";

struct fixture {
	struct conf *conf;
	struct aaa *aaa;
	struct aaa_result result;
	unsigned int answers;
};

static void put_users(const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* auths: the authentication statements and binds, with %1$s for the directory. */
static void start(struct fixture *f, const char *auths, int expected)
{
	char text[4096];
	int n = snprintf(text, sizeof(text),
			 "tunnel T protocol pppoe { listen on interface eth0 }\n"
			 "tunnel C protocol pppoe { listen on interface eth1, callnum-check yes }\n"
			 "ipcp P { pool-address 10.0.0.0/24 }\n"
			 "interface pppac0 address 10.0.0.1 ipcp P\n");

	memset(f, 0, sizeof(*f));
	snprintf(text + n, sizeof(text) - (size_t)n, auths, dir);
	assert_int_equal(conf_parse(text, strlen(text), "aaa", stderr, &f->conf), 0);
	assert_int_equal(aaa_new(f->conf, NULL, NULL, &f->aaa), expected);
}

static void stop(struct fixture *f)
{
	profile_free(f->result.profile);
	aaa_free(f->aaa);
	conf_unref(f->conf);
}

static void done(void *owner, struct aaa_result *result)
{
	struct fixture *f = owner;

	profile_free(f->result.profile);
	f->result = *result;
	result->profile = NULL;
	f->answers++;
}

/* Asks, and tells the name of the statement that accepted; NULL: rejected. */
static const char *ask(struct fixture *f, const char *tunnel, const char *calling,
		       const struct ppp_auth_request *request)
{
	struct aaa_request all = { .ppp = request, .calling_number = calling };
	struct conf_tunnel *t;

	STAILQ_FOREACH(t, &f->conf->tunnels, entry)
		if (strcmp(t->name, tunnel) == 0)
			break;
	assert_non_null(t);
	f->answers = 0;
	all.tunnel = t;
	assert_null(aaa_authenticate(f->aaa, &all, done, f));
	assert_int_equal(f->answers, 1);
	return f->result.ppp.result == PPP_AUTH_ACCEPT ? f->result.bind->auth->name : NULL;
}

static const char *pap_bytes(struct fixture *f, const char *tunnel, const char *calling,
			     const char *user, const void *password, size_t len)
{
	struct ppp_auth_request request = {
		.method = PPP_AUTH_PAP,
		.username = user,
		.response = password,
		.response_len = len,
	};

	return ask(f, tunnel, calling, &request);
}

static const char *pap(struct fixture *f, const char *user, const char *password)
{
	return pap_bytes(f, "T", NULL, user, password, strlen(password));
}

#define ONE                                                                                        \
	"authentication A type local { users-file \"%1$s/users\" }\n"                              \
	"bind tunnel from T authenticated by A to pppac0\n"                                        \
	"bind tunnel from C authenticated by A to pppac0\n"

static void passwords(void **state)
{
	struct fixture f;

	(void)state;
	put_users("users", "taro:password=one:framed-ip-address=10.0.1.9:"
			   "framed-ip-netmask=255.255.255.248:\nhana:password=two:\n");
	start(&f, ONE, 0);
	assert_string_equal(pap(&f, "taro", "one"), "A");
	assert_int_equal(f.result.profile->framed_ip.s_addr, inet_addr("10.0.1.9"));
	assert_int_equal(f.result.profile->framed_netmask.s_addr, inet_addr("255.255.255.248"));
	assert_string_equal(f.result.bind->interface->name, "pppac0");
	assert_string_equal(pap(&f, "hana", "two"), "A");
	assert_int_equal(f.result.profile->framed_ip.s_addr, 0);
	assert_null(pap(&f, "hana", "one"));
	assert_int_equal(f.result.ppp.mschap_error, 691);
	assert_string_not_equal(f.result.ppp.message, "");
	assert_null(pap(&f, "hana", "tw"));
	assert_null(pap(&f, "hana", "twoo"));
	assert_null(pap(&f, "hana", ""));
	assert_null(pap_bytes(&f, "T", NULL, "hana", "two\0", 4)); /* padded, but longer */
	assert_null(pap(&f, "Hana", "two"));
	assert_null(pap(&f, "", "two"));
	assert_null(pap(&f, "nobody", "nobody's password"));
	stop(&f);
}

static void longest(void **state)
{
	char users[600] = "u:password=", password[300];
	struct fixture f;

	(void)state;
	memset(password, 'x', sizeof(password));
	memcpy(users + 11, password, 255);
	strcpy(users + 11 + 255, ":\n");
	put_users("users", users);
	start(&f, ONE, 0);
	assert_non_null(pap_bytes(&f, "T", NULL, "u", password, 255));
	assert_null(pap_bytes(&f, "T", NULL, "u", password, 254));
	assert_null(pap_bytes(&f, "T", NULL, "u", password, 256));
	assert_null(pap_bytes(&f, "T", NULL, "u", password, 300));
	stop(&f);
}

static void realms(void **state)
{
	struct fixture f;

	(void)state;
	put_users("default", "u:password=d:\nu@x.org:password=x:\nD\\u:password=n:\n");
	put_users("isp", "u:password=i:\n");
	put_users("sub", "u@a.isp.net:password=s:\n");
	put_users("nt", "CORP\\u:password=c:\n");
	start(&f,
	      "authentication DEFAULT type local { users-file \"%1$s/default\" }\n"
	      "authentication ISP type local {\n users-file \"%1$s/isp\"\n"
	      " username-suffix \"isp.net\"\n strip-atmark-realm yes\n}\n"
	      "authentication SUB type local {\n users-file \"%1$s/sub\"\n"
	      " username-suffix \"@a.isp.net\"\n}\n"
	      "authentication NT type local {\n users-file \"%1$s/nt\"\n"
	      " username-prefix CORP\\\\\n strip-nt-domain no\n}\n"
	      "authentication OTHER type local { users-file \"%1$s/default\" }\n"
	      "bind tunnel from T authenticated by DEFAULT to pppac0\n"
	      "bind tunnel from T authenticated by SUB to pppac0\n"
	      "bind tunnel from T authenticated by ISP to pppac0\n"
	      "bind tunnel from T authenticated by NT to pppac0\n",
	      0);
	assert_string_equal(pap(&f, "u", "d"), "DEFAULT");
	assert_string_equal(pap(&f, "u@x.org", "x"), "DEFAULT");
	assert_null(pap(&f, "u@x.org", "d"));
	assert_string_equal(pap(&f, "u@isp.net", "i"), "ISP");
	assert_null(pap(&f, "u@b@isp.net", "i"));
	assert_string_equal(pap(&f, "u@a.isp.net", "s"), "SUB");
	assert_null(pap(&f, "u@a.isp.net", "i"));
	assert_null(pap(&f, "isp.net", "i"));
	/* the domain goes before the users file is asked, unless it may stay */
	assert_string_equal(pap(&f, "D\\u", "d"), "DEFAULT");
	assert_string_equal(pap(&f, "\\\\D\\u", "d"), "DEFAULT");
	assert_string_equal(pap(&f, "CORP\\u", "c"), "NT");
	assert_null(pap(&f, "CORP\\u", "d"));
	stop(&f);
}

static void no_realm(void **state)
{
	struct fixture f;

	(void)state;
	put_users("isp", "u@isp.net:password=i:\n");
	start(&f,
	      "authentication ISP type local {\n users-file \"%1$s/isp\"\n"
	      " username-suffix \"@isp.net\"\n}\n"
	      "bind tunnel from T authenticated by ISP to pppac0\n",
	      0);
	assert_non_null(pap(&f, "u@isp.net", "i"));
	assert_null(pap(&f, "u", "i"));
	assert_null(f.result.bind);
	assert_null(pap_bytes(&f, "C", NULL, "u@isp.net", "i", 1));
	stop(&f);
}

static void chap(void **state)
{
	uint8_t challenge[16] = "0123456789abcde", response[CHAP_MD5_LEN];
	struct ppp_auth_request request = {
		.method = PPP_AUTH_CHAP_MD5,
		.username = "taro",
		.ident = 7,
		.challenge = challenge,
		.challenge_len = sizeof(challenge),
		.response = response,
		.response_len = sizeof(response),
	};
	struct fixture f;

	(void)state;
	put_users("users", "taro:password=one:\n");
	start(&f, ONE, 0);
	chap_md5_response(7, "one", 3, challenge, sizeof(challenge), response);
	assert_non_null(ask(&f, "T", NULL, &request));
	request.ident = 8;
	assert_null(ask(&f, "T", NULL, &request));
	request.ident = 7;
	challenge[0]++;
	assert_null(ask(&f, "T", NULL, &request));
	challenge[0]--;
	request.response_len--;
	assert_null(ask(&f, "T", NULL, &request));
	request.response_len++;
	response[15] ^= 1;
	assert_null(ask(&f, "T", NULL, &request));
	assert_false(f.result.ppp.retry);
	request.method = PPP_AUTH_NONE;
	assert_null(ask(&f, "T", NULL, &request));
	stop(&f);
}

/* The example of RFC 2759 9.2. */
static void mschapv2(void **state)
{
	static const uint8_t challenge[16] = {
		0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
		0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28,
	};
	static const uint8_t answer[20] = {
		0x40, 0x7a, 0x55, 0x89, 0x11, 0x5f, 0xd0, 0xd6, 0x20, 0x9f,
		0x51, 0x0f, 0xe9, 0xc0, 0x45, 0x66, 0x93, 0x2c, 0xda, 0x56,
	};
	uint8_t response[49] = {
		0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a,
		0x33, 0x7c, 0x7e, 0,    0,    0,    0,    0,    0,    0,    0,    0x82, 0x30,
		0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83,
		0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0,
	};
	struct ppp_auth_request request = {
		.method = PPP_AUTH_MSCHAPV2,
		.username = "User",
		.challenge = challenge,
		.challenge_len = sizeof(challenge),
		.response = response,
		.response_len = sizeof(response),
	};
	struct fixture f;

	(void)state;
	put_users("users", "User:password=clientPass:\n");
	start(&f, ONE, 0);
	assert_non_null(ask(&f, "T", NULL, &request));
	assert_memory_equal(f.result.ppp.authenticator_response, answer, sizeof(answer));
	assert_memory_equal(f.result.ppp.nt_response, response + 24, 24);
	request.username = "DOMAIN\\User"; /* not part of the hash */
	assert_non_null(ask(&f, "T", NULL, &request));
	request.username = "User";
	request.challenge_len = 15;
	assert_null(ask(&f, "T", NULL, &request));
	request.challenge_len = 16;
	response[30]++;
	assert_null(ask(&f, "T", NULL, &request));
	assert_int_equal(f.result.ppp.mschap_error, 691);
	assert_true(f.result.ppp.retry);
	response[30]--;
	request.response_len = 48;
	assert_null(ask(&f, "T", NULL, &request));
	stop(&f);
}

static void calling_number(void **state)
{
	struct fixture f;

	(void)state;
	put_users("users", "a:password=1:calling-number=02\\07200\\072aB:\nb:password=1:\n");
	start(&f, ONE, 0);
	assert_non_null(pap_bytes(&f, "C", "02:00:Ab", "a", "1", 1));
	assert_null(pap_bytes(&f, "C", "02:00:ac", "a", "1", 1));
	assert_null(pap_bytes(&f, "C", NULL, "a", "1", 1));
	assert_null(pap_bytes(&f, "C", "02:00:Ab", "b", "1", 1)); /* who has none */
	assert_non_null(pap_bytes(&f, "T", "02:00:Ab", "b", "1", 1));
	assert_non_null(pap_bytes(&f, "T", "02:00:ac", "a", "1", 1)); /* callnum-check no */
	stop(&f);
}

static void failures(void **state)
{
	struct fixture f;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/users", dir);
	unlink(path);
	start(&f, ONE, -ENOENT);
	assert_null(f.aaa);
	stop(&f);
	put_users("users", "a:b\n");
	start(&f, ONE, -EINVAL);
	stop(&f);
	put_users("users", "a:password=1:\n");
	chmod(path, 0604);
	start(&f, ONE, -EACCES);
	stop(&f);
	chmod(path, 0600);
	start(&f, ONE, 0);
	/* read once: later changes count at the next reload */
	put_users("users", "a:password=2:\n");
	assert_non_null(pap(&f, "a", "1"));
	aaa_cancel(NULL);
	stop(&f);
}

/* What the log says of a users file in which the net of one user is this. */
static void net_is(const char *address, const char *netmask, const char *expected)
{
	struct log *log = log_new(1, LOG_ERR);
	struct conf *conf = NULL;
	struct stderr_text said;
	struct aaa *aaa = NULL;
	char text[1024];
	int r;

	snprintf(text, sizeof(text),
		 "hana:password=two:\nta\"ro:password=one:\\\n  :framed-ip-address=%s:"
		 "framed-ip-netmask=%s:\n",
		 address, netmask);
	put_users("users", text);
	snprintf(text, sizeof(text),
		 "tunnel T protocol pppoe { listen on interface eth0 }\n"
		 "ipcp P { pool-address 10.0.0.32-10.0.0.40\n"
		 "pool-address 10.0.1.0/24 for static }\n"
		 "interface pppac0 address 10.0.0.1 ipcp P\n"
		 "authentication A type local { users-file \"%s/users\" }\n"
		 "bind tunnel from T authenticated by A to pppac0\n",
		 dir);
	assert_int_equal(conf_parse(text, strlen(text), "aaa", stderr, &conf), 0);
	stderr_begin(&said);
	r = aaa_new(conf, NULL, log, &aaa);
	stderr_end(&said);
	assert_int_equal(r, expected ? -EINVAL : 0);
	if (expected) {
		assert_non_null(strstr(said.text, "/users:2: user \"ta\\x22ro\": "));
		assert_non_null(strstr(said.text, expected));
	}
	aaa_free(aaa);
	conf_unref(conf);
	log_free(log);
}

static void nets_of_users(void **state)
{
	static const char pool[] = "framed-ip-netmask takes in addresses of the pool of interface "
				   "pppac0, expected";
	static const char own[] = "framed-ip-netmask takes in the address of interface pppac0,";

	(void)state;
	net_is("10.0.0.41", "255.255.255.255", NULL);
	net_is("10.0.0.35", "255.255.255.255", NULL); /* one of the pool is his alone */
	net_is("10.0.0.41", "255.255.255.254", pool);
	net_is("10.0.0.40", "255.255.255.254", NULL); /* his own, and one outside */
	net_is("10.0.0.42", "255.255.255.254", NULL);
	net_is("10.0.0.31", "255.255.255.254", NULL);
	net_is("10.0.0.32", "255.255.255.254", pool);
	net_is("10.0.0.50", "255.255.255.224", pool);
	net_is("10.0.0.20", "255.255.255.224", own);
	net_is("10.0.0.2", "255.255.255.252", own);
	net_is("10.200.0.1", "128.0.0.0", own);
	net_is("10.0.1.17", "255.255.255.240", NULL);
	net_is("10.9.0.1", "255.255.0.0", NULL);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "users", "default", "isp", "sub", "nt" };
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords),      cmocka_unit_test(longest),
		cmocka_unit_test(realms),         cmocka_unit_test(no_realm),
		cmocka_unit_test(chap),           cmocka_unit_test(mschapv2),
		cmocka_unit_test(calling_number), cmocka_unit_test(failures),
		cmocka_unit_test(nets_of_users),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
