/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "conf/conf.h"

int conf_text_number(const char *text, unsigned int min, unsigned int max, unsigned int *n)
{
	uint64_t value = 0;
	const char *s;

	for (s = text; *s >= '0' && *s <= '9' && value <= max; s++)
		value = value * 10 + (uint64_t)(*s - '0');
	if (s == text || *s || value < min || value > max)
		return -EINVAL;
	*n = (unsigned int)value;
	return 0;
}

int conf_text_in4(const char *text, struct in_addr *address)
{
	return inet_pton(AF_INET, text, address) == 1 ? 0 : -EINVAL;
}

int conf_text_address(const char *text, uint16_t port, struct sockaddr_storage *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_storage storage = { 0 };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&storage, &in, sizeof(in));
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(&storage, &in6, sizeof(in6));
	else
		return -EINVAL;
	*address = storage;
	return 0;
}

int conf_text_net(const char *text, struct sockaddr_storage *net, unsigned int *prefix)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN];
	struct sockaddr_storage found;
	unsigned int max, len;

	if (n >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, n);
	address[n] = '\0';
	if (conf_text_address(address, 0, &found) < 0)
		return -EINVAL;
	max = len = found.ss_family == AF_INET ? 32 : 128;
	if (slash && conf_text_number(slash + 1, 0, max, &len) < 0)
		return -EINVAL;
	*net = found;
	*prefix = len;
	return 0;
}

static int range_mask(const char *text, uint32_t *mask)
{
	struct in_addr address;
	unsigned int len;

	if (conf_text_number(text, 0, 32, &len) == 0) {
		*mask = len ? UINT32_MAX << (32 - len) : 0;
		return 0;
	}
	if (conf_text_in4(text, &address) < 0)
		return -EINVAL;
	*mask = ntohl(address.s_addr);
	return ~*mask & (~*mask + 1) ? -EINVAL : 0; /* ones, then zeroes */
}

int conf_text_range(const char *text, struct conf_range *range)
{
	char head[INET_ADDRSTRLEN];
	size_t n = strcspn(text, "-/");
	struct in_addr address, last;
	uint32_t first, mask;

	if (n >= sizeof(head))
		return -EINVAL;
	memcpy(head, text, n);
	head[n] = '\0';
	if (conf_text_in4(head, &address) < 0)
		return -EINVAL;
	first = ntohl(address.s_addr);
	if (text[n] == '/') {
		if (range_mask(text + n + 1, &mask) < 0)
			return -EINVAL;
		range->first = first & mask;
		range->last = first | ~mask;
		range->cidr = true;
		return 0;
	}
	last = address;
	if (text[n] == '-' && conf_text_in4(text + n + 1, &last) < 0)
		return -EINVAL;
	if (ntohl(last.s_addr) < first)
		return -EINVAL;
	range->first = first;
	range->last = ntohl(last.s_addr);
	range->cidr = false;
	return 0;
}

bool conf_text_is_device(const char *text, size_t max)
{
	size_t i, n = strlen(text);

	if (n == 0 || n > max || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return false;
	for (i = 0; i < n; i++)
		if (!isgraph((unsigned char)text[i]) || text[i] == '/' || text[i] == ':')
			return false;
	return true;
}

static bool is_plain(const char *string)
{
	const char *s;

	for (s = string; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._:@/*+-", *s))
			return false;
	return s > string;
}

/* A backslash before these cannot be written within quotes. */
static bool needs_escapes(const char *string)
{
	const char *s;

	for (s = strchr(string, '\\'); s; s = strchr(s + 1, '\\'))
		if (strchr("\" \t", s[1])) /* also the end of the string */
			return true;
	return false;
}

void conf_text_print(FILE *out, const char *string, bool quotes)
{
	bool escapes = needs_escapes(string);
	const char *s;

	if (!quotes && is_plain(string)) {
		fputs(string, out);
		return;
	}
	if (!escapes)
		fputc('"', out);
	for (s = string; *s; s++) {
		if (*s == '"' || (escapes && !isalnum((unsigned char)*s)))
			fputc('\\', out);
		fputc(*s, out);
	}
	if (!escapes)
		fputc('"', out);
}

static void print_in4(FILE *out, uint32_t address)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr in = { htonl(address) };

	fputs(inet_ntop(AF_INET, &in, text, sizeof(text)), out);
}

void conf_text_print_range(FILE *out, const struct conf_range *range)
{
	print_in4(out, range->first);
	if (range->cidr) {
		fprintf(out, "/%d",
			range->first == range->last ? 32
						    : __builtin_clz(range->first ^ range->last));
	} else if (range->last != range->first) {
		fputs("-", out);
		print_in4(out, range->last);
	}
}

void conf_text_print_net(FILE *out, const struct sockaddr_storage *net, unsigned int prefix)
{
	conf_text_print_address(out, net, 0);
	if (prefix != (net->ss_family == AF_INET ? 32 : 128))
		fprintf(out, "/%u", prefix);
}

void conf_text_print_address(FILE *out, const struct sockaddr_storage *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	uint16_t own;

	if (address->ss_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
		own = ntohs(in.sin_port);
	} else {
		memcpy(&in6, address, sizeof(in6));
		inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
		own = ntohs(in6.sin6_port);
	}
	fputs(text, out);
	if (own != port)
		fprintf(out, " port %u", own);
}
