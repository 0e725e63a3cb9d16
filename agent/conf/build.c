/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/build.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/cpu_list.h"
#include "conf/init.h"
#include "conf/parser.h"
#include "conf/text.h"

#define CONCENTRATOR_MAX 12 /* "-dp" must fit behind it */
#define NAME_MAX_CONF 31
#define SECRET_MAX 127
#define NAS_ID_MAX 253

/* The name of a statement: new, and of a length that can be shown. */
static bool name_ok(struct conf_parser *p, const char *statement, const struct conf_word *name,
		    bool taken)
{
	if (name->text[0] == '\0' || name->len > NAME_MAX_CONF) {
		conf_error(p, name->line, "%s: wrong name \"%s\", expected 1 to %d characters",
			   statement, conf_shown(p, name->text), NAME_MAX_CONF);
		return false;
	}
	if (taken)
		conf_error(p, name->line, "%s \"%s\" is there already, expected another name",
			   statement, conf_shown(p, name->text));
	return !taken;
}

static bool device_ok(struct conf_parser *p, const struct conf_word *name, size_t max)
{
	bool ok = conf_text_is_device(name->text, max);

	if (!ok)
		conf_error(p, name->line,
			   "wrong interface \"%s\", expected a name of 1 to %zu characters",
			   conf_shown(p, name->text), max);
	return ok;
}

static bool port_ok(struct conf_parser *p, const struct conf_word *word, unsigned int usual,
		    unsigned int *port)
{
	*port = usual;
	if (!word || conf_text_number(word->text, 1, 65535, port) == 0)
		return true;
	conf_error(p, word->line, "wrong port \"%s\", expected a number from 1 to 65535",
		   conf_shown(p, word->text));
	return false;
}

/* A new element for a list of addresses; NULL if anything is wrong with it. */
static struct conf_addr *addr_new(struct conf_parser *p, const struct conf_word *address,
				  const struct conf_word *port, unsigned int usual,
				  const struct conf_word *secret)
{
	struct sockaddr_storage storage;
	struct conf_addr *a;
	unsigned int number;

	if (!port_ok(p, port, usual, &number))
		return NULL;
	if (conf_text_address(address->text, (uint16_t)number, &storage) < 0) {
		conf_error(p, address->line,
			   "wrong address \"%s\", expected an IPv4 or IPv6 address",
			   conf_shown(p, address->text));
		return NULL;
	}
	if (secret && (secret->len < 1 || secret->len > SECRET_MAX)) {
		conf_error(p, secret->line,
			   "secret is too long or empty, expected 1 to %d characters", SECRET_MAX);
		return NULL;
	}
	a = conf_alloc(p, sizeof(*a));
	if (!a)
		return NULL;
	a->addr = storage;
	if (secret)
		a->secret = conf_strdup(p, secret->text);
	return a;
}

/* Adds it to a list that has each but once; NULL is fine. */
static void addr_add(struct conf_parser *p, struct conf_addrs *list, struct conf_addr *a,
		     const struct conf_word *address)
{
	const struct conf_addr *other;

	STAILQ_FOREACH(other, list, entry) {
		if (!a || memcmp(&other->addr, &a->addr, sizeof(a->addr)) != 0)
			continue;
		conf_error(p, address->line, "\"%s\" is there already, expected another address",
			   conf_shown(p, address->text));
		conf_secret_free(a->secret);
		free(a);
		return;
	}
	if (a)
		STAILQ_INSERT_TAIL(list, a, entry);
}

/* ---- statements ---- */

void conf_build_set(struct conf_parser *p, const struct conf_word *name,
		    const struct conf_words *words)
{
	const struct conf_option *option = conf_option_find(CONF_SCOPE_SET, 0, name->text);

	if (option)
		conf_option_set(p, option, p->conf, name, words);
	else
		conf_error(p, name->line,
			   "\"%s\" cannot be set, expected max-session, max-half-open, "
			   "user-max-session, control-group or metrics",
			   conf_shown(p, name->text));
}

void conf_build_metrics_listen(struct conf_parser *p, const struct conf_word *address,
			       const struct conf_word *port)
{
	struct conf_addr *a = addr_new(p, address, port, CONF_PORT_METRICS, NULL);

	if (a)
		STAILQ_INSERT_TAIL(&p->conf->metrics_listen, a, entry);
}

void conf_build_nas_id(struct conf_parser *p, const struct conf_word *id)
{
	if (id->len < 1 || id->len > NAS_ID_MAX) {
		conf_error(p, id->line, "wrong nas-id, expected 1 to %d characters", NAS_ID_MAX);
		return;
	}
	free(p->conf->nas_id);
	p->conf->nas_id = conf_strdup(p, id->text);
}

void conf_build_radius(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_words *words)
{
	const struct conf_option *option = conf_option_find(CONF_SCOPE_RADIUS, 0, name->text);

	if (option)
		conf_option_set(p, option, p->conf, name, words);
	else
		conf_error(p, name->line,
			   "\"%s\" is no option of radius, expected nas-id, nas-address, "
			   "dictionary-directory, spool or dae",
			   conf_shown(p, name->text));
}

void conf_build_dae_listen(struct conf_parser *p, const struct conf_word *address,
			   const struct conf_word *port)
{
	struct conf_addr *a = addr_new(p, address, port, CONF_PORT_RADIUS_DAE, NULL);

	addr_add(p, &p->conf->dae_listen, a, address);
}

void conf_build_dae_client(struct conf_parser *p, const struct conf_word *address,
			   const struct conf_word *secret)
{
	struct conf_addr *a = addr_new(p, address, NULL, 0, secret);

	addr_add(p, &p->conf->dae_clients, a, address);
}

void conf_build_dae(struct conf_parser *p, const struct conf_word *name,
		    const struct conf_words *words)
{
	const struct conf_option *option = conf_option_find(CONF_SCOPE_DAE, 0, name->text);

	if (option)
		conf_option_set(p, option, p->conf, name, words);
	else
		conf_error(p, name->line,
			   "\"%s\" is no option of radius dae, expected listen, client, "
			   "event-timestamp-window, require-event-timestamp or "
			   "require-message-authenticator",
			   conf_shown(p, name->text));
}

void conf_build_interface(struct conf_parser *p, const struct conf_word *name,
			  const struct conf_word *address, const struct conf_word *ipcp)
{
	struct conf_reference *reference;
	struct conf_interface *i;
	struct in_addr in;

	if (!device_ok(p, name, CONCENTRATOR_MAX) ||
	    !name_ok(p, "interface", name, CONF_FIND(&p->conf->interfaces, conf_interface, name)))
		return;
	if (conf_text_in4(address->text, &in) < 0 || !in.s_addr) {
		conf_error(p, address->line, "wrong address \"%s\", expected an IPv4 address",
			   conf_shown(p, address->text));
		return;
	}
	i = conf_alloc(p, sizeof(*i));
	reference = conf_alloc(p, sizeof(*reference));
	if (!i || !reference) {
		free(i);
		free(reference);
		return;
	}
	i->line = name->line;
	strcpy(i->name, name->text);
	i->address = in;
	STAILQ_INSERT_TAIL(&p->conf->interfaces, i, entry);
	reference->interface = i;
	reference->ipcp = ipcp;
	STAILQ_INSERT_TAIL(&p->references, reference, entry);
}

void conf_build_bind(struct conf_parser *p, const struct conf_word *at,
		     const struct conf_word *tunnel, const struct conf_word *auth,
		     const struct conf_word *interface)
{
	struct conf_reference *reference = conf_alloc(p, sizeof(*reference));
	struct conf_bind *b = conf_alloc(p, sizeof(*b));

	if (!reference || !b) {
		free(reference);
		free(b);
		return;
	}
	b->line = at->line;
	STAILQ_INSERT_TAIL(&p->conf->binds, b, entry);
	reference->bind = b;
	reference->tunnel = tunnel;
	reference->auth = auth;
	reference->to = interface;
	STAILQ_INSERT_TAIL(&p->references, reference, entry);
}

void conf_build_attach(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *mode, const struct conf_words *cpus)
{
	const struct conf_word *wrong;
	enum conf_mode m = CONF_MODE_AUTO;
	struct conf_attach *a;

	if (!device_ok(p, name, IFNAMSIZ - 1) ||
	    !name_ok(p, "attach", name, CONF_FIND(&p->conf->attaches, conf_attach, name)))
		return;
	while (mode && m <= CONF_MODE_TC && strcmp(conf_mode_name(m), mode->text) != 0)
		m++;
	if (m > CONF_MODE_TC) {
		conf_error(p, mode->line,
			   "unknown mode \"%s\", expected one of auto, native, generic, tc",
			   conf_shown(p, mode->text));
		return;
	}
	a = conf_alloc(p, sizeof(*a));
	if (!a)
		return;
	a->line = name->line;
	strcpy(a->name, name->text);
	a->mode = m;
	if (cpu_list_parse(cpus, &a->pppoe_cpus, &wrong) < 0)
		conf_error(p, wrong->line,
			   "\"%s\" is wrong here, expected numbers or ranges of CPUs, each once",
			   conf_shown(p, wrong->text));
	STAILQ_INSERT_TAIL(&p->conf->attaches, a, entry);
}

/* The last definition counts. */
void conf_build_macro(struct conf_parser *p, const struct conf_word *name,
		      const struct conf_word *value)
{
	struct conf_macro *m = conf_alloc(p, sizeof(*m));

	if (!m)
		return;
	m->name = name;
	m->value = value;
	STAILQ_INSERT_HEAD(&p->macros, m, entry);
}

/* ---- blocks ---- */

void conf_build_skip(struct conf_parser *p)
{
	p->skip++;
}

void conf_build_tunnel(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *protocol)
{
	enum conf_protocol proto = CONF_PPPOE;
	struct conf_tunnel *t = NULL;

	while (proto <= CONF_PPTP && strcmp(conf_protocol_name(proto), protocol->text) != 0)
		proto++;
	if (proto > CONF_PPTP)
		conf_error(p, protocol->line,
			   "unknown protocol \"%s\", expected one of pppoe, l2tp, pptp",
			   conf_shown(p, protocol->text));
	else if (name_ok(p, "tunnel", name, CONF_FIND(&p->conf->tunnels, conf_tunnel, name)))
		t = conf_alloc(p, sizeof(*t));
	if (!t) {
		conf_build_skip(p);
		return;
	}
	conf_tunnel_init(t, proto);
	t->line = name->line;
	t->conf = p->conf;
	t->name = conf_strdup(p, name->text);
	STAILQ_INSERT_TAIL(&p->conf->tunnels, t, entry);
	p->tunnel = t;
	p->scope = CONF_SCOPE_TUNNEL;
}

void conf_build_ipcp(struct conf_parser *p, const struct conf_word *name)
{
	struct conf_ipcp *i = NULL;

	if (name_ok(p, "ipcp", name, CONF_FIND(&p->conf->ipcps, conf_ipcp, name)))
		i = conf_alloc(p, sizeof(*i));
	if (!i) {
		conf_build_skip(p);
		return;
	}
	conf_ipcp_init(i);
	i->line = name->line;
	i->name = conf_strdup(p, name->text);
	STAILQ_INSERT_TAIL(&p->conf->ipcps, i, entry);
	p->ipcp = i;
	p->scope = CONF_SCOPE_IPCP;
}

void conf_build_auth(struct conf_parser *p, const struct conf_word *name,
		     const struct conf_word *type)
{
	bool local = strcmp(type->text, "local") == 0;
	struct conf_auth *a = NULL;

	if (!local && strcmp(type->text, "radius") != 0)
		conf_error(p, type->line, "unknown type \"%s\", expected local or radius",
			   conf_shown(p, type->text));
	else if (name_ok(p, "authentication", name, CONF_FIND(&p->conf->auths, conf_auth, name)))
		a = conf_alloc(p, sizeof(*a));
	if (!a) {
		conf_build_skip(p);
		return;
	}
	conf_auth_init(a, local ? CONF_AUTH_LOCAL : CONF_AUTH_RADIUS);
	a->line = name->line;
	a->name = conf_strdup(p, name->text);
	a->username_suffix = conf_strdup(p, "");
	a->username_prefix = conf_strdup(p, "");
	STAILQ_INSERT_TAIL(&p->conf->auths, a, entry);
	p->auth = a;
	p->scope = CONF_SCOPE_AUTH;
}

/* Ports and secrets that are not named: what is usual depends on the transport. */
static void close_servers(struct conf_parser *p)
{
	in_port_t port = htons(p->servers->tls                      ? CONF_PORT_RADSEC
			       : p->servers == &p->auth->accounting ? CONF_PORT_RADIUS_ACCT
								    : CONF_PORT_RADIUS_AUTH);
	struct conf_addr *a;

	STAILQ_FOREACH(a, &p->servers->servers, entry) {
		/* sin_port and sin6_port are in the same place */
		if (((struct sockaddr_in *)&a->addr)->sin_port == 0)
			((struct sockaddr_in *)&a->addr)->sin_port = port;
		if (a->secret)
			continue;
		if (!p->servers->tls)
			conf_error(p, p->line, "an address has no secret, expected secret STRING");
		a->secret = conf_strdup(p, CONF_SECRET_RADSEC);
	}
}

void conf_build_close(struct conf_parser *p)
{
	if (p->skip) {
		p->skip--;
	} else if (p->scope == CONF_SCOPE_SERVERS) {
		close_servers(p);
		p->scope = CONF_SCOPE_AUTH;
	} else {
		p->scope = CONF_SCOPE_NONE;
	}
}

/* ---- options ---- */

/* The struct of the open block, and which kind of it, as conf_option_find() takes it. */
static void *scope_base(const struct conf_parser *p, unsigned int *kind)
{
	*kind = 0;
	switch (p->scope) {
	case CONF_SCOPE_TUNNEL:
		*kind = p->tunnel->protocol;
		return p->tunnel;
	case CONF_SCOPE_IPCP:
		return p->ipcp;
	case CONF_SCOPE_AUTH:
		*kind = p->auth->type;
		return p->auth;
	case CONF_SCOPE_SERVERS:
		return p->servers;
	default:
		return NULL;
	}
}

static const char *scope_name(const struct conf_parser *p)
{
	switch (p->scope) {
	case CONF_SCOPE_TUNNEL:
		return conf_protocol_name(p->tunnel->protocol);
	case CONF_SCOPE_IPCP:
		return "ipcp";
	case CONF_SCOPE_AUTH:
		return p->auth->type == CONF_AUTH_LOCAL ? "local authentication"
							: "radius authentication";
	default:
		return "a server";
	}
}

/* The caller frees it. */
static char *scope_options(struct conf_parser *p)
{
	unsigned int kind;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		scope_base(p, &kind);
		conf_option_list(out, p->scope, kind);
		fclose(out);
	}
	if (!text)
		p->out_of_memory = true;
	return text;
}

/* The option if the open block has it; otherwise reports, unless the block is skipped. */
static const struct conf_option *scope_option(struct conf_parser *p, const struct conf_word *name)
{
	const struct conf_option *option;
	unsigned int kind;
	char *text;

	if (p->skip)
		return NULL;
	scope_base(p, &kind);
	option = conf_option_find(p->scope, kind, name->text);
	if (option)
		return option;
	text = scope_options(p);
	if (text)
		conf_error(p, name->line, "\"%s\" is no option of %s, expected one of %s",
			   name->text, scope_name(p), text);
	free(text);
	return NULL;
}

void conf_build_option(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_words *words)
{
	const struct conf_option *option = scope_option(p, name);
	unsigned int kind;

	if (option)
		conf_option_set(p, option, scope_base(p, &kind), name, words);
}

void conf_build_listen(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *address, const struct conf_word *port)
{
	struct conf_tunnel *t;
	struct conf_addr *a;

	if (!scope_option(p, name))
		return;
	t = p->tunnel;
	if (t->protocol == CONF_PPPOE) {
		conf_error(p, name->line, "pppoe cannot listen on \"%s\", expected interface NAME",
			   conf_shown(p, address->text));
		return;
	}
	a = addr_new(p, address, port, t->protocol == CONF_L2TP ? CONF_PORT_L2TP : CONF_PORT_PPTP,
		     NULL);
	if (!a)
		return;
	STAILQ_INSERT_TAIL(t->protocol == CONF_L2TP ? &t->l2tp.listen : &t->pptp.listen, a, entry);
	if (t->protocol == CONF_PPTP && a->addr.ss_family != AF_INET)
		conf_error(p, address->line,
			   "pptp cannot listen on \"%s\", expected an IPv4 address",
			   conf_shown(p, address->text));
}

void conf_build_listen_on_interface(struct conf_parser *p, const struct conf_word *name,
				    const struct conf_word *interface)
{
	struct conf_name *n;

	if (!scope_option(p, name))
		return;
	if (p->tunnel->protocol != CONF_PPPOE) {
		conf_error(p, name->line, "%s cannot listen on an interface, expected an address",
			   scope_name(p));
		return;
	}
	if (!device_ok(p, interface, IFNAMSIZ - 1) ||
	    !name_ok(p, "interface", interface,
		     CONF_FIND(&p->tunnel->pppoe.interfaces, conf_name, interface)))
		return;
	n = conf_alloc(p, sizeof(*n));
	if (!n)
		return;
	n->name = conf_strdup(p, interface->text);
	STAILQ_INSERT_TAIL(&p->tunnel->pppoe.interfaces, n, entry);
}

void conf_build_pool(struct conf_parser *p, const struct conf_word *name,
		     const struct conf_word *range, const struct conf_word *kind)
{
	struct conf_range parsed, *r;
	bool is_static = kind && strcmp(kind->text, "static") == 0;

	if (!scope_option(p, name))
		return;
	if (kind && !is_static && strcmp(kind->text, "dynamic") != 0) {
		conf_error(p, kind->line, "unknown kind of pool \"%s\", expected dynamic or static",
			   conf_shown(p, kind->text));
		return;
	}
	if (conf_text_range(range->text, &parsed) < 0) {
		conf_error(p, range->line,
			   "wrong pool-address \"%s\", expected ADDRESS-ADDRESS or "
			   "ADDRESS/LENGTH",
			   conf_shown(p, range->text));
		return;
	}
	r = conf_alloc(p, sizeof(*r));
	if (!r)
		return;
	*r = parsed;
	r->line = range->line;
	r->is_static = is_static;
	STAILQ_INSERT_TAIL(&p->ipcp->ranges, r, entry);
}

void conf_build_servers(struct conf_parser *p, const struct conf_word *which)
{
	if (!scope_option(p, which)) {
		conf_build_skip(p);
		return;
	}
	p->servers = strcmp(which->text, "accounting-server") == 0 ? &p->auth->accounting
								   : &p->auth->authentication;
	p->scope = CONF_SCOPE_SERVERS;
}

void conf_build_server(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *address, const struct conf_word *port,
		       const struct conf_word *secret)
{
	struct conf_addr *a;

	if (!scope_option(p, name))
		return;
	a = addr_new(p, address, port, 0, secret);
	if (a)
		STAILQ_INSERT_TAIL(&p->servers->servers, a, entry);
}

/* ---- syntax errors ---- */

static bool is_among(const char *const *names, int n, const char *name)
{
	while (n--)
		if (strcmp(names[n], name) == 0)
			return true;
	return false;
}

/* Names of tokens as "a, b, c", from a long list keywords only; the caller frees it. */
static char *join(struct conf_parser *p, const char *const *names, int n)
{
	char *text = NULL;
	size_t size;
	const char *separator = "";
	FILE *out = open_memstream(&text, &size);
	int i;

	for (i = 0; out && i < n; i++) {
		if (n > 3 && strchr(names[i], ' '))
			continue;
		fprintf(out, "%s%s", separator, names[i]);
		separator = ", ";
	}
	if (out)
		fclose(out);
	if (!text)
		p->out_of_memory = true;
	return text;
}

void conf_build_unexpected(struct conf_parser *p, const char *const *expected, int n)
{
	bool option = is_among(expected, n, "an option"), word = is_among(expected, n, "a word");
	bool bare = strcmp(p->last, "end of line") == 0 || strcmp(p->last, "end of file") == 0;
	const char *quote = bare ? "" : "\"";
	char *text;

	if (p->broken_line == p->last_line)
		return;
	if (option && !word && p->skip)
		return; /* whose block it is, is not known: its header has been reported */
	if (option && word)
		text = conf_strdup(p, "a name or a value");
	else if (is_among(expected, n, "}") && strcmp(p->last, "end of file") == 0)
		text = conf_strdup(p, "}");
	else if (option && p->scope != CONF_SCOPE_NONE)
		text = scope_options(p);
	else
		text = join(p, expected, n);
	if (!text)
		return;
	conf_error(p, p->last_line, "%s %s%s%s, expected %s%s",
		   p->last_is_word && !word ? "unknown keyword" : "unexpected", quote,
		   conf_shown(p, p->last), quote, strpbrk(text, ",") ? "one of " : "", text);
	free(text);
}
