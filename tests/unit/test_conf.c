/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What a configuration means, beyond what its printed form shows. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"

#define REST                                                                                       \
	"authentication L type local { users-file u }\n"                                           \
	"ipcp P { pool-address 10.0.0.0/24 }\n"                                                    \
	"interface pppac0 address 10.0.0.1 ipcp P\n"                                               \
	"bind tunnel from T authenticated by L to pppac0\n"

static struct conf *parse(const char *text)
{
	struct conf *conf = NULL;

	assert_int_equal(conf_parse(text, strlen(text), "test", stderr, &conf), 0);
	return conf;
}

static const struct conf_tunnel *tunnel(const struct conf *conf, const char *name)
{
	const struct conf_tunnel *t;

	STAILQ_FOREACH(t, &conf->tunnels, entry)
		if (strcmp(t->name, name) == 0)
			return t;
	fail_msg("no tunnel %s", name);
	return NULL;
}

static void check_ppp(const struct ppp_conf *ppp, uint16_t mru, bool weak, bool keepalive)
{
	assert_int_equal(ppp->mru, mru);
	assert_int_equal(ppp->auth_pap, weak);
	assert_int_equal(ppp->auth_chap, weak);
	assert_true(ppp->auth_mschapv2);
	assert_int_equal(ppp->keepalive, keepalive);
	assert_int_equal(ppp->keepalive_interval, 300);
	assert_int_equal(ppp->keepalive_retry_interval, 60);
	assert_int_equal(ppp->keepalive_max_retries, 3);
	assert_int_equal(ppp->lcp_timeout, 3);
	assert_int_equal(ppp->ipcp_timeout, 3);
	assert_int_equal(ppp->ccp_timeout, 3);
	assert_int_equal(ppp->lcp_max_configure, 10);
	assert_int_equal(ppp->ipcp_max_terminate, 2);
	assert_int_equal(ppp->ccp_max_nak_loop, 5);
	assert_string_equal(ppp->chap_name, "");
}

static void tunnel_defaults(void **state)
{
	struct conf *conf = parse("tunnel T protocol pppoe { listen on interface eth0 }\n"
				  "tunnel L protocol l2tp\ntunnel P protocol pptp\n" REST);
	const struct conf_tunnel *t = tunnel(conf, "T"), *l = tunnel(conf, "L");
	const struct conf_tunnel *p = tunnel(conf, "P");

	(void)state;
	check_ppp(&t->ppp, 1492, true, true);
	check_ppp(&l->ppp, 1360, true, false);
	check_ppp(&p->ppp, 1400, false, true);
	assert_true(t->bound && !l->bound && !p->bound);
	assert_ptr_equal(t->conf, conf);
	assert_int_equal(t->ppp.mppe, PPP_MPPE_YES);
	assert_int_equal(l->ppp.mppe, PPP_MPPE_YES);
	assert_int_equal(p->ppp.mppe, PPP_MPPE_REQUIRED);
	assert_true(t->ppp.mppe_40 && t->ppp.mppe_56 && t->ppp.mppe_128);
	assert_true(t->ppp.mppe_stateful && t->ppp.mppe_stateless);
	assert_true(t->pipex);
	assert_false(t->tcp_mss_adjust || t->ingress_filter || t->callnum_check ||
		     t->forward_stack);
	assert_int_equal(t->idle_timeout, 0);
	assert_int_equal(t->dump_in | t->dump_out, 0);
	assert_true(t->pppoe.accept_any_service);
	assert_null(t->pppoe.ac_name);
	assert_int_equal(t->pppoe.vlans.kind, CONF_VLAN_ANY);
	assert_int_equal(t->pppoe.max_payload, 0);
	assert_true(t->pppoe.padi_rate > 0);
	assert_int_equal(l->l2tp.hello_interval, 60);
	assert_int_equal(l->l2tp.hello_timeout, 30);
	assert_true(l->l2tp.lcp_renegotiation && l->l2tp.data_use_seq);
	assert_false(l->l2tp.accept_dialin || l->l2tp.force_lcp_renegotiation ||
		     l->l2tp.require_ipsec);
	assert_int_equal(p->pptp.echo_interval, 60);
	assert_int_equal(p->pptp.echo_timeout, 60);
	conf_unref(conf);
}

static void other_defaults(void **state)
{
	struct conf *conf = parse("tunnel T protocol pppoe { listen on interface eth0 }\n"
				  "authentication R type radius { }\n" REST);
	const struct conf_auth *r = STAILQ_FIRST(&conf->auths), *l = STAILQ_NEXT(r, entry);
	const struct conf_ipcp *ipcp = STAILQ_FIRST(&conf->ipcps);
	const struct conf_bind *b = STAILQ_FIRST(&conf->binds);

	(void)state;
	assert_int_equal(conf->max_session, 10000);
	assert_int_equal(conf->user_max_session, 0);
	assert_null(conf->control_group);
	assert_int_equal(r->authentication.timeout, 9);
	assert_int_equal(r->authentication.max_tries, 3);
	assert_int_equal(r->accounting.max_failovers, 1);
	assert_string_equal(l->username_suffix, "");
	assert_true(l->strip_nt_domain);
	assert_false(l->strip_atmark_realm);
	assert_int_equal(l->user_max_session, 0);
	assert_true(ipcp->allow_user_selected_address);
	assert_int_equal(ipcp->max_session, 0);
	assert_ptr_equal(b->tunnel, tunnel(conf, "T"));
	assert_ptr_equal(b->auth, l);
	assert_ptr_equal(b->interface->ipcp, ipcp);
	assert_int_equal(b->interface->address.s_addr, inet_addr("10.0.0.1"));
	conf_unref(conf);
}

static void max_session(void **state)
{
	struct conf *conf = parse("set max-session 0\n"
				  "tunnel T protocol pppoe { listen on interface eth0 }\n" REST);

	(void)state;
	assert_int_equal(conf->max_session, CONF_MAX_SESSION_ALL);
	conf_unref(conf);
}

static void check_range(const struct conf_range *r, const char *first, const char *last, bool cidr)
{
	assert_non_null(r);
	assert_int_equal(htonl(r->first), inet_addr(first));
	assert_int_equal(htonl(r->last), inet_addr(last));
	assert_int_equal(r->cidr, cidr);
}

static void values(void **state)
{
	struct conf *conf =
		parse("tunnel T protocol pppoe {\n listen on interface eth0\n mru 1480\n"
		      " authentication-method pap chap\n authentication-method mschapv2\n"
		      " mppe-key-length 128\n debug-dump-pktin ip ipcp\n forward stack\n}\n"
		      "tunnel L protocol l2tp {\n listen on ::\n listen on 192.0.2.1 port 1702\n}\n"
		      "ipcp Q {\n pool-address 10.1.2.3/16\n pool-address 10.9.0.7\n"
		      " pool-address 10.3.0.0/255.255.255.0 for static\n dns-servers "
		      "192.0.2.1\n}\n" REST);
	const struct conf_tunnel *t = tunnel(conf, "T");
	const struct conf_range *r = STAILQ_FIRST(&STAILQ_FIRST(&conf->ipcps)->ranges);
	const struct conf_addr *a = STAILQ_FIRST(&tunnel(conf, "L")->l2tp.listen);

	(void)state;
	assert_int_equal(t->ppp.mru, 1480);
	assert_false(t->ppp.auth_pap || t->ppp.auth_chap); /* the last line counts */
	assert_true(t->ppp.auth_mschapv2);
	assert_false(t->ppp.mppe_40 || t->ppp.mppe_56);
	assert_int_equal(t->dump_in, CONF_DUMP_IP | CONF_DUMP_IPCP);
	assert_true(t->forward_stack);
	assert_int_equal(a->addr.ss_family, AF_INET6);
	assert_int_equal(((const struct sockaddr_in6 *)&a->addr)->sin6_port, htons(1701));
	a = STAILQ_NEXT(a, entry);
	assert_int_equal(((const struct sockaddr_in *)&a->addr)->sin_port, htons(1702));
	check_range(r, "10.1.0.0", "10.1.255.255", true);
	assert_false(r->is_static);
	r = STAILQ_NEXT(r, entry);
	check_range(r, "10.9.0.7", "10.9.0.7", false);
	r = STAILQ_NEXT(r, entry);
	check_range(r, "10.3.0.0", "10.3.0.255", true);
	assert_true(r->is_static);
	assert_int_equal(STAILQ_FIRST(&conf->ipcps)->dns[0].s_addr, inet_addr("192.0.2.1"));
	assert_int_equal(STAILQ_FIRST(&conf->ipcps)->dns[1].s_addr, 0);
	conf_unref(conf);
}

static void vlans(void **state)
{
	struct conf *conf = parse("tunnel T protocol pppoe { listen on interface eth0 }\n"
				  "tunnel N protocol pppoe { pppoe-vlan none }\n"
				  "tunnel L protocol pppoe { pppoe-vlan 7 10-20 30.* 40-41.5-6 }\n"
				  "tunnel U protocol pppoe { pppoe-vlan *.* none }\n" REST);
	const struct conf_vlans *v = &tunnel(conf, "T")->pppoe.vlans;

	(void)state;
	assert_true(conf_vlan_allowed(v, 0, 0));
	assert_true(conf_vlan_allowed(v, 4094, 1));
	v = &tunnel(conf, "N")->pppoe.vlans;
	assert_true(conf_vlan_allowed(v, 0, 0));
	assert_false(conf_vlan_allowed(v, 1, 0));
	v = &tunnel(conf, "L")->pppoe.vlans;
	assert_false(conf_vlan_allowed(v, 0, 0));
	assert_true(conf_vlan_allowed(v, 7, 0));
	assert_false(conf_vlan_allowed(v, 7, 1));
	assert_true(conf_vlan_allowed(v, 10, 0));
	assert_true(conf_vlan_allowed(v, 20, 0));
	assert_false(conf_vlan_allowed(v, 21, 0));
	assert_false(conf_vlan_allowed(v, 30, 0));
	assert_true(conf_vlan_allowed(v, 30, 4094));
	assert_true(conf_vlan_allowed(v, 41, 6));
	assert_false(conf_vlan_allowed(v, 41, 7));
	v = &tunnel(conf, "U")->pppoe.vlans;
	assert_true(conf_vlan_allowed(v, 0, 0));
	assert_true(conf_vlan_allowed(v, 5, 6));
	assert_false(conf_vlan_allowed(v, 5, 0));
	conf_unref(conf);
}

static char *print(const struct conf *conf, bool show_secrets)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out, show_secrets);
	fclose(out);
	return text;
}

static void secrets(void **state)
{
	struct conf *conf =
		parse("radius dae client 192.0.2.1 secret Hush1\n"
		      "tunnel T protocol pppoe { listen on interface eth0 }\n"
		      "tunnel L protocol l2tp { l2tp-secret Hush2 }\n"
		      "authentication R type radius {\n"
		      " authentication-server { address 192.0.2.1 secret Hush3 }\n"
		      " accounting-server { address 192.0.2.1 secret Hush4 }\n}\n" REST);
	char *hidden = print(conf, false), *shown = print(conf, true), name[] = "Hush1";

	(void)state;
	assert_null(strstr(hidden, "Hush"));
	for (; name[4] <= '4'; name[4]++)
		assert_non_null(strstr(shown, name));
	free(hidden);
	free(shown);
	conf_unref(conf);
}

static void references(void **state)
{
	struct conf *conf = parse("tunnel T protocol pppoe { listen on interface eth0 }\n" REST);

	(void)state;
	assert_ptr_equal(conf_ref(conf), conf);
	conf_unref(conf);
	assert_string_equal(tunnel(conf, "T")->name, "T"); /* still there */
	conf_unref(conf);
	conf_unref(NULL);
}

static struct conf *parse_cpus(const char *cpus, char **messages)
{
	static const char statements[] =
		"tunnel T protocol pppoe { listen on interface eth0 }\n" REST
		"attach interface eth0 pppoe-cpus %s\n";
	struct conf *conf = NULL;
	char text[512];
	size_t size;
	FILE *errors = open_memstream(messages, &size);

	snprintf(text, sizeof(text), statements, cpus);
	conf_parse(text, strlen(text), "test", errors, &conf);
	fclose(errors);
	return conf;
}

/* The tests' machine has CPU 0, and not all that there can be. */
static void cpus(void **state)
{
	struct conf *conf;
	char *messages;

	(void)state;
	conf = parse_cpus("0", &messages);
	assert_non_null(conf);
	assert_int_equal(CPU_COUNT(&STAILQ_FIRST(&conf->attaches)->pppoe_cpus), 1);
	assert_true(CPU_ISSET(0, &STAILQ_FIRST(&conf->attaches)->pppoe_cpus));
	conf_unref(conf);
	free(messages);
	assert_null(parse_cpus("1023 0 1022", &messages));
	assert_string_equal(messages, "test:6: pppoe-cpus: CPU 1022-1023 is not online, "
				      "expected CPUs that are\n");
	free(messages);
}

static void files(void **state)
{
	static const char text[] = "tunnel T protocol pppoe { listen on interface eth0 }\n" REST;
	char path[] = "/tmp/test-conf.XXXXXX", expected[96], *messages;
	struct conf *conf = NULL;
	int fd = mkstemp(path);
	size_t size;
	FILE *errors = open_memstream(&messages, &size);

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(conf_read(path, errors, &conf), 0);
	conf_unref(conf);
	assert_int_equal(write(fd, "foo\n", 4), 4);
	assert_int_equal(conf_read(path, errors, &conf), -EINVAL);
	fflush(errors);
	snprintf(expected, sizeof(expected), "%s:6: unknown keyword \"foo\", expected", path);
	assert_memory_equal(messages, expected, strlen(expected));
	close(fd);
	unlink(path);
	assert_int_equal(conf_read(path, errors, &conf), -ENOENT);
	assert_int_equal(conf_read("/tmp", errors, &conf), -EINVAL);
	fclose(errors);
	assert_non_null(strstr(messages, "cannot be read: No such file"));
	assert_non_null(strstr(messages, "/tmp: not a regular file\n"));
	free(messages);
}

/* A binary by mistake: few lines, no crash. */
static void flood(void **state)
{
	char text[3000], *messages, *s;
	struct conf *conf = NULL;
	unsigned int lines = 0;
	size_t size;
	FILE *errors = open_memstream(&messages, &size);

	(void)state;
	memset(text, 0, sizeof(text));
	assert_int_equal(conf_parse(text, sizeof(text), "x", errors, &conf), -EINVAL);
	fclose(errors);
	for (s = messages; *s; s++)
		lines += *s == '\n';
	assert_int_equal(lines, 51);
	free(messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel_defaults), cmocka_unit_test(other_defaults),
		cmocka_unit_test(max_session),     cmocka_unit_test(values),
		cmocka_unit_test(vlans),           cmocka_unit_test(secrets),
		cmocka_unit_test(references),      cmocka_unit_test(files),
		cmocka_unit_test(flood),           cmocka_unit_test(cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
