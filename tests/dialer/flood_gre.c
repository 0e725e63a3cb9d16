/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP data of calls that are not there, or not the sender's (--spoof). What comes back cannot be
 * told from what comes for sessions of another dialer. */
#include <errno.h>
#include <json-c/json.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flood.h"
#include "gre.h"
#include "options.h"
#include "pace.h"
#include "raw4.h"
#include "report.h"
#include "rng.h"

#define FLOOD_BURST 64
#define FLOOD_SIZE 256

struct flood {
	const struct options *opt;
	int raw;
	struct in_addr from;
	uint64_t random;
	uint64_t sent, errors;
};

/* By turns: IP, LCP, encrypted, an acknowledgement, and a header that is none. */
static void put_gre(struct flood *f, struct wr *w)
{
	static const uint8_t echo[] = { 0xff, 3, 0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0 };
	static const uint8_t sealed[] = { 0, 0xfd, 0x90, 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t ip[] = { 0, 0x21, 0x45, 0,   0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192,
				      0, 2,    1,    192, 0, 2,  2, 0, 9, 0, 9,  0,  8, 0, 0 };
	const struct plan_range *ids = &f->opt->sid;
	struct gre_header h = { .call = ids->from + f->sent % (ids->to - ids->from + 1),
				.sequenced = f->sent % 5 != 3,
				.acknowledges = f->sent % 5 == 3 || f->sent % 2,
				.sequence = rng_next(&f->random),
				.acknowledged = rng_next(&f->random) };
	size_t at = gre_put(w, &h);

	if (f->sent % 5 == 0)
		wr_put(w, ip, sizeof(ip));
	else if (f->sent % 5 == 1)
		wr_put(w, echo, sizeof(echo));
	else if (f->sent % 5 == 2)
		wr_put(w, sealed, sizeof(sealed));
	gre_end(w, at);
	if (f->sent % 5 == 4)
		wr_patch_u16(w, at + 4, rng_next(&f->random));
}

static void send_one(void *arg)
{
	struct flood *f = arg;
	const struct options *o = f->opt;
	uint8_t bytes[FLOOD_SIZE];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	raw4_put_ip(&w, IPPROTO_GRE, f->from, o->server.v4.sin_addr);
	put_gre(f, &w);
	if (sendto(f->raw, w.p, w.len, 0, &o->server.any, endpoint_len(&o->server)) < 0)
		f->errors++;
	f->sent++;
}

static struct json_object *flood_report(const struct flood *f, double seconds)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "sent", json_object_new_uint64(f->sent));
	json_object_object_add(o, "send_errors", json_object_new_uint64(f->errors));
	json_object_object_add(o, "seconds", json_object_new_double(seconds));
	json_object_object_add(o, "per_second", json_object_new_double(f->sent / seconds));
	return o;
}

int flood_gre_run(const struct options *opt)
{
	struct flood f = { .opt = opt, .random = pace_clock() * 2 + 1 };
	const struct pace_work work = {
		opt->rate, opt->count, opt->wait, FLOOD_BURST, send_one, NULL, &f,
	};
	int64_t begun = pace_clock();
	int ret = 1;

	f.raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (f.raw < 0 || raw4_own_address(opt, &f.from) < 0) {
		fprintf(stderr, "dialer: raw sockets: %s\n", strerror(errno));
	} else {
		pace_work(&work);
		ret = report_write(flood_report(&f, (pace_clock() - begun) / 1e9 - opt->wait),
				   opt->report) < 0;
	}
	if (f.raw >= 0)
		close(f.raw);
	return ret;
}
