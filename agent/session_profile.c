/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What a user is granted becomes what his session has: its pool and address, name servers,
 * MTU, encryption. What cannot be given ends the login, with a reason in the log: a server that
 * names a pool or wants encryption does so on purpose.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "session_private.h"

#define WHO "ppp-id %u: "

/* MS-MPPE-Encryption-Policy and -Types, RFC 2548 2.4.4, 2.4.5 */
#define MPPE_POLICY_REQUIRED 2
#define MPPE_TYPE_40 2
#define MPPE_TYPE_128 4
#define MPPE_TYPE_56 8

#define MTU_MIN 68 /* RFC 791 */

/* ---- what it may be granted */

static const struct conf_ipcp *pool_by_name(const struct conf *conf, const char *name)
{
	const struct conf_ipcp *ipcp;

	STAILQ_FOREACH(ipcp, &conf->ipcps, entry)
		if (strcmp(ipcp->name, name) == 0)
			return ipcp;
	return NULL;
}

static const struct conf_ipcp *pool_of(const struct session *s, const struct conf_bind *bind,
				       const struct profile *profile)
{
	const struct conf_ipcp *ipcp = bind->interface->ipcp;
	char name[4 * PROFILE_NAME_MAX + 1];

	if (!profile_has(profile, PROFILE_POOL))
		return ipcp;
	ipcp = pool_by_name(s->table->conf, profile->pool);
	if (!ipcp)
		log_msg(s->table->log, LOG_ERR,
			WHO "refused: Framed-Pool \"%s\" is none of the ipcp statements",
			s->state.ppp_id,
			log_escape(name, sizeof(name), profile->pool, strlen(profile->pool)));
	return ipcp;
}

/* The tunnel's word and the server's: whoever says no, or requires it, has his way. */
static void combine_mppe(const struct ppp_conf *conf, const struct profile *profile,
			 struct ppp_grant *grant)
{
	uint32_t types = profile_has(profile, PROFILE_MPPE_TYPES) ? profile->mppe_types : ~0u;

	grant->mppe = conf->mppe;
	grant->mppe_40 = conf->mppe_40 && types & MPPE_TYPE_40;
	grant->mppe_56 = conf->mppe_56 && types & MPPE_TYPE_56;
	grant->mppe_128 = conf->mppe_128 && types & MPPE_TYPE_128;
	if (grant->mppe == PPP_MPPE_YES && profile->mppe_policy == MPPE_POLICY_REQUIRED)
		grant->mppe = PPP_MPPE_REQUIRED;
}

static bool mppe_possible(const struct session *s, const struct profile *profile,
			  struct ppp_grant *grant)
{
	bool wanted =
		grant->mppe == PPP_MPPE_REQUIRED || profile->mppe_policy == MPPE_POLICY_REQUIRED;
	bool lengths = grant->mppe_40 || grant->mppe_56 || grant->mppe_128;

	if (grant->mppe != PPP_MPPE_NO && lengths)
		return true;
	grant->mppe = PPP_MPPE_NO;
	if (wanted)
		log_msg(s->table->log, LOG_ERR, WHO "refused: it has to be encrypted, and %s",
			s->state.ppp_id,
			lengths ? "its tunnel says mppe no"
				: "no key length is allowed by tunnel and server both");
	return !wanted;
}

unsigned int session_limit(const struct session *s, const struct conf_bind *bind,
			   const struct profile *profile)
{
	if (profile_has(profile, PROFILE_PORT_LIMIT))
		return profile->port_limit;
	return bind->auth->user_max_session ? bind->auth->user_max_session
					    : s->table->conf->user_max_session;
}

void session_set_profile(struct session *s, struct profile *profile)
{
	struct profile *nothing = s->table->nothing;

	if (s->profile != nothing)
		profile_free(s->profile);
	if (profile && profile != nothing && !profile->set) {
		profile_free(profile);
		profile = nothing;
	}
	s->profile = profile;
}

/* A peer that authenticates again keeps its address only as long as it keeps its pool, and
 * its user the address of his own. */
static void keep_address(struct session *s, const struct conf_ipcp *ipcp, struct in_addr own)
{
	if (s->bind && (strcmp(s->ipcp->name, ipcp->name) != 0 || s->fixed.s_addr != own.s_addr))
		session_give_address(s);
}

/* An open link was asked to authenticate again. */
static enum cause grant_again(struct session *s, struct profile *profile)
{
	s->state.granted_ms = mono_now().ms;
	return session_regrant(s, profile) < 0 ? CAUSE_AUTH : CAUSE_NONE;
}

enum cause session_grant(struct session *s, const struct conf_bind *bind, struct profile **profile)
{
	struct in_addr own = profile_own_ip(*profile);
	const struct conf_ipcp *ipcp;
	struct conf *conf = s->table->conf;
	struct ppp_grant grant = {
		.mtu_max = (*profile)->mtu >= MTU_MIN ? (*profile)->mtu : 0,
	};

	if (s->in_dataplane)
		return grant_again(s, *profile);
	ipcp = pool_of(s, bind, *profile);
	if (!ipcp)
		return CAUSE_NO_ADDRESS;
	combine_mppe(&s->carrier.base.tunnel->ppp, *profile, &grant);
	if (!mppe_possible(s, *profile, &grant))
		return CAUSE_MPPE;
	session_filters_leave(s);
	keep_address(s, ipcp, own);
	conf_ref(conf);
	conf_unref(s->bind_conf);
	s->bind_conf = conf;
	s->bind = bind;
	s->ipcp = ipcp;
	s->fixed = own;
	/* a net is around an address of the user's own, or it would take in the pool's others */
	s->state.netmask = own.s_addr ? (*profile)->framed_netmask.s_addr : INADDR_NONE;
	s->state.granted_ms = mono_now().ms;
	session_set_profile(s, *profile);
	*profile = NULL;
	ppp_grant(&s->ppp, &grant);
	return CAUSE_NONE;
}

struct dp_rate session_rate(const struct profile_rate *rate)
{
	return (struct dp_rate){ rate->bits_per_s, rate->burst };
}

/* ---- its address */

static uint32_t framed_ip(const struct session *s)
{
	return ntohl(s->profile->framed_ip.s_addr);
}

int session_take_address(struct session *s, struct in_addr wanted)
{
	struct pools *pools = s->table->pools;
	struct in_addr addr;
	int r = -EADDRINUSE;

	if (s->state.addr)
		return 0;
	if (framed_ip(s) == PROFILE_IP_USER_SELECTS)
		r = pool_take_wanted(pools, s->ipcp, wanted, &addr);
	else if (framed_ip(s) == PROFILE_IP_POOL)
		wanted.s_addr = 0;
	if (r < 0)
		r = pool_take(pools, s->ipcp, s->fixed, wanted, &addr);
	if (r < 0)
		return r;
	s->state.addr = addr.s_addr;
	census_add(&s->table->addresses, addr);
	session_netmask_check(s);
	return 0;
}

void session_give_address(struct session *s)
{
	struct in_addr addr = { s->state.addr };

	if (!addr.s_addr)
		return;
	census_del(&s->table->addresses, addr);
	pool_give(s->table->pools, s->ipcp, addr);
	s->state.addr = 0;
}

void session_ip(const struct session *s, struct ppp_ip *ip)
{
	const struct profile *p = s->profile;
	const struct conf_ipcp *ipcp = s->ipcp;

	*ip = (struct ppp_ip){ .local = s->bind->interface->address, .peer = { s->state.addr } };
	memcpy(ip->dns, profile_has(p, PROFILE_DNS) ? p->dns : ipcp->dns, sizeof(ip->dns));
	memcpy(ip->nbns, profile_has(p, PROFILE_NBNS) ? p->nbns : ipcp->nbns, sizeof(ip->nbns));
}
