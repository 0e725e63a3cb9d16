// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Copyright (c) 2026 The xpppd authors */
/* The samples of RFC 3079, section 3.5, and a key change there and back. */
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kernel.h"
#include "selftest.h"

#define TEXT_LEN 12

static const u8 start_key[XP_MPPE_KEY] = { 0x8b, 0x7c, 0xdc, 0x14, 0x9b, 0x99, 0x3a, 0x1b,
					   0xa1, 0x18, 0xcb, 0x15, 0x3f, 0x56, 0xdc, 0xcb };

static const struct sample {
	enum xp_mppe_bits bits;
	u8 text[TEXT_LEN + 1];
} samples[] = {
	{ XP_MPPE_40, "\x92\x91\x37\x91\x7e\x58\x03\xd6\x68\xd7\x58\x98" },
	{ XP_MPPE_56, "\x3f\x10\x68\x33\xfa\x44\x8d\xa8\x42\xbc\x57\xb8" },
	{ XP_MPPE_128, "\x81\x84\x83\x17\xdf\x68\x84\x62\x72\xfb\x5a\xbe" },
};

/* An IPv4 header with its PPP protocol, and a byte. */
static const u8 packet[] = { 0x00, 0x21, 0x45, 0, 0, 21, 0,  1, 0x40, 0, 64,  17,
			     0x26, 0xd5, 10,   0, 0, 1,  10, 0, 0,    2, 0x55 };

struct work {
	struct mppe_scratch s;
	struct xp_mppe_dir in, out;
	u8 text[32];
};

static bool sample_right(struct work *w, const struct sample *sample)
{
	mppe_setup(&w->out, &w->s, start_key, sample->bits, XP_MPPE_F_STATEFUL);
	memcpy(w->text, "test message", TEXT_LEN);
	return mppe_linear_out(&w->out, &w->s, w->text, TEXT_LEN) == 0 &&
	       w->s.header == MPPE_ENCRYPTED && !memcmp(w->text, sample->text, TEXT_LEN);
}

/* The first packets are lost, of which one changes the keys in either mode. */
static bool returns(struct work *w, enum xp_mppe_bits bits, u8 flags)
{
	unsigned int i;

	mppe_setup(&w->out, &w->s, start_key, bits, flags);
	mppe_setup(&w->in, &w->s, start_key, bits, flags);
	for (i = 0; i < 5; i++)
		mppe_linear_out(&w->out, &w->s, w->text, sizeof(packet));
	w->out.flags |= flags ? XP_MPPE_F_FLUSH : 0;
	memcpy(w->text, packet, sizeof(packet));
	return mppe_linear_out(&w->out, &w->s, w->text, sizeof(packet)) == 0 &&
	       mppe_linear_in(&w->in, &w->s, w->s.header, w->text, sizeof(packet), MPPE_AHEAD) ==
		       0 &&
	       !memcmp(w->text, packet, sizeof(packet));
}

int selftest(void)
{
	struct work *w = kzalloc(sizeof(*w), GFP_KERNEL);
	bool right = true;
	unsigned int i;

	if (!w)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(samples); i++)
		right = right && sample_right(w, &samples[i]) && returns(w, samples[i].bits, 0) &&
			returns(w, samples[i].bits, XP_MPPE_F_STATEFUL);
	kfree_sensitive(w);
	if (!right)
		pr_err("xppp_mppe: self-test failed\n");
	else
		pr_info("xppp_mppe: self-test passed\n");
	return right ? 0 : -EINVAL;
}
