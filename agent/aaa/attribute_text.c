/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/attribute_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "aaa/profile.h"

#define RATE_MAX 10000000000000ULL /* 10 Tbit/s */
#define SECONDS_MAX 86400U
#define TOKEN_MAX 32

/* ---- words ---- */

/* The next word, between blanks; "" at the end. -EINVAL: it is too long. */
static int word(const char **text, char out[TOKEN_MAX])
{
	size_t len;

	*text += strspn(*text, " \t");
	len = strcspn(*text, " \t");
	if (len >= TOKEN_MAX)
		return -EINVAL;
	memcpy(out, *text, len);
	out[len] = '\0';
	*text += len;
	return 0;
}

/* Digits, and the value of what they say up to max. */
static int digits(const char **text, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++) {
		n = n * 10 + (uint64_t)(**text - '0');
		if (n > max)
			return -EINVAL;
	}
	*value = n;
	return 0;
}

int attribute_text_number(const char *text, uint32_t *number)
{
	uint64_t value;

	if (digits(&text, UINT32_MAX, &value) < 0 || *text)
		return -EINVAL;
	*number = (uint32_t)value;
	return 0;
}

static int nibble(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

int attribute_text_octets(const char *text, uint8_t *octets, size_t cap, size_t *len)
{
	size_t n = strlen(text), i;

	if (n == 0 || n % 2 || n / 2 > cap || strspn(text, "0123456789abcdefABCDEF") != n)
		return -EINVAL;
	for (i = 0; i < n / 2; i++)
		octets[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
	*len = n / 2;
	return 0;
}

/* ---- routes ---- */

static uint8_t class_prefix(uint32_t net)
{
	return net >> 31 == 0 ? 8 : net >> 30 == 2 ? 16 : 24;
}

static uint32_t mask_of(unsigned int prefix)
{
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

static int parse_net(char *text, struct profile_route *route)
{
	char *slash = strchr(text, '/');
	struct in_addr address;
	uint32_t prefix, net;

	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, &address) != 1)
		return -EINVAL;
	net = ntohl(address.s_addr);
	prefix = class_prefix(net);
	if (slash && attribute_text_number(slash, &prefix) < 0)
		return -EINVAL;
	/* the whole Internet, loopback and multicast are nobody's */
	if (prefix < 1 || prefix > 32 || net >> 24 == 0 || net >> 24 == 127 || net >> 28 >= 14)
		return -EINVAL;
	route->prefix = (uint8_t)prefix;
	route->net.s_addr = htonl(net & mask_of(prefix));
	return 0;
}

int attribute_text_route(const char *text, struct profile_route *route)
{
	struct profile_route r = { 0 };
	char net[TOKEN_MAX], gateway[TOKEN_MAX], metric[TOKEN_MAX];
	struct in_addr address;

	if (word(&text, net) < 0 || word(&text, gateway) < 0 || word(&text, metric) < 0 ||
	    parse_net(net, &r) < 0 || (*gateway && inet_pton(AF_INET, gateway, &address) != 1) ||
	    (*metric && attribute_text_number(metric, &r.metric) < 0))
		return -EINVAL;
	*route = r;
	return 0;
}

/* ---- rates ---- */

static int rate(const char **text, uint64_t *value)
{
	uint64_t unit = 1;
	int r = digits(text, RATE_MAX, value);

	if (r < 0)
		return r;
	switch (**text) {
	case 'k':
	case 'K':
		unit = 1000;
		break;
	case 'm':
	case 'M':
		unit = 1000000;
		break;
	case 'g':
	case 'G':
		unit = 1000000000;
		break;
	}
	if (unit > 1)
		(*text)++;
	if (*value > RATE_MAX / unit)
		return -EINVAL;
	*value *= unit;
	return 0;
}

static int seconds(const char **text, uint64_t *value)
{
	int r = digits(text, SECONDS_MAX, value);

	if (r == 0 && **text == 's')
		(*text)++;
	return r;
}

/* RX[/TX]; both stay as they are where there is no word left. */
static int pair(const char **text, int (*one)(const char **text, uint64_t *value), uint64_t *rx,
		uint64_t *tx)
{
	char token[TOKEN_MAX];
	const char *t = token;

	if (word(text, token) < 0)
		return -EINVAL;
	if (!*token)
		return 0;
	if (one(&t, rx) < 0)
		return -EINVAL;
	*tx = *rx;
	if (*t == '/') {
		t++;
		if (one(&t, tx) < 0)
			return -EINVAL;
	}
	return *t ? -EINVAL : 0;
}

struct limit {
	uint64_t rate, burst, threshold, seconds;
};

/*
 * RouterOS lets a client have its burst rate as long as its mean over the burst time is below
 * the threshold: from rest that is for threshold * time / burst rate seconds. What is not said is
 * the rate and one second.
 */
static struct profile_rate bucket(const struct limit *l)
{
	struct profile_rate r = { .bits_per_s = l->rate };
	uint64_t threshold = l->threshold ? l->threshold : l->rate;
	uint64_t time = l->seconds ? l->seconds : 1;
	double bytes;

	if (!l->rate || l->burst <= l->rate)
		return r;
	bytes = (double)(l->burst - l->rate) * (double)threshold * (double)time / (double)l->burst /
		8;
	r.burst = bytes >= UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
	return r;
}

int attribute_text_rates(const char *text, struct profile_rate *up, struct profile_rate *down)
{
	struct limit rx = { .rate = UINT64_MAX }, tx = { 0 };
	uint64_t ignored[2];
	char rest[TOKEN_MAX];

	if (pair(&text, rate, &rx.rate, &tx.rate) < 0 || rx.rate == UINT64_MAX ||
	    pair(&text, rate, &rx.burst, &tx.burst) < 0 ||
	    pair(&text, rate, &rx.threshold, &tx.threshold) < 0 ||
	    pair(&text, seconds, &rx.seconds, &tx.seconds) < 0 ||
	    pair(&text, rate, &ignored[0], &ignored[1]) < 0 ||
	    pair(&text, rate, &ignored[0], &ignored[1]) < 0 || word(&text, rest) < 0 || *rest)
		return -EINVAL;
	*up = bucket(&rx);
	*down = bucket(&tx);
	return 0;
}
