/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/cpu_list.h"
#include "conf/init.h"
#include "conf/option.h"
#include "conf/text.h"

static const char *const protocol_names[] = {
	[CONF_PPPOE] = "pppoe",
	[CONF_L2TP] = "l2tp",
	[CONF_PPTP] = "pptp",
};
static const char *const mode_names[] = {
	[CONF_MODE_AUTO] = "auto",
	[CONF_MODE_NATIVE] = "native",
	[CONF_MODE_GENERIC] = "generic",
	[CONF_MODE_TC] = "tc",
};

const char *conf_protocol_name(enum conf_protocol protocol)
{
	return protocol_names[protocol];
}

const char *conf_mode_name(enum conf_mode mode)
{
	return mode_names[mode];
}

/* A line's words: text as it is, and names. */
static void print_named(FILE *out, const char *text, const char *name)
{
	fputs(text, out);
	conf_text_print(out, name, false);
}

static void print_secret(FILE *out, const char *secret, bool show)
{
	fputs(" secret ", out);
	conf_text_print(out, show ? secret : "********", true);
}

static void print_global(const struct conf *conf, FILE *out, bool show_secrets)
{
	const struct conf_addr *a;
	struct conf defaults;

	conf_init(&defaults);
	conf_option_print(out, CONF_SCOPE_SET, 0, conf, &defaults, show_secrets);
	STAILQ_FOREACH(a, &conf->metrics_listen, entry) {
		fputs("set metrics listen on ", out);
		conf_text_print_address(out, &a->addr, CONF_PORT_METRICS);
		fputs("\n", out);
	}
	if (conf->nas_id) {
		fputs("radius nas-id ", out);
		conf_text_print(out, conf->nas_id, true);
		fputs("\n", out);
	}
	conf_option_print(out, CONF_SCOPE_RADIUS, 0, conf, &defaults, show_secrets);
	STAILQ_FOREACH(a, &conf->dae_listen, entry) {
		fputs("radius dae listen on ", out);
		conf_text_print_address(out, &a->addr, CONF_PORT_RADIUS_DAE);
		fputs("\n", out);
	}
	STAILQ_FOREACH(a, &conf->dae_clients, entry) {
		fputs("radius dae client ", out);
		conf_text_print_address(out, &a->addr, 0);
		print_secret(out, a->secret, show_secrets);
		fputs("\n", out);
	}
	conf_option_print(out, CONF_SCOPE_DAE, 0, conf, &defaults, show_secrets);
}

static void print_listen(FILE *out, const struct conf_addrs *addrs, uint16_t port)
{
	const struct conf_addr *a;

	STAILQ_FOREACH(a, addrs, entry) {
		fputs("\tlisten on ", out);
		conf_text_print_address(out, &a->addr, port);
		fputs("\n", out);
	}
}

static void print_tunnel(const struct conf_tunnel *t, FILE *out, bool show_secrets)
{
	struct conf_tunnel defaults;
	const struct conf_name *n;

	conf_tunnel_init(&defaults, t->protocol);
	print_named(out, "tunnel ", t->name);
	fprintf(out, " protocol %s {\n", conf_protocol_name(t->protocol));
	STAILQ_FOREACH(n, &t->pppoe.interfaces, entry) {
		print_named(out, "\tlisten on interface ", n->name);
		fputs("\n", out);
	}
	print_listen(out, &t->l2tp.listen, CONF_PORT_L2TP);
	print_listen(out, &t->pptp.listen, CONF_PORT_PPTP);
	conf_option_print(out, CONF_SCOPE_TUNNEL, t->protocol, t, &defaults, show_secrets);
	fputs("}\n", out);
}

static void print_ipcp(const struct conf_ipcp *ipcp, FILE *out)
{
	const struct conf_range *r;
	struct conf_ipcp defaults;

	conf_ipcp_init(&defaults);
	print_named(out, "ipcp ", ipcp->name);
	fputs(" {\n", out);
	STAILQ_FOREACH(r, &ipcp->ranges, entry) {
		fputs("\tpool-address ", out);
		conf_text_print_range(out, r);
		fputs(r->is_static ? " for static\n" : "\n", out);
	}
	conf_option_print(out, CONF_SCOPE_IPCP, 0, ipcp, &defaults, false);
	fputs("}\n", out);
}

static void print_servers(const struct conf_servers *servers, const struct conf_servers *defaults,
			  const char *name, uint16_t port, FILE *out, bool show_secrets)
{
	uint16_t usual = servers->tls ? CONF_PORT_RADSEC : port;
	const struct conf_addr *a;

	fprintf(out, "\t%s {\n", name);
	STAILQ_FOREACH(a, &servers->servers, entry) {
		fputs("\t\taddress ", out);
		conf_text_print_address(out, &a->addr, usual);
		print_secret(out, a->secret, show_secrets);
		fputs("\n", out);
	}
	conf_option_print(out, CONF_SCOPE_SERVERS, 0, servers, defaults, show_secrets);
	fputs("\t}\n", out);
}

static void print_auth(const struct conf_auth *a, FILE *out, bool show_secrets)
{
	struct conf_auth defaults;

	conf_auth_init(&defaults, a->type);
	print_named(out, "authentication ", a->name);
	fprintf(out, " type %s {\n", a->type == CONF_AUTH_LOCAL ? "local" : "radius");
	defaults.username_suffix = defaults.username_prefix = "";
	conf_option_print(out, CONF_SCOPE_AUTH, a->type, a, &defaults, show_secrets);
	if (a->type == CONF_AUTH_RADIUS) {
		print_servers(&a->authentication, &defaults.authentication, "authentication-server",
			      CONF_PORT_RADIUS_AUTH, out, show_secrets);
		print_servers(&a->accounting, &defaults.accounting, "accounting-server",
			      CONF_PORT_RADIUS_ACCT, out, show_secrets);
	}
	fputs("}\n", out);
}

static void print_interface(const struct conf_interface *i, FILE *out)
{
	char text[INET_ADDRSTRLEN];

	print_named(out, "interface ", i->name);
	fprintf(out, " address %s", inet_ntop(AF_INET, &i->address, text, sizeof(text)));
	print_named(out, " ipcp ", i->ipcp->name);
	fputs("\n", out);
}

static void print_bind(const struct conf_bind *b, FILE *out)
{
	print_named(out, "bind tunnel from ", b->tunnel->name);
	print_named(out, " authenticated by ", b->auth->name);
	print_named(out, " to ", b->interface->name);
	fputs("\n", out);
}

void conf_print(const struct conf *conf, FILE *out, bool show_secrets)
{
	const struct conf_interface *i;
	const struct conf_tunnel *t;
	const struct conf_attach *at;
	const struct conf_ipcp *ipcp;
	const struct conf_auth *a;
	const struct conf_bind *b;
	char cpus[CPU_LIST_TEXT];

	print_global(conf, out, show_secrets);
	STAILQ_FOREACH(t, &conf->tunnels, entry)
		print_tunnel(t, out, show_secrets);
	STAILQ_FOREACH(ipcp, &conf->ipcps, entry)
		print_ipcp(ipcp, out);
	STAILQ_FOREACH(i, &conf->interfaces, entry)
		print_interface(i, out);
	STAILQ_FOREACH(a, &conf->auths, entry)
		print_auth(a, out, show_secrets);
	STAILQ_FOREACH(b, &conf->binds, entry)
		print_bind(b, out);
	STAILQ_FOREACH(at, &conf->attaches, entry) {
		print_named(out, "attach interface ", at->name);
		if (at->mode != CONF_MODE_AUTO)
			fprintf(out, " mode %s", conf_mode_name(at->mode));
		cpu_list_print(&at->pppoe_cpus, cpus, sizeof(cpus));
		fprintf(out, *cpus ? " pppoe-cpus %s\n" : "%s\n", cpus);
	}
}
