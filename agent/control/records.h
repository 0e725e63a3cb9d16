/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What the agent tells of itself, as JSON objects: the one form that JSON answers, text
 * (printed by xpppctl) and metrics are made from. The member "type" says what a record is.
 * The caller owns what is returned; NULL: out of memory.
 */
#ifndef XPPPD_RECORDS_H
#define XPPPD_RECORDS_H

#include <stdint.h>
#include <xpppd/control.h>

#include "session.h"

struct dae_client_info;
struct dp_device;
struct dp_map;
struct dp_program;
struct json_object;
struct l2tp_counters;
struct l2tp_tunnel_record;
struct pool_usage;
struct pptp_connection_record;
struct pptp_counters;
struct pppoe_counters;
struct accounting;
struct radius_server_info;

/* A peer's string: as it is if it is UTF-8 that a terminal can bear, else as log_escape() shows
 * it. In the result \xNN is always an escaped byte. */
struct json_object *record_string(const char *s);

/* A record with nothing but its type. */
struct json_object *record_result(const char *type);
struct json_object *record_session(const struct session_record *session, enum control_view view);
struct json_object *record_event(enum session_event event, const struct session_record *session,
				 enum cause cause, int64_t wall_clock);
/* Both have the type "tunnel"; what only one protocol knows the other leaves out. */
struct json_object *record_tunnel(const struct l2tp_tunnel_record *tunnel);
struct json_object *record_connection(const struct pptp_connection_record *connection);
struct json_object *record_pool(const struct pool_usage *usage);
struct json_object *record_radius(const struct radius_server_info *info);
struct json_object *record_dae(const struct dae_client_info *info);
struct json_object *record_accounting(const struct accounting *accounting);
/* dataplane and agent: packets that each of them counted. */
struct json_object *record_drop(unsigned int reason, uint64_t dataplane, uint64_t agent);

struct record_status {
	const char *version;
	int64_t uptime_s;
	int64_t now; /* wall clock */
	uint32_t max_session;
	uint64_t memory; /* resident bytes */
	struct session_totals totals;
	uint32_t states[SESSION_STATES];
	const struct pppoe_counters *pppoe; /* NULL: not running */
	const struct l2tp_counters *l2tp;   /* likewise */
	const struct pptp_counters *pptp;   /* likewise */
};
struct json_object *record_status(const struct record_status *status);

struct json_object *record_dataplane(const char *name, uint32_t sessions, uint32_t size,
				     const struct dp_mppe_home *home);
/* total: packets of all paths of the same direction. */
struct json_object *record_path(enum xp_path path, const struct xp_path_counter *counter,
				uint64_t total);
bool record_path_is_up(enum xp_path path);
const char *record_path_name(enum xp_path path);
struct json_object *record_device(const struct dp_device *device);
struct json_object *record_cpu(const struct dp_cpu *cpu);
struct json_object *record_program(const struct dp_program *program);
struct json_object *record_map(const struct dp_map *map);

#endif
