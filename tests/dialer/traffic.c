/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "traffic.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "control.h"
#include "ppp.h"
#include "probe.h"
#include "tun.h"

#define TRAFFIC_BURST 256
#define JOIN_RATE 50000
#define JOIN_SETTLE_NS 100000000
#define JOIN_DELAY_NS 50000000 /* the server may still be busy with the last session */

static bool wants_traffic(const struct options *o)
{
	return o->up_pps > 0 || o->down_pps > 0 || o->echo_pps > 0 || o->hairpin_pps > 0;
}

int traffic_init(struct client *client)
{
	struct traffic *t = &client->traffic;

	t->control = -1;
	t->run = client_random(client) | 1;
	if (!client->opt.control || !wants_traffic(&client->opt))
		return 0;
	t->control = control_connect(client->opt.control);
	return t->control < 0 ? t->control : 0;
}

void traffic_free(struct client *client)
{
	if (client->traffic.control >= 0)
		close(client->traffic.control);
}

bool traffic_active(const struct client *client)
{
	return client->traffic.stage != TRAFFIC_NONE && client->traffic.stage != TRAFFIC_DONE;
}

/* What MPPE adds is within the MRU: its header, and the protocol field that it hides. */
static uint16_t largest(const struct call *call)
{
	return call->peer_mru - (call->ccp.phase == CCP_OPEN ? MPPE_HEADER + 2 : 0);
}

static uint16_t random_size(struct client *client, const struct call *call)
{
	const struct plan_range *r = &client->opt.size;
	uint32_t size = r->from;

	if (r->to > r->from)
		size += client_random(client) % (r->to - r->from + 1);
	if (size > largest(call))
		size = largest(call);
	return size < PROBE_MIN ? PROBE_MIN : size;
}

static bool send_probe(struct client *client, struct call *call, const struct probe_path *path,
		       const struct probe *p)
{
	struct ppp_data d;

	if (!ppp_begin_data(client, call, &d))
		return false;
	probe_put(d.w, path, p);
	ppp_end_data(client, call, &d);
	return true;
}

void traffic_output(struct client *client, struct call *call, struct rd packet)
{
	struct ppp_data d;

	if (!ppp_begin_data(client, call, &d))
		return;
	wr_put(d.w, packet.p, packet.len);
	ppp_end_data(client, call, &d);
}

static bool send_to_core(struct client *client, struct call *call, enum probe_kind kind,
			 uint64_t seq)
{
	const struct sockaddr_in *core = &client->opt.core;
	struct probe_path path = { call->addr, core->sin_addr, PROBE_PORT, ntohs(core->sin_port) };
	struct probe p = { .kind = kind,
			   .run = client->traffic.run,
			   .from = call_number(client, call),
			   .to = PROBE_CORE,
			   .dial = call->dial,
			   .addr = call->addr,
			   .seq = seq,
			   .sent_ns = client->now };

	p.size = kind == PROBE_JOIN || kind == PROBE_LEAVE ? PROBE_MIN : random_size(client, call);
	if (client->opt.spoof.s_addr)
		path.src = client->opt.spoof;
	return send_probe(client, call, &path, &p);
}

void traffic_join(struct client *client, struct call *call)
{
	if (client->opt.core.sin_port && wants_traffic(&client->opt))
		send_to_core(client, call, PROBE_JOIN, 0);
}

void traffic_leave(struct client *client, struct call *call)
{
	if (client->opt.core.sin_port && wants_traffic(&client->opt) && call->state == CALL_UP)
		send_to_core(client, call, PROBE_LEAVE, 0);
}

/* ---- sending */

static struct call *next_up(struct client *client, uint32_t *next)
{
	if (*next >= client->ups)
		*next = 0;
	return client->up[(*next)++];
}

static void send_up(struct client *client)
{
	struct call *call = next_up(client, &client->traffic.up_next);

	if (!send_to_core(client, call, PROBE_UP, call->up_seq))
		return;
	call->up_seq++;
	client->traffic.up.sent++;
}

static void send_echo(struct client *client)
{
	struct call *call = next_up(client, &client->traffic.echo_next);

	if (!send_to_core(client, call, PROBE_ECHO, call->echo_seq))
		return;
	call->echo_seq++;
	client->traffic.echo.sent++;
}

/* A receiver has one sender only, so that one sequence can be checked. */
static void send_hairpin(struct client *client)
{
	struct call *call = next_up(client, &client->traffic.hairpin_next);
	uint32_t shift = client->opt.sessions / 2;
	struct call *to = &client->calls[(call->nth + shift) % client->opt.sessions];
	struct probe_path path = { call->addr, to->addr, PROBE_PORT, PROBE_PORT };
	struct probe p = { .kind = PROBE_HAIRPIN,
			   .run = client->traffic.run,
			   .size = random_size(client, call),
			   .from = call_number(client, call),
			   .to = call_number(client, to),
			   .dial = to->dial,
			   .addr = to->addr,
			   .seq = call->hairpin_seq,
			   .sent_ns = client->now };

	if (to->state != CALL_UP)
		return;
	if (p.size > largest(to))
		p.size = largest(to);
	if (!send_probe(client, call, &path, &p))
		return;
	call->hairpin_seq++;
	client->traffic.hairpin.sent++;
}

static void send_due(struct client *client, struct pace *pace, void (*send)(struct client *client))
{
	uint32_t n;

	if (pace->rate == 0 || client->ups == 0)
		return;
	n = pace_due(pace, client->now, TRAFFIC_BURST);
	pace_took(pace, n);
	while (n--)
		send(client);
}

/* ---- stages */

static void ask_core(struct client *client, const char *question, char answer[CONTROL_MAX])
{
	struct traffic *t = &client->traffic;

	answer[0] = '\0';
	if (t->control < 0)
		return;
	if (control_ask(t->control, question, answer) < 0) {
		close(t->control);
		t->control = -1;
	}
}

static void enter(struct client *client, enum traffic_stage stage)
{
	client->traffic.stage = stage;
	client->traffic.stage_begun = client->now;
}

void traffic_begin(struct client *client)
{
	struct traffic *t = &client->traffic;

	if (!wants_traffic(&client->opt) || client->ups == 0)
		return;
	pace_begin(&t->join_pace, JOIN_RATE, client->now + JOIN_DELAY_NS);
	enter(client, TRAFFIC_JOINING);
}

static void run(struct client *client)
{
	const struct options *o = &client->opt;
	struct traffic *t = &client->traffic;
	char question[128], answer[CONTROL_MAX];

	pace_begin(&t->up_pace, o->up_pps, client->now);
	pace_begin(&t->echo_pace, o->echo_pps, client->now);
	pace_begin(&t->hairpin_pace, o->hairpin_pps, client->now);
	enter(client, TRAFFIC_RUNNING);
	snprintf(question, sizeof(question), "down %u %f %u %u", t->run, o->down_pps, o->size.from,
		 o->size.to);
	ask_core(client, question, answer);
}

static void join_due(struct client *client)
{
	struct traffic *t = &client->traffic;
	uint32_t n = pace_due(&t->join_pace, client->now, TRAFFIC_BURST);

	for (; n && t->join_next < client->ups; n--) {
		pace_took(&t->join_pace, 1);
		traffic_join(client, client->up[t->join_next++]);
	}
	if (t->join_next < client->ups)
		t->stage_begun = client->now;
	else if (client->now - t->stage_begun > JOIN_SETTLE_NS)
		run(client);
}

static uint64_t get_count(struct json_object *o, const char *part, const char *name)
{
	struct json_object *p = o;

	if (part && !json_object_object_get_ex(o, part, &p))
		return 0;
	return json_object_object_get_ex(p, name, &p) ? json_object_get_uint64(p) : 0;
}

static void collect_core(struct client *client)
{
	struct traffic *t = &client->traffic;
	char question[32], answer[CONTROL_MAX];
	struct json_object *o;

	snprintf(question, sizeof(question), "report %u", t->run);
	ask_core(client, question, answer);
	o = json_tokener_parse(answer);
	if (!o)
		return;
	t->core_known = true;
	t->up.received = get_count(o, "up", "received");
	t->up.duplicated = get_count(o, "up", "duplicated");
	t->up.reordered = get_count(o, "up", "reordered");
	t->up.corrupt = get_count(o, "up", "corrupt");
	t->up.bytes = get_count(o, "up", "bytes");
	t->up.wrong_session = get_count(o, "up", "wrong_session");
	t->down.sent = get_count(o, "down", "sent");
	t->core_overflow = get_count(o, NULL, "socket_overflow");
	json_object_put(o);
}

static void settle(struct tally *t)
{
	uint64_t got = t->received + t->stale;

	t->lost = t->sent > got ? t->sent - got : 0;
}

static void collect(struct client *client)
{
	struct traffic *t = &client->traffic;

	collect_core(client);
	if (t->core_known) {
		settle(&t->up);
		settle(&t->down);
	}
	settle(&t->echo);
	settle(&t->hairpin);
	enter(client, TRAFFIC_DONE);
}

void traffic_tick(struct client *client)
{
	struct traffic *t = &client->traffic;
	int64_t elapsed = client->now - t->stage_begun;
	char question[32], answer[CONTROL_MAX];

	switch (t->stage) {
	case TRAFFIC_JOINING:
		join_due(client);
		break;
	case TRAFFIC_RUNNING:
		send_due(client, &t->up_pace, send_up);
		send_due(client, &t->echo_pace, send_echo);
		send_due(client, &t->hairpin_pace, send_hairpin);
		if (elapsed < client->opt.duration * 1e9 && !client->interrupted)
			break;
		t->running_ns = elapsed;
		snprintf(question, sizeof(question), "stop %u", t->run);
		ask_core(client, question, answer);
		impair_release(client);
		enter(client, TRAFFIC_DRAINING);
		break;
	case TRAFFIC_DRAINING:
		if (elapsed >= client->opt.drain * 1e9)
			collect(client);
		break;
	case TRAFFIC_NONE:
	case TRAFFIC_DONE:
		break;
	}
}

/* ---- receiving */

struct ip {
	uint8_t proto;
	struct in_addr src, dst;
	size_t header_len, len;
};

static bool parse_ip(struct rd r, struct ip *ip)
{
	if (r.len < 20 || r.p[0] >> 4 != 4)
		return false;
	ip->header_len = (r.p[0] & 15) * 4;
	ip->len = wire_get16(r.p + 2);
	ip->proto = r.p[9];
	memcpy(&ip->src, r.p + 12, 4);
	memcpy(&ip->dst, r.p + 16, 4);
	/* the PPPoE length must not count Ethernet padding: lengths are equal */
	return ip->header_len >= 20 && ip->len >= ip->header_len && ip->len == r.len &&
	       wire_fold(wire_sum(r.p, ip->header_len, 0)) == 0;
}

/* The session whom a packet was for still has the address that its sender meant. */
static bool still_there(struct client *client, const struct probe *p)
{
	uint32_t nth = p->to - client->opt.first;

	return nth < client->opt.sessions && client->calls[nth].state == CALL_UP &&
	       client->calls[nth].dial == p->dial &&
	       client->calls[nth].addr.s_addr == p->addr.s_addr;
}

static void count_probe(struct client *client, struct call *call, const struct probe *p,
			struct tally *tally, struct track *track)
{
	if (p->to != call_number(client, call) || p->dial != call->dial) {
		if (still_there(client, p))
			tally->wrong_session++;
		else
			tally->stale++;
		return;
	}
	tally_add(tally, track_add(track, p->seq), p->size);
}

static void probe_input(struct client *client, struct call *call, const struct probe *p)
{
	struct traffic *t = &client->traffic;

	if (p->run != t->run)
		return;
	switch (p->kind) {
	case PROBE_DOWN:
		count_probe(client, call, p, &t->down, &call->down);
		break;
	case PROBE_ECHO_REPLY:
		hist_add(&t->rtt, (client->now - (int64_t)p->sent_ns) / 1000);
		count_probe(client, call, p, &t->echo, &call->echo);
		break;
	case PROBE_HAIRPIN:
		count_probe(client, call, p, &t->hairpin, &call->hairpin);
		break;
	default:
		client->stats.protocol_errors++;
	}
}

static void udp_input(struct client *client, struct call *call, struct rd r, const struct ip *ip)
{
	struct traffic *t = &client->traffic;
	struct rd payload = { r.p + ip->header_len + 8, ip->len - ip->header_len - 8 };
	bool from_core = ip->src.s_addr == client->opt.core.sin_addr.s_addr;
	bool sound, ours;
	struct probe p;

	sound = probe_parse(payload, &p, &ours);
	if (!ours)
		return;
	if (!sound || wire_get16(r.p + ip->header_len + 4) != payload.len + 8 ||
	    wire_get16(r.p + ip->header_len + 6) == 0 ||
	    wire_udp_check(r.p, ip->header_len, ip->len) != 0)
		(from_core ? &t->down : &t->hairpin)->corrupt++;
	else
		probe_input(client, call, &p);
}

/* Answers a ping; counts what the network says of our packets. */
static void icmp_input(struct client *client, struct call *call, struct rd r, const struct ip *ip)
{
	uint8_t packet[2048];
	uint8_t *icmp = packet + 20;
	size_t len = ip->len - ip->header_len;
	uint16_t sum;

	if (r.p[ip->header_len] == 3 && r.p[ip->header_len + 1] == 4)
		client->stats.icmp_too_big++;
	else if (r.p[ip->header_len] != 8)
		client->stats.icmp_other++;
	if (r.p[ip->header_len] != 8 || ip->header_len != 20 || ip->len > sizeof(packet))
		return;
	client->stats.icmp_echo++;
	memcpy(packet, r.p, ip->len);
	memcpy(packet + 12, r.p + 16, 4);
	memcpy(packet + 16, r.p + 12, 4);
	icmp[0] = 0;
	icmp[2] = icmp[3] = 0;
	sum = wire_fold(wire_sum(icmp, len, 0));
	icmp[2] = sum >> 8;
	icmp[3] = sum;
	traffic_output(client, call, (struct rd){ packet, ip->len });
}

void traffic_input(struct client *client, struct call *call, struct rd r)
{
	struct ip ip;

	if (call->state != CALL_UP) {
		client->stats.late_frames++;
		return;
	}
	if (!parse_ip(r, &ip)) {
		client->traffic.down.corrupt++;
		return;
	}
	if (ip.dst.s_addr != call->addr.s_addr) {
		client->traffic.misdelivered++;
		return;
	}
	if (call->tun >= 0)
		tun_write(call, r);
	else if (ip.proto == IPPROTO_UDP && ip.len >= ip.header_len + 8)
		udp_input(client, call, r, &ip);
	else if (ip.proto == IPPROTO_ICMP && ip.len >= ip.header_len + 8)
		icmp_input(client, call, r, &ip);
}

/* ---- verdict */

uint64_t traffic_wrong(const struct client *client)
{
	const struct traffic *t = &client->traffic;
	const struct tally *all[] = { &t->up, &t->down, &t->echo, &t->hairpin };
	uint64_t wrong = t->misdelivered;

	for (unsigned int i = 0; i < 4; i++)
		wrong += all[i]->wrong_session + all[i]->corrupt + all[i]->duplicated;
	return wrong;
}

uint64_t traffic_lost(const struct client *client)
{
	const struct traffic *t = &client->traffic;

	return t->up.lost + t->down.lost + t->echo.lost + t->hairpin.lost;
}
