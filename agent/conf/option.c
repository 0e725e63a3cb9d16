/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/option.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/delays.h"
#include "conf/parser.h"
#include "conf/spool.h"
#include "conf/text.h"
#include "conf/vlans.h"

#define STRING_MAX 255

enum kind {
	GRAMMAR, /* has a rule of its own; here for the lists of what was expected */
	NUMBER,  /* unsigned int, min to max */
	SHORT,   /* uint16_t */
	SWITCH,  /* bool, by choices */
	CHOICE,  /* an enum, by choices */
	BOOLS,   /* several words, each a bool at its value as offset */
	BITS,    /* several words, each a bit of an unsigned int */
	STRING,  /* char *, at most max characters */
	CHARS,   /* char [max + 1] */
	NAMES,   /* struct conf_names, repeatable */
	SERVERS, /* struct in_addr [2] */
	DNS,     /* the same of an ipcp, or "resolver" */
	VLANS,   /* struct conf_vlans */
	DELAYS,  /* struct conf_delays */
	SECRETS, /* struct conf_l2tp_secrets, repeatable */
	ADDRESS, /* struct sockaddr_storage */
	SPOOL,   /* struct conf_spool */
};

struct choice {
	const char *word; /* NULL ends the list */
	unsigned int value;
};

struct conf_option {
	const char *name;
	enum conf_scope scope;
	unsigned int kinds; /* of tunnels or authentications that have it; 0: all */
	enum kind kind;
	size_t offset;
	unsigned int min, max;
	const struct choice *choices;
};

#define T(member) offsetof(struct conf_tunnel, member)

static const struct choice yes_no[] = { { "yes", true }, { "no", false }, { 0 } };
static const struct choice require[] = {
	{ "yes", PPP_MPPE_YES },
	{ "no", PPP_MPPE_NO },
	{ "required", PPP_MPPE_REQUIRED },
	{ 0 },
};
static const struct choice transports[] = { { "udp", false }, { "tls", true }, { 0 } };
static const struct choice forward[] = { { "fast", false }, { "stack", true }, { 0 } };
static const struct choice methods[] = {
	{ "pap", T(ppp.auth_pap) },
	{ "chap", T(ppp.auth_chap) },
	{ "mschapv2", T(ppp.auth_mschapv2) },
	{ "eap", T(ppp.auth_eap) },
	{ 0 },
};
static const struct choice key_lengths[] = {
	{ "40", T(ppp.mppe_40) },
	{ "56", T(ppp.mppe_56) },
	{ "128", T(ppp.mppe_128) },
	{ 0 },
};
static const struct choice key_states[] = {
	{ "stateful", T(ppp.mppe_stateful) },
	{ "stateless", T(ppp.mppe_stateless) },
	{ 0 },
};
static const struct choice dumps[] = {
	{ "ip", CONF_DUMP_IP },     { "lcp", CONF_DUMP_LCP },   { "pap", CONF_DUMP_PAP },
	{ "chap", CONF_DUMP_CHAP }, { "eap", CONF_DUMP_EAP },   { "mppe", CONF_DUMP_MPPE },
	{ "ccp", CONF_DUMP_CCP },   { "ipcp", CONF_DUMP_IPCP }, { 0 },
};

#define PPPOE (1U << CONF_PPPOE)
#define L2TP (1U << CONF_L2TP)
#define PPTP (1U << CONF_PPTP)
#define RADIUS (1U << CONF_AUTH_RADIUS)

#define SET_NUMBER(name, member, max)                                                              \
	{                                                                                          \
		name, CONF_SCOPE_SET, 0, NUMBER, offsetof(struct conf, member), 0, max, NULL       \
	}
#define SET_STRING(name, member)                                                                   \
	{                                                                                          \
		name, CONF_SCOPE_SET, 0, STRING, offsetof(struct conf, member), 1, 31, NULL        \
	}
#define RADIUS_(name, kind, member, max)                                                           \
	{                                                                                          \
		name, CONF_SCOPE_RADIUS, 0, kind, offsetof(struct conf, member), 1, max, NULL      \
	}
#define DAE(name, kind, member, max, choices)                                                      \
	{                                                                                          \
		name, CONF_SCOPE_DAE, 0, kind, offsetof(struct conf, dae.member), 0, max, choices  \
	}
#define TUNNEL_(name, kinds, kind, member, min, max)                                               \
	{                                                                                          \
		name, CONF_SCOPE_TUNNEL, kinds, kind, T(member), min, max, NULL                    \
	}
#define TUNNEL_WORDS(name, kinds, kind, member, choices)                                           \
	{                                                                                          \
		name, CONF_SCOPE_TUNNEL, kinds, kind, T(member), 0, 0, choices                     \
	}
#define TUNNEL_YES_NO(name, kinds, member) TUNNEL_WORDS(name, kinds, SWITCH, member, yes_no)
#define TUNNEL_SECONDS(name, member) TUNNEL_(name, 0, NUMBER, member, 1, 3600)
#define TUNNEL_TIMES(name, member) TUNNEL_(name, 0, NUMBER, member, 1, 255)
#define IPCP(name, kind, member, max, choices)                                                     \
	{                                                                                          \
		name, CONF_SCOPE_IPCP, 0, kind, offsetof(struct conf_ipcp, member), 0, max,        \
			choices                                                                    \
	}
#define AUTH(name, kind, member, max, choices)                                                     \
	{                                                                                          \
		name, CONF_SCOPE_AUTH, 0, kind, offsetof(struct conf_auth, member), 0, max,        \
			choices                                                                    \
	}
#define AUTH_RADIUS(name, kind, member, min, max, choices)                                         \
	{                                                                                          \
		name, CONF_SCOPE_AUTH, RADIUS, kind, offsetof(struct conf_auth, member), min, max, \
			choices                                                                    \
	}
#define SERVERS_(name, kind, member, min, max, choices)                                            \
	{                                                                                          \
		name, CONF_SCOPE_SERVERS, 0, kind, offsetof(struct conf_servers, member), min,     \
			max, choices                                                               \
	}
#define SERVERS_NUMBER(name, member, min, max) SERVERS_(name, NUMBER, member, min, max, NULL)
#define SERVERS_SWITCH(name, member, choices) SERVERS_(name, SWITCH, member, 0, 0, choices)
#define SERVERS_FILE(name, member) SERVERS_(name, STRING, member, 1, 4095, NULL)
#define RULE(name, scope, kinds)                                                                   \
	{                                                                                          \
		name, scope, kinds, GRAMMAR, 0, 0, 0, NULL                                         \
	}

/* In the order in which they are printed. */
static const struct conf_option options[] = {
	SET_NUMBER("max-session", max_session, CONF_MAX_SESSION_MOST),
	SET_NUMBER("max-half-open", max_half_open, CONF_MAX_SESSION_MOST),
	SET_NUMBER("user-max-session", user_max_session, INT_MAX),
	SET_STRING("control-group", control_group),

	RADIUS_("nas-address", ADDRESS, nas_address, 0),
	RADIUS_("dictionary-directory", STRING, dictionary_directory, 4095),
	RADIUS_("spool", SPOOL, spool, 0),

	DAE("event-timestamp-window", NUMBER, event_timestamp_window, 86400, NULL),
	DAE("require-event-timestamp", SWITCH, require_event_timestamp, 0, yes_no),
	DAE("require-message-authenticator", SWITCH, require_message_authenticator, 0, yes_no),

	RULE("listen", CONF_SCOPE_TUNNEL, 0),
	TUNNEL_WORDS("authentication-method", 0, BOOLS, ppp, methods),
	TUNNEL_("chap-name", 0, CHARS, ppp.chap_name, 0,
		sizeof(((struct ppp_conf *)0)->chap_name) - 1),
	TUNNEL_("mru", 0, SHORT, ppp.mru, 128, 9000),
	TUNNEL_YES_NO("lcp-keepalive", 0, ppp.keepalive),
	TUNNEL_("lcp-keepalive-interval", 0, NUMBER, ppp.keepalive_interval, 1, 86400),
	TUNNEL_("lcp-keepalive-retry-interval", 0, NUMBER, ppp.keepalive_retry_interval, 1, 86400),
	TUNNEL_TIMES("lcp-keepalive-max-retries", ppp.keepalive_max_retries),
	TUNNEL_SECONDS("lcp-timeout", ppp.lcp_timeout),
	TUNNEL_TIMES("lcp-max-configure", ppp.lcp_max_configure),
	TUNNEL_TIMES("lcp-max-terminate", ppp.lcp_max_terminate),
	TUNNEL_TIMES("lcp-max-nak-loop", ppp.lcp_max_nak_loop),
	TUNNEL_SECONDS("ipcp-timeout", ppp.ipcp_timeout),
	TUNNEL_TIMES("ipcp-max-configure", ppp.ipcp_max_configure),
	TUNNEL_TIMES("ipcp-max-terminate", ppp.ipcp_max_terminate),
	TUNNEL_TIMES("ipcp-max-nak-loop", ppp.ipcp_max_nak_loop),
	TUNNEL_SECONDS("ccp-timeout", ppp.ccp_timeout),
	TUNNEL_TIMES("ccp-max-configure", ppp.ccp_max_configure),
	TUNNEL_TIMES("ccp-max-terminate", ppp.ccp_max_terminate),
	TUNNEL_TIMES("ccp-max-nak-loop", ppp.ccp_max_nak_loop),
	TUNNEL_WORDS("mppe", 0, CHOICE, ppp.mppe, require),
	TUNNEL_WORDS("mppe-key-length", 0, BOOLS, ppp, key_lengths),
	TUNNEL_WORDS("mppe-key-state", 0, BOOLS, ppp, key_states),
	TUNNEL_("idle-timeout", 0, NUMBER, idle_timeout, 0, INT_MAX),
	TUNNEL_YES_NO("tcp-mss-adjust", 0, tcp_mss_adjust),
	TUNNEL_YES_NO("ingress-filter", 0, ingress_filter),
	TUNNEL_YES_NO("pipex", 0, pipex),
	TUNNEL_WORDS("forward", 0, SWITCH, forward_stack, forward),
	TUNNEL_YES_NO("callnum-check", 0, callnum_check),
	TUNNEL_WORDS("debug-dump-pktin", 0, BITS, dump_in, dumps),
	TUNNEL_WORDS("debug-dump-pktout", 0, BITS, dump_out, dumps),
	TUNNEL_("pppoe-service-name", PPPOE, NAMES, pppoe.services, 0, 63),
	TUNNEL_YES_NO("pppoe-accept-any-service", PPPOE, pppoe.accept_any_service),
	TUNNEL_("pppoe-ac-name", PPPOE, STRING, pppoe.ac_name, 1, 63),
	TUNNEL_("pppoe-vlan", PPPOE, VLANS, pppoe.vlans, 0, 0),
	TUNNEL_("pppoe-max-payload", PPPOE, NUMBER, pppoe.max_payload, 0, 9000),
	TUNNEL_("pppoe-pado-delay", PPPOE, DELAYS, pppoe.pado_delay, 0, 0),
	TUNNEL_("pppoe-padi-rate", PPPOE, NUMBER, pppoe.padi_rate, 0, 1000000),
	TUNNEL_YES_NO("pppoe-desc-in-pktdump", PPPOE, ctrl_in_pktdump),
	TUNNEL_YES_NO("pppoe-desc-out-pktdump", PPPOE, ctrl_out_pktdump),
	TUNNEL_YES_NO("pppoe-session-in-pktdump", PPPOE, data_in_pktdump),
	TUNNEL_YES_NO("pppoe-session-out-pktdump", PPPOE, data_out_pktdump),
	TUNNEL_("l2tp-hostname", L2TP, STRING, l2tp.hostname, 0, STRING_MAX),
	TUNNEL_("l2tp-vendor-name", L2TP, STRING, l2tp.vendor_name, 0, STRING_MAX),
	TUNNEL_("l2tp-secret", L2TP, SECRETS, l2tp.secrets, 1, STRING_MAX),
	TUNNEL_("l2tp-hello-interval", L2TP, NUMBER, l2tp.hello_interval, 0, 86400),
	TUNNEL_("l2tp-hello-timeout", L2TP, NUMBER, l2tp.hello_timeout, 1, 86400),
	TUNNEL_YES_NO("l2tp-accept-dialin", L2TP, l2tp.accept_dialin),
	TUNNEL_YES_NO("l2tp-lcp-renegotiation", L2TP, l2tp.lcp_renegotiation),
	TUNNEL_YES_NO("l2tp-force-lcp-renegotiation", L2TP, l2tp.force_lcp_renegotiation),
	TUNNEL_YES_NO("l2tp-data-use-seq", L2TP, l2tp.data_use_seq),
	TUNNEL_YES_NO("l2tp-require-ipsec", L2TP, l2tp.require_ipsec),
	TUNNEL_YES_NO("l2tp-ctrl-in-pktdump", L2TP, ctrl_in_pktdump),
	TUNNEL_YES_NO("l2tp-ctrl-out-pktdump", L2TP, ctrl_out_pktdump),
	TUNNEL_YES_NO("l2tp-data-in-pktdump", L2TP, data_in_pktdump),
	TUNNEL_YES_NO("l2tp-data-out-pktdump", L2TP, data_out_pktdump),
	TUNNEL_("pptp-hostname", PPTP, STRING, pptp.hostname, 0, STRING_MAX),
	TUNNEL_("pptp-vendor-name", PPTP, STRING, pptp.vendor_name, 0, STRING_MAX),
	TUNNEL_("pptp-echo-interval", PPTP, NUMBER, pptp.echo_interval, 0, 86400),
	TUNNEL_("pptp-echo-timeout", PPTP, NUMBER, pptp.echo_timeout, 1, 86400),
	TUNNEL_YES_NO("pptp-ctrl-in-pktdump", PPTP, ctrl_in_pktdump),
	TUNNEL_YES_NO("pptp-ctrl-out-pktdump", PPTP, ctrl_out_pktdump),
	TUNNEL_YES_NO("pptp-data-in-pktdump", PPTP, data_in_pktdump),
	TUNNEL_YES_NO("pptp-data-out-pktdump", PPTP, data_out_pktdump),

	RULE("pool-address", CONF_SCOPE_IPCP, 0),
	IPCP("dns-servers", DNS, dns, 0, NULL),
	IPCP("nbns-servers", SERVERS, nbns, 0, NULL),
	IPCP("allow-user-selected-address", SWITCH, allow_user_selected_address, 0, yes_no),
	IPCP("max-session", NUMBER, max_session, INT_MAX, NULL),

	AUTH("username-suffix", STRING, username_suffix, STRING_MAX, NULL),
	AUTH("username-prefix", STRING, username_prefix, STRING_MAX, NULL),
	AUTH("eap-capable", SWITCH, eap_capable, 0, yes_no),
	AUTH("strip-nt-domain", SWITCH, strip_nt_domain, 0, yes_no),
	AUTH("strip-atmark-realm", SWITCH, strip_atmark_realm, 0, yes_no),
	AUTH("users-file", STRING, users_file, 4095, NULL),
	AUTH("user-max-session", NUMBER, user_max_session, INT_MAX, NULL),
	AUTH_RADIUS("fallback", STRING, fallback, 1, 31, NULL),
	AUTH_RADIUS("acct-interim-interval", NUMBER, interim_interval, 0, 86400, NULL),
	AUTH_RADIUS("tunnel-accounting", SWITCH, tunnel_accounting, 0, 0, yes_no),
	RULE("authentication-server", CONF_SCOPE_AUTH, RADIUS),
	RULE("accounting-server", CONF_SCOPE_AUTH, RADIUS),

	RULE("address", CONF_SCOPE_SERVERS, 0),
	SERVERS_NUMBER("timeout", timeout, 1, 3600),
	SERVERS_NUMBER("max-tries", max_tries, 1, 255),
	SERVERS_NUMBER("max-failovers", max_failovers, 0, 255),
	SERVERS_NUMBER("dead-time", dead_time, 1, 86400),
	SERVERS_NUMBER("queue", queue, 1, 1000000),
	SERVERS_SWITCH("require-message-authenticator", require_message_authenticator, yes_no),
	SERVERS_("source-address", ADDRESS, source, 0, 0, NULL),
	SERVERS_SWITCH("transport", tls, transports),
	SERVERS_FILE("ca-file", ca_file),
	SERVERS_FILE("certificate", certificate),
	SERVERS_FILE("private-key", private_key),
	SERVERS_("server-name", STRING, server_name, 1, STRING_MAX, NULL),
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

static bool is_of(const struct conf_option *o, enum conf_scope scope, unsigned int kind)
{
	return o->scope == scope && (!o->kinds || (o->kinds & 1U << kind));
}

bool conf_option_known(const char *name)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++)
		if (options[i].kind != GRAMMAR && strcmp(options[i].name, name) == 0)
			return true;
	return false;
}

const struct conf_option *conf_option_find(enum conf_scope scope, unsigned int kind,
					   const char *name)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++)
		if (is_of(&options[i], scope, kind) && strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

void conf_option_list(FILE *out, enum conf_scope scope, unsigned int kind)
{
	const char *separator = "";
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		if (is_of(&options[i], scope, kind)) {
			fprintf(out, "%s%s", separator, options[i].name);
			separator = ", ";
		}
	}
}

/* ---- words to members ---- */

/* One message for every value that is wrong. */
static void expected(struct conf_parser *p, const struct conf_option *o,
		     const struct conf_word *word)
{
	char text[160] = "";
	const struct choice *c;
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (!out) {
		p->out_of_memory = true;
		return;
	}
	if (o->kind == NUMBER || o->kind == SHORT) {
		fprintf(out, "a number from %u to %u", o->min, o->max);
	} else if (o->choices) {
		fputs("one of ", out);
		for (c = o->choices; c->word; c++)
			fprintf(out, "%s%s", c == o->choices ? "" : ", ", c->word);
	} else if (o->kind == SERVERS || o->kind == DNS) {
		fprintf(out, "one or two IPv4 addresses%s", o->kind == DNS ? ", or resolver" : "");
	} else if (o->kind == ADDRESS) {
		fputs("an IPv4 or IPv6 address", out);
	} else if (o->kind == VLANS) {
		fputs("any, none, or VLAN ids as 7, 7-9, 7.100 or 7.*", out);
	} else if (o->kind == DELAYS) {
		fprintf(out,
			"DELAY[:SESSIONS] or DELAY:half-open:SESSIONS, of -1 to %d ms, ascending",
			CONF_DELAY_MAX_MS);
	} else if (o->kind == SPOOL) {
		fprintf(out, "a file, then nothing or size and 1 to %d megabytes",
			CONF_SPOOL_MB_MAX);
	} else if (o->kind == SECRETS) {
		fprintf(out, "text of %u to %u characters, then nothing or for ADDRESS[/LEN]",
			o->min, o->max);
	} else {
		fprintf(out, "text of %u to %u characters", o->min, o->max);
	}
	fclose(out);
	conf_error(p, word->line, "%s: wrong value \"%s\", expected %s", o->name,
		   o->kind == SECRETS ? "********" : conf_shown(p, word->text), text);
}

static const struct choice *choice_find(const struct choice *c, const char *word)
{
	for (; c->word; c++)
		if (strcmp(c->word, word) == 0)
			return c;
	return NULL;
}

static int set_string(struct conf_parser *p, const struct conf_option *o, char **string,
		      const char *text)
{
	char *copy;

	if (strlen(text) < o->min || strlen(text) > o->max)
		return -EINVAL;
	copy = conf_strdup(p, text);
	if (copy) {
		free(*string);
		*string = copy;
	}
	return 0;
}

static int add_name(struct conf_parser *p, const struct conf_option *o, struct conf_names *names,
		    const char *text)
{
	struct conf_name *n = conf_alloc(p, sizeof(*n));
	int r;

	if (!n)
		return 0;
	r = set_string(p, o, &n->name, text);
	if (r < 0 || !n->name)
		free(n);
	else
		STAILQ_INSERT_TAIL(names, n, entry);
	return r;
}

/* Kinds of one word. */
static int set_word(struct conf_parser *p, const struct conf_option *o, void *member,
		    const char *text)
{
	const struct choice *c = o->choices ? choice_find(o->choices, text) : NULL;
	unsigned int n;

	switch (o->kind) {
	case NUMBER:
		return conf_text_number(text, o->min, o->max, member);
	case SHORT:
		if (conf_text_number(text, o->min, o->max, &n) < 0)
			return -EINVAL;
		*(uint16_t *)member = (uint16_t)n;
		return 0;
	case SWITCH:
		if (!c)
			return -EINVAL;
		*(bool *)member = c->value;
		return 0;
	case CHOICE:
		if (!c)
			return -EINVAL;
		*(unsigned int *)member = c->value;
		return 0;
	case CHARS:
		if (strlen(text) > o->max)
			return -EINVAL;
		strcpy(member, text);
		return 0;
	case NAMES:
		return add_name(p, o, member, text);
	case ADDRESS:
		return conf_text_address(text, 0, member);
	default:
		return set_string(p, o, member, text);
	}
}

/* BOOLS and BITS: the words replace what was set before. */
static void set_several(struct conf_parser *p, const struct conf_option *o, char *base,
			const struct conf_words *words)
{
	const struct conf_word *w;
	const struct choice *c;
	unsigned int bits = 0;

	for (w = words->first; w; w = w->next) {
		c = choice_find(o->choices, w->text);
		if (!c) {
			expected(p, o, w);
			return;
		}
		bits |= o->kind == BITS ? c->value : 1U << (c - o->choices);
	}
	if (o->kind == BITS) {
		*(unsigned int *)(void *)(base + o->offset) = bits;
		return;
	}
	for (c = o->choices; c->word; c++)
		*(bool *)(base + c->value) = bits & 1U << (c - o->choices);
}

static void set_servers(struct conf_parser *p, const struct conf_option *o, void *base,
			const struct conf_words *words)
{
	struct in_addr *member = (void *)((char *)base + o->offset);
	struct in_addr found[2] = { { 0 } };
	bool resolver = o->kind == DNS && words->first == words->last &&
			strcmp(words->first->text, "resolver") == 0;
	const struct conf_word *w;
	unsigned int n = 0;

	for (w = words->first; w && !resolver; w = w->next) {
		if (n == 2 || conf_text_in4(w->text, &found[n++]) < 0) {
			expected(p, o, w);
			return;
		}
	}
	memcpy(member, found, sizeof(found));
	if (o->kind == DNS)
		((struct conf_ipcp *)base)->dns_resolver = resolver;
}

static int secret_for(const struct conf_words *words, struct conf_l2tp_secret *secret)
{
	const struct conf_word *w = words->first->next;

	if (!w)
		return 0;
	if (strcmp(w->text, "for") != 0 || !w->next || w->next != words->last)
		return -EINVAL;
	return conf_text_net(words->last->text, &secret->net, &secret->prefix);
}

static bool same_net(const struct conf_l2tp_secret *a, const struct conf_l2tp_secret *b)
{
	return a->prefix == b->prefix && memcmp(&a->net, &b->net, sizeof(a->net)) == 0;
}

static void add_secret(struct conf_parser *p, const struct conf_option *o,
		       struct conf_l2tp_secrets *secrets, const struct conf_words *words)
{
	struct conf_l2tp_secret *s = conf_alloc(p, sizeof(*s)), *other;

	if (!s)
		return;
	if (secret_for(words, s) < 0 || set_string(p, o, &s->secret, words->first->text) < 0) {
		expected(p, o, words->first);
		free(s);
		return;
	}
	STAILQ_FOREACH(other, secrets, entry)
		if (same_net(other, s))
			conf_error(p, words->first->line,
				   "%s: a second one for the same peers, "
				   "expected for ADDRESS[/LEN]",
				   o->name);
	STAILQ_INSERT_TAIL(secrets, s, entry);
}

void conf_option_set(struct conf_parser *p, const struct conf_option *o, void *base,
		     const struct conf_word *name, const struct conf_words *words)
{
	void *member = (char *)base + o->offset;
	const struct conf_word *wrong;
	int r;

	switch (o->kind) {
	case BOOLS:
	case BITS:
		set_several(p, o, base, words);
		return;
	case SERVERS:
	case DNS:
		set_servers(p, o, base, words);
		return;
	case VLANS:
		r = conf_vlans_set(member, words, &wrong);
		if (r == -ENOMEM)
			p->out_of_memory = true;
		else if (r < 0)
			expected(p, o, wrong);
		return;
	case DELAYS:
		if (conf_delays_set(member, words, &wrong) < 0)
			expected(p, o, wrong);
		return;
	case SPOOL:
		if (conf_spool_set(p, member, words, &wrong) < 0)
			expected(p, o, wrong);
		return;
	case SECRETS:
		add_secret(p, o, member, words);
		return;
	default:
		if (words->first != words->last)
			conf_error(p, name->line, "%s: unexpected \"%s\", expected one value only",
				   o->name, conf_shown(p, words->first->next->text));
		else if (set_word(p, o, member, words->first->text) < 0)
			expected(p, o, words->first);
	}
}

/* ---- members to words ---- */

static void print_choices(FILE *out, const struct conf_option *o, const char *base)
{
	const unsigned int *bits = (const void *)(base + o->offset);
	const char *separator = "";
	const struct choice *c;

	for (c = o->choices; c->word; c++) {
		if (o->kind == BITS ? *bits & c->value : *(const bool *)(base + c->value)) {
			fprintf(out, "%s%s", separator, c->word);
			separator = " ";
		}
	}
}

static void print_servers(FILE *out, const struct in_addr *servers)
{
	char text[INET_ADDRSTRLEN];
	unsigned int i;

	for (i = 0; i < 2 && servers[i].s_addr; i++)
		fprintf(out, "%s%s", i ? " " : "",
			inet_ntop(AF_INET, &servers[i], text, sizeof(text)));
}

static void print_choice(FILE *out, const struct conf_option *o, unsigned int value)
{
	const struct choice *c;

	for (c = o->choices; c->word; c++)
		if (c->value == value)
			fputs(c->word, out);
}

/* Nothing is written for a value that is not set. */
static void print_value(FILE *out, const struct conf_option *o, const void *base)
{
	const void *member = (const char *)base + o->offset;
	const char *string;

	switch (o->kind) {
	case NUMBER:
		fprintf(out, "%u", *(const unsigned int *)member);
		break;
	case SHORT:
		fprintf(out, "%u", *(const uint16_t *)member);
		break;
	case SWITCH:
		print_choice(out, o, *(const bool *)member);
		break;
	case CHOICE:
		print_choice(out, o, *(const unsigned int *)member);
		break;
	case BOOLS:
	case BITS:
		print_choices(out, o, base);
		break;
	case STRING:
		string = *(char *const *)member;
		if (string)
			conf_text_print(out, string, true);
		break;
	case CHARS:
		if (*(const char *)member)
			conf_text_print(out, member, true);
		break;
	case DNS:
		if (((const struct conf_ipcp *)base)->dns_resolver)
			fputs("resolver", out);
		else
			print_servers(out, member);
		break;
	case SERVERS:
		print_servers(out, member);
		break;
	case VLANS:
		conf_vlans_print(out, member);
		break;
	case DELAYS:
		conf_delays_print(out, member);
		break;
	case SPOOL:
		conf_spool_print(out, member);
		break;
	case ADDRESS:
		if (((const struct sockaddr_storage *)member)->ss_family != AF_UNSPEC)
			conf_text_print_address(out, member, 0);
		break;
	case GRAMMAR:
	case NAMES:
	case SECRETS:
		break;
	}
}

static void print_names(FILE *out, const struct conf_option *o, const struct conf_names *names)
{
	const struct conf_name *n;

	STAILQ_FOREACH(n, names, entry) {
		fprintf(out, "\t%s ", o->name);
		conf_text_print(out, n->name, true);
		fputs("\n", out);
	}
}

static void print_secrets(FILE *out, const struct conf_option *o,
			  const struct conf_l2tp_secrets *secrets, bool show)
{
	const struct conf_l2tp_secret *s;

	STAILQ_FOREACH(s, secrets, entry) {
		fprintf(out, "\t%s ", o->name);
		conf_text_print(out, show && s->secret ? s->secret : "********", true);
		if (s->net.ss_family != AF_UNSPEC) {
			fputs(" for ", out);
			conf_text_print_net(out, &s->net, s->prefix);
		}
		fputs("\n", out);
	}
}

struct printer {
	FILE *out;
	const char *lead; /* of each line */
	const void *base, *defaults;
	FILE *scratch; /* writes text */
	char *text;
	size_t size;
};

/* Prints the option's line if its value is not the usual one. */
static void print_option(struct printer *p, const struct conf_option *o)
{
	long usual;

	rewind(p->scratch);
	print_value(p->scratch, o, p->base);
	fputc('\0', p->scratch);
	usual = ftell(p->scratch);
	print_value(p->scratch, o, p->defaults);
	fputc('\0', p->scratch);
	if (fflush(p->scratch) == 0 && *p->text && strcmp(p->text, p->text + usual) != 0)
		fprintf(p->out, "%s%s %s\n", p->lead, o->name, p->text);
}

void conf_option_print(FILE *out, enum conf_scope scope, unsigned int kind, const void *base,
		       const void *defaults, bool show_secrets)
{
	struct printer p = {
		.out = out,
		.lead = scope == CONF_SCOPE_SET       ? "set "
			: scope == CONF_SCOPE_DAE     ? "radius dae "
			: scope == CONF_SCOPE_RADIUS  ? "radius "
			: scope == CONF_SCOPE_SERVERS ? "\t\t"
						      : "\t",
		.base = base,
		.defaults = defaults,
	};
	size_t i;

	p.scratch = open_memstream(&p.text, &p.size);
	if (!p.scratch)
		return;
	for (i = 0; i < N_OPTIONS; i++) {
		const struct conf_option *o = &options[i];

		if (!is_of(o, scope, kind))
			continue;
		if (o->kind == NAMES)
			print_names(out, o, (const void *)((const char *)base + o->offset));
		else if (o->kind == SECRETS)
			print_secrets(out, o, (const void *)((const char *)base + o->offset),
				      show_secrets);
		else
			print_option(&p, o);
	}
	fclose(p.scratch);
	free(p.text);
}
