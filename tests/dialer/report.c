/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "access.h"
#include "client.h"

static void put_u64(struct json_object *o, const char *name, uint64_t v)
{
	json_object_object_add(o, name, json_object_new_uint64(v));
}

static void put_real(struct json_object *o, const char *name, double v)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", v);
	json_object_object_add(o, name, json_object_new_double_s(v, text));
}

static void put_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void put_mac(struct json_object *o, const char *name, const uint8_t *mac)
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	put_text(o, name, text);
}

static void put_addr(struct json_object *o, const char *name, struct in_addr addr)
{
	char text[INET_ADDRSTRLEN];

	put_text(o, name, inet_ntop(AF_INET, &addr, text, sizeof(text)));
}

void report_session(struct client *client, const struct call *call)
{
	struct json_object *o, *vlans;

	if (!client->sessions_file)
		return;
	o = json_object_new_object();
	vlans = json_object_new_array();
	put_u64(o, "session", call_number(client, call));
	put_mac(o, "mac", call->mac);
	put_mac(o, "ac_mac", call->ac_mac);
	for (unsigned int i = 0; i < call->vlans.count; i++)
		json_object_array_add(vlans, json_object_new_int(call->vlans.tag[i].vid));
	json_object_object_add(o, "vlans", vlans);
	put_u64(o, "sid", call->sid);
	put_addr(o, "address", call->addr);
	put_addr(o, "peer", call->peer_addr);
	put_addr(o, "dns1", call->dns[0]);
	put_addr(o, "dns2", call->dns[1]);
	put_u64(o, "mru", call->mru);
	put_u64(o, "peer_mru", call->peer_mru);
	put_u64(o, "max_payload", call->max_payload);
	put_u64(o, "dial", call->dial);
	put_text(o, "auth",
		 call->auth_proto == 0        ? "none"
		 : call->auth_proto == 0xc023 ? "pap"
		 : call->auth_proto == 0xc227 ? "eap"
		 : call->auth_algorithm == 5  ? "chap"
					      : "mschapv2");
	fprintf(client->sessions_file, "%s\n",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	fflush(client->sessions_file);
}

static struct json_object *latency(const struct hist *h)
{
	struct json_object *o = json_object_new_object();

	put_u64(o, "samples", h->count);
	put_u64(o, "p50", hist_percentile(h, 50));
	put_u64(o, "p90", hist_percentile(h, 90));
	put_u64(o, "p95", hist_percentile(h, 95));
	put_u64(o, "p99", hist_percentile(h, 99));
	put_u64(o, "max", h->max);
	return o;
}

static struct json_object *latencies(const struct stats *s)
{
	static const char *const names[LATENCIES] = { "discovery", "lcp", "auth", "ipcp", "total" };
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; i < LATENCIES; i++)
		json_object_object_add(o, names[i], latency(&s->latency[i]));
	return o;
}

static struct json_object *by_phase(const uint64_t counts[PHASES])
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; i < PHASES; i++)
		put_u64(o, call_phase_name(i), counts[i]);
	return o;
}

static struct json_object *faults(const struct stats *s)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; i < FAULTS; i++)
		if (s->faults[i])
			put_u64(o, call_fault_name(i), s->faults[i]);
	return o;
}

struct json_object *report_tally(const struct tally *t)
{
	struct json_object *o = json_object_new_object();

	put_u64(o, "sent", t->sent);
	put_u64(o, "received", t->received);
	put_u64(o, "lost", t->lost);
	put_u64(o, "duplicated", t->duplicated);
	put_u64(o, "reordered", t->reordered);
	put_u64(o, "wrong_session", t->wrong_session);
	put_u64(o, "corrupt", t->corrupt);
	put_u64(o, "stale", t->stale);
	put_u64(o, "bytes", t->bytes);
	return o;
}

static struct json_object *traffic(const struct client *client)
{
	const struct traffic *t = &client->traffic;
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "up", report_tally(&t->up));
	json_object_object_add(o, "down", report_tally(&t->down));
	json_object_object_add(o, "echo", report_tally(&t->echo));
	json_object_object_add(o, "hairpin", report_tally(&t->hairpin));
	json_object_object_add(o, "echo_rtt_us", latency(&t->rtt));
	put_real(o, "seconds", t->running_ns / 1e9);
	put_u64(o, "misdelivered", t->misdelivered);
	put_u64(o, "lost", traffic_lost(client));
	put_u64(o, "wrong", traffic_wrong(client));
	json_object_object_add(o, "core_report", json_object_new_boolean(t->core_known));
	put_u64(o, "core_overflow", t->core_overflow);
	return o;
}

static struct json_object *anomalies(const struct client *client)
{
	const struct stats *s = &client->stats;
	struct json_object *o = json_object_new_object();

	put_u64(o, "misdirected", s->misdirected);
	put_u64(o, "second_session", s->second_session);
	put_u64(o, "address_conflicts", client->address_conflicts);
	put_u64(o, "protocol_errors", s->protocol_errors);
	put_u64(o, "malformed", s->malformed);
	put_u64(o, "late_frames", s->late_frames);
	put_u64(o, "code_rejects", s->code_rejects);
	put_u64(o, "protocol_rejects", s->protocol_rejects);
	return o;
}

static struct json_object *echoes(const struct stats *s)
{
	struct json_object *o = json_object_new_object();

	put_u64(o, "sent", s->echo_sent);
	put_u64(o, "answered", s->echo_answered);
	put_u64(o, "received", s->echo_received);
	put_u64(o, "ignored", s->echo_ignored);
	return o;
}

static struct json_object *mppe(const struct mppe_stats *s)
{
	struct json_object *o = json_object_new_object();

	put_u64(o, "opened", s->opened);
	put_u64(o, "sealed", s->sealed);
	put_u64(o, "unsealed", s->unsealed);
	put_u64(o, "failures", s->failures);
	put_u64(o, "missed", s->missed);
	put_u64(o, "waited", s->waited);
	put_u64(o, "late", s->late);
	put_u64(o, "early", s->early);
	put_u64(o, "resets_sent", s->resets_sent);
	put_u64(o, "resets_received", s->resets_received);
	put_u64(o, "reset_acks", s->reset_acks);
	put_u64(o, "flushed", s->flushed);
	put_u64(o, "clear_received", s->clear_received);
	put_u64(o, "clear_sent", s->clear_sent);
	put_u64(o, "forged", s->forged);
	put_u64(o, "withheld", s->withheld);
	return o;
}

static struct json_object *impair(const struct impair *m)
{
	struct json_object *o = json_object_new_object();

	put_u64(o, "lost_up", m->lost_out);
	put_u64(o, "lost_down", m->lost_in);
	put_u64(o, "reordered", m->reordered);
	return o;
}

static struct json_object *icmp(const struct stats *s)
{
	struct json_object *o = json_object_new_object();

	put_u64(o, "echo", s->icmp_echo);
	put_u64(o, "too_big", s->icmp_too_big);
	put_u64(o, "other", s->icmp_other);
	return o;
}

static struct json_object *frames(struct client *client)
{
	struct json_object *o = json_object_new_object();
	struct io_counters c;

	client->access->counters(client, &c);
	put_u64(o, "sent", c.sent);
	put_u64(o, "received", c.received);
	put_u64(o, "ring_drops", c.ring_drops);
	put_u64(o, "send_errors", c.send_errors);
	return o;
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void put_setup(struct json_object *o, const struct client *client)
{
	const struct stats *s = &client->stats;
	double seconds = (client->last_established - client->started) / 1e9;
	uint32_t established = client_established(client), failed = 0;

	for (uint32_t i = 0; i < client->opt.sessions; i++)
		failed += client->calls[i].failed;
	put_u64(o, "wanted", client->opt.sessions);
	put_u64(o, "established", established);
	put_u64(o, "failed", failed);
	put_u64(o, "attempts", s->attempts);
	put_u64(o, "setups", s->established);
	put_real(o, "setup_seconds", seconds > 0 ? seconds : 0);
	put_real(o, "setups_per_second", seconds > 0 ? s->established / seconds : 0);
}

struct json_object *report_client(struct client *client)
{
	const struct stats *s = &client->stats;
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "ok", json_object_new_boolean(client_verdict(client) == 0));
	put_setup(o, client);
	json_object_object_add(o, "latency_us", latencies(s));
	json_object_object_add(o, "failures", faults(s));
	json_object_object_add(o, "retransmissions", by_phase(s->retransmissions));
	json_object_object_add(o, "terminated_by_server", by_phase(s->terminated));
	json_object_object_add(o, "padt_by_server", by_phase(s->padt));
	put_u64(o, "hangups", s->hangups);
	put_u64(o, "hangups_answered", s->hangups_answered);
	put_u64(o, "up_at_end", client->up_at_end);
	json_object_object_add(o, "lcp_echo", echoes(s));
	json_object_object_add(o, "anomalies", anomalies(client));
	json_object_object_add(o, "traffic", traffic(client));
	json_object_object_add(o, "icmp", icmp(s));
	json_object_object_add(o, "mppe", mppe(&s->mppe));
	json_object_object_add(o, "bad_link", impair(&client->impair));
	json_object_object_add(o, "frames", frames(client));
	if (client->access->report)
		json_object_object_add(o, "tunnels", client->access->report(client));
	put_real(o, "cpu_seconds", cpu_seconds());
	put_real(o, "started", client->wall_started);
	put_real(o, "stopped", client->wall_started + (client->stopped - client->started) / 1e9);
	return o;
}

void report_ready(struct client *client)
{
	const char *path = client->opt.ready;
	char unfinished[4096];

	if (!path)
		return;
	client->stopped = client->now;
	snprintf(unfinished, sizeof(unfinished), "%s.unfinished", path);
	if (report_write(report_client(client), unfinished) == 0 && rename(unfinished, path) < 0)
		fprintf(stderr, "dialer: %s: %s\n", path, strerror(errno));
}

int report_write(struct json_object *o, const char *path)
{
	FILE *f = path ? fopen(path, "we") : stdout;
	int ret = 0;

	if (!f) {
		ret = -errno;
		fprintf(stderr, "dialer: %s: %s\n", path, strerror(-ret));
	} else {
		fprintf(f, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
		if (f != stdout && fclose(f) != 0)
			ret = -errno;
	}
	json_object_put(o);
	return ret;
}
