/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int plan_parse_range(struct plan_range *range, const char *text, uint32_t max)
{
	struct plan_range got;
	char *end;
	unsigned long v;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	v = strtoul(text, &end, 0);
	if (v > max)
		return -ERANGE;
	got.from = got.to = v;
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return -EINVAL;
		v = strtoul(end + 1, &end, 0);
		if (v > max || v < got.from)
			return -ERANGE;
		got.to = v;
	}
	if (*end)
		return -EINVAL;
	*range = got;
	return 0;
}

static uint64_t item_total(const struct plan_item *item)
{
	uint64_t total = 1;

	for (unsigned int i = 0; i < item->tags; i++)
		total *= item->range[i].to - item->range[i].from + 1;
	return total;
}

static int parse_item(struct plan_item *item, char *text)
{
	char *inner = strchr(text, '.');
	int ret;

	memset(item, 0, sizeof(*item));
	if (strcmp(text, "none") == 0)
		return 0;
	if (inner)
		*inner++ = '\0';
	ret = plan_parse_range(&item->range[0], text, 4094);
	if (ret == 0 && inner)
		ret = plan_parse_range(&item->range[1], inner, 4094);
	item->tags = inner ? 2 : 1;
	return ret;
}

int plan_parse_vlans(struct vlan_plan *plan, const char *text)
{
	char copy[256], *save, *part;

	if (strlen(text) >= sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(copy, text);
	plan->items = 0;
	plan->total = 0;
	for (part = strtok_r(copy, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
		if (plan->items == PLAN_ITEMS)
			return -E2BIG;
		if (parse_item(&plan->item[plan->items], part) < 0)
			return -EINVAL;
		plan->total += item_total(&plan->item[plan->items++]);
	}
	return plan->items ? 0 : -EINVAL;
}

void plan_vlans(const struct vlan_plan *plan, uint32_t nth, struct vlans *v)
{
	const struct plan_item *item = plan->item;
	uint64_t left = plan->total ? nth % plan->total : 0;
	uint32_t inner;

	memset(v, 0, sizeof(*v));
	if (!plan->items)
		return;
	while (left >= item_total(item))
		left -= item_total(item++);
	v->count = item->tags;
	inner = item->range[1].to - item->range[1].from + 1;
	for (unsigned int i = 0; i < item->tags; i++)
		v->tag[i].tpid = plan->tpid[i];
	if (item->tags == 1)
		v->tag[0].vid = item->range[0].from + left;
	if (item->tags == 2) {
		v->tag[0].vid = item->range[0].from + left / inner;
		v->tag[1].vid = item->range[1].from + left % inner;
	}
}

int plan_parse_mac(uint8_t mac[WIRE_MAC], const char *text)
{
	unsigned int b[WIRE_MAC];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &end) != 6 ||
	    text[end])
		return -EINVAL;
	for (unsigned int i = 0; i < WIRE_MAC; i++)
		mac[i] = b[i];
	return 0;
}

void plan_mac(const uint8_t base[WIRE_MAC], uint32_t nth, uint8_t mac[WIRE_MAC])
{
	uint64_t v = (uint64_t)wire_get16(base) << 32 | wire_get32(base + 2);

	v += nth;
	for (unsigned int i = 0; i < WIRE_MAC; i++)
		mac[i] = v >> (40 - 8 * i);
}

static int expand_one(const char **text, uint32_t number, const uint8_t mac[WIRE_MAC], char *out,
		      size_t cap)
{
	int width = 0;

	while (isdigit((unsigned char)**text) && width < 100)
		width = width * 10 + *(*text)++ - '0';
	switch (*(*text)++) {
	case 'd':
		return snprintf(out, cap, "%0*u", width, number);
	case 'x':
		return snprintf(out, cap, "%0*x", width, number);
	case 'm':
		return snprintf(out, cap, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
				mac[3], mac[4], mac[5]);
	case '%':
		return snprintf(out, cap, "%%");
	default:
		return -EINVAL;
	}
}

int plan_expand(const char *text, uint32_t number, const uint8_t mac[WIRE_MAC], char *out,
		size_t cap)
{
	size_t len = 0;
	int n;

	while (*text) {
		if (len + 1 >= cap)
			return -EINVAL;
		if (*text != '%') {
			out[len++] = *text++;
			continue;
		}
		text++;
		n = expand_one(&text, number, mac, out + len, cap - len);
		if (n < 0 || (size_t)n >= cap - len)
			return -EINVAL;
		len += n;
	}
	out[len] = '\0';
	return len;
}

int plan_parse_hex(const char *text, uint8_t *out, size_t cap)
{
	unsigned int v;
	size_t len = 0;

	while (*text) {
		if (isspace((unsigned char)*text) || *text == ':') {
			text++;
			continue;
		}
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    len == cap)
			return -EINVAL;
		sscanf(text, "%2x", &v);
		out[len++] = v;
		text += 2;
	}
	return len;
}
