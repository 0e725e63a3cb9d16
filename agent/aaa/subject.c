/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/subject.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aaa/attribute.h"
#include "aaa/profile.h"
#include "brief.h"
#include "conf/conf.h"

#define TICKS_PER_S 16

enum port_type { PORT_VIRTUAL = 5, PORT_ETHERNET = 15 }; /* RFC 2865 5.41 */
enum tunnel_type { TUNNEL_PPTP = 1, TUNNEL_L2TP = 3 };   /* RFC 2868 3.1 */
enum medium_type { MEDIUM_IPV4 = 1, MEDIUM_IPV6 = 2 };   /* RFC 2868 3.2 */
#define FRAMED_PPP 1                                     /* RFC 2865 5.7 */

/* ---- Acct-Session-Id ---- */

uint32_t subject_start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint32_t)((uint64_t)now.tv_sec * TICKS_PER_S +
			  (uint64_t)now.tv_nsec / (1000000000 / TICKS_PER_S));
}

void subject_session_id(uint32_t start, uint32_t ppp_id, char out[SUBJECT_ID_LEN + 1])
{
	struct brief b = brief_of(out, SUBJECT_ID_LEN + 1);

	brief_hex(&b, start, 8);
	brief_hex(&b, ppp_id, 8);
}

static int hex(const char *text, uint32_t *value)
{
	unsigned int i;

	*value = 0;
	for (i = 0; i < SUBJECT_ID_LEN / 2; i++) {
		int c = tolower((unsigned char)text[i]);

		if (!isxdigit(c))
			return -EINVAL;
		*value = *value << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return 0;
}

int subject_session_id_parse(const char *text, size_t len, uint32_t *start, uint32_t *ppp_id)
{
	uint32_t first, second;

	if (len != SUBJECT_ID_LEN || hex(text, &first) < 0 ||
	    hex(text + SUBJECT_ID_LEN / 2, &second) < 0)
		return -EINVAL;
	*start = first;
	*ppp_id = second;
	return 0;
}

/* ---- names ---- */

void subject_nas_port_id(const struct carrier_info *carrier, const char *protocol,
			 char out[SUBJECT_TEXT_MAX + 1])
{
	if (*carrier->device)
		brief_copy(out, SUBJECT_TEXT_MAX + 1, carrier->device);
	else
		snprintf(out, SUBJECT_TEXT_MAX + 1, "%s %s %u/%u", protocol, carrier->peer,
			 carrier->tunnel_id, carrier->id);
}

void subject_calling(const struct carrier_info *carrier, char out[SUBJECT_TEXT_MAX + 1])
{
	const char *circuit = carrier->circuit_id, *remote = carrier->remote_id;

	if (*circuit || *remote)
		snprintf(out, SUBJECT_TEXT_MAX + 1, "%s%s%s", circuit,
			 *circuit && *remote ? " " : "", remote);
	else
		brief_copy(out, SUBJECT_TEXT_MAX + 1,
			   *carrier->calling ? carrier->calling : carrier->peer);
}

const char *subject_called(const struct carrier_info *carrier, const struct conf_tunnel *tunnel)
{
	return *carrier->called    ? carrier->called
	       : *carrier->service ? carrier->service
				   : tunnel->name;
}

/* ---- attributes ---- */

static void put_text(struct radius_attrs *attrs, enum attribute_id id, const char *text)
{
	size_t len = strlen(text);

	attribute_put(attrs, id, text, len < RADIUS_VALUE_MAX ? len : RADIUS_VALUE_MAX);
}

/* The address from which the first of the servers is reached. */
static int local_address(const struct conf_servers *servers, struct sockaddr_storage *out)
{
	const struct conf_addr *server = STAILQ_FIRST(&servers->servers);
	struct sockaddr_storage local = { 0 };
	socklen_t len = sizeof(local);
	int fd, r = -EADDRNOTAVAIL;

	if (!server)
		return r;
	fd = socket(server->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&server->addr, sizeof(server->addr)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&local, &len) == 0) {
		*out = local;
		r = 0;
	}
	close(fd);
	return r;
}

void subject_put_nas(const struct conf *conf, const struct conf_servers *servers,
		     struct radius_attrs *attrs)
{
	struct sockaddr_storage address = conf->nas_address;
	char host[256];

	if (conf->nas_id)
		put_text(attrs, ATTRIBUTE_NAS_IDENTIFIER, conf->nas_id);
	else if (gethostname(host, sizeof(host)) == 0)
		put_text(attrs, ATTRIBUTE_NAS_IDENTIFIER, host);
	if (address.ss_family == AF_UNSPEC && local_address(servers, &address) < 0)
		return;
	if (address.ss_family == AF_INET)
		attribute_put_addr(attrs, ATTRIBUTE_NAS_IP_ADDRESS,
				   ((struct sockaddr_in *)&address)->sin_addr);
	else
		attribute_put(attrs, ATTRIBUTE_NAS_IPV6_ADDRESS,
			      &((struct sockaddr_in6 *)&address)->sin6_addr,
			      sizeof(struct in6_addr));
}

static void put_port(const struct subject *subject, struct radius_attrs *attrs)
{
	bool pppoe = subject->tunnel->protocol == CONF_PPPOE;
	char text[SUBJECT_TEXT_MAX + 1];

	attribute_put_u32(attrs, ATTRIBUTE_NAS_PORT, subject->nas_port);
	attribute_put_u32(attrs, ATTRIBUTE_NAS_PORT_TYPE, pppoe ? PORT_ETHERNET : PORT_VIRTUAL);
	subject_nas_port_id(subject->carrier, conf_protocol_name(subject->tunnel->protocol), text);
	put_text(attrs, ATTRIBUTE_NAS_PORT_ID, text);
	subject_calling(subject->carrier, text);
	put_text(attrs, ATTRIBUTE_CALLING_STATION_ID, text);
	put_text(attrs, ATTRIBUTE_CALLED_STATION_ID,
		 subject_called(subject->carrier, subject->tunnel));
}

static void put_framed(const struct subject *subject, struct radius_attrs *attrs)
{
	attribute_put_u32(attrs, ATTRIBUTE_SERVICE_TYPE,
			  subject->service ? subject->service : SUBJECT_FRAMED);
	attribute_put_u32(attrs, ATTRIBUTE_FRAMED_PROTOCOL, FRAMED_PPP);
	if (subject->address.s_addr) {
		attribute_put_addr(attrs, ATTRIBUTE_FRAMED_IP_ADDRESS, subject->address);
		if (subject->netmask.s_addr != INADDR_BROADCAST)
			attribute_put_addr(attrs, ATTRIBUTE_FRAMED_IP_NETMASK, subject->netmask);
	}
	if (subject->mtu)
		attribute_put_u32(attrs, ATTRIBUTE_FRAMED_MTU, subject->mtu);
}

void subject_put_tunnel(const struct subject *subject, struct radius_attrs *attrs)
{
	const struct carrier_info *carrier = subject->carrier;
	char serial[12];

	if (subject->tunnel->protocol == CONF_PPPOE)
		return;
	attribute_put_u32(attrs, ATTRIBUTE_TUNNEL_TYPE,
			  subject->tunnel->protocol == CONF_L2TP ? TUNNEL_L2TP : TUNNEL_PPTP);
	attribute_put_u32(attrs, ATTRIBUTE_TUNNEL_MEDIUM_TYPE,
			  strchr(carrier->peer, ':') ? MEDIUM_IPV6 : MEDIUM_IPV4);
	put_text(attrs, ATTRIBUTE_TUNNEL_CLIENT_ENDPOINT, carrier->peer);
	put_text(attrs, ATTRIBUTE_TUNNEL_SERVER_ENDPOINT, carrier->local);
	put_text(attrs, ATTRIBUTE_TUNNEL_CLIENT_AUTH_ID, carrier->peer_name);
	put_text(attrs, ATTRIBUTE_TUNNEL_SERVER_AUTH_ID, carrier->local_name);
	snprintf(serial, sizeof(serial), "%u", carrier->serial);
	put_text(attrs, ATTRIBUTE_ACCT_TUNNEL_CONNECTION, serial);
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* As it came from the line: what log_escape() did is undone. */
static void put_line_id(struct radius_attrs *attrs, enum attribute_id id, const char *escaped)
{
	uint8_t value[RADIUS_VENDOR_VALUE_MAX];
	size_t len = 0;

	while (*escaped && len < sizeof(value)) {
		if (escaped[0] == '\\' && escaped[1] == 'x' &&
		    isxdigit((unsigned char)escaped[2]) && isxdigit((unsigned char)escaped[3])) {
			value[len++] =
				(uint8_t)(hex_digit(escaped[2]) << 4 | hex_digit(escaped[3]));
			escaped += 4;
		} else {
			value[len++] = (uint8_t)*escaped++;
		}
	}
	attribute_put(attrs, id, value, len);
}

int subject_put(const struct subject *subject, const struct conf_servers *servers,
		struct radius_attrs *attrs)
{
	put_text(attrs, ATTRIBUTE_USER_NAME, subject->username);
	subject_put_nas(subject->tunnel->conf, servers, attrs);
	put_port(subject, attrs);
	put_framed(subject, attrs);
	if (*subject->session_id)
		put_text(attrs, ATTRIBUTE_ACCT_SESSION_ID, subject->session_id);
	subject_put_tunnel(subject, attrs);
	put_line_id(attrs, ATTRIBUTE_AGENT_CIRCUIT_ID, subject->carrier->circuit_id);
	put_line_id(attrs, ATTRIBUTE_AGENT_REMOTE_ID, subject->carrier->remote_id);
	return attrs->overflow ? -EMSGSIZE : 0;
}

int subject_put_classes(const struct subject *subject, struct radius_attrs *attrs)
{
	const struct profile *p = subject->profile;
	unsigned int i;

	for (i = 0; p && i < p->n_classes; i++)
		attribute_put(attrs, ATTRIBUTE_CLASS, p->classes[i]->value, p->classes[i]->len);
	return attrs->overflow ? -EMSGSIZE : 0;
}
