/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "flood.h"

#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "discovery.h"
#include "io.h"
#include "options.h"
#include "pace.h"
#include "report.h"
#include "rng.h"

#define FLOOD_BURST 256
#define POLL_MS 1

struct flood {
	const struct options *opt;
	struct io *io;
	uint64_t random;
	uint8_t ac_mac[WIRE_MAC];
	uint64_t sent;
	uint64_t answers[256]; /* by discovery code */
	uint64_t session_frames;
};

static void random_bytes(struct flood *f, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = rng_next(&f->random) >> 24;
}

static int start(struct flood *f, const struct options *opt, const uint8_t *prefix)
{
	struct io_config config = { opt->interface, opt->ring_mb, prefix };
	const char *what;
	int ret;

	memset(f, 0, sizeof(*f));
	f->opt = opt;
	f->random = pace_clock() * 2 + 1;
	ret = io_open(&f->io, &config, &what);
	if (ret < 0)
		fprintf(stderr, "dialer: %s: %s\n", what, strerror(-ret));
	return ret;
}

/* ---- discover */

static void put_padi(struct flood *f, const uint8_t *mac, uint32_t nth)
{
	static const uint8_t broadcast[WIRE_MAC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const struct options *o = f->opt;
	struct wr *w = io_frame(f->io);
	struct vlans v;
	size_t at;

	plan_vlans(&o->vlans, nth, &v);
	wire_put_eth(w, broadcast, mac, &v, WIRE_TYPE_DISCOVERY);
	at = wire_put_pppoe(w, DISCOVERY_PADI, 0);
	wr_tlv16(w, TAG_SERVICE, o->service, strlen(o->service));
	wr_tlv16(w, TAG_HOST_UNIQ, &nth, 4);
	if (o->max_payload)
		wr_tlv16(w, TAG_MAX_PAYLOAD, (uint8_t[]){ o->max_payload >> 8, o->max_payload }, 2);
	wire_end_pppoe(w, at, !o->no_pad);
	io_queue(f->io);
}

static const char *tag_name(uint16_t type, char *buffer, size_t cap)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = { { TAG_SERVICE, "service" },
		      { TAG_AC_NAME, "ac-name" },
		      { TAG_HOST_UNIQ, "host-uniq" },
		      { TAG_COOKIE, "ac-cookie" },
		      { TAG_VENDOR, "vendor" },
		      { TAG_RELAY, "relay-session-id" },
		      { TAG_MAX_PAYLOAD, "max-payload" },
		      { TAG_SERVICE_ERROR, "service-error" },
		      { TAG_SYSTEM_ERROR, "system-error" },
		      { TAG_GENERIC_ERROR, "generic-error" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	snprintf(buffer, cap, "0x%04x", type);
	return buffer;
}

static bool is_text(uint16_t type)
{
	return type == TAG_SERVICE || type == TAG_AC_NAME || type >= TAG_SERVICE_ERROR;
}

static struct json_object *tag_value(uint16_t type, struct rd value)
{
	char hex[2 * 256 + 1] = "";

	if (is_text(type))
		return json_object_new_string_len((const char *)value.p, value.len);
	for (size_t i = 0; i < value.len && i < 256; i++)
		sprintf(hex + 2 * i, "%02x", value.p[i]);
	return json_object_new_string(hex);
}

static struct json_object *offer(const struct frame *f, struct rd tags)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(), *pair;
	char mac[18], name[16];
	struct rd value;
	uint16_t type, len;

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", f->src[0], f->src[1], f->src[2],
		 f->src[3], f->src[4], f->src[5]);
	json_object_object_add(o, "ac_mac", json_object_new_string(mac));
	while (rd_u16(&tags, &type) && rd_u16(&tags, &len) && rd_take(&tags, len, &value)) {
		if (type == TAG_END)
			break;
		pair = json_object_new_object();
		json_object_object_add(pair, tag_name(type, name, sizeof(name)),
				       tag_value(type, value));
		json_object_array_add(list, pair);
	}
	json_object_object_add(o, "tags", list);
	return o;
}

static bool wait_frame(struct flood *f, struct frame *frame, int64_t until)
{
	struct pollfd fd = { io_fd(f->io), POLLIN, 0 };

	while (!io_next(f->io, frame)) {
		if (pace_clock() >= until)
			return false;
		poll(&fd, 1, POLL_MS);
	}
	return true;
}

static bool next_pado(struct flood *f, struct frame *frame, struct rd *tags, int64_t until)
{
	struct pppoe_header h;

	while (wait_frame(f, frame, until)) {
		*tags = frame->payload;
		if (frame->type == WIRE_TYPE_DISCOVERY && wire_parse_pppoe(tags, &h) &&
		    h.code == DISCOVERY_PADO)
			return true;
	}
	return false;
}

int discover_run(const struct options *opt)
{
	struct json_object *offers;
	struct flood f;
	struct frame frame;
	struct rd tags;
	uint8_t mac[WIRE_MAC];
	int64_t until;
	int found;

	if (start(&f, opt, opt->mac_base) < 0)
		return 1;
	offers = json_object_new_array();
	/* a MAC of its own, so that the answers are to us */
	plan_mac(opt->mac_base, getpid() & 0xffffff, mac);
	put_padi(&f, mac, 0);
	io_flush(f.io);
	until = pace_clock() + (int64_t)(opt->wait * 1e9);
	while (next_pado(&f, &frame, &tags, until))
		if (memcmp(frame.dst, mac, WIRE_MAC) == 0)
			json_object_array_add(offers, offer(&frame, tags));
	found = json_object_array_length(offers);
	io_close(f.io);
	return report_write(offers, opt->report) < 0 || found == 0;
}

/* ---- flood */

static bool find_ac(struct flood *f)
{
	uint8_t mac[WIRE_MAC];
	struct frame frame;
	struct rd tags;

	memcpy(f->ac_mac, f->opt->ac_mac, WIRE_MAC);
	for (unsigned int i = 0; i < WIRE_MAC; i++)
		if (f->ac_mac[i])
			return true;
	plan_mac(f->opt->mac_base, getpid() & 0xffffff, mac);
	put_padi(f, mac, 0);
	io_flush(f->io);
	if (!next_pado(f, &frame, &tags, pace_clock() + (int64_t)(f->opt->wait * 1e9)))
		return false;
	memcpy(f->ac_mac, frame.src, WIRE_MAC);
	return true;
}

static void put_padr(struct flood *f, const uint8_t *mac, const struct vlans *v)
{
	const struct options *o = f->opt;
	struct wr *w = io_frame(f->io);
	uint8_t cookie[1024];
	size_t at;

	random_bytes(f, cookie, o->cookie_len);
	wire_put_eth(w, f->ac_mac, mac, v, WIRE_TYPE_DISCOVERY);
	at = wire_put_pppoe(w, DISCOVERY_PADR, 0);
	wr_tlv16(w, TAG_SERVICE, o->service, strlen(o->service));
	if (o->cookie_len)
		wr_tlv16(w, TAG_COOKIE, cookie, o->cookie_len);
	wire_end_pppoe(w, at, !o->no_pad);
	io_queue(f->io);
}

/* An IP packet and now and then an LCP one, from nobody's address. */
static void put_session(struct flood *f, const uint8_t *mac, const struct vlans *v, uint16_t sid)
{
	static const uint8_t echo[] = { 0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0 };
	static const uint8_t ip[] = { 0x00, 0x21, 0x45, 0,   0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192,
				      0,    2,    1,    192, 0, 2,  2, 0, 9, 0, 9,  0,  8, 0, 0 };
	struct wr *w = io_frame(f->io);
	size_t at;

	wire_put_eth(w, f->ac_mac, mac, v, WIRE_TYPE_SESSION);
	at = wire_put_pppoe(w, 0, sid);
	if (f->sent % 8 == 7)
		wr_put(w, echo, sizeof(echo));
	else
		wr_put(w, ip, sizeof(ip));
	wire_end_pppoe(w, at, !f->opt->no_pad);
	io_queue(f->io);
}

static void send_one(void *arg)
{
	struct flood *f = arg;
	const struct plan_range *sid = &f->opt->sid;
	uint8_t mac[WIRE_MAC];
	struct vlans v;

	plan_mac(f->opt->mac_base, rng_next(&f->random), mac);
	plan_vlans(&f->opt->vlans, f->sent, &v);
	switch (f->opt->flood) {
	case FLOOD_PADI:
		put_padi(f, mac, f->sent);
		break;
	case FLOOD_PADR_FORGED:
		put_padr(f, mac, &v);
		break;
	default:
		put_session(f, mac, &v, sid->from + f->sent % (sid->to - sid->from + 1));
		break;
	}
	f->sent++;
}

static void count_answers(struct flood *f)
{
	struct pppoe_header h;
	struct frame frame;
	struct rd r;

	for (int i = 0; i < FLOOD_BURST && io_next(f->io, &frame); i++) {
		r = frame.payload;
		if (frame.type == WIRE_TYPE_SESSION)
			f->session_frames++;
		else if (wire_parse_pppoe(&r, &h))
			f->answers[h.code]++;
	}
}

static void meanwhile(void *arg)
{
	struct flood *f = arg;

	io_flush(f->io);
	count_answers(f);
}

static struct json_object *flood_report(struct flood *f, double seconds)
{
	static const struct {
		uint8_t code;
		const char *name;
	} codes[] = { { DISCOVERY_PADO, "pado" },
		      { DISCOVERY_PADS, "pads" },
		      { DISCOVERY_PADT, "padt" } };
	struct json_object *o = json_object_new_object();
	struct io_counters c;

	io_counters(f->io, &c);
	json_object_object_add(o, "sent", json_object_new_uint64(f->sent));
	json_object_object_add(o, "seconds", json_object_new_double(seconds));
	json_object_object_add(o, "per_second", json_object_new_double(f->sent / seconds));
	for (unsigned int i = 0; i < 3; i++)
		json_object_object_add(o, codes[i].name,
				       json_object_new_uint64(f->answers[codes[i].code]));
	json_object_object_add(o, "session_frames", json_object_new_uint64(f->session_frames));
	json_object_object_add(o, "send_errors", json_object_new_uint64(c.send_errors));
	json_object_object_add(o, "ring_drops", json_object_new_uint64(c.ring_drops));
	return o;
}

int flood_run(const struct options *opt)
{
	struct json_object *report;
	struct flood f;
	const struct pace_work work = {
		opt->rate, opt->count, opt->wait, FLOOD_BURST, send_one, meanwhile, &f,
	};
	int64_t begun;
	int ret;

	if (start(&f, opt, opt->mac_base) < 0)
		return 1;
	if (opt->flood != FLOOD_PADI && !find_ac(&f)) {
		fprintf(stderr, "dialer: no access concentrator answered; give --ac-mac\n");
		io_close(f.io);
		return 1;
	}
	begun = pace_clock();
	pace_work(&work);
	report = flood_report(&f, (pace_clock() - begun) / 1e9 - opt->wait);
	ret = report_write(report, opt->report);
	io_close(f.io);
	return ret < 0;
}

/* ---- raw */

static void print_frame(const struct frame *f)
{
	for (int i = 0; i < WIRE_MAC; i++)
		printf("%02x", f->dst[i]);
	for (int i = 0; i < WIRE_MAC; i++)
		printf("%02x", f->src[i]);
	for (unsigned int i = 0; i < f->vlans.count; i++)
		printf("%04x%04x", f->vlans.tag[i].tpid, f->vlans.tag[i].vid);
	printf("%04x", f->type);
	for (size_t i = 0; i < f->payload.len; i++)
		printf("%02x", f->payload.p[i]);
	putchar('\n');
}

static int send_lines(struct flood *f)
{
	uint8_t bytes[2048];
	char line[8192];
	unsigned int number = 0;
	int len;

	while (fgets(line, sizeof(line), stdin)) {
		number++;
		len = plan_parse_hex(line, bytes, sizeof(bytes));
		if (len < 0) {
			fprintf(stderr, "dialer: line %u is not hex\n", number);
			return 1;
		}
		if (len == 0)
			continue;
		wr_put(io_frame(f->io), bytes, len);
		io_queue(f->io);
	}
	io_flush(f->io);
	return 0;
}

int raw_run(const struct options *opt)
{
	struct frame frame;
	struct flood f;
	int64_t until;
	int ret;

	if (start(&f, opt, NULL) < 0)
		return 1;
	ret = send_lines(&f);
	until = pace_clock() + (int64_t)(opt->wait * 1e9);
	while (ret == 0 && wait_frame(&f, &frame, until))
		print_frame(&frame);
	io_close(f.io);
	return ret;
}
