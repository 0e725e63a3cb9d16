/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What can be judged only when the whole text is known. Statements that no `bind` leads to
 * are kept but not used, and are judged for themselves only.
 */
#include <arpa/inet.h>
#include <linux/types.h>
#include <string.h>
#include <xpppd/map.h>

#include "conf/conf.h"
#include "conf/cpu_list.h"
#include "conf/init.h"
#include "conf/parser.h"
#include "conf/text.h"
#include "conf/vlans.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define PAYLOAD_MIN 1492

static void undefined(struct conf_parser *p, const char *statement, const struct conf_word *name)
{
	conf_error(p, name->line, "%s \"%s\" is not there, expected the name of another statement",
		   statement, conf_shown(p, name->text));
}

static void resolve_bind(struct conf_parser *p, const struct conf_reference *r)
{
	struct conf_bind *b = r->bind;

	b->tunnel = CONF_FIND(&p->conf->tunnels, conf_tunnel, r->tunnel);
	b->auth = CONF_FIND(&p->conf->auths, conf_auth, r->auth);
	b->interface = CONF_FIND(&p->conf->interfaces, conf_interface, r->to);
	if (!b->tunnel)
		undefined(p, "tunnel", r->tunnel);
	else
		b->tunnel->bound = true;
	if (!b->auth)
		undefined(p, "authentication", r->auth);
	if (!b->interface)
		undefined(p, "interface", r->to);
}

static void resolve_fallback(struct conf_parser *p, struct conf_auth *a)
{
	struct conf_auth *other;

	STAILQ_FOREACH(other, &p->conf->auths, entry)
		if (strcmp(other->name, a->fallback) == 0)
			break;
	if (other && other->type == CONF_AUTH_LOCAL)
		a->fallback_auth = other;
	else
		conf_error(p, a->line,
			   "authentication \"%s\": wrong fallback \"%s\", expected the name of "
			   "another authentication of type local",
			   a->name, conf_shown(p, a->fallback));
}

static void resolve(struct conf_parser *p)
{
	const struct conf_reference *r;
	struct conf_auth *a;

	STAILQ_FOREACH(a, &p->conf->auths, entry)
		if (a->fallback)
			resolve_fallback(p, a);
	STAILQ_FOREACH(r, &p->references, entry) {
		if (r->bind) {
			resolve_bind(p, r);
			continue;
		}
		r->interface->ipcp = CONF_FIND(&p->conf->ipcps, conf_ipcp, r->ipcp);
		if (!r->interface->ipcp)
			undefined(p, "ipcp", r->ipcp);
	}
}

/* ---- binds ---- */

/* The methods of EAP are a server's. */
static bool has_eap_server(const struct conf *conf, const struct conf_tunnel *t)
{
	const struct conf_bind *b;

	STAILQ_FOREACH(b, &conf->binds, entry)
		if (b->tunnel == t && b->auth && conf_auth_takes_eap(b->auth))
			return true;
	return false;
}

static void check_tunnel_available(struct conf_parser *p, const struct conf_tunnel *t)
{
	if (t->protocol == CONF_PPPOE && STAILQ_EMPTY(&t->pppoe.interfaces))
		conf_error(p, t->line,
			   "tunnel \"%s\" listens nowhere, expected listen on interface", t->name);
	if (t->ppp.mppe == PPP_MPPE_REQUIRED && !t->ppp.auth_mschapv2 && !t->ppp.auth_eap)
		conf_error(p, t->line,
			   "tunnel \"%s\": mppe required needs the keys of mschapv2 or eap, "
			   "expected one in authentication-method, or mppe yes or no",
			   t->name);
	if (t->ppp.auth_eap && !has_eap_server(p->conf, t))
		conf_error(p, t->line,
			   "tunnel \"%s\": eap needs a server, expected a bind to an "
			   "authentication of type radius that is eap-capable",
			   t->name);
}

static void check_auth_available(struct conf_parser *p, const struct conf_auth *a)
{
	if (a->type == CONF_AUTH_RADIUS && STAILQ_EMPTY(&a->authentication.servers))
		conf_error(p, a->line,
			   "authentication \"%s\" asks nobody, expected authentication-server with "
			   "an address",
			   a->name);
	else if (a->type == CONF_AUTH_LOCAL && !a->users_file)
		conf_error(p, a->line, "authentication \"%s\" knows no users, expected users-file",
			   a->name);
}

static bool auth_bound(const struct conf *conf, const struct conf_auth *auth)
{
	const struct conf_bind *b;

	STAILQ_FOREACH(b, &conf->binds, entry)
		if (b->auth && (b->auth == auth || b->auth->fallback_auth == auth))
			return true;
	return false;
}

/* Only what is used must be there. */
static void check_available(struct conf_parser *p)
{
	const struct conf_tunnel *t;
	const struct conf_auth *a;

	STAILQ_FOREACH(t, &p->conf->tunnels, entry)
		if (t->bound)
			check_tunnel_available(p, t);
	STAILQ_FOREACH(a, &p->conf->auths, entry)
		if (auth_bound(p->conf, a))
			check_auth_available(p, a);
}

/* Would both be chosen for the same users? */
static bool same_users(const struct conf_bind *a, const struct conf_bind *b)
{
	return a->tunnel == b->tunnel &&
	       strcmp(a->auth->username_suffix, b->auth->username_suffix) == 0 &&
	       strcmp(a->auth->username_prefix, b->auth->username_prefix) == 0;
}

static void check_binds(struct conf_parser *p)
{
	const struct conf_bind *b, *other;

	if (STAILQ_EMPTY(&p->conf->binds))
		conf_error(p, p->line, "nothing to do, expected at least one bind");
	STAILQ_FOREACH(b, &p->conf->binds, entry) {
		if (!b->tunnel || !b->auth)
			continue;
		STAILQ_FOREACH(other, &p->conf->binds, entry) {
			if (other == b)
				break;
			if (!other->tunnel || !other->auth || !same_users(other, b))
				continue;
			conf_error(p, b->line,
				   "bind takes the same users as that of line %u, expected "
				   "another username-suffix",
				   other->line);
			break;
		}
	}
}

/* ---- pools ---- */

static bool overlap(const struct conf_range *a, const struct conf_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* Against the ranges before it, of its own and of `other` ipcp statements. */
static void check_overlap(struct conf_parser *p, const struct conf_range *r,
			  const struct conf_ipcp *other)
{
	const struct conf_range *o;

	STAILQ_FOREACH(o, &other->ranges, entry) {
		if (o == r)
			break;
		if (!overlap(o, r))
			continue;
		conf_error(p, r->line,
			   "pool-address overlaps that of line %u, expected other addresses",
			   o->line);
		break;
	}
}

static void check_range(struct conf_parser *p, const struct conf_range *r)
{
	static const struct conf_range local = { .first = 0x7f000000, .last = 0x7fffffff };

	if (r->first < 0x01000000 || r->last >= 0xe0000000 || overlap(r, &local))
		conf_error(p, r->line,
			   "pool-address has addresses that no host can have, expected "
			   "1.0.0.0 to 223.255.255.255 without 127.0.0.0/8");
}

static bool ipcp_bound(const struct conf *conf, const struct conf_ipcp *ipcp)
{
	const struct conf_bind *b;

	STAILQ_FOREACH(b, &conf->binds, entry)
		if (b->interface && b->interface->ipcp == ipcp)
			return true;
	return false;
}

static void check_pools(struct conf_parser *p)
{
	const struct conf_ipcp *i, *other;
	const struct conf_range *r;

	STAILQ_FOREACH(i, &p->conf->ipcps, entry) {
		STAILQ_FOREACH(r, &i->ranges, entry) {
			check_range(p, r);
			check_overlap(p, r, i);
			STAILQ_FOREACH(other, &p->conf->ipcps, entry) {
				if (other == i)
					break;
				if (ipcp_bound(p->conf, i) && ipcp_bound(p->conf, other))
					check_overlap(p, r, other);
			}
		}
	}
}

/* `dns-servers resolver`: those of this machine that a subscriber can reach too. */
static void fill_resolver(struct conf_ipcp *ipcp)
{
	FILE *in = fopen(RESOLV_CONF, "re");
	char line[256], address[64];
	struct in_addr a;
	unsigned int n = 0;

	while (in && n < 2 && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "nameserver %63s", address) == 1 &&
		    conf_text_in4(address, &a) == 0 && ntohl(a.s_addr) >> 24 != 127)
			ipcp->dns[n++] = a;
	}
	if (in)
		fclose(in);
}

/* ---- concentrator interfaces ---- */

static bool is_dp_name(const char *name, const struct conf_interface *i)
{
	size_t len = strlen(i->name);

	return strncmp(name, i->name, len) == 0 && strcmp(name + len, CONF_DP_SUFFIX) == 0;
}

/* One of the devices that are ours. */
static bool is_concentrator(const struct conf *conf, const char *name)
{
	const struct conf_interface *i;

	STAILQ_FOREACH(i, &conf->interfaces, entry)
		if (strcmp(i->name, name) == 0 || is_dp_name(name, i))
			return true;
	return false;
}

static void check_interfaces(struct conf_parser *p)
{
	const struct conf_interface *i, *other;
	unsigned int n = 0;

	STAILQ_FOREACH(i, &p->conf->interfaces, entry) {
		if (++n == XP_CONCENTRATORS + 1)
			conf_error(p, i->line, "too many interfaces, expected at most %d",
				   XP_CONCENTRATORS);
		STAILQ_FOREACH(other, &p->conf->interfaces, entry)
			if (is_dp_name(i->name, other))
				conf_error(p, i->line,
					   "interface \"%s\" is made for \"%s\", expected another "
					   "name",
					   i->name, other->name);
	}
}

/* ---- PPPoE ---- */

static bool has_name(const struct conf_names *names, const char *name)
{
	const struct conf_name *n;

	STAILQ_FOREACH(n, names, entry)
		if (strcmp(n->name, name) == 0)
			return true;
	return false;
}

static bool share_name(const struct conf_names *a, const struct conf_names *b)
{
	const struct conf_name *n;

	STAILQ_FOREACH(n, a, entry)
		if (has_name(b, n->name))
			return true;
	return false;
}

/* A tunnel without a service name offers the empty one. */
static bool share_service(const struct conf_pppoe *a, const struct conf_pppoe *b)
{
	bool none_a = STAILQ_EMPTY(&a->services), none_b = STAILQ_EMPTY(&b->services);

	if (none_a || none_b)
		return (none_a || has_name(&a->services, "")) &&
		       (none_b || has_name(&b->services, ""));
	return share_name(&a->services, &b->services);
}

/* Which of two tunnels is meant must follow from interface, VLAN and service name. */
static void check_ambiguous(struct conf_parser *p, const struct conf_tunnel *t)
{
	const struct conf_tunnel *o;

	STAILQ_FOREACH(o, &p->conf->tunnels, entry) {
		if (o == t)
			break;
		if (!o->bound || o->protocol != CONF_PPPOE ||
		    !share_name(&o->pppoe.interfaces, &t->pppoe.interfaces) ||
		    !conf_vlans_overlap(&o->pppoe.vlans, &t->pppoe.vlans) ||
		    !share_service(&o->pppoe, &t->pppoe))
			continue;
		conf_error(p, t->line,
			   "tunnel \"%s\" listens where tunnel \"%s\" does, expected another "
			   "interface, pppoe-vlan or pppoe-service-name",
			   t->name, o->name);
		break;
	}
}

/* ---- L2TP and PPTP ---- */

static in_port_t addr_port(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? ((const struct sockaddr_in *)a)->sin_port
				       : ((const struct sockaddr_in6 *)a)->sin6_port;
}

static bool addr_is_any(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* Who listens on all addresses takes the port of each. */
static bool same_place(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	return memcmp(a, b, sizeof(*a)) == 0 ||
	       (a->ss_family == b->ss_family && addr_port(a) == addr_port(b) &&
		(addr_is_any(a) || addr_is_any(b)));
}

static bool has_port(const struct conf_addrs *addrs, in_port_t port)
{
	const struct conf_addr *a;

	STAILQ_FOREACH(a, addrs, entry)
		if (addr_port(&a->addr) == port)
			return true;
	return false;
}

/* port: where a list without addresses listens, on all of them. */
static bool share_address(const struct conf_addrs *a, const struct conf_addrs *b, in_port_t port)
{
	const struct conf_addr *x, *y;

	if (STAILQ_EMPTY(a))
		return STAILQ_EMPTY(b) || has_port(b, port);
	if (STAILQ_EMPTY(b))
		return has_port(a, port);
	STAILQ_FOREACH(x, a, entry)
		STAILQ_FOREACH(y, b, entry)
			if (same_place(&x->addr, &y->addr))
				return true;
	return false;
}

static const struct conf_addrs *listen_addrs(const struct conf_tunnel *t)
{
	return t->protocol == CONF_L2TP ? &t->l2tp.listen : &t->pptp.listen;
}

static void check_listeners(struct conf_parser *p, const struct conf_tunnel *t)
{
	uint16_t port = t->protocol == CONF_L2TP ? CONF_PORT_L2TP : CONF_PORT_PPTP;
	const struct conf_tunnel *o;

	STAILQ_FOREACH(o, &p->conf->tunnels, entry) {
		if (o == t)
			break;
		if (!o->bound || o->protocol != t->protocol ||
		    !share_address(listen_addrs(o), listen_addrs(t), htons(port)))
			continue;
		conf_error(p, t->line,
			   "tunnel \"%s\" listens where tunnel \"%s\" does, expected another "
			   "address or port",
			   t->name, o->name);
		break;
	}
}

static void check_tunnels(struct conf_parser *p)
{
	const struct conf_tunnel *t;
	const struct conf_name *n;

	STAILQ_FOREACH(t, &p->conf->tunnels, entry) {
		if (t->protocol != CONF_PPPOE && t->bound)
			check_listeners(p, t);
		if (t->protocol != CONF_PPPOE)
			continue;
		if (t->pppoe.max_payload && t->pppoe.max_payload < PAYLOAD_MIN)
			conf_error(p, t->line,
				   "tunnel \"%s\": wrong pppoe-max-payload %u, expected 0 or "
				   "%u to 9000",
				   t->name, t->pppoe.max_payload, PAYLOAD_MIN);
		if (t->pppoe.max_payload > PAYLOAD_MIN && t->pppoe.max_payload > t->ppp.mru)
			conf_error(p, t->line,
				   "tunnel \"%s\": pppoe-max-payload %u has no effect with "
				   "mru %u, expected mru %u",
				   t->name, t->pppoe.max_payload, t->ppp.mru, t->pppoe.max_payload);
		if (t->bound)
			check_ambiguous(p, t);
		STAILQ_FOREACH(n, &t->pppoe.interfaces, entry)
			if (is_concentrator(p->conf, n->name))
				conf_error(p, t->line,
					   "tunnel \"%s\" listens on \"%s\", expected an interface "
					   "that is not the concentrator's",
					   t->name, n->name);
	}
}

static void check_attaches(struct conf_parser *p)
{
	const struct conf_attach *a;

	STAILQ_FOREACH(a, &p->conf->attaches, entry)
		if (is_concentrator(p->conf, a->name))
			conf_error(p, a->line,
				   "\"%s\" is attached by itself, expected an interface "
				   "that is not the concentrator's",
				   a->name);
}

static bool has_pppoe(const struct conf *conf, const char *interface)
{
	const struct conf_tunnel *t;
	const struct conf_name *n;

	STAILQ_FOREACH(t, &conf->tunnels, entry)
		STAILQ_FOREACH(n, &t->pppoe.interfaces, entry)
			if (strcmp(n->name, interface) == 0)
				return true;
	return false;
}

static void check_online(struct conf_parser *p, const struct conf_attach *a)
{
	char text[CPU_LIST_TEXT];
	cpu_set_t online, off;

	if (cpu_list_read("online", &online) < 0)
		return;
	CPU_AND(&off, &a->pppoe_cpus, &online);
	CPU_XOR(&off, &off, &a->pppoe_cpus);
	if (CPU_COUNT(&off) == 0)
		return;
	cpu_list_print(&off, text, sizeof(text));
	conf_error(p, a->line, "pppoe-cpus: CPU %.40s is not online, expected CPUs that are", text);
}

static void check_cpus(struct conf_parser *p)
{
	const struct conf_attach *a;

	STAILQ_FOREACH(a, &p->conf->attaches, entry) {
		if (CPU_COUNT(&a->pppoe_cpus) == 0)
			continue;
		if (a->mode == CONF_MODE_TC)
			conf_error(p, a->line, "pppoe-cpus in mode tc, expected an XDP mode");
		if (!has_pppoe(p->conf, a->name))
			conf_error(p, a->line,
				   "pppoe-cpus for \"%s\", expected an interface that a PPPoE "
				   "tunnel listens on",
				   a->name);
		check_online(p, a);
	}
}

void conf_check(struct conf_parser *p)
{
	struct conf_ipcp *i;
	bool complete = p->n_errors == 0;

	if (p->conf->max_session == 0)
		p->conf->max_session = CONF_MAX_SESSION_ALL;
	if (complete)
		resolve(p);
	check_pools(p);
	check_interfaces(p);
	check_tunnels(p);
	check_attaches(p);
	if (complete) { /* after other errors these would only be their consequences */
		check_available(p);
		check_binds(p);
		check_cpus(p);
	}
	STAILQ_FOREACH(i, &p->conf->ipcps, entry)
		if (i->dns_resolver)
			fill_resolver(i);
}
