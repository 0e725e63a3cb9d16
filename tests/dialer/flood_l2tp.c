/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Datagrams from many ports, or from an address that is not ours (--spoof), need a raw
 * socket. What comes back is counted from another one, by message type.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "avp.h"
#include "flood.h"
#include "l2tp.h"
#include "options.h"
#include "pace.h"
#include "raw4.h"
#include "report.h"
#include "rng.h"

#define FLOOD_BURST 64
#define FLOOD_SIZE 512
#define HEADERS 28 /* IPv4 and UDP */
#define BUFFER (16 << 20)
#define MESSAGES 32

struct flood {
	const struct options *opt;
	int raw, udp;
	struct in_addr from;
	uint64_t random;
	uint64_t sent, errors;
	uint64_t answers[MESSAGES], data_answers;
};

static uint32_t in_turn(const struct plan_range *r, uint64_t nth)
{
	return r->from + nth % (r->to - r->from + 1);
}

static void put_control(struct wr *w, uint16_t tunnel, uint16_t session, uint16_t ns)
{
	wr_u16(w, L2TP_TYPE | L2TP_LENGTH | L2TP_SEQUENCE | L2TP_VERSION);
	wr_u16(w, 0);
	wr_u16(w, tunnel);
	wr_u16(w, session);
	wr_u16(w, ns);
	wr_u16(w, 0);
}

static void put_sccrq(struct flood *f, struct wr *w)
{
	const char *name = f->opt->host_name;

	put_control(w, 0, 0, 0);
	avp_put_u16(w, AVP_MESSAGE, MESSAGE_SCCRQ);
	avp_put_u16(w, AVP_VERSION, 0x0100);
	avp_put_u32(w, AVP_FRAMING, 3);
	avp_put(w, AVP_HOST_NAME, name, strlen(name));
	avp_put_u16(w, AVP_TUNNEL_ID, 1 + rng_next(&f->random) % 65535);
	avp_put_u16(w, AVP_WINDOW, 8);
}

/* Forged: a guess at the ids; the sequence number is guessed, too. */
static void put_end(struct flood *f, struct wr *w, enum avp_message type)
{
	uint16_t tunnel = in_turn(&f->opt->tunnel_id, f->sent);
	uint16_t session = in_turn(&f->opt->sid, f->sent);

	put_control(w, tunnel, type == MESSAGE_CDN ? session : 0, f->sent % 8);
	avp_put_u16(w, AVP_MESSAGE, type);
	avp_put_u16(w, type == MESSAGE_CDN ? AVP_SESSION_ID : AVP_TUNNEL_ID, 1);
	avp_put(w, AVP_RESULT, (uint8_t[]){ 0, 1 }, 2);
}

/* An IP packet and now and then an LCP one. */
static void put_data(struct flood *f, struct wr *w)
{
	static const uint8_t echo[] = { 0xff, 3, 0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0 };
	static const uint8_t ip[] = {
		0xff, 3, 0x00, 0x21, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0,
		192,  0, 2,    1,    192,  0, 2, 2,  0, 9, 0, 9, 0,  8,  0, 0
	};

	wr_u16(w, L2TP_VERSION);
	wr_u16(w, in_turn(&f->opt->tunnel_id, f->sent));
	wr_u16(w, in_turn(&f->opt->sid, f->sent));
	if (f->sent % 8 == 7)
		wr_put(w, echo, sizeof(echo));
	else
		wr_put(w, ip, sizeof(ip));
}

static void put_l2tp(struct flood *f, struct wr *w)
{
	size_t at = w->len;

	switch (f->opt->flood) {
	case FLOOD_SCCRQ:
		put_sccrq(f, w);
		break;
	case FLOOD_STOPCCN:
		put_end(f, w, MESSAGE_STOPCCN);
		break;
	case FLOOD_CDN:
		put_end(f, w, MESSAGE_CDN);
		break;
	default:
		put_data(f, w);
		return;
	}
	wr_patch_u16(w, at + 2, w->len - at);
}

static void send_one(void *arg)
{
	struct flood *f = arg;
	const struct options *o = f->opt;
	uint8_t bytes[FLOOD_SIZE];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	raw4_put_ip(&w, IPPROTO_UDP, f->from, o->server.v4.sin_addr);
	wr_u16(&w, 1024 + rng_next(&f->random) % 64000);
	wr_u16(&w, endpoint_port(&o->server));
	wr_u32(&w, 0);
	put_l2tp(f, &w);
	wr_patch_u16(&w, 24, w.len - 20);
	wr_patch_u16(&w, 26, wire_udp_check(bytes, 20, w.len));
	if (sendto(f->raw, w.p, w.len, 0, &o->server.any, endpoint_len(&o->server)) < 0)
		f->errors++;
	f->sent++;
}

static void count_answers(void *arg)
{
	struct flood *f = arg;
	uint8_t bytes[FLOOD_SIZE];
	struct l2tp_header h;
	struct avp avp;
	struct rd r, skipped;
	uint16_t type = 0;
	ssize_t n;

	while ((n = recv(f->udp, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		r = (struct rd){ bytes, n };
		if (!rd_take(&r, HEADERS, &skipped) ||
		    wire_get16(bytes + 20) != endpoint_port(&f->opt->server) || !l2tp_parse(&r, &h))
			continue;
		if (!(h.flags & L2TP_TYPE))
			f->data_answers++;
		else if (!r.len)
			f->answers[MESSAGE_NONE]++;
		else if (avp_next(&r, &avp) && rd_u16(&avp.value, &type) && type < MESSAGES)
			f->answers[type]++;
	}
}

static struct json_object *flood_report(const struct flood *f, double seconds)
{
	static const struct {
		enum avp_message type;
		const char *name;
	} types[] = { { MESSAGE_NONE, "acks" },
		      { MESSAGE_SCCRP, "sccrp" },
		      { MESSAGE_STOPCCN, "stopccn" },
		      { MESSAGE_CDN, "cdn" } };
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "sent", json_object_new_uint64(f->sent));
	json_object_object_add(o, "send_errors", json_object_new_uint64(f->errors));
	json_object_object_add(o, "seconds", json_object_new_double(seconds));
	json_object_object_add(o, "per_second", json_object_new_double(f->sent / seconds));
	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		json_object_object_add(o, types[i].name,
				       json_object_new_uint64(f->answers[types[i].type]));
	json_object_object_add(o, "data", json_object_new_uint64(f->data_answers));
	return o;
}

int flood_l2tp_run(const struct options *opt)
{
	struct flood f = { .opt = opt, .random = pace_clock() * 2 + 1 };
	const struct pace_work work = {
		opt->rate, opt->count, opt->wait, FLOOD_BURST, send_one, count_answers, &f,
	};
	int bytes = BUFFER, ret = 1;
	int64_t begun = pace_clock();

	f.raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	f.udp = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	if (f.raw < 0 || f.udp < 0 || opt->server.any.sa_family != AF_INET ||
	    setsockopt(f.udp, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    raw4_own_address(opt, &f.from) < 0) {
		fprintf(stderr, "dialer: raw sockets to an IPv4 address: %s\n", strerror(errno));
	} else {
		pace_work(&work);
		ret = report_write(flood_report(&f, (pace_clock() - begun) / 1e9 - opt->wait),
				   opt->report) < 0;
	}
	if (f.udp >= 0)
		close(f.udp);
	if (f.raw >= 0)
		close(f.raw);
	return ret;
}
