/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>

#define INTERVAL_MIN_MS 100
#define INTERVAL_MAX_MS 3600000

static const char *const command_names[CONTROL_COMMAND_MAX] = {
#define COMMAND_NAME(symbol, name) [CONTROL_##symbol] = (name),
	CONTROL_COMMANDS(COMMAND_NAME)
#undef COMMAND_NAME
};

static const char *const view_names[CONTROL_VIEW_MAX] = {
#define VIEW_NAME(symbol, name) [CONTROL_VIEW_##symbol] = (name),
	CONTROL_VIEWS(VIEW_NAME)
#undef VIEW_NAME
};

static const char *const filter_names[CONTROL_FILTER_MAX] = {
#define FILTER_NAME(symbol, name, text) [CONTROL_FILTER_##symbol] = (name),
	CONTROL_FILTERS(FILTER_NAME)
#undef FILTER_NAME
};

static const char *const filter_texts[CONTROL_FILTER_MAX] = {
#define FILTER_TEXT(symbol, name, text) [CONTROL_FILTER_##symbol] = (text),
	CONTROL_FILTERS(FILTER_TEXT)
#undef FILTER_TEXT
};

/* Reads one member of the request. */
typedef int (*member_fn)(struct request *request, struct json_object *value);

static int name_index(const char *const names[], int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -EINVAL;
}

/* The string, if it is one without a NUL inside. */
static const char *value_string(struct json_object *value)
{
	const char *s;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	s = json_object_get_string(value);
	return strlen(s) == (size_t)json_object_get_string_len(value) ? s : NULL;
}

static int value_u32(struct json_object *value, uint32_t *out)
{
	int64_t n;

	if (!json_object_is_type(value, json_type_int))
		return -EINVAL;
	n = json_object_get_int64(value);
	if (n < 1 || n > UINT32_MAX)
		return -EINVAL;
	*out = (uint32_t)n;
	return 0;
}

static int member_version(struct request *request, struct json_object *value)
{
	uint32_t version;

	(void)request;
	return value_u32(value, &version) || version != CONTROL_VERSION ? -EINVAL : 0;
}

static int member_command(struct request *request, struct json_object *value)
{
	const char *s = value_string(value);
	int i = s ? name_index(command_names, CONTROL_COMMAND_MAX, s) : -EINVAL;

	if (i < 0)
		return i;
	request->command = (enum control_command)i;
	return 0;
}

static int member_view(struct request *request, struct json_object *value)
{
	const char *s = value_string(value);
	int i = s ? name_index(view_names, CONTROL_VIEW_MAX, s) : -EINVAL;

	if (i < 0)
		return i;
	request->view = (enum control_view)i;
	return 0;
}

static int member_all(struct request *request, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_boolean))
		return -EINVAL;
	request->all = json_object_get_boolean(value);
	return 0;
}

static int member_count(struct request *request, struct json_object *value)
{
	return value_u32(value, &request->count);
}

static int member_interval(struct request *request, struct json_object *value)
{
	uint32_t ms;

	if (value_u32(value, &ms) || ms < INTERVAL_MIN_MS || ms > INTERVAL_MAX_MS)
		return -EINVAL;
	request->interval = ms;
	return 0;
}

static int member_tunnel(struct request *request, struct json_object *value)
{
	return value_u32(value, &request->tunnel);
}

static const struct member {
	const char *name, *text;
	member_fn read;
} members[] = {
	{ "version", "1", member_version },
	{ "command", "a command", member_command },
	{ "view", "brief, packets or all", member_view },
	{ "all", "true or false", member_all },
	{ "count", "a number from 1 to 4294967295", member_count },
	{ "interval", "a number from 100 to 3600000", member_interval },
	{ "tunnel", "a number from 1 to 4294967295", member_tunnel },
};

/* As carriers write it. */
static bool filter_peer_ip(struct request *request, const char *s)
{
	unsigned char address[sizeof(struct in6_addr)];
	int family = strchr(s, ':') ? AF_INET6 : AF_INET;

	return inet_pton(family, s, address) == 1 &&
	       inet_ntop(family, address, request->peer, sizeof(request->peer));
}

static int filter_peer(struct request *request, const char *s)
{
	struct ether_addr mac;
	const uint8_t *b = mac.ether_addr_octet;

	request->filter.peer = request->peer;
	if (filter_peer_ip(request, s))
		return 0;
	if (strlen(s) > 17 || !ether_aton_r(s, &mac))
		return -EINVAL;
	snprintf(request->peer, sizeof(request->peer), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5]);
	return 0;
}

static int filter_set(struct request *request, enum control_filter which, struct json_object *value)
{
	struct session_filter *filter = &request->filter;
	const char *s = value_string(value);

	if (which == CONTROL_FILTER_PPP_ID) {
		filter->by_ppp_id = true;
		return value_u32(value, &filter->ppp_id);
	}
	if (!s)
		return -EINVAL;
	switch (which) {
	case CONTROL_FILTER_ADDRESS:
		filter->by_address = true;
		return inet_pton(AF_INET, s, &filter->address) == 1 ? 0 : -EINVAL;
	case CONTROL_FILTER_PEER:
		return filter_peer(request, s);
	case CONTROL_FILTER_INTERFACE:
		filter->interface = s;
		return 0;
	case CONTROL_FILTER_PROTOCOL:
		filter->protocol = s;
		return 0;
	case CONTROL_FILTER_REALM:
		filter->realm = s;
		return 0;
	case CONTROL_FILTER_SESSION_ID:
		filter->session_id = s;
		return 0;
	case CONTROL_FILTER_CALLING:
		filter->calling = s;
		return 0;
	case CONTROL_FILTER_PORT_ID:
		filter->port_id = s;
		return 0;
	default:
		filter->username = s;
		return 0;
	}
}

static int read_filter(struct request *request, struct json_object *json, char *error,
		       size_t error_size)
{
	if (!json_object_is_type(json, json_type_object)) {
		snprintf(error, error_size, "filter: expected an object");
		return -EINVAL;
	}
	json_object_object_foreach(json, name, value)
	{
		int which = name_index(filter_names, CONTROL_FILTER_MAX, name);

		if (which < 0) {
			snprintf(error, error_size, "unknown filter");
			return -EINVAL;
		}
		if (filter_set(request, (enum control_filter)which, value)) {
			snprintf(error, error_size, "filter %s: expected %s", filter_names[which],
				 filter_texts[which]);
			return -EINVAL;
		}
		request->filtered = true;
	}
	return 0;
}

static int read_member(struct request *request, const char *name, struct json_object *value,
		       char *error, size_t error_size)
{
	if (strcmp(name, "filter") == 0)
		return read_filter(request, value, error, error_size);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].name, name) != 0)
			continue;
		if (members[i].read(request, value) == 0)
			return 0;
		snprintf(error, error_size, "%s: expected %s", name, members[i].text);
		return -EINVAL;
	}
	snprintf(error, error_size, "unknown member in the request");
	return -EINVAL;
}

static struct json_object *parse_line(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(CONTROL_REQUEST_DEPTH);
	struct json_object *json = NULL;

	if (!tokener)
		goto out;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != len ||
	    !json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		json = NULL;
	}
out:
	if (tokener)
		json_tokener_free(tokener);
	return json;
}

/* What one member alone cannot tell. */
static int check_whole(const struct request *request, char *error, size_t error_size)
{
	if (request->command == CONTROL_COMMAND_MAX)
		snprintf(error, error_size, "the request names no command");
	else if (request->tunnel &&
		 (request->command != CONTROL_CLEAR || request->all || request->filtered))
		snprintf(error, error_size, "tunnel: expected with clear, and alone");
	else if ((request->command == CONTROL_CLEAR || request->command == CONTROL_MONITOR) &&
		 !request->tunnel && request->all == request->filtered)
		snprintf(error, error_size, "expected either all or a filter");
	else if (request->command == CONTROL_CAPTURE && !request->filtered)
		snprintf(error, error_size, "capture: expected a filter");
	else
		return 0;
	return -EINVAL;
}

int request_read(struct request *request, const char *line, size_t len, char *error,
		 size_t error_size)
{
	struct request r = { .command = CONTROL_COMMAND_MAX, .view = CONTROL_VIEW_ALL };

	if (len >= CONTROL_REQUEST_MAX) {
		snprintf(error, error_size, "the request is longer than %d bytes",
			 CONTROL_REQUEST_MAX);
		return -EINVAL;
	}
	r.json = parse_line(line, len);
	if (!r.json) {
		snprintf(error, error_size, "the request is not one JSON object");
		return -EINVAL;
	}
	json_object_object_foreach(r.json, name, value)
	{
		if (read_member(&r, name, value, error, error_size))
			goto bad;
	}
	if (check_whole(&r, error, error_size))
		goto bad;
	*request = r;
	if (r.filter.peer)
		request->filter.peer = request->peer;
	return 0;
bad:
	request_clear(&r);
	return -EINVAL;
}

void request_clear(struct request *request)
{
	json_object_put(request->json);
	*request = (struct request){ 0 };
}
