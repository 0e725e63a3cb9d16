/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/attribute.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aaa/attribute_text.h"
#include "aaa/profile.h"
#include "aaa/subject.h"

#define U32_MAX UINT32_MAX
#define MTU_MIN 128 /* below it PPP does not go */
#define MTU_MAX 65535
#define INTERIM_MIN 60       /* RFC 2869 5.16 */
#define ENCRYPTION_ALLOWED 1 /* MS-MPPE-Encryption-Policy, RFC 2548 2.4.4 */
#define ENCRYPTION_REQUIRED 2
#define PPP 1 /* Framed-Protocol, RFC 2865 5.7 */

/* A row: where an integer or address goes, or what takes the value. */
struct row {
	struct attribute a;
	uint32_t field; /* enum profile_field; 0: `set` sets it */
	size_t offset;  /* of the field in a profile, for what has no `set` */
	uint32_t min, max;
	int (*set)(struct profile *p, struct buf value, const char **why);
	int (*set_u32)(struct profile *p, uint32_t value, const char **why);
	int (*set_text)(struct profile *p, const char *text, const char **why);
};

static int wrong(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

/* ---- values ---- */

static int set_service(struct profile *p, uint32_t value, const char **why)
{
	(void)p;
	return value == SUBJECT_FRAMED || value == SUBJECT_AUTHORIZE_ONLY
		       ? 0
		       : wrong(why, "it is not Framed, which is all there is here");
}

static int set_protocol(struct profile *p, uint32_t value, const char **why)
{
	(void)p;
	return value == PPP ? 0 : wrong(why, "it is not PPP, which is all there is here");
}

static bool is_host(uint32_t address)
{
	uint32_t net = address >> 24;

	return net != 0 && net != 127 && net < 224;
}

static int set_framed_ip(struct profile *p, uint32_t address, const char **why)
{
	if (address != PROFILE_IP_USER_SELECTS && address != PROFILE_IP_POOL && !is_host(address))
		return wrong(why, "no host can have this address");
	p->framed_ip.s_addr = htonl(address);
	p->set |= PROFILE_FRAMED_IP;
	return 0;
}

static int set_netmask(struct profile *p, uint32_t mask, const char **why)
{
	uint32_t host = ~mask;

	/* none at all would mean the whole Internet */
	if (!mask || (host & (host + 1)))
		return wrong(why, "it is no netmask");
	p->framed_netmask.s_addr = htonl(mask);
	p->set |= PROFILE_FRAMED_NETMASK;
	return 0;
}

static int set_server(struct in_addr *server, uint32_t address, struct profile *p,
		      enum profile_field field, const char **why)
{
	if (address && !is_host(address))
		return wrong(why, "no host can have this address");
	server->s_addr = htonl(address);
	p->set |= field;
	return 0;
}

static int set_dns1(struct profile *p, uint32_t address, const char **why)
{
	return set_server(&p->dns[0], address, p, PROFILE_DNS, why);
}

static int set_dns2(struct profile *p, uint32_t address, const char **why)
{
	return set_server(&p->dns[1], address, p, PROFILE_DNS, why);
}

static int set_nbns1(struct profile *p, uint32_t address, const char **why)
{
	return set_server(&p->nbns[0], address, p, PROFILE_NBNS, why);
}

static int set_nbns2(struct profile *p, uint32_t address, const char **why)
{
	return set_server(&p->nbns[1], address, p, PROFILE_NBNS, why);
}

static int set_mtu(struct profile *p, uint32_t mtu, const char **why)
{
	if (mtu < MTU_MIN || mtu > MTU_MAX)
		return wrong(why, "no link has such an MTU");
	p->mtu = (uint16_t)mtu;
	p->set |= PROFILE_MTU;
	return 0;
}

/* Servers add one of their own to that of the user: who requires it has his way. */
static int set_mppe_policy(struct profile *p, uint32_t policy, const char **why)
{
	if (policy != ENCRYPTION_ALLOWED && policy != ENCRYPTION_REQUIRED)
		return wrong(why, "it is neither allowed nor required");
	if (policy > p->mppe_policy)
		p->mppe_policy = policy;
	p->set |= PROFILE_MPPE_POLICY;
	return 0;
}

static int set_rate_up(struct profile *p, uint32_t rate, const char **why)
{
	(void)why;
	p->rate_up = (struct profile_rate){ .bits_per_s = rate };
	p->set |= PROFILE_RATE_UP;
	return 0;
}

static int set_rate_down(struct profile *p, uint32_t rate, const char **why)
{
	(void)why;
	p->rate_down = (struct profile_rate){ .bits_per_s = rate };
	p->set |= PROFILE_RATE_DOWN;
	return 0;
}

static int set_rates(struct profile *p, const char *text, const char **why)
{
	struct profile_rate up, down;

	if (attribute_text_rates(text, &up, &down) < 0)
		return wrong(why, "it is not UP[/DOWN] with bursts as RouterOS has it");
	p->rate_up = up;
	p->rate_down = down;
	p->set |= PROFILE_RATE_UP | PROFILE_RATE_DOWN;
	return 0;
}

static int set_class(struct profile *p, struct buf value, const char **why)
{
	int r = profile_add_class(p, value.p, value.len);

	return r == -E2BIG ? wrong(why, "there are too many of them") : r;
}

/* Twice the same is as good as once. */
static int added(int r, const char **why)
{
	if (r == -E2BIG)
		return wrong(why, "there are too many of them");
	if (r == -EINVAL)
		return wrong(why, "it is too long");
	return r == -EEXIST ? 0 : r;
}

/* What may be the name of a set or a pool, and nothing that another program takes for more. */
static bool is_name(const char *text)
{
	const char *c;

	for (c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-/", *c))
			return false;
	return *text != '\0';
}

static int set_filter(struct profile *p, const char *text, const char **why)
{
	if (!is_name(text))
		return wrong(why, "it has other characters than letters, digits, . _ - and /");
	return added(profile_add_filter(p, text), why);
}

static int set_pool(struct profile *p, const char *text, const char **why)
{
	return added(profile_set_pool(p, text), why);
}

static int set_username(struct profile *p, const char *text, const char **why)
{
	return added(profile_set_username(p, text), why);
}

static int add_message(struct profile *p, const char *text, const char **why)
{
	(void)why;
	return profile_add_message(p, text);
}

static int set_route(struct profile *p, const char *text, const char **why)
{
	struct profile_route route;

	if (attribute_text_route(text, &route) < 0)
		return wrong(why, "it is not NET/LENGTH [GATEWAY [METRIC]] of a net for hosts");
	return added(profile_add_route(p, &route), why);
}

/* ---- the table ---- */

#define ATTR(called, number, octet, how, is_strict)                                                \
	.a.name = called, .a.vendor = number, .a.type = octet, .a.kind = ATTRIBUTE_##how,          \
	.a.strict = is_strict
#define P(member) .offset = offsetof(struct profile, member)
#define SENT(id, name, vendor, type, kind)                                                         \
	[ATTRIBUTE_##id] = { ATTR(name, vendor, type, kind, false) }
#define NUMBER(id, name, vendor, type, strict, member, bit, low, high)                             \
	[ATTRIBUTE_##id] = { ATTR(name, vendor, type, INTEGER, strict), P(member),                 \
			     .field = PROFILE_##bit, .min = low, .max = high }
#define U32(id, name, vendor, type, kind, strict, fn)                                              \
	[ATTRIBUTE_##id] = { ATTR(name, vendor, type, kind, strict), .set_u32 = fn }
#define TEXT(id, name, vendor, type, strict, fn)                                                   \
	[ATTRIBUTE_##id] = { ATTR(name, vendor, type, TEXT, strict), .set_text = fn }

#define MANY(id, name, vendor, type, strict, fn)                                                   \
	[ATTRIBUTE_##                                                                              \
		id] = { ATTR(name, vendor, type, TEXT, strict), .a.many = true, .set_text = fn }

#define MS VENDOR_MICROSOFT
#define DSL VENDOR_ADSL_FORUM

static const struct row rows[ATTRIBUTES] = {
	TEXT(USER_NAME, "User-Name", 0, 1, false, set_username),
	SENT(USER_PASSWORD, "User-Password", 0, 2, OCTETS),
	SENT(CHAP_PASSWORD, "CHAP-Password", 0, 3, OCTETS),
	SENT(NAS_IP_ADDRESS, "NAS-IP-Address", 0, 4, ADDRESS),
	SENT(NAS_PORT, "NAS-Port", 0, 5, INTEGER),
	U32(SERVICE_TYPE, "Service-Type", 0, 6, INTEGER, true, set_service),
	U32(FRAMED_PROTOCOL, "Framed-Protocol", 0, 7, INTEGER, true, set_protocol),
	U32(FRAMED_IP_ADDRESS, "Framed-IP-Address", 0, 8, ADDRESS, true, set_framed_ip),
	U32(FRAMED_IP_NETMASK, "Framed-IP-Netmask", 0, 9, ADDRESS, true, set_netmask),
	MANY(FILTER_ID, "Filter-Id", 0, 11, true, set_filter),
	U32(FRAMED_MTU, "Framed-MTU", 0, 12, INTEGER, false, set_mtu),
	MANY(REPLY_MESSAGE, "Reply-Message", 0, 18, false, add_message),
	MANY(FRAMED_ROUTE, "Framed-Route", 0, 22, true, set_route),
	SENT(STATE, "State", 0, 24, OCTETS),
	[ATTRIBUTE_CLASS] = { ATTR("Class", 0, 25, OCTETS, false), .a.many = true,
			      .set = set_class },
	NUMBER(SESSION_TIMEOUT, "Session-Timeout", 0, 27, true, session_timeout, SESSION_TIMEOUT, 0,
	       U32_MAX),
	NUMBER(IDLE_TIMEOUT, "Idle-Timeout", 0, 28, true, idle_timeout, IDLE_TIMEOUT, 0, U32_MAX),
	SENT(CALLED_STATION_ID, "Called-Station-Id", 0, 30, TEXT),
	SENT(CALLING_STATION_ID, "Calling-Station-Id", 0, 31, TEXT),
	SENT(NAS_IDENTIFIER, "NAS-Identifier", 0, 32, TEXT),
	SENT(ACCT_SESSION_ID, "Acct-Session-Id", 0, 44, TEXT),
	SENT(CHAP_CHALLENGE, "CHAP-Challenge", 0, 60, OCTETS),
	SENT(NAS_PORT_TYPE, "NAS-Port-Type", 0, 61, INTEGER),
	NUMBER(PORT_LIMIT, "Port-Limit", 0, 62, true, port_limit, PORT_LIMIT, 0, U32_MAX),
	SENT(TUNNEL_TYPE, "Tunnel-Type", 0, 64, TAGGED),
	SENT(TUNNEL_MEDIUM_TYPE, "Tunnel-Medium-Type", 0, 65, TAGGED),
	SENT(TUNNEL_CLIENT_ENDPOINT, "Tunnel-Client-Endpoint", 0, 66, TEXT),
	SENT(TUNNEL_SERVER_ENDPOINT, "Tunnel-Server-Endpoint", 0, 67, TEXT),
	SENT(ACCT_TUNNEL_CONNECTION, "Acct-Tunnel-Connection", 0, 68, TEXT),
	NUMBER(ACCT_INTERIM_INTERVAL, "Acct-Interim-Interval", 0, 85, false, interim_interval,
	       INTERIM, INTERIM_MIN, U32_MAX),
	SENT(NAS_PORT_ID, "NAS-Port-Id", 0, 87, TEXT),
	TEXT(FRAMED_POOL, "Framed-Pool", 0, 88, true, set_pool),
	SENT(TUNNEL_CLIENT_AUTH_ID, "Tunnel-Client-Auth-ID", 0, 90, TEXT),
	SENT(TUNNEL_SERVER_AUTH_ID, "Tunnel-Server-Auth-ID", 0, 91, TEXT),
	SENT(NAS_IPV6_ADDRESS, "NAS-IPv6-Address", 0, 95, ADDRESS6),
	SENT(MS_CHAP_ERROR, "MS-CHAP-Error", MS, 2, OCTETS),
	SENT(MS_CHAP_NT_ENC_PW, "MS-CHAP-NT-Enc-PW", MS, 6, OCTETS),
	U32(MS_MPPE_ENCRYPTION_POLICY, "MS-MPPE-Encryption-Policy", MS, 7, INTEGER, true,
	    set_mppe_policy),
	NUMBER(MS_MPPE_ENCRYPTION_TYPES, "MS-MPPE-Encryption-Types", MS, 8, true, mppe_types,
	       MPPE_TYPES, 0, U32_MAX),
	SENT(MS_CHAP_CHALLENGE, "MS-CHAP-Challenge", MS, 11, OCTETS),
	SENT(MS_MPPE_SEND_KEY, "MS-MPPE-Send-Key", MS, 16, OCTETS),
	SENT(MS_MPPE_RECV_KEY, "MS-MPPE-Recv-Key", MS, 17, OCTETS),
	SENT(MS_CHAP2_RESPONSE, "MS-CHAP2-Response", MS, 25, OCTETS),
	SENT(MS_CHAP2_SUCCESS, "MS-CHAP2-Success", MS, 26, OCTETS),
	SENT(MS_CHAP2_CPW, "MS-CHAP2-CPW", MS, 27, OCTETS),
	U32(MS_PRIMARY_DNS_SERVER, "MS-Primary-DNS-Server", MS, 28, ADDRESS, false, set_dns1),
	U32(MS_SECONDARY_DNS_SERVER, "MS-Secondary-DNS-Server", MS, 29, ADDRESS, false, set_dns2),
	U32(MS_PRIMARY_NBNS_SERVER, "MS-Primary-NBNS-Server", MS, 30, ADDRESS, false, set_nbns1),
	U32(MS_SECONDARY_NBNS_SERVER, "MS-Secondary-NBNS-Server", MS, 31, ADDRESS, false,
	    set_nbns2),
	SENT(AGENT_CIRCUIT_ID, "ADSL-Agent-Circuit-Id", DSL, 1, OCTETS),
	SENT(AGENT_REMOTE_ID, "ADSL-Agent-Remote-Id", DSL, 2, OCTETS),
	U32(WISPR_BANDWIDTH_MAX_UP, "WISPr-Bandwidth-Max-Up", VENDOR_WISPR, 7, INTEGER, true,
	    set_rate_up),
	U32(WISPR_BANDWIDTH_MAX_DOWN, "WISPr-Bandwidth-Max-Down", VENDOR_WISPR, 8, INTEGER, true,
	    set_rate_down),
	TEXT(MIKROTIK_RATE_LIMIT, "Mikrotik-Rate-Limit", VENDOR_MIKROTIK, 8, true, set_rates),
};

static const struct row *row_of(const struct attribute *attribute)
{
	return (const struct row *)(const void *)((const char *)attribute -
						  offsetof(struct row, a));
}

const struct attribute *attribute_of(enum attribute_id id)
{
	return &rows[id].a;
}

enum attribute_id attribute_id(const struct attribute *attribute)
{
	return (enum attribute_id)(row_of(attribute) - rows);
}

const struct attribute *attribute_find(uint32_t vendor, uint8_t type)
{
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++)
		if (rows[i].a.type == type && rows[i].a.vendor == vendor)
			return &rows[i].a;
	return NULL;
}

const struct attribute *attribute_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++)
		if (strcasecmp(rows[i].a.name, name) == 0)
			return &rows[i].a;
	return NULL;
}

bool attribute_grants(const struct attribute *attribute)
{
	const struct row *row = row_of(attribute);

	return row->field || row->set || row->set_u32 || row->set_text;
}

/* ---- reading ---- */

static int set_number(const struct row *row, uint32_t value, struct profile *p, const char **why)
{
	if (value < row->min || value > row->max)
		return wrong(why, "it is out of range");
	memcpy((char *)p + row->offset, &value, sizeof(value));
	p->set |= row->field;
	return 0;
}

static int take_u32(const struct row *row, uint32_t value, struct profile *p, const char **why)
{
	return row->set_u32 ? row->set_u32(p, value, why) : set_number(row, value, p, why);
}

static int take_text(const struct row *row, struct buf value, struct profile *p, const char **why)
{
	char text[RADIUS_VALUE_MAX + 1];

	if (value.len > RADIUS_VALUE_MAX)
		return wrong(why, "it is too long");
	/* some servers send the end of the string, too */
	if (value.len && value.p[value.len - 1] == '\0')
		value.len--;
	if (!value.len || memchr(value.p, '\0', value.len))
		return wrong(why, "it is empty, or has a NUL in it");
	memcpy(text, value.p, value.len);
	text[value.len] = '\0';
	return row->set_text(p, text, why);
}

static int take(const struct row *row, struct buf value, struct profile *p, const char **why)
{
	uint32_t number;

	if (row->set)
		return row->set(p, value, why);
	if (row->set_text)
		return take_text(row, value, p, why);
	if (value.len != sizeof(number) || buf_u32(&value, &number) < 0)
		return wrong(why, "it does not have four octets");
	return take_u32(row, number, p, why);
}

int attribute_read(const struct radius_attr *attr, struct profile *profile, const char **why)
{
	const struct attribute *a = attribute_find(attr->vendor, attr->type);

	return a && attribute_grants(a) ? take(row_of(a), attr->value, profile, why) : -ENOENT;
}

int attribute_read_all(struct buf attrs, struct profile *profile, attribute_wrong_fn wrong_fn,
		       void *arg)
{
	struct radius_walk walk = radius_walk_of(attrs);
	struct radius_attr attr;
	int r = 0;

	while (radius_next(&walk, &attr)) {
		const struct attribute *a = attribute_find(attr.vendor, attr.type);
		const char *why = "";
		int e = attribute_read(&attr, profile, &why);

		if (e == -ENOMEM)
			return e;
		if (e != -EINVAL)
			continue;
		wrong_fn(arg, a, why);
		if (a->strict)
			r = e;
	}
	return r;
}

/* Octets may be written as 0x and hex digits. */
static int read_octets(const struct row *row, const char *text, struct profile *p, const char **why)
{
	uint8_t octets[RADIUS_VALUE_MAX];
	size_t len;

	if (strncmp(text, "0x", 2) != 0)
		return take(row, buf_of(text, strlen(text)), p, why);
	if (attribute_text_octets(text + 2, octets, sizeof(octets), &len) < 0)
		return wrong(why, "expected 0x and hex digits, or text");
	return take(row, buf_of(octets, len), p, why);
}

int attribute_read_text(const struct attribute *attribute, const char *text,
			struct profile *profile, const char **why)
{
	const struct row *row = row_of(attribute);
	struct in_addr address;
	uint32_t number;

	if (!attribute_grants(attribute))
		return -ENOENT;
	switch (attribute->kind) {
	case ATTRIBUTE_INTEGER:
		if (attribute_text_number(text, &number) < 0)
			return wrong(why, "expected a number");
		return take_u32(row, number, profile, why);
	case ATTRIBUTE_ADDRESS:
		if (inet_pton(AF_INET, text, &address) != 1)
			return wrong(why, "expected an IPv4 address");
		return take_u32(row, ntohl(address.s_addr), profile, why);
	case ATTRIBUTE_OCTETS:
		return read_octets(row, text, profile, why);
	default:
		return take(row, buf_of(text, strlen(text)), profile, why);
	}
}

/* ---- writing ---- */

int attribute_put(struct radius_attrs *attrs, enum attribute_id id, const void *value, size_t len)
{
	return radius_put(attrs, rows[id].a.vendor, rows[id].a.type, value, len);
}

int attribute_put_text(struct radius_attrs *attrs, enum attribute_id id, const char *text)
{
	return attribute_put(attrs, id, text, strlen(text));
}

/* The first octet of a TAGGED integer is its tag; 0: there is none. */
int attribute_put_u32(struct radius_attrs *attrs, enum attribute_id id, uint32_t value)
{
	return radius_put_u32(attrs, rows[id].a.vendor, rows[id].a.type, value);
}

int attribute_put_addr(struct radius_attrs *attrs, enum attribute_id id, struct in_addr address)
{
	return attribute_put(attrs, id, &address, sizeof(address));
}

bool attribute_get(struct buf attrs, enum attribute_id id, struct buf *value)
{
	return radius_find(attrs, rows[id].a.vendor, rows[id].a.type, value);
}
