/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/records.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aaa/accounting.h"
#include "aaa/dae.h"
#include "aaa/profile.h"
#include "aaa/radius.h"
#include "control/counters.h"
#include "log.h"
#include "pool.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pptp/pptp.h"
#include "utf8.h"

/* Names are literals and each is used once per object. A value that could not be made is left
 * out: the record is still true, and the next allocation tells. */
static void add(struct json_object *o, const char *name, struct json_object *value)
{
	if (value && json_object_object_add_ex(o, name, value,
					       JSON_C_OBJECT_ADD_KEY_IS_NEW |
						       JSON_C_OBJECT_ADD_CONSTANT_KEY) != 0)
		json_object_put(value);
}

static void add_u64(struct json_object *o, const char *name, uint64_t value)
{
	add(o, name, json_object_new_uint64(value));
}

static void add_int(struct json_object *o, const char *name, int64_t value)
{
	add(o, name, json_object_new_int64(value));
}

/* One of the agent's own words. */
static void add_word(struct json_object *o, const char *name, const char *word)
{
	add(o, name, json_object_new_string(word));
}

static void add_string(struct json_object *o, const char *name, const char *s)
{
	add(o, name, record_string(s));
}

struct json_object *record_result(const char *type)
{
	struct json_object *o = json_object_new_object();

	if (o)
		add_word(o, "type", type);
	return o;
}

struct json_object *record_string(const char *s)
{
	char shown[UTF8_SHOWN_MAX];

	return json_object_new_string(utf8_shown(s, shown));
}

static void add_address(struct json_object *o, const char *name, struct in_addr addr)
{
	char text[INET_ADDRSTRLEN];

	add_word(o, name, addr.s_addr ? inet_ntop(AF_INET, &addr, text, sizeof(text)) : "");
}

/* Numbers that stand for "none" when they are 0 are left out. */
static void add_limit(struct json_object *o, const char *name, uint64_t value)
{
	if (value)
		add_u64(o, name, value);
}

static struct json_object *routes_of(const struct session_record *s)
{
	struct json_object *list = json_object_new_array_ext((int)s->n_routes);
	const struct profile_route *route = s->profile->routes;
	char net[INET_ADDRSTRLEN], text[INET_ADDRSTRLEN + 4];

	for (unsigned int i = 0; list && i < s->n_routes; i++, route++) {
		inet_ntop(AF_INET, &route->net, net, sizeof(net));
		snprintf(text, sizeof(text), "%s/%u", net, route->prefix);
		json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static struct json_object *filters_of(const struct profile *p)
{
	struct json_object *list = json_object_new_array_ext(p->n_filters);

	for (unsigned int i = 0; list && i < p->n_filters; i++)
		json_object_array_add(list, record_string(p->filters[i]));
	return list;
}

static void add_session_grant(struct json_object *o, const struct session_record *s)
{
	const struct profile *p = s->profile;

	add_string(o, "pool", s->pool);
	add_limit(o, "session-timeout", s->timeout_s);
	if (s->timeout_s)
		add_int(o, "session-left", s->left_s);
	add_limit(o, "idle-timeout", s->idle_timeout_s);
	if (!p)
		return;
	add_limit(o, "port-limit", p->port_limit);
	add_limit(o, "rate-up", p->rate_up.bits_per_s);
	add_limit(o, "rate-up-burst", p->rate_up.burst);
	add_limit(o, "rate-up-drops", s->counters.rate_up_drops);
	add_limit(o, "rate-down", p->rate_down.bits_per_s);
	add_limit(o, "rate-down-burst", p->rate_down.burst);
	add_limit(o, "rate-down-drops", s->counters.rate_down_drops);
	if (s->n_routes)
		add(o, "routes", routes_of(s));
	if (p->n_filters)
		add(o, "filters", filters_of(p));
	add_limit(o, "classes", p->n_classes);
}

static void add_session_packets(struct json_object *o, const struct session_record *s)
{
	add_u64(o, "up-packets", s->counters.up_packets);
	add_u64(o, "up-bytes", s->counters.up_bytes);
	add_u64(o, "down-packets", s->counters.down_packets);
	add_u64(o, "down-bytes", s->counters.down_bytes);
	add_u64(o, "drops", s->counters.drops);
}

static void add_session_rest(struct json_object *o, const struct session_record *s)
{
	add_u64(o, "slot", s->slot);
	add_word(o, "session-id", s->session_id);
	add_string(o, "realm", s->realm);
	add_string(o, "tunnel", s->tunnel);
	add_string(o, "interface", s->concentrator);
	add_word(o, "phase", s->phase);
	add_word(o, "auth", s->auth);
	add_u64(o, "mtu", s->mtu);
	add_word(o, "encryption", s->encryption);
	add_word(o, "path", s->slow ? "slow" : s->stack ? "stack" : "fast");
	add_int(o, "started", s->started);
	add_int(o, "duration", s->duration_s);
	add_int(o, "idle", s->idle_s);
	add_u64(o, "carrier-id", s->carrier_id);
	add_word(o, "service", s->service);
	add_word(o, "circuit-id", s->circuit_id);
	add_word(o, "remote-id", s->remote_id);
	add_word(o, "called", s->called);
	add_word(o, "calling", s->calling);
	add_word(o, "peer-name", s->peer_name);
	add_u64(o, "tunnel-id", s->tunnel_id);
	add_session_grant(o, s);
	add_session_packets(o, s);
}

static struct json_object *session_of_type(const char *type, const struct session_record *s,
					   enum control_view view)
{
	struct json_object *o = record_result(type);

	if (!o)
		return NULL;
	add_u64(o, "ppp-id", s->ppp_id);
	add_address(o, "address", s->address);
	add_string(o, "username", s->username);
	if (view == CONTROL_VIEW_PACKETS) {
		add_session_packets(o, s);
		return o;
	}
	add_word(o, "protocol", s->protocol);
	add_string(o, "peer", s->peer);
	add_string(o, "device", s->device);
	if (view == CONTROL_VIEW_ALL)
		add_session_rest(o, s);
	return o;
}

struct json_object *record_session(const struct session_record *session, enum control_view view)
{
	return session_of_type("session", session, view);
}

struct json_object *record_event(enum session_event event, const struct session_record *session,
				 enum cause cause, int64_t wall_clock)
{
	static const char *const names[] = {
		[SESSION_STARTED] = "started",
		[SESSION_ESTABLISHED] = "established",
		[SESSION_ENDED] = "ended",
	};
	struct json_object *o = session_of_type("event", session, CONTROL_VIEW_ALL);

	if (!o)
		return NULL;
	add_word(o, "event", names[event]);
	add_int(o, "time", wall_clock);
	if (event == SESSION_ENDED)
		add_word(o, "cause", cause_name(cause));
	return o;
}

struct json_object *record_tunnel(const struct l2tp_tunnel_record *tunnel)
{
	struct json_object *o = record_result("tunnel");

	if (!o)
		return NULL;
	add_word(o, "protocol", "l2tp");
	add_u64(o, "tunnel-id", tunnel->tunnel_id);
	add_u64(o, "peer-tunnel-id", tunnel->peer_tunnel_id);
	add_string(o, "tunnel", tunnel->tunnel);
	add_word(o, "local", tunnel->local);
	add_word(o, "peer", tunnel->peer);
	add_word(o, "hostname", tunnel->hostname);
	add_word(o, "vendor", tunnel->vendor);
	add_word(o, "state", tunnel->state);
	add_u64(o, "sessions", tunnel->sessions);
	add_u64(o, "window", tunnel->window);
	add_u64(o, "queued", tunnel->queued);
	add_u64(o, "retransmits", tunnel->retransmits);
	add(o, "ipsec", json_object_new_boolean(tunnel->ipsec));
	add_int(o, "duration", tunnel->duration_s);
	return o;
}

struct json_object *record_connection(const struct pptp_connection_record *connection)
{
	struct json_object *o = record_result("tunnel");

	if (!o)
		return NULL;
	add_word(o, "protocol", "pptp");
	add_u64(o, "tunnel-id", connection->id);
	add_string(o, "tunnel", connection->tunnel);
	add_word(o, "local", connection->local);
	add_word(o, "peer", connection->peer);
	add_word(o, "hostname", connection->hostname);
	add_word(o, "vendor", connection->vendor);
	add_word(o, "state", connection->state);
	add_u64(o, "sessions", connection->calls);
	add_u64(o, "echoes", connection->echoes);
	add_int(o, "silence", connection->silence_s);
	add_int(o, "duration", connection->duration_s);
	return o;
}

struct json_object *record_pool(const struct pool_usage *usage)
{
	struct json_object *o = record_result("pool");

	if (!o)
		return NULL;
	add_string(o, "name", usage->name);
	add_u64(o, "dynamic-used", usage->dynamic_used);
	add_u64(o, "dynamic-size", usage->dynamic_size);
	add_u64(o, "static-used", usage->static_used);
	add_u64(o, "static-size", usage->static_size);
	add_u64(o, "outside-used", usage->outside_used);
	return o;
}

static struct json_object *radius_bad(const struct radius_counters *c)
{
	struct json_object *o = json_object_new_object();

	for (int i = RADIUS_GOOD + 1; o && i < RADIUS_BADS; i++)
		add_u64(o, radius_bad_name((enum radius_bad)i), c->bad[i]);
	return o;
}

static void add_radius_counters(struct json_object *o, const struct radius_counters *c)
{
	add_u64(o, "requests", c->requests);
	add_u64(o, "retransmits", c->retransmits);
	add_u64(o, "accepts", c->accepts);
	add_u64(o, "rejects", c->rejects);
	add_u64(o, "challenges", c->challenges);
	add_u64(o, "responses", c->responses);
	add_u64(o, "timeouts", c->timeouts);
	add_u64(o, "failovers", c->failovers);
	add_u64(o, "refused", c->refused);
	add_u64(o, "unreachable", c->unreachable);
	add_u64(o, "deaths", c->deaths);
	add(o, "bad", radius_bad(c));
}

/* Mean of a histogram's values in microseconds. */
static uint64_t mean_us(const struct histogram *h)
{
	uint64_t n = 0;

	for (int i = 0; i <= HISTOGRAM_STEPS; i++)
		n += h->count[i];
	return n ? h->sum_us / n : 0;
}

struct json_object *record_radius(const struct radius_server_info *info)
{
	struct json_object *o = record_result("radius");
	char text[RADIUS_ADDR_TEXT];

	if (!o)
		return NULL;
	add_word(o, "server", radius_addr_text(info->addr, text));
	add_u64(o, "id", info->number);
	add_word(o, "kind", radius_kind_name(info->kind));
	add_word(o, "transport", info->tls ? "tls" : "udp");
	add_word(o, "state", radius_state_name(info->state));
	add_int(o, "state-time", info->state_ms / 1000);
	add_u64(o, "outstanding", info->outstanding);
	add_u64(o, "window", info->window);
	add_u64(o, "sockets", info->sockets);
	add_u64(o, "waiting", info->waiting);
	add_u64(o, "queue", info->queue);
	add_int(o, "waiting-ms", info->waiting_ms);
	add_u64(o, "wait-mean-us", mean_us(info->waits));
	add_u64(o, "rtt-min-us", info->rtt_min_us);
	add_u64(o, "rtt-mean-us", mean_us(info->round_trips));
	add_u64(o, "rtt-max-us", info->rtt_max_us);
	add_radius_counters(o, info->counters);
	return o;
}

static struct json_object *dae_errors(const struct dae_counters *c)
{
	struct json_object *o = json_object_new_object();

	for (int i = DAE_DONE + 1; o && i < DAE_ERROR_MAX; i++)
		add_u64(o, dae_error_name((enum dae_error)i), c->errors[i]);
	return o;
}

static struct json_object *dae_drops(const struct dae_counters *c)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; o && i < DAE_DROP_MAX; i++)
		add_u64(o, dae_drop_name((enum dae_drop)i), c->drops[i]);
	return o;
}

struct json_object *record_dae(const struct dae_client_info *info)
{
	struct json_object *o = record_result("dae");
	const struct dae_counters *c = info->counters;

	if (!o)
		return NULL;
	add_word(o, "client", info->client);
	add_u64(o, "disconnect-requests", c->requests[DAE_DISCONNECT]);
	add_u64(o, "disconnect-acks", c->acks[DAE_DISCONNECT]);
	add_u64(o, "disconnect-naks", c->naks[DAE_DISCONNECT]);
	add_u64(o, "coa-requests", c->requests[DAE_COA]);
	add_u64(o, "coa-acks", c->acks[DAE_COA]);
	add_u64(o, "coa-naks", c->naks[DAE_COA]);
	add_u64(o, "duplicates", c->duplicates);
	add_u64(o, "replies-kept", info->cached);
	add(o, "error-causes", dae_errors(c));
	add(o, "ignored", dae_drops(c));
	return o;
}

struct json_object *record_accounting(const struct accounting *accounting)
{
	struct json_object *o = record_result("accounting");
	struct acct_totals t;

	if (!o)
		return NULL;
	accounting_totals(accounting, &t);
	add_string(o, "spool", t.file ? t.file : "");
	add(o, "failing", json_object_new_boolean(t.failing));
	add_u64(o, "sessions", t.sessions);
	add_u64(o, "waiting", t.waiting);
	add_int(o, "oldest", t.oldest_s);
	add_u64(o, "records", t.records);
	add_u64(o, "bytes", t.bytes);
	add_u64(o, "bytes-max", t.bytes_max);
	add_u64(o, "starts", t.starts);
	add_u64(o, "interims", t.interims);
	add_u64(o, "stops", t.stops);
	add_u64(o, "others", t.others);
	add_u64(o, "recovered", t.recovered);
	add_u64(o, "refused", t.refused);
	add_u64(o, "dropped", t.dropped);
	add_u64(o, "ignored", t.ignored);
	add_u64(o, "lost", t.lost);
	add_u64(o, "commits", t.commits);
	add_int(o, "commit-max-us", t.commit_us_max);
	return o;
}

struct json_object *record_drop(unsigned int reason, uint64_t dataplane, uint64_t agent)
{
	struct json_object *o = record_result("drop");

	if (!o)
		return NULL;
	add_u64(o, "number", reason);
	add_word(o, "name", log_reason_name(reason));
	add_word(o, "text", log_reason_text(reason));
	add(o, "punt", json_object_new_boolean(XP_REASON_IS_PUNT(reason)));
	add_u64(o, "packets", dataplane + agent);
	add_u64(o, "dataplane", dataplane);
	add_u64(o, "agent", agent);
	return o;
}

static struct json_object *status_phases(const struct record_status *status)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; o && i < SESSION_STATES; i++)
		if (status->states[i])
			add_u64(o, session_state_name(i), status->states[i]);
	return o;
}

static struct json_object *status_causes(const struct session_totals *totals)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; o && i < CAUSE_MAX; i++)
		if (totals->ended_by[i])
			add_u64(o, cause_name((enum cause)i), totals->ended_by[i]);
	return o;
}

static struct json_object *status_counters(const struct counter *counter, const void *counters)
{
	struct json_object *o = json_object_new_object();

	for (; o && counter->name; counter++)
		add_u64(o, counter->name, counter_value(counter, counters));
	return o;
}

static struct json_object *status_discovery(const struct pppoe_counters *c)
{
	struct json_object *o = status_counters(counters_pppoe, c);

	if (!o)
		return NULL;
	add_u64(o, "sessions", c->sessions);
	return o;
}

static struct json_object *status_l2tp(const struct l2tp_counters *c)
{
	struct json_object *o = status_counters(counters_l2tp, c);

	if (!o)
		return NULL;
	add_u64(o, "tunnels", c->tunnels);
	add_u64(o, "calls", c->calls);
	return o;
}

static struct json_object *status_pptp(const struct pptp_counters *c)
{
	struct json_object *o = status_counters(counters_pptp, c);

	if (!o)
		return NULL;
	add_u64(o, "connections", c->connections);
	add_u64(o, "calls", c->calls);
	return o;
}

struct json_object *record_status(const struct record_status *status)
{
	struct json_object *o = record_result("status");

	if (!o)
		return NULL;
	add_word(o, "version", status->version);
	add_int(o, "pid", getpid());
	add_int(o, "started", status->now - status->uptime_s);
	add_int(o, "uptime", status->uptime_s);
	add_u64(o, "sessions", status->totals.sessions);
	add_u64(o, "sessions-established", status->totals.established);
	add_u64(o, "sessions-half-open", status->totals.half_open);
	add_u64(o, "sessions-max", status->max_session);
	add(o, "phases", status_phases(status));
	add_u64(o, "started-total", status->totals.started);
	add_u64(o, "ended-total", status->totals.ended);
	add(o, "ended-by", status_causes(&status->totals));
	add_u64(o, "auth-accepted", status->totals.auth_accepted);
	add_u64(o, "auth-rejected", status->totals.auth_rejected);
	if (status->pppoe)
		add(o, "discovery", status_discovery(status->pppoe));
	if (status->l2tp)
		add(o, "l2tp", status_l2tp(status->l2tp));
	if (status->pptp)
		add(o, "pptp", status_pptp(status->pptp));
	add_u64(o, "memory", status->memory);
	return o;
}

struct json_object *record_dataplane(const char *name, uint32_t sessions, uint32_t size,
				     const struct dp_mppe_home *home)
{
	struct json_object *o = record_result("dataplane");

	if (!o)
		return NULL;
	add_word(o, "name", name);
	add_u64(o, "map-version", XP_MAP_VERSION);
	add_u64(o, "sessions", sessions);
	add_u64(o, "sessions-size", size);
	add_u64(o, "encrypted", home->sessions);
	add_word(o, "mppe", home->name);
	add_word(o, "mppe-why", home->why);
	return o;
}

/* clang-format off */
static const struct {
	bool up;
	const char *name;
} paths[XP_PATH_MAX] = {
	[XP_PATH_UP_FAST] = { true, "fast" },
	[XP_PATH_UP_STACK] = { true, "stack" },
	[XP_PATH_UP_SLOW] = { true, "slow" },
	[XP_PATH_HAIRPIN] = { true, "hairpin" },
	[XP_PATH_DOWN_FAST] = { false, "fast" },
	[XP_PATH_DOWN_STACK] = { false, "stack" },
	[XP_PATH_DOWN_SLOW] = { false, "slow" },
};
/* clang-format on */

bool record_path_is_up(enum xp_path path)
{
	return paths[path].up;
}

const char *record_path_name(enum xp_path path)
{
	return paths[path].name;
}

struct json_object *record_path(enum xp_path path, const struct xp_path_counter *counter,
				uint64_t total)
{
	struct json_object *o = record_result("path");
	double percent = total ? 100.0 * (double)counter->packets / (double)total : 0.0;
	char text[16];

	if (!o)
		return NULL;
	snprintf(text, sizeof(text), "%.2f", percent);
	add_word(o, "direction", paths[path].up ? "up" : "down");
	add_word(o, "path", paths[path].name);
	add_u64(o, "packets", counter->packets);
	add_u64(o, "bytes", counter->bytes);
	add(o, "percent", json_object_new_double_s(percent, text));
	return o;
}

struct json_object *record_device(const struct dp_device *device)
{
	struct json_object *o = record_result("device");

	if (!o)
		return NULL;
	add_string(o, "name", device->name);
	add_word(o, "mode", device->mode);
	add_word(o, "role", device->role);
	add_word(o, "state", device->state);
	add_string(o, "detail", device->detail);
	return o;
}

struct json_object *record_cpu(const struct dp_cpu *cpu)
{
	struct json_object *o = record_result("cpu");

	if (!o)
		return NULL;
	add_u64(o, "cpu", cpu->cpu);
	add_u64(o, "sessions", cpu->sessions);
	add_u64(o, "given", cpu->given);
	add_u64(o, "taken", cpu->taken);
	return o;
}

struct json_object *record_program(const struct dp_program *program)
{
	struct json_object *o = record_result("program");

	if (!o)
		return NULL;
	add_word(o, "name", program->name);
	add_word(o, "kind", program->kind);
	add_u64(o, "id", program->id);
	add_u64(o, "instructions", program->instructions);
	return o;
}

struct json_object *record_map(const struct dp_map *map)
{
	struct json_object *o = record_result("map");

	if (!o)
		return NULL;
	add_word(o, "name", map->name);
	add_u64(o, "used", map->used);
	add_u64(o, "size", map->size);
	return o;
}
