/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What session.c and session_table.c share; nobody else includes it. */
#ifndef XPPPD_SESSION_PRIVATE_H
#define XPPPD_SESSION_PRIVATE_H

#include <sys/queue.h>

#include "aaa/aaa.h"
#include "aaa/profile.h"
#include "aaa/subject.h"
#include "census.h"
#include "conf/conf.h"
#include "index.h"
#include "pool.h"
#include "session.h"
#include "session_stats.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pptp/pptp.h"
#include "tunnel/rate.h"

#define SESSION_STATE_VERSION 3

/* What a session needs to go on beside struct ppp_state and the carrier's addresses:
 * plain, without pointers. */
struct session_state {
	uint32_t version;
	uint32_t ppp_id;
	uint32_t addr;          /* network order, 0 before IPCP */
	uint32_t netmask;       /* network order */
	int64_t started;        /* wall clock, seconds */
	int64_t started_ms;     /* monotonic */
	int64_t established_ms; /* monotonic, 0 before */
	int64_t granted_ms;     /* monotonic, of the last login */
	/* of earlier times in the data plane */
	int64_t active_ms; /* monotonic, of the last activity */
	uint64_t up_packets, up_bytes, down_packets, down_bytes;
	uint64_t drops, rate_up_drops, rate_down_drops;
};

struct session {
	struct sessions *table;
	uint64_t seq; /* its low 32 bits are the ppp-id */
	TAILQ_ENTRY(session) dead;
	union {
		struct carrier base;
		struct pppoe_session pppoe;
		struct l2tp_call l2tp;
		struct pptp_call pptp;
	} carrier;
	struct conf *tunnel_conf;     /* holds carrier.base.tunnel */
	struct conf *bind_conf;       /* holds bind */
	const struct conf_bind *bind; /* NULL before authentication */
	const struct conf_ipcp *ipcp; /* of bind_conf: where its address comes from */
	struct ppp ppp;
	struct aaa_job *job;
	struct aaa_state *aaa_state;     /* of the login under way */
	struct profile *profile;         /* what is granted; NULL before authentication */
	LIST_ENTRY(session) waiting;     /* for routes that another session has */
	struct session_filters *filters; /* that it is in; NULL: none */
	struct ev_timer timer; /* until PPP begins; once established, until it has to end */
	struct acct *acct;     /* NULL: not accounted */
	struct index_node by_user, by_account, by_addr, by_peer;
	struct index_node by_alias, by_calling, by_port, by_port_id; /* as RADIUS knows it */
	struct session_state state;
	struct xp_mppe *mppe; /* its keys, while it is not in the data plane; NULL: it has none */
	struct bucket far;    /* of packets whose keys are far ahead */
	struct session_progress progress;
	struct in_addr fixed; /* the user's own address, 0 if none */
	uint32_t slot;
	enum cause refusal; /* why the last authentication failed; CAUSE_NONE: it did not */
	struct dp_sequence sequence; /* while the data plane does not count */
	bool local;                  /* a users file let it in */
	bool in_dataplane;
	bool encrypted;   /* IP passes encrypted or not at all */
	bool slow;        /* the agent moves its packets: configuration or carrier say so */
	bool ppp_started; /* there is a link */
	bool ppp_begun;   /* and it has sent its first packet, or may */
	bool ended;
	bool routes_wait;
	uint8_t routes; /* of the profile, from its first one on, that the data plane has */
};

struct session_order_entry {
	uint64_t seq;
	struct session *session; /* NULL: ended */
};

struct session_sub {
	LIST_ENTRY(session_sub) entry;
	session_event_fn fn;
	void *arg;
};

struct sessions {
	struct ev_loop *loop;
	struct dataplane *dp;
	struct log *log;
	struct conf *conf;
	struct aaa *aaa;
	struct pools *pools;
	/* sessions by age; seq ascends, ended ones leave a gap until half are gaps */
	struct session_order_entry *order;
	size_t order_len, order_cap;
	uint64_t last_seq;
	uint32_t start; /* of the agent, in Acct-Session-Id */
	struct index by_user, by_account, by_addr, by_peer;
	struct index by_alias, by_calling, by_port, by_port_id;
	uint32_t prefixes[33];      /* sessions in by_addr by prefix length */
	TAILQ_HEAD(, session) dead; /* ended, freed when the loop comes round */
	struct ev_prepare reap;
	struct ev_timer deadline; /* of shutdown */
	struct bucket far;        /* of all sessions */
	struct census addresses;  /* that sessions have */
	struct profile *nothing;  /* that is granted to most: shared, and never changed */
	struct nftsets *nftsets;  /* NULL: there are none to join */
	void (*drained)(void *arg);
	void *drained_arg;
	bool closing;
	struct session_totals totals;
	struct session_stats stats;
	struct works works;
	struct session_walk leaving;   /* of shutdown */
	struct lag *lag;               /* NULL: nobody measures */
	struct accounting *accounting; /* NULL: there is none */
	LIST_HEAD(, session_sub) subs;
	LIST_HEAD(, session) waiting;
};

/* session_table.c */
int session_table_init(struct sessions *t); /* -ENOMEM */
void session_table_fini(struct sessions *t);
int session_table_add(struct sessions *t, struct session *s);       /* gives it its seq; -ENOMEM */
void session_table_del(struct sessions *t, struct session *s);      /* out of all indexes */
void session_table_set_user(struct sessions *t, struct session *s); /* its bind is set */
void session_table_clear_user(struct sessions *t, struct session *s);
/* Its carrier is up, or has moved. */
void session_table_set_carrier(struct sessions *t, struct session *s);
void session_table_set_addr(struct sessions *t, struct session *s);
void session_table_clear_addr(struct sessions *t, struct session *s);
/* The session whose address or net holds addr, longest prefix first. */
struct session *session_table_by_addr(const struct sessions *t, struct in_addr addr);
/* Whose sessions, however the user writes his name. */
struct session_account {
	const struct conf_auth *auth;
	char name[PPP_USERNAME_MAX + 1];
};
void session_account_of(struct session_account *account, const struct conf_auth *auth,
			const char *username);
/* His sessions, counted up to limit. */
unsigned int session_table_count(const struct sessions *t, const struct session_account *account,
				 unsigned int limit);
/* The oldest of his sessions, other than s, that the peer of s has. */
struct session *session_table_older(const struct sessions *t, const struct session_account *account,
				    const struct session *s);
const char *session_realm(const struct session *s);

/* session.c: a ppp_ops.send */
void session_ppp_send(void *owner, uint16_t proto, const uint8_t *info, size_t len);
/* session_conf.c: its tunnel in the configuration of today, NULL: no longer there */
const struct conf_tunnel *session_tunnel_today(const struct session *s);
/* The same bind of today's configuration, NULL: no longer there. */
const struct conf_bind *session_bind_today(const struct session *s, const struct conf_bind *bind);
/* Nothing may pass in clear. */
bool session_mppe_required(const struct session *s);
/* session_slow.c: a packet of the peer; a ppp_ops.ip_input and mppe_input */
void session_ip_up(void *owner, struct buf packet);
void session_mppe_up(void *owner, struct buf packet);

/* session_mppe.c: a ppp_ops.mppe, mppe_flush and mppe_lost */
void session_mppe(void *owner, const struct xp_mppe *mppe);
void session_mppe_flush(void *owner);
bool session_mppe_lost(void *owner);
/* Adds the keys to what the data plane is told. -EACCES: it must have some. */
int session_mppe_enter(const struct session *s, struct dp_session *desc);
/* Takes the keys back; the session is still in the data plane. */
void session_mppe_leave(struct session *s);
void session_mppe_free(struct session *s);
/* The socket of PPPoE sees what tc programs take, too. Of that only what they leave is ours: a
 * second copy would look like a loss. */
bool session_mppe_is_copy(const struct session *s, struct buf packet);
/* 0: out holds the PPP packet; else why not. */
int session_mppe_decrypt(struct session *s, struct buf packet, uint8_t *out);
/* In place: XP_MPPE_HEADER bytes of room, then the PPP packet; len is that of all. 0, or why not. */
int session_mppe_encrypt(struct session *s, uint8_t *frame, size_t len);

/* session_admit.c: carrier_user.load and .waiting; may another session begin? */
void session_load(void *sessions, struct carrier_load *load);
void session_waiting(void *sessions, int64_t us);
bool session_admit(const struct sessions *t);

/* session_walk.c: carrier_user.work */
void session_work(void *sessions, struct work *work);

/* session_profile.c */
/* Takes the profile, unless it cannot be given: then why, which is logged. */
enum cause session_grant(struct session *s, const struct conf_bind *bind, struct profile **profile);
/* Takes the profile; most are empty and share one. NULL: it has none. */
void session_set_profile(struct session *s, struct profile *profile);
/* How many sessions its user may have, 0: any number. */
unsigned int session_limit(const struct session *s, const struct conf_bind *bind,
			   const struct profile *profile);
/* wanted: what the peer asks for, or 0. As pool_take(). */
int session_take_address(struct session *s, struct in_addr wanted);
void session_give_address(struct session *s);
void session_ip(const struct session *s, struct ppp_ip *ip);

struct dp_rate session_rate(const struct profile_rate *rate);

/* session_change.c: an established session's profile is replaced; what cannot change while it runs
 * stays until the next login. As session_change(). */
int session_regrant(struct session *s, struct profile *profile);

/* session_route.c */
/* Those of its profile that can be; the others are logged, and not of the profile any more but for
 * those that another session has: they wait until it has gone. What it had when it left the data
 * plane for a moment it has again, whoever's address has come to be in it. */
void session_routes_enter(struct session *s);
/* The data plane has taken them back, and others may have them. */
void session_routes_leave(struct session *s);
bool session_has_route(const struct session *s, const struct profile_route *route);
/*
 * Those of `to` in the place of those that it has. all: all of them or none; else those that can be,
 * as session_routes_enter() has it. Then either it is taken back, or `to` has become its profile and
 * the result is handed on.
 */
int session_routes_change(struct session *s, struct profile *to, bool all);
void session_routes_restore(struct session *s);
void session_routes_changed(struct session *s, int result);
/* Takes those back that the configuration does not allow any more. */
void session_routes_configure(struct session *s);
/* Of an address of its own: no net where that cannot be. */
void session_netmask_check(struct session *s);

/* session_filter.c */
struct session_filters;
bool session_filtered(const struct session *s); /* is to be */
/* Its address joins them, if it has not yet. */
int session_filters_enter(struct session *s);
void session_filters_leave(struct session *s);
/* Joins what is new in `to`; then the sets become the session's, or do not. */
int session_filters_take(struct session *s, const struct profile *to, struct session_filters **out);
void session_filters_exchange(struct session *s, struct session_filters *filters);
void session_filters_drop(struct session *s, struct session_filters *filters);

/* session.c: out of the data plane and in again, as it is described now; the session ends if that
 * fails. */
int session_reenter(struct session *s);
/* Ends the session of this user that the same peer had before, if it has this route. */
bool session_replace_holder(struct session *s, const struct profile_route *route);

/* session_time.c: how long it may last; seconds, 0: without end */
uint32_t session_timeout(const struct session *s);
uint32_t session_idle_timeout(const struct session *s);
/* These are the counters of its present time in the data plane; 0: there was no activity. */
int64_t session_last_active(const struct session *s, const struct dp_counters *c);
/* Arms its timer anew; may end it, later, if its time is over. */
void session_time_start(struct session *s);

/* session_subject.c: what RADIUS is told of it. The carrier's strings are in *info. */
void session_subject(const struct session *s, struct carrier_info *info, struct subject *subject);

/* session_accounting.c: it is established, for the first time or again; something that accounting is
 * told has changed; it has left the data plane for good */
void session_account_start(struct session *s);
void session_account_update(struct session *s);
void session_account_stop(struct session *s, enum cause cause);

/* session_show.c: tells the subscribers */
void session_notify(const struct session *s, enum session_event event, enum cause cause);

#endif
