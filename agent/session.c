/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The life of a session. A carrier is accepted, PPP starts on it, AAA accepts the user, a
 * pool gives an address, and the data plane is told. Whatever ends it - the peer, an
 * operator, a timer, the carrier - comes to session_end(), which makes the session
 * unreachable at once; the memory goes when the loop comes round (reap), because callers
 * up the stack still hold it.
 *
 * A peer that lost its power says no good-bye and dials again long before the keepalive of
 * its old session notices. Where the old one's place or address is all that keeps the new one
 * out, the old one is ended.
 *
 * Timers: a session's, first CLOCK_PPP_START_MS, later how long it may last (session_time.c);
 * deadline of the shutdown. PPP has its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "log.h"
#include "session_private.h"

/* Peers get this long to answer our Terminate-Requests when the agent stops. */
#define SHUTDOWN_GRACE_S 2.0

#define WHO "ppp-id %u: "

static const struct ppp_ops session_ppp_ops;

static struct session *session_of(struct carrier *c)
{
	return c->session;
}

static const struct conf_tunnel *tunnel_of(const struct session *s)
{
	return s->carrier.base.tunnel;
}

const char *session_realm(const struct session *s)
{
	return s->bind ? s->bind->auth->name : "";
}

/* ---- the data plane's side ---- */

static void count_base(struct session *s, const struct dp_counters *c)
{
	s->state.up_packets += c->up_packets;
	s->state.up_bytes += c->up_bytes;
	s->state.down_packets += c->down_packets;
	s->state.down_bytes += c->down_bytes;
	s->state.drops += c->drops;
	s->state.rate_up_drops += c->rate_up_drops;
	s->state.rate_down_drops += c->rate_down_drops;
	s->state.active_ms = session_last_active(s, c);
}

static uint32_t on_sequence(void *arg, struct carrier *c)
{
	struct session *s = session_of(c);
	int64_t next = -ENOENT;

	(void)arg;
	if (s->in_dataplane)
		next = s->table->dp->ops->sequence(s->table->dp, s->slot);
	return next < 0 ? s->sequence.next++ : (uint32_t)next;
}

static bool on_forwarded(void *arg, const struct carrier *c)
{
	const struct session *s = c->session;

	(void)arg;
	return s->in_dataplane && !s->slow;
}

static int on_received(void *arg, struct carrier *c, uint32_t sequence)
{
	struct session *s = session_of(c);

	(void)arg;
	if (s->in_dataplane)
		return s->table->dp->ops->received(s->table->dp, s->slot, sequence);
	return xp_pptp_sequence(sequence, &s->sequence.newest, &s->sequence.late) ? 0 : -ESTALE;
}

static int64_t on_acknowledge(void *arg, struct carrier *c)
{
	struct session *s = session_of(c);

	(void)arg;
	if (s->in_dataplane)
		return s->table->dp->ops->acknowledge(s->table->dp, s->slot);
	s->sequence.acked = s->sequence.newest;
	return s->sequence.newest == UINT32_MAX ? -ENOENT : (int64_t)s->sequence.newest;
}

static void leave_dataplane(struct session *s)
{
	struct dp_counters counters = { 0 };

	ev_timer_stop(s->table->loop, &s->timer);
	if (!s->in_dataplane)
		return;
	session_mppe_leave(s);
	s->table->dp->ops->session_del(s->table->dp, s->slot, &counters, &s->sequence);
	s->in_dataplane = false;
	s->table->totals.established--;
	count_base(s, &counters);
	session_table_clear_addr(s->table, s);
}

static int enter_dataplane(struct session *s)
{
	const struct conf_tunnel *tunnel = tunnel_of(s);
	struct dp_session desc = {
		.addr.s_addr = s->state.addr,
		.netmask.s_addr = s->state.netmask,
		.mtu = ppp_mtu(&s->ppp),
		.concentrator = s->bind->interface->name,
		.ingress_filter = tunnel->ingress_filter,
		.mss_clamp = tunnel->tcp_mss_adjust,
		.stack = tunnel->forward_stack || session_filtered(s),
		.slow = !tunnel->pipex,
		.rate_up = session_rate(&s->profile->rate_up),
		.rate_down = session_rate(&s->profile->rate_down),
	};
	int r;

	s->carrier.base.ops->describe(&s->carrier.base, &desc);
	desc.sequence = s->sequence;
	r = session_mppe_enter(s, &desc);
	if (r == 0)
		r = s->table->dp->ops->session_add(s->table->dp, &desc);
	if (r < 0)
		return r;
	session_mppe_free(s);
	s->slot = desc.slot;
	s->slow = desc.slow;
	s->in_dataplane = true;
	s->table->totals.established++;
	session_table_set_addr(s->table, s);
	session_routes_enter(s);
	return 0;
}

int session_reenter(struct session *s)
{
	int r;

	if (!s->in_dataplane)
		return 0;
	leave_dataplane(s);
	r = enter_dataplane(s);
	if (r < 0)
		session_terminate(s, CAUSE_DATAPLANE);
	else
		session_time_start(s);
	return r;
}

/* ---- the end ---- */

static void log_end(const struct session *s, enum cause cause)
{
	char user[PPP_USERNAME_MAX + 1];
	const char *name = ppp_username(&s->ppp);
	const struct session_state *st = &s->state;

	log_escape(user, sizeof(user), name, strlen(name));
	log_msg(s->table->log, LOG_INFO,
		WHO
		"ended: %s; user \"%s\", %lld s, up %llu packets %llu bytes, down %llu packets %llu bytes",
		st->ppp_id, cause_name(cause), user,
		(long long)((mono_now().ms - st->started_ms) / 1000),
		(unsigned long long)st->up_packets, (unsigned long long)st->up_bytes,
		(unsigned long long)st->down_packets, (unsigned long long)st->down_bytes);
}

static void tell_end(struct session *s, enum cause cause)
{
	log_end(s, cause);
	session_notify(s, SESSION_ENDED, cause);
	s->table->totals.ended++;
	s->table->totals.ended_by[cause]++;
}

static void session_end(struct session *s, enum cause cause)
{
	struct sessions *t = s->table;

	if (s->ended)
		return;
	s->ended = true;
	/* it only says good-bye after our refusal */
	if (s->refusal != CAUSE_NONE && (cause == CAUSE_PEER || cause == CAUSE_AUTH))
		cause = s->refusal;
	leave_dataplane(s);
	session_routes_leave(s);
	session_filters_leave(s);
	session_account_stop(s, cause);
	if (s->ppp_started)
		ppp_stop(&s->ppp);
	s->carrier.base.ops->close(&s->carrier.base, cause);
	aaa_cancel(s->job);
	s->job = NULL;
	if (s->ppp_started) /* or nobody heard of it */
		tell_end(s, cause);
	session_table_del(t, s);
	session_stats_del(s);
	session_give_address(s);
	TAILQ_INSERT_TAIL(&t->dead, s, dead);
	ev_prepare_start(t->loop, &t->reap);
}

static void session_free(struct session *s)
{
	session_mppe_free(s);
	aaa_state_free(s->aaa_state);
	session_set_profile(s, NULL);
	conf_unref(s->bind_conf);
	conf_unref(s->tunnel_conf);
	free(s);
}

static void reap_dead(struct sessions *t)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&t->dead))) {
		TAILQ_REMOVE(&t->dead, s, dead);
		session_free(s);
	}
}

static void on_reap(struct ev_loop *loop, struct ev_prepare *reap, int revents)
{
	struct sessions *t = reap->data;

	(void)revents;
	ev_prepare_stop(loop, reap);
	reap_dead(t);
	if (t->closing && t->totals.sessions == 0 && t->drained) {
		void (*drained)(void *arg) = t->drained;

		t->drained = NULL;
		ev_timer_stop(loop, &t->deadline);
		drained(t->drained_arg);
	}
}

bool session_ending(const struct session *s)
{
	return s->ended || s->ppp.state.phase == PPP_TERMINATE;
}

void session_terminate(struct session *s, enum cause cause)
{
	if (s->ended)
		return;
	if (s->ppp_started)
		ppp_terminate(&s->ppp, cause);
	else
		session_end(s, cause);
}

void session_event(struct session *s, enum xp_event_kind kind)
{
	struct carrier *c = &s->carrier.base;

	if (s->ended)
		return;
	if (kind == XP_EVENT_ACKNOWLEDGE && c->ops->acknowledge)
		c->ops->acknowledge(c);
	else if (kind == XP_EVENT_MPPE_LOST)
		ppp_mppe_lost(&s->ppp);
}

int session_capture(struct session *s, bool on)
{
	return s->in_dataplane ? s->table->dp->ops->capture(s->table->dp, s->slot, on) : -ENOTCONN;
}

/* ---- what PPP asks for ---- */

static unsigned int dump_in(const struct session *s)
{
	return tunnel_of(s)->data_in_pktdump ? DUMP_ALL : tunnel_of(s)->dump_in;
}

static unsigned int dump_out(const struct session *s)
{
	return tunnel_of(s)->data_out_pktdump ? DUMP_ALL : tunnel_of(s)->dump_out;
}

void session_ppp_send(void *owner, uint16_t proto, const uint8_t *info, size_t len)
{
	struct session *s = owner;

	dump_ppp(s->table->log, s->state.ppp_id, dump_out(s), "out", proto, buf_of(info, len));
	s->carrier.base.ops->send(&s->carrier.base, proto, info, len);
}

static void reject(struct ppp_auth_reply *reply, const char *message)
{
	reply->result = PPP_AUTH_REJECT;
	reply->retry = false;
	snprintf(reply->message, sizeof(reply->message), "%s", message);
}

static struct session *older_of(const struct session *s, const struct conf_auth *auth)
{
	struct session_account account;

	session_account_of(&account, auth, ppp_username(&s->ppp));
	return session_table_older(s->table, &account, s);
}

/* Ends the session of this user that the same peer had before. */
static bool replace_older(struct session *s, const struct conf_auth *auth)
{
	struct session *older = older_of(s, auth);

	if (older)
		session_end(older, CAUSE_REPLACED);
	return older != NULL;
}

bool session_replace_holder(struct session *s, const struct profile_route *route)
{
	struct session *older = older_of(s, s->bind->auth);

	if (!older || !session_has_route(older, route))
		return false;
	session_end(older, CAUSE_REPLACED);
	return true;
}

static bool user_limit_reached(const struct session *s, const struct conf_bind *bind,
			       const struct profile *profile)
{
	unsigned int limit = session_limit(s, bind, profile);
	struct session_account account;

	session_account_of(&account, bind->auth, ppp_username(&s->ppp));
	return limit > 0 && session_table_count(s->table, &account, limit) >= limit;
}

/* The answer may have taken its time: today's configuration must still allow it. */
static void on_authenticated(void *owner, struct aaa_result *result)
{
	struct session *s = owner;
	struct ppp_auth_reply reply = result->ppp;
	const struct conf_bind *bind = result->bind ? session_bind_today(s, result->bind) : NULL;

	s->job = NULL;
	aaa_state_free(s->aaa_state);
	s->aaa_state = result->state;
	result->state = NULL;
	if (!ppp_auth_pending(&s->ppp)) /* LCP began anew meanwhile: it was about another login */
		return;
	if (reply.result == PPP_AUTH_CHALLENGE) {
		ppp_auth_done(&s->ppp, &reply);
		return;
	}
	session_table_clear_user(s->table, s);
	if (reply.result == PPP_AUTH_ACCEPT && !bind)
		reject(&reply, "not allowed any more");
	if (reply.result == PPP_AUTH_ACCEPT && ppp_auth_identify(&s->ppp, &reply) < 0)
		reject(&reply, "another user's session");
	s->refusal = reply.result == PPP_AUTH_ACCEPT ? CAUSE_NONE : CAUSE_AUTH;
	if (s->refusal == CAUSE_NONE && user_limit_reached(s, bind, result->profile) &&
	    !replace_older(s, bind->auth)) {
		reject(&reply, "too many sessions");
		s->refusal = CAUSE_LIMIT;
	}
	if (s->refusal == CAUSE_NONE)
		s->refusal = session_grant(s, bind, &result->profile);
	if (s->refusal == CAUSE_NONE)
		s->local = result->local;
	if (s->refusal == CAUSE_NONE)
		session_table_set_user(s->table, s);
	else if (reply.result == PPP_AUTH_ACCEPT)
		reject(&reply, "not possible");
	session_stats_authenticated(s, s->refusal == CAUSE_NONE);
	ppp_auth_done(&s->ppp, &reply);
	explicit_bzero(&reply, sizeof(reply));
}

static void on_ppp_authenticate(void *owner, const struct ppp_auth_request *request)
{
	struct session *s = owner;
	/* the binds of today, also for a session of an older configuration */
	struct aaa_request ask = { .tunnel = session_tunnel_today(s), .ppp = request };
	struct aaa_result gone = { .ppp.result = PPP_AUTH_REJECT };
	struct carrier_info info;
	struct subject subject;

	aaa_cancel(s->job);
	s->job = NULL;
	if (!ask.tunnel) {
		on_authenticated(s, &gone);
		return;
	}
	session_subject(s, &info, &subject);
	ask.subject = &subject;
	ask.calling_number = *info.circuit_id ? info.circuit_id
			     : *info.calling  ? info.calling
					      : info.peer;
	ask.state = request->first ? NULL : s->aaa_state;
	s->job = aaa_authenticate(s->table->aaa, &ask, on_authenticated, s);
}

static int on_ppp_ip_assign(void *owner, struct in_addr wanted, struct ppp_ip *ip)
{
	struct session *s = owner;
	int r = session_take_address(s, wanted);

	if (r == -EADDRINUSE && replace_older(s, s->bind->auth))
		r = session_take_address(s, wanted);
	if (r < 0) {
		log_msg(s->table->log, LOG_WARNING, WHO "no address from ipcp %s: %s",
			s->state.ppp_id, s->ipcp->name, strerror(-r));
		return r;
	}
	r = session_filters_enter(s);
	if (r < 0) {
		session_terminate(s, CAUSE_FILTER);
		return r;
	}
	session_ip(s, ip);
	return 0;
}

static void on_ppp_up(void *owner)
{
	struct session *s = owner;
	char user[PPP_USERNAME_MAX + 1], addr[INET_ADDRSTRLEN];
	const char *name = ppp_username(&s->ppp);
	int r;

	s->state.established_ms = mono_now().ms;
	if (session_filters_enter(s) < 0) {
		session_terminate(s, CAUSE_FILTER);
		return;
	}
	r = enter_dataplane(s);
	if (r < 0) {
		log_msg(s->table->log, LOG_ERR, WHO "data plane refused it: %s", s->state.ppp_id,
			strerror(-r));
		session_terminate(s, r == -EACCES ? CAUSE_MPPE : CAUSE_DATAPLANE);
		return;
	}
	session_time_start(s);
	session_account_start(s);
	log_escape(user, sizeof(user), name, strlen(name));
	inet_ntop(AF_INET, &s->state.addr, addr, sizeof(addr));
	log_msg(s->table->log, LOG_INFO, WHO "established: user \"%s\" by %s, address %s, mtu %u",
		s->state.ppp_id, user, session_realm(s), addr, ppp_mtu(&s->ppp));
	session_notify(s, SESSION_ESTABLISHED, CAUSE_NONE);
}

static void on_ppp_down(void *owner)
{
	leave_dataplane(owner);
	session_routes_leave(owner);
	session_filters_leave(owner);
}

static void on_ppp_finished(void *owner, enum cause cause)
{
	session_end(owner, cause);
}

static struct mono on_ppp_last_input(void *owner)
{
	struct session *s = owner;
	struct dp_counters c = { 0 };

	if (s->in_dataplane)
		s->table->dp->ops->session_counters(s->table->dp, s->slot, &c);
	return c.active_up;
}

static const struct ppp_ops session_ppp_ops = {
	.send = session_ppp_send,
	.authenticate = on_ppp_authenticate,
	.ip_assign = on_ppp_ip_assign,
	.up = on_ppp_up,
	.down = on_ppp_down,
	.finished = on_ppp_finished,
	.ip_input = session_ip_up,
	.last_input = on_ppp_last_input,
	.mppe = session_mppe,
	.mppe_input = session_mppe_up,
	.mppe_flush = session_mppe_flush,
	.mppe_lost = session_mppe_lost,
	.phase = session_stats_phase,
};

/* ---- what tunnel drivers call ---- */

static void on_aborted(void *arg, struct carrier *c)
{
	struct session *s = session_of(c);

	session_table_del(arg, s);
	session_stats_del(s);
	session_free(s);
}

static struct carrier *on_accept(void *arg, const struct carrier_ops *ops,
				 const struct conf_tunnel *tunnel)
{
	struct sessions *t = arg;
	struct session *s;

	if (!session_admit(t) || ops->size > sizeof(s->carrier))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s || session_table_add(t, s) < 0) {
		free(s);
		return NULL;
	}
	s->table = t;
	s->tunnel_conf = conf_ref(tunnel->conf);
	s->carrier.base = (struct carrier){ .ops = ops, .tunnel = tunnel, .session = s };
	s->state = (struct session_state){
		.version = SESSION_STATE_VERSION,
		.ppp_id = (uint32_t)s->seq,
		.netmask = INADDR_NONE,
		.started = time(NULL),
		.started_ms = mono_now().ms,
	};
	s->sequence = (struct dp_sequence){ .newest = UINT32_MAX, .acked = UINT32_MAX };
	if (session_stats_add(s) < 0) {
		on_aborted(t, &s->carrier.base);
		return NULL;
	}
	return &s->carrier.base;
}

/* Nothing if it has begun. */
static void begin_ppp(struct session *s)
{
	if (s->ppp_begun)
		return;
	s->ppp_begun = true;
	ev_timer_stop(s->table->loop, &s->timer);
	ppp_start(&s->ppp);
}

static void on_silence(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	begin_ppp(timer->data);
}

/* A client opens its end only after it has its PADS: what was sent at once would be lost, and come
 * again after a whole lcp-timeout. So the client speaks first, unless it keeps silent. */
static void await_client(struct session *s)
{
	s->timer.data = s;
	ev_timer_init(&s->timer, on_silence, CLOCK_PPP_START_MS / 1000., 0.);
	ev_timer_start(s->table->loop, &s->timer);
}

static int adopt_ppp(struct session *s, const struct carrier_proxy *proxy)
{
	static const enum ppp_auth methods[] = {
		[CARRIER_PROXY_NONE] = PPP_AUTH_NONE,
		[CARRIER_PROXY_PAP] = PPP_AUTH_PAP,
		[CARRIER_PROXY_CHAP_MD5] = PPP_AUTH_CHAP_MD5,
	};
	const struct ppp_proxy p = {
		.sent = proxy->sent_lcp,
		.received = proxy->received_lcp,
		.auth = methods[proxy->auth],
		.name = proxy->name,
		.challenge = proxy->challenge,
		.response = proxy->response,
		.ident = proxy->ident,
	};

	return ppp_start_proxy(&s->ppp, &p);
}

static void start_ppp(struct session *s)
{
	struct carrier *c = &s->carrier.base;
	struct carrier_proxy proxy;

	if (!c->ops->proxy || !c->ops->proxy(c, &proxy)) {
		await_client(s);
		return;
	}
	s->ppp_begun = true;
	if (adopt_ppp(s, &proxy) < 0) {
		log_msg(s->table->log, LOG_INFO,
			WHO "what was negotiated before cannot be taken over", s->state.ppp_id);
		if (proxy.may_renegotiate)
			ppp_start(&s->ppp);
		else
			session_terminate(s, CAUSE_LCP);
	}
}

static void on_started(void *arg, struct carrier *c)
{
	struct sessions *t = arg;
	struct session *s = session_of(c);
	struct carrier_info info;

	session_table_set_carrier(t, s);
	session_stats_started(s);
	t->totals.started++;
	c->ops->info(c, &info);
	log_msg(t->log, LOG_INFO, WHO "started: %s %u of %s%s%s, tunnel %s", s->state.ppp_id,
		c->ops->name, info.id, info.peer, *info.device ? " on " : "", info.device,
		c->tunnel->name);
	ppp_init(&s->ppp, t->loop, &c->tunnel->ppp, &session_ppp_ops, s, t->log, s->state.ppp_id,
		 c->ops->mru(c));
	if (c->ops->acfc)
		ppp_allow_acfc(&s->ppp);
	s->ppp_started = true;
	session_notify(s, SESSION_STARTED, CAUSE_NONE);
	start_ppp(s);
}

static void on_input(void *arg, struct carrier *c, struct buf frame)
{
	struct session *s = session_of(c);

	(void)arg;
	if (s->ended || !s->ppp_started)
		return;
	dump_frame(s->table->log, s->state.ppp_id, dump_in(s), "in", frame);
	begin_ppp(s);
	ppp_input(&s->ppp, frame);
}

/* The data plane has to know it under its new addresses; for a moment it does not know it at
 * all. */
static void on_moved(void *arg, struct carrier *c)
{
	struct session *s = session_of(c);

	session_table_set_carrier(arg, s);
	session_reenter(s);
}

static void on_lost(void *arg, struct carrier *c, enum cause cause)
{
	(void)arg;
	session_end(session_of(c), cause);
}

const struct carrier_user session_carrier_user = {
	.accept = on_accept,
	.load = session_load,
	.waiting = session_waiting,
	.work = session_work,
	.started = on_started,
	.aborted = on_aborted,
	.input = on_input,
	.lost = on_lost,
	.moved = on_moved,
	.sequence = on_sequence,
	.forwarded = on_forwarded,
	.received = on_received,
	.acknowledge = on_acknowledge,
};

/* ---- the table ---- */

int sessions_new(struct ev_loop *loop, struct dataplane *dp, struct log *log, struct sessions **out)
{
	struct sessions *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	if (session_table_init(t) < 0) {
		session_table_fini(t);
		free(t);
		return -ENOMEM;
	}
	t->loop = loop;
	t->dp = dp;
	t->log = log;
	t->start = subject_start();
	TAILQ_INIT(&t->dead);
	LIST_INIT(&t->subs);
	LIST_INIT(&t->waiting);
	LIST_INIT(&t->stats.tunnels);
	works_init(&t->works, loop);
	ev_prepare_init(&t->reap, on_reap);
	t->reap.data = t;
	*out = t;
	return 0;
}

static void end_all(struct sessions *t, enum cause cause)
{
	struct session_cursor cursor = { 0 };
	struct session *s;

	while ((s = session_next(t, &cursor)))
		session_end(s, cause);
}

void sessions_free(struct sessions *t)
{
	if (!t)
		return;
	end_all(t, CAUSE_SHUTDOWN);
	works_fini(&t->works);
	ev_prepare_stop(t->loop, &t->reap);
	ev_timer_stop(t->loop, &t->deadline);
	reap_dead(t);
	session_table_fini(t);
	session_stats_free(&t->stats);
	conf_unref(t->conf);
	free(t);
}

static void on_deadline(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct sessions *t = timer->data;

	(void)loop;
	(void)revents;
	session_walk_stop(&t->leaving);
	t->leaving = (struct session_walk){ .visit = session_end, .cause = CAUSE_SHUTDOWN };
	session_walk_start(t, &t->leaving);
}

void sessions_shutdown(struct sessions *t, void (*drained)(void *arg), void *arg)
{
	t->closing = true;
	t->drained = drained;
	t->drained_arg = arg;
	t->leaving = (struct session_walk){ .visit = session_terminate, .cause = CAUSE_SHUTDOWN };
	session_walk_start(t, &t->leaving);
	ev_timer_init(&t->deadline, on_deadline, SHUTDOWN_GRACE_S, 0.);
	t->deadline.data = t;
	ev_timer_start(t->loop, &t->deadline);
	ev_prepare_start(t->loop, &t->reap); /* there may be none to wait for */
}

void sessions_totals(const struct sessions *t, struct session_totals *out)
{
	*out = t->totals;
}
