/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 5176 3, and which attribute may be where: 3.6. An attribute that a Disconnect-Request does
 * not name a NAS or sessions with is refused; in a CoA-Request it is what is granted from now on.
 */
#include "aaa/dae_request.h"

#include <errno.h>
#include <string.h>

#include "aaa/attribute.h"
#include "aaa/dae_socket.h"
#include "aaa/profile.h"

#define VENDOR_CISCO 9
#define CISCO_AVPAIR 1

enum type {
	USER_NAME = 1,
	NAS_IP_ADDRESS = 4,
	NAS_PORT = 5,
	FRAMED_IP_ADDRESS = 8,
	REPLY_MESSAGE = 18,
	STATE = 24,
	CALLED_STATION_ID = 30,
	CALLING_STATION_ID = 31,
	NAS_IDENTIFIER = 32,
	ACCT_SESSION_ID = 44,
	ACCT_TERMINATE_CAUSE = 49,
	NAS_PORT_TYPE = 61,
	NAS_PORT_ID = 87,
	NAS_IPV6_ADDRESS = 95,
};

/* ---- which NAS ---- */

/* Without one that is configured a server is told the address that it is reached from, which need
 * not be that which it sends to. */
static bool is_address(const struct sockaddr *ours, int family, const uint8_t *octets)
{
	const struct sockaddr_in *in = (const void *)ours;
	const struct sockaddr_in6 *in6 = (const void *)ours;

	if (ours->sa_family == AF_UNSPEC)
		return dae_addr_is_ours(family, octets);
	if (ours->sa_family != family)
		return false;
	return family == AF_INET ? memcmp(octets, &in->sin_addr, sizeof(in->sin_addr)) == 0
				 : memcmp(octets, &in6->sin6_addr, sizeof(in6->sin6_addr)) == 0;
}

static enum dae_error nas_address(const struct dae_request *r, int family, struct buf value)
{
	if (value.len != (family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr)))
		return DAE_INVALID_REQUEST;
	return is_address(r->nas->address, family, value.p) ? DAE_DONE : DAE_NAS_MISMATCH;
}

static enum dae_error take_nas_ip(struct dae_request *r, struct buf value)
{
	return nas_address(r, AF_INET, value);
}

static enum dae_error take_nas_ipv6(struct dae_request *r, struct buf value)
{
	return nas_address(r, AF_INET6, value);
}

static enum dae_error take_nas_id(struct dae_request *r, struct buf value)
{
	const char *id = r->nas->id;

	return strlen(id) == value.len && memcmp(id, value.p, value.len) == 0 ? DAE_DONE
									      : DAE_NAS_MISMATCH;
}

/* ---- which sessions ---- */

static enum dae_error take_text(struct dae_request *r, enum dae_text which, struct buf value,
				const char **field)
{
	char *text = r->text[which];

	if (value.len == 0 || value.len > RADIUS_VALUE_MAX || memchr(value.p, '\0', value.len))
		return DAE_INVALID_REQUEST;
	memcpy(text, value.p, value.len);
	text[value.len] = '\0';
	*field = text;
	r->identified = true;
	return DAE_DONE;
}

static enum dae_error take_session_id(struct dae_request *r, struct buf value)
{
	return take_text(r, DAE_SESSION_ID, value, &r->filter.session_id);
}

static enum dae_error take_user_name(struct dae_request *r, struct buf value)
{
	return take_text(r, DAE_USER_NAME, value, &r->filter.account);
}

static enum dae_error take_calling(struct dae_request *r, struct buf value)
{
	return take_text(r, DAE_CALLING, value, &r->filter.calling);
}

/* It tells sessions apart, but alone it names none. */
static enum dae_error take_called(struct dae_request *r, struct buf value)
{
	bool identified = r->identified;
	enum dae_error error = take_text(r, DAE_CALLED, value, &r->filter.called);

	r->identified = identified;
	return error;
}

static enum dae_error take_port_id(struct dae_request *r, struct buf value)
{
	return take_text(r, DAE_PORT_ID, value, &r->filter.port_id);
}

static enum dae_error take_u32(struct buf value, uint32_t *number)
{
	return value.len == sizeof(*number) && buf_u32(&value, number) == 0 ? DAE_DONE
									    : DAE_INVALID_REQUEST;
}

static enum dae_error take_port(struct dae_request *r, struct buf value)
{
	r->filter.by_port = r->identified = true;
	return take_u32(value, &r->filter.port);
}

static enum dae_error take_framed_ip(struct dae_request *r, struct buf value)
{
	uint32_t address = 0;
	enum dae_error error = take_u32(value, &address);

	r->filter.by_address = r->identified = true;
	r->filter.address.s_addr = htonl(address);
	return error;
}

/* ---- what for ---- */

static enum dae_error take_service(struct dae_request *r, struct buf value)
{
	uint32_t service;
	enum dae_error error = take_u32(value, &service);

	r->authorize_only = true;
	return error == DAE_DONE && service != SUBJECT_AUTHORIZE_ONLY ? DAE_UNSUPPORTED_SERVICE
								      : error;
}

static enum dae_error take_state(struct dae_request *r, struct buf value)
{
	r->state = value;
	return value.len > 0 ? DAE_DONE : DAE_INVALID_REQUEST;
}

static enum dae_error take_timestamp(struct dae_request *r, struct buf value)
{
	uint32_t seconds;

	(void)r;
	return take_u32(value, &seconds); /* looked at before */
}

static enum dae_error pass(struct dae_request *r, struct buf value)
{
	(void)r;
	(void)value;
	return DAE_DONE;
}

/* Standard attributes that are no change of what is granted. */
static const struct row {
	uint8_t type;
	bool often;      /* more than one is fine */
	uint8_t only_in; /* this code; 0: both */
	enum dae_error (*take)(struct dae_request *r, struct buf value);
} rows[] = {
	{ USER_NAME, false, 0, take_user_name },
	{ NAS_IP_ADDRESS, false, 0, take_nas_ip },
	{ NAS_PORT, false, 0, take_port },
	{ DAE_SERVICE_TYPE, false, RADIUS_COA_REQUEST, take_service },
	{ FRAMED_IP_ADDRESS, false, 0, take_framed_ip },
	{ REPLY_MESSAGE, true, 0, pass }, /* PPP has no way to show it to an open session */
	{ STATE, false, RADIUS_COA_REQUEST, take_state },
	{ CALLED_STATION_ID, false, 0, take_called },
	{ CALLING_STATION_ID, false, 0, take_calling },
	{ NAS_IDENTIFIER, false, 0, take_nas_id },
	{ DAE_PROXY_STATE, true, 0, pass },
	{ ACCT_SESSION_ID, false, 0, take_session_id },
	{ ACCT_TERMINATE_CAUSE, false, RADIUS_DISCONNECT_REQUEST, pass },
	{ DAE_EVENT_TIMESTAMP, false, 0, take_timestamp },
	{ NAS_PORT_TYPE, false, 0, pass },
	{ RADIUS_MESSAGE_AUTHENTICATOR, false, 0, pass },
	{ NAS_PORT_ID, false, 0, take_port_id },
	{ NAS_IPV6_ADDRESS, false, 0, take_nas_ipv6 },
};

static const struct row *row_find(const struct dae_request *r, const struct radius_attr *attr)
{
	for (size_t i = 0; attr->vendor == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == attr->type && (!rows[i].only_in || rows[i].only_in == r->code))
			return &rows[i];
	return NULL;
}

/* ---- changes ---- */

static bool says(struct buf value, const char *text)
{
	return value.len == strlen(text) && memcmp(value.p, text, value.len) == 0;
}

static enum dae_error take_change(struct dae_request *r, const struct radius_attr *attr)
{
	const char *why = NULL;
	int error;

	if (attr->vendor == VENDOR_CISCO && attr->type == CISCO_AVPAIR &&
	    says(attr->value, "subscriber:command=reauthenticate")) {
		r->reauthenticate = true;
		return DAE_DONE;
	}
	if (!r->change)
		r->change = profile_new();
	if (!r->change)
		return DAE_RESOURCES;
	error = attribute_read(attr, r->change, &why);
	if (!r->why)
		r->why = why;
	if (error == -ENOMEM)
		return DAE_RESOURCES;
	if (error == -ENOENT)
		return DAE_UNSUPPORTED_ATTRIBUTE;
	return error < 0 ? DAE_INVALID_VALUE : DAE_DONE;
}

static enum dae_error take_once(struct dae_request *r, uint8_t type)
{
	uint64_t *seen = type < 64 ? &r->seen : &r->seen_above, bit = 1ULL << type % 64;

	if (*seen & bit)
		return DAE_INVALID_REQUEST;
	*seen |= bit;
	return DAE_DONE;
}

static enum dae_error take_attr(struct dae_request *r, const struct radius_attr *attr)
{
	const struct row *row = row_find(r, attr);
	enum dae_error error;

	if (!row)
		return r->code == RADIUS_COA_REQUEST ? take_change(r, attr)
						     : DAE_UNSUPPORTED_ATTRIBUTE;
	error = row->often ? DAE_DONE : take_once(r, attr->type);
	return error == DAE_DONE ? row->take(r, attr->value) : error;
}

/* What no attribute alone can tell. */
static enum dae_error check_whole(const struct dae_request *r)
{
	bool changes = (r->change && r->change->set) || r->reauthenticate;

	if (!r->identified)
		return DAE_MISSING_ATTRIBUTE;
	if (r->code == RADIUS_DISCONNECT_REQUEST)
		return DAE_DONE;
	if (r->authorize_only)
		return changes        ? DAE_UNSUPPORTED_ATTRIBUTE
		       : r->state.len ? DAE_DONE
				      : DAE_MISSING_ATTRIBUTE;
	if (r->state.len || (r->change && r->reauthenticate))
		return DAE_INVALID_REQUEST;
	return changes ? DAE_DONE : DAE_MISSING_ATTRIBUTE;
}

/* A request for another NAS is refused as that, whatever else may be wrong with it. */
static enum dae_error graver(enum dae_error a, enum dae_error b)
{
	return a == DAE_DONE || b == DAE_NAS_MISMATCH ? b : a;
}

enum dae_error dae_request_read(const struct radius_packet *packet, const struct dae_nas *nas,
				struct dae_request *request)
{
	struct radius_walk walk = radius_walk_of(packet->attrs);
	enum dae_error error = DAE_DONE;
	struct radius_attr attr;

	*request = (struct dae_request){ .code = packet->code, .nas = nas };
	while (radius_next(&walk, &attr))
		error = graver(error, take_attr(request, &attr));
	if (error == DAE_DONE)
		error = check_whole(request);
	if (error != DAE_DONE)
		dae_request_clear(request);
	return error;
}

void dae_request_clear(struct dae_request *request)
{
	profile_free(request->change);
	request->change = NULL;
}
