/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Sessions: owns the PPP link and the carrier of each subscriber, brings their events
 * together, and is the only place where a session is torn down: first unreachable (data
 * plane, indexes, carrier), then freed.
 */
#ifndef XPPPD_SESSION_H
#define XPPPD_SESSION_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "cause.h"
#include "dataplane/dataplane.h"
#include "histogram.h"
#include "ppp/ppp.h"
#include "tunnel/carrier.h"
#include "works.h"

struct aaa;
struct accounting;
struct conf;
struct lag;
struct log;
struct nftsets;
struct pools;
struct profile;
struct session;
struct sessions;

/* ---- the table ---- */

int sessions_new(struct ev_loop *loop, struct dataplane *dp, struct log *log, struct sessions **s);
void sessions_free(struct sessions *s);
/* From now on new sessions wait while the loop is behind. lag must outlive the table. */
void sessions_watch(struct sessions *s, struct lag *lag);
/* Whose sets sessions join; must outlive the table. */
void sessions_filter(struct sessions *s, struct nftsets *sets);
/* Sessions are accounted from now on. accounting must outlive the table. */
void sessions_account(struct sessions *s, struct accounting *accounting);
/* What drivers call; arg is the table. */
extern const struct carrier_user session_carrier_user;
/* Configuration for new sessions; those that conf no longer allows are terminated. */
void sessions_configure(struct sessions *s, struct conf *conf, struct aaa *aaa,
			struct pools *pools);
/* A packet of the stack for a session on the slow path; a dp_ip_fn whose arg is the table. */
void sessions_ip_input(void *arg, struct in_addr dst, struct buf packet);
/* Terminates all; `drained` is called when none is left. */
void sessions_shutdown(struct sessions *s, void (*drained)(void *arg), void *arg);

struct session_totals {
	uint32_t sessions; /* all */
	uint32_t established;
	uint32_t half_open; /* on their way to be established for the first time */
	uint64_t started, ended, auth_accepted, auth_rejected;
	uint64_t ended_by[CAUSE_MAX];
};
void sessions_totals(const struct sessions *s, struct session_totals *out);

/* ---- totals by tunnel statement, and how long set-ups take ---- */

#define SESSION_STATES 6                            /* phases of a link, but not that it is over */
const char *session_state_name(unsigned int state); /* "starting", "establish", ... "opened" */

struct session_tunnel_totals {
	const char *tunnel, *protocol;
	uint32_t states[SESSION_STATES];
	uint64_t auth_accepted, auth_rejected;
};
typedef void (*session_tunnel_fn)(void *arg, const struct session_tunnel_totals *totals);
void sessions_tunnels(const struct sessions *s, session_tunnel_fn fn, void *arg);

enum session_step {
	SESSION_STEP_CARRIER, /* PADI to PADR, ICRQ to ICCN */
	SESSION_STEP_LCP,
	SESSION_STEP_AUTHENTICATION,
	SESSION_STEP_IPCP,
	SESSION_STEP_ALL, /* from the first of it to the last */
	SESSION_STEPS
};
const char *session_step_name(enum session_step step);
const struct histogram *sessions_setup(const struct sessions *s, enum session_step step);

/* ---- one session, as shown ---- */

/* One record for text, JSON and metrics. Strings belong to the session, are escaped,
 * and are valid until the loop runs again. */
struct session_record {
	uint32_t ppp_id;
	uint32_t slot;
	char session_id[20];      /* Acct-Session-Id */
	const char *username;     /* escaped by the writer, not here */
	const char *realm;        /* name of the authentication statement, "" before */
	const char *protocol;     /* "pppoe" */
	const char *tunnel;       /* name of the tunnel statement */
	const char *concentrator; /* "pppac0", "" before */
	const char *phase;        /* ppp_phase_name */
	const char *auth;
	struct in_addr address; /* 0 before */
	uint16_t mtu;
	char encryption[PPP_ENCRYPTION_MAX]; /* ppp_encryption */
	bool slow, stack;
	time_t started;     /* wall clock */
	int64_t duration_s; /* since it was established, or since its start */
	int64_t idle_s;     /* since the last activity */
	/* what is granted: NULL before authentication, and valid until the loop runs again */
	const struct profile *profile;
	unsigned int n_routes;   /* of them: those that it has */
	const char *pool;        /* the ipcp statement that its address comes from, "" before */
	uint32_t timeout_s;      /* Session-Timeout; 0: none */
	int64_t left_s;          /* until then */
	uint32_t idle_timeout_s; /* 0: none */
	struct dp_counters counters;
	/* carrier */
	char peer[64];                                /* "02:00:00:00:00:01" */
	char device[32];                              /* "access0.100.200" */
	uint16_t carrier_id;                          /* PPPoE session id */
	const char *service, *circuit_id, *remote_id; /* "" if absent */
	const char *called, *calling, *peer_name;     /* L2TP, PPTP; "" if absent */
	uint32_t tunnel_id;                           /* L2TP, PPTP: ours; 0: none */
};
void session_describe(const struct session *session, struct session_record *out);

/* Its counters alone, which is quicker. */
struct session_traffic {
	uint32_t ppp_id;
	uint64_t up_packets, up_bytes, down_packets, down_bytes;
};
void session_traffic(const struct session *session, struct session_traffic *out);

/* ---- finding ---- */

enum session_key {
	SESSION_BY_PPP_ID,
	SESSION_BY_ADDRESS,
	SESSION_BY_USERNAME,
	SESSION_BY_PEER, /* "02:00:00:00:00:01" */
};

/* What commands select by: every field that is set must match. Empty: all sessions.
 * Strings belong to the caller and are only read. */
struct session_filter {
	bool by_ppp_id, by_address;
	uint32_t ppp_id;
	struct in_addr address;
	const char *username, *interface, *protocol, *realm, *peer; /* NULL: any */
	/* as RADIUS calls it: Acct-Session-Id, NAS-Port, User-Name, Calling-, Called-Station-Id,
	 * NAS-Port-Id */
	const char *session_id;
	bool by_port;
	uint32_t port;
	const char *account, *calling, *called, *port_id;
};

/*
 * A position in the table that survives sessions coming and going: sessions that were there
 * from the first call to the last are seen exactly once. Uses an index where the filter
 * has a key for one. The filter's strings must stay valid.
 */
struct session_cursor {
	struct session_filter filter;
	uint64_t after; /* 0 at the start */
};
struct session *session_next(struct sessions *s, struct session_cursor *cursor);
/* The same within a bounded time: NULL and *more set when nothing was found so far. */
struct session *session_next_soon(struct sessions *s, struct session_cursor *cursor, bool *more);

/*
 * All that match at this moment, in no order: how many. -E2BIG: they are more than max, or each of
 * the filter's names alone stands for more sessions than are looked at in one go (64). The filter must name
 * a ppp-id, a session id, a port, an address, an account, a user, a peer, a calling station or a port id.
 */
int sessions_find(struct sessions *s, const struct session_filter *filter, struct session **found,
		  unsigned int max);

/* A visit to all that match, however many they are, in slices between turns of the loop. */
struct session_walk {
	/* set by the caller; the filter's strings must stay valid */
	struct session_cursor cursor;
	void (*visit)(struct session *session, enum cause cause);
	enum cause cause;
	/* the walk's */
	uint32_t visited;
	struct sessions *table;
	struct work work;
};
/* The first slice is done at once, which may be all. */
void session_walk_start(struct sessions *s, struct session_walk *walk);
void session_walk_stop(struct session_walk *walk);
bool session_walk_over(const struct session_walk *walk);
/* Slices of all works there were, and steps in them. */
void sessions_works(const struct sessions *s, uint64_t *slices, uint64_t *steps);

/* What the programs have seen of it. */
void session_event(struct session *session, enum xp_event_kind kind);
/* It is on its way down, and nothing of its passes any more. */
bool session_ending(const struct session *session);
/* Ends it in order (Terminate-Request, then PADT); later, never within this call. */
void session_terminate(struct session *session, enum cause cause);
/* What of a profile can change while the session runs. */
#define SESSION_CHANGEABLE                                                                         \
	(PROFILE_ROUTES | PROFILE_SESSION_TIMEOUT | PROFILE_IDLE_TIMEOUT | PROFILE_INTERIM |       \
	 PROFILE_PORT_LIMIT | PROFILE_FILTERS | PROFILE_CLASSES | PROFILE_RATE_UP |                \
	 PROFILE_RATE_DOWN)
/*
 * Changes what it is granted, all or nothing; times count from its login. -ENOTCONN: it is not
 * established; -EOPNOTSUPP: something else changes that would need another login; -EADDRINUSE, -EINVAL: a
 * route that it cannot have; -E2BIG: too many; -ENOENT, -ENFILE: a filter; -ENOMEM. What is refused is logged.
 */
int session_change(struct session *session, const struct profile *change);
int session_capture(struct session *session, bool on);
/* Asks the servers that let it in what it is granted now, with this State (RFC 5176 3.2); what they say
 * is done, be it the end. -ENOTCONN: it is not established; -EOPNOTSUPP: no server let it in;
 * -EBUSY: they are being asked already; -EAGAIN: they cannot be asked, as the log says. */
int session_reauthorize(struct session *session, struct buf state);
/* Has the peer prove once more who it is. -ENOTCONN; -EOPNOTSUPP: its method knows no
 * such thing. */
int session_reauthenticate(struct session *session);

/* ---- events, for `monitor` ---- */

enum session_event {
	SESSION_STARTED,     /* carrier up, PPP begins */
	SESSION_ESTABLISHED, /* traffic flows */
	SESSION_ENDED,
};
typedef void (*session_event_fn)(void *arg, enum session_event event,
				 const struct session_record *record, enum cause cause);
/* fn is called at each event until unsubscribed; it must not end sessions. */
struct session_sub;
int sessions_subscribe(struct sessions *s, session_event_fn fn, void *arg,
		       struct session_sub **sub);
void sessions_unsubscribe(struct session_sub *sub);

#endif
