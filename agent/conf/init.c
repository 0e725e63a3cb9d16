/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/init.h"

#include <stdlib.h>
#include <string.h>

#define PADI_RATE 5000
#define EVENT_TIMESTAMP_WINDOW_S 300 /* RFC 5176 6.3 */

/* Frees the elements of a STAILQ with fn. */
#define FREE_ALL(head, type, fn)                                                                   \
	do {                                                                                       \
		struct type *element, *next_;                                                      \
		for (element = STAILQ_FIRST(head); element; element = next_) {                     \
			next_ = STAILQ_NEXT(element, entry);                                       \
			fn(element);                                                               \
		}                                                                                  \
	} while (0)

void conf_init(struct conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->refs = 1;
	conf->max_session = CONF_MAX_SESSION;
	conf->max_half_open = CONF_MAX_HALF_OPEN;
	STAILQ_INIT(&conf->dae_listen);
	STAILQ_INIT(&conf->dae_clients);
	conf->dae.event_timestamp_window = EVENT_TIMESTAMP_WINDOW_S;
	conf->dae.require_message_authenticator = true;
	STAILQ_INIT(&conf->metrics_listen);
	STAILQ_INIT(&conf->tunnels);
	STAILQ_INIT(&conf->ipcps);
	STAILQ_INIT(&conf->interfaces);
	STAILQ_INIT(&conf->auths);
	STAILQ_INIT(&conf->binds);
	STAILQ_INIT(&conf->attaches);
}

static void link_init(struct ppp_conf *ppp, enum conf_protocol protocol)
{
	static const uint16_t mru[] = {
		[CONF_PPPOE] = 1492,
		[CONF_L2TP] = 1360,
		[CONF_PPTP] = 1400,
	};

	ppp->mru = mru[protocol];
	ppp->auth_pap = ppp->auth_chap = protocol != CONF_PPTP;
	ppp->auth_mschapv2 = true;
	ppp->keepalive = protocol != CONF_L2TP; /* L2TP has its own hello */
	ppp->keepalive_interval = 300;
	ppp->keepalive_retry_interval = 60;
	ppp->keepalive_max_retries = 3;
	ppp->lcp_timeout = ppp->ipcp_timeout = ppp->ccp_timeout = 3;
	ppp->lcp_max_configure = ppp->ipcp_max_configure = ppp->ccp_max_configure = 10;
	ppp->lcp_max_terminate = ppp->ipcp_max_terminate = ppp->ccp_max_terminate = 2;
	ppp->lcp_max_nak_loop = ppp->ipcp_max_nak_loop = ppp->ccp_max_nak_loop = 5;
	ppp->mppe = protocol == CONF_PPTP ? PPP_MPPE_REQUIRED : PPP_MPPE_YES;
	ppp->mppe_40 = ppp->mppe_56 = ppp->mppe_128 = true;
	ppp->mppe_stateful = ppp->mppe_stateless = true;
}

void conf_tunnel_init(struct conf_tunnel *t, enum conf_protocol protocol)
{
	memset(t, 0, sizeof(*t));
	t->protocol = protocol;
	link_init(&t->ppp, protocol);
	t->pipex = true;
	STAILQ_INIT(&t->pppoe.interfaces);
	STAILQ_INIT(&t->pppoe.services);
	t->pppoe.accept_any_service = true;
	t->pppoe.vlans.kind = CONF_VLAN_ANY;
	t->pppoe.padi_rate = PADI_RATE;
	STAILQ_INIT(&t->l2tp.listen);
	STAILQ_INIT(&t->l2tp.secrets);
	t->l2tp.hello_interval = 60;
	t->l2tp.hello_timeout = 30;
	t->l2tp.lcp_renegotiation = true;
	t->l2tp.data_use_seq = true;
	STAILQ_INIT(&t->pptp.listen);
	t->pptp.echo_interval = 60;
	t->pptp.echo_timeout = 60;
}

void conf_ipcp_init(struct conf_ipcp *ipcp)
{
	memset(ipcp, 0, sizeof(*ipcp));
	STAILQ_INIT(&ipcp->ranges);
	ipcp->allow_user_selected_address = true;
}

static void servers_init(struct conf_servers *servers)
{
	STAILQ_INIT(&servers->servers);
	servers->timeout = 9;
	servers->max_tries = 3;
	servers->max_failovers = 1;
	servers->dead_time = 30;
	servers->queue = 4096;
	servers->require_message_authenticator = true;
}

void conf_auth_init(struct conf_auth *auth, enum conf_auth_type type)
{
	memset(auth, 0, sizeof(*auth));
	auth->type = type;
	auth->eap_capable = true;
	auth->strip_nt_domain = true;
	servers_init(&auth->authentication);
	servers_init(&auth->accounting);
}

void conf_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

static void name_free(struct conf_name *name)
{
	free(name->name);
	free(name);
}

static void addr_free(struct conf_addr *addr)
{
	conf_secret_free(addr->secret);
	free(addr);
}

static void servers_fini(struct conf_servers *servers)
{
	FREE_ALL(&servers->servers, conf_addr, addr_free);
	free(servers->ca_file);
	free(servers->certificate);
	free(servers->private_key);
	free(servers->server_name);
}

static void l2tp_secret_free(struct conf_l2tp_secret *secret)
{
	conf_secret_free(secret->secret);
	free(secret);
}

void conf_tunnel_free(struct conf_tunnel *t)
{
	if (!t)
		return;
	free(t->name);
	FREE_ALL(&t->pppoe.interfaces, conf_name, name_free);
	FREE_ALL(&t->pppoe.services, conf_name, name_free);
	free(t->pppoe.ac_name);
	free(t->pppoe.vlans.list);
	FREE_ALL(&t->l2tp.listen, conf_addr, addr_free);
	free(t->l2tp.hostname);
	free(t->l2tp.vendor_name);
	FREE_ALL(&t->l2tp.secrets, conf_l2tp_secret, l2tp_secret_free);
	FREE_ALL(&t->pptp.listen, conf_addr, addr_free);
	free(t->pptp.hostname);
	free(t->pptp.vendor_name);
	free(t);
}

void conf_ipcp_free(struct conf_ipcp *ipcp)
{
	if (!ipcp)
		return;
	free(ipcp->name);
	FREE_ALL(&ipcp->ranges, conf_range, free);
	free(ipcp);
}

void conf_auth_free(struct conf_auth *auth)
{
	if (!auth)
		return;
	free(auth->name);
	free(auth->username_suffix);
	free(auth->username_prefix);
	free(auth->users_file);
	free(auth->fallback);
	servers_fini(&auth->authentication);
	servers_fini(&auth->accounting);
	free(auth);
}

static void conf_free(struct conf *conf)
{
	free(conf->nas_id);
	free(conf->dictionary_directory);
	free(conf->spool.file);
	free(conf->control_group);
	FREE_ALL(&conf->dae_listen, conf_addr, addr_free);
	FREE_ALL(&conf->dae_clients, conf_addr, addr_free);
	FREE_ALL(&conf->metrics_listen, conf_addr, addr_free);
	FREE_ALL(&conf->binds, conf_bind, free);
	FREE_ALL(&conf->attaches, conf_attach, free);
	FREE_ALL(&conf->interfaces, conf_interface, free);
	FREE_ALL(&conf->auths, conf_auth, conf_auth_free);
	FREE_ALL(&conf->ipcps, conf_ipcp, conf_ipcp_free);
	FREE_ALL(&conf->tunnels, conf_tunnel, conf_tunnel_free);
	free(conf);
}

struct conf *conf_ref(struct conf *conf)
{
	conf->refs++;
	return conf;
}

void conf_unref(struct conf *conf)
{
	if (conf && --conf->refs == 0)
		conf_free(conf);
}
