/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mppe.h"

#define PPPOE MODE_DIAL
#define L2TP MODE_L2TP
#define PPTP MODE_PPTP
#define TUNNEL (MODE_L2TP | MODE_PPTP)
#define DIAL (MODE_DIAL | TUNNEL)
#define CORE MODE_CORE
#define FLOOD MODE_FLOOD
#define RAW MODE_RAW
#define DISCOVER MODE_DISCOVER
#define FRAMES (MODE_DIAL | MODE_FLOOD | MODE_RAW | MODE_DISCOVER)

enum kind {
	KIND_FLAG,
	KIND_TEXT,
	KIND_U32,
	KIND_U64,
	KIND_REAL,
	KIND_PARSED,
};

struct definition {
	const char *name;
	unsigned int modes;
	enum kind kind;
	size_t offset;
	int (*parse)(struct options *o, const char *text);
	const char *arg, *help;
};

static int parse_mac_base(struct options *o, const char *text)
{
	return plan_parse_mac(o->mac_base, text);
}

static int parse_ac_mac(struct options *o, const char *text)
{
	return plan_parse_mac(o->ac_mac, text);
}

static int parse_vlan(struct options *o, const char *text)
{
	return plan_parse_vlans(&o->vlans, text);
}

static int parse_tpid_to(uint16_t *tpid, const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 16);

	if (*end || (v != 0x8100 && v != 0x88a8 && v != 0x9100))
		return -EINVAL;
	*tpid = v;
	return 0;
}

static int parse_tpid(struct options *o, const char *text)
{
	return parse_tpid_to(&o->vlans.tpid[0], text);
}

static int parse_inner_tpid(struct options *o, const char *text)
{
	return parse_tpid_to(&o->vlans.tpid[1], text);
}

struct bit_name {
	const char *name; /* NULL: the last */
	unsigned int bit;
};

/* A list of names by commas. */
static int parse_bits(unsigned int *bits, const struct bit_name *names, const char *text)
{
	const struct bit_name *n;
	size_t len;

	for (*bits = 0; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		for (n = names; n->name; n++)
			if (strlen(n->name) == len && strncmp(n->name, text, len) == 0)
				break;
		if (!n->name)
			return -EINVAL;
		*bits |= n->bit;
	}
	return 0;
}

static int parse_auth(struct options *o, const char *text)
{
	static const struct bit_name names[] = {
		{ "none", 0 },         { "pap", AUTH_PAP },
		{ "chap", AUTH_CHAP }, { "mschapv2", AUTH_MSCHAPV2 },
		{ "eap", AUTH_EAP },   { NULL, 0 }
	};

	return parse_bits(&o->auth, names, text);
}

static int parse_eap(struct options *o, const char *text)
{
	static const struct bit_name names[] = { { "md5", EAP_BY_MD5 },
						 { "mschapv2", EAP_BY_MSCHAPV2 },
						 { NULL, 0 } };

	return parse_bits(&o->eap, names, text);
}

/* Which of the names it is, or -EINVAL. */
static int find_name(const char *const *names, int count, const char *text)
{
	for (int i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	return -EINVAL;
}

static int parse_data_sequence(struct options *o, const char *text)
{
	static const char *const names[] = { "follow", "require", "never" };
	int i = find_name(names, 3, text);

	o->data_sequence = i;
	return i < 0 ? i : 0;
}

static int parse_proxy(struct options *o, const char *text)
{
	static const char *const names[] = { "none", "lcp", "pap", "chap" };
	int i = find_name(names, 4, text);

	o->proxy = i;
	return i < 0 ? i : 0;
}

static int parse_server(struct options *o, const char *text)
{
	return endpoint_parse(&o->server, text);
}

static int parse_local(struct options *o, const char *text)
{
	return endpoint_parse(&o->local, text);
}

static int parse_gre_from(struct options *o, const char *text)
{
	return endpoint_parse(&o->gre_from, text);
}

static int parse_tunnel_id(struct options *o, const char *text)
{
	return plan_parse_range(&o->tunnel_id, text, 65535);
}

static int parse_mppe(struct options *o, const char *text)
{
	static const char *const names[] = { "none", "40", "56", "128", "required" };
	static const uint32_t bits[] = { 0, MPPE_40, MPPE_56, MPPE_128, 0 };
	char word[16];
	size_t len;
	int i;

	for (o->mppe = 0; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		i = find_name(names, 5, word);
		if (i < 0)
			return i;
		o->mppe |= bits[i];
		o->mppe_required |= i == 4;
	}
	if (o->mppe_required && !o->mppe)
		o->mppe = MPPE_STRENGTHS;
	return 0;
}

static int parse_mppe_state(struct options *o, const char *text)
{
	static const char *const names[] = { "stateless", "stateful", "any" };
	int i = find_name(names, 3, text);

	o->mppe_state = i;
	return i < 0 ? i : 0;
}

static int parse_hangup(struct options *o, const char *text)
{
	static const char *const names[] = { "terminate", "padt", "silent", "stopccn" };
	int i = find_name(names, 4, strcmp(text, "cdn") == 0 ? "padt" : text);

	o->hangup = i;
	return i < 0 ? i : 0;
}

static int parse_relay_id(struct options *o, const char *text)
{
	int n = plan_parse_hex(text, o->relay_id.bytes, OPTIONS_HEX_MAX);

	if (n <= 0)
		return -EINVAL;
	o->relay_id.len = n;
	return 0;
}

static int parse_address(struct options *o, const char *text)
{
	return inet_pton(AF_INET, text, &o->address) == 1 ? 0 : -EINVAL;
}

static int parse_spoof(struct options *o, const char *text)
{
	return inet_pton(AF_INET, text, &o->spoof) == 1 ? 0 : -EINVAL;
}

static int parse_core(struct options *o, const char *text)
{
	const char *colon = strchr(text, ':');
	char addr[INET_ADDRSTRLEN];
	char *end;
	unsigned long port;

	if (!colon || (size_t)(colon - text) >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, colon - text);
	addr[colon - text] = '\0';
	port = strtoul(colon + 1, &end, 10);
	if (*end || port == 0 || port > 65535 || inet_pton(AF_INET, addr, &o->core.sin_addr) != 1)
		return -EINVAL;
	o->core.sin_family = AF_INET;
	o->core.sin_port = htons(port);
	return 0;
}

static int parse_size(struct options *o, const char *text)
{
	return plan_parse_range(&o->size, text, 65535);
}

static int parse_sid(struct options *o, const char *text)
{
	return plan_parse_range(&o->sid, text, 65535);
}

static int parse_max_loss(struct options *o, const char *text)
{
	char *end;

	o->max_loss = strtoll(text, &end, 10);
	return *text && !*end && o->max_loss >= 0 ? 0 : -EINVAL;
}

static int parse_hold(struct options *o, const char *text)
{
	char *end;

	if (strcmp(text, "forever") == 0) {
		o->hold = -1;
		return 0;
	}
	o->hold = strtod(text, &end);
	return *text && !*end && o->hold >= 0 ? 0 : -EINVAL;
}

#define AT(field) offsetof(struct options, field)
#define FLAG(n, m, f, h)                                                                           \
	{                                                                                          \
		n, m, KIND_FLAG, AT(f), NULL, NULL, h                                              \
	}
#define TEXT(n, m, f, a, h)                                                                        \
	{                                                                                          \
		n, m, KIND_TEXT, AT(f), NULL, a, h                                                 \
	}
#define U32(n, m, f, a, h)                                                                         \
	{                                                                                          \
		n, m, KIND_U32, AT(f), NULL, a, h                                                  \
	}
#define REAL(n, m, f, a, h)                                                                        \
	{                                                                                          \
		n, m, KIND_REAL, AT(f), NULL, a, h                                                 \
	}
#define PARSED(n, m, fn, a, h)                                                                     \
	{                                                                                          \
		n, m, KIND_PARSED, 0, fn, a, h                                                     \
	}

static const struct definition definitions[] = {
	TEXT("interface", FRAMES, interface, "IF", "access interface (required)"),
	PARSED("mac-base", DIAL | FLOOD | DISCOVER, parse_mac_base, "MAC",
	       "session N has this MAC + N; flood adds random numbers (02:d1:…, flood 02:f1:…)"),
	U32("first", DIAL, first, "N", "number of the first session (0)"),
	PARSED("vlan", PPPOE | FLOOD | DISCOVER, parse_vlan, "LIST",
	       "none, 100, 100-199, 100.7, 100-109.1-4000, or a list; taken in turn"),
	PARSED("tpid", PPPOE | FLOOD | DISCOVER, parse_tpid, "HEX",
	       "of the outer or only tag: 8100, 88a8, 9100 (8100)"),
	PARSED("inner-tpid", PPPOE | FLOOD | DISCOVER, parse_inner_tpid, "HEX", "likewise (8100)"),
	U32("ring-mb", FRAMES, ring_mb, "N", "receive ring, MiB (64)"),
	FLAG("no-pad", PPPOE | FLOOD, no_pad, "do not pad frames to 60 bytes"),
	TEXT("report", DIAL | CORE | FLOOD | DISCOVER, report, "FILE", "JSON report (stdout)"),
	TEXT("ready", DIAL, ready, "FILE", "JSON report once all are up or have failed (none)"),

	U32("sessions", DIAL, sessions, "N", "how many (1)"),
	TEXT("user", DIAL, user, "TEXT", "name: %d number, %05d, %x, %m MAC, %% (u%d)"),
	TEXT("password", DIAL, password, "TEXT", "likewise (p%d)"),
	TEXT("retry-password", DIAL, retry_password, "TEXT", "after an MS-CHAPv2 failure with R=1"),
	TEXT("new-password", DIAL, new_password, "TEXT",
	     "what an expired one is changed to (MS-CHAPv2, E=648)"),
	PARSED("auth", DIAL, parse_auth, "LIST",
	       "accepted methods: pap,chap,mschapv2,eap or none (the first three)"),
	PARSED("eap", DIAL, parse_eap, "LIST", "accepted methods of EAP: md5,mschapv2 (both)"),
	TEXT("eap-identity", DIAL, eap_identity, "TEXT", "said before the method (--user)"),
	REAL("rate", DIAL | FLOOD, rate, "N", "new sessions or frames a second (0: no limit)"),
	U32("outstanding", DIAL, outstanding, "N", "set-ups and hang-ups under way at most (1000)"),
	U32("redials", DIAL, redials, "N", "times a failed session is dialled again (0)"),
	FLAG("persist", DIAL, persist, "dial again what the server terminated"),

	TEXT("service", PPPOE | FLOOD | DISCOVER, service, "NAME", "Service-Name (empty: any)"),
	TEXT("ac-name", PPPOE | DISCOVER, ac_name, "NAME", "take offers of this AC-Name only"),
	U32("host-uniq", PPPOE, host_uniq_len, "BYTES", "length of Host-Uniq (8; 0: none)"),
	U32("max-payload", PPPOE | DISCOVER, max_payload, "N", "PPP-Max-Payload (RFC 4638)"),
	TEXT("circuit-id", PPPOE, circuit_id, "TEXT",
	     "TR-101 Agent-Circuit-Id, template as --user"),
	TEXT("remote-id", PPPOE, remote_id, "TEXT", "TR-101 Agent-Remote-Id, template as --user"),
	PARSED("relay-id", PPPOE, parse_relay_id, "HEX", "Relay-Session-Id"),
	FLAG("duplicate-padr", PPPOE, duplicate_padr, "send every PADR twice"),

	U32("discovery-timeout", DIAL, discovery_timeout, "MS",
	    "before a retry (1000; L2TP, PPTP: 5000)"),
	U32("lcp-timeout", DIAL, lcp_timeout, "MS", "before a retry (1000)"),
	U32("auth-timeout", DIAL, auth_timeout, "MS", "before a retry (3000)"),
	U32("ipcp-timeout", DIAL, ipcp_timeout, "MS", "before a retry (1000)"),
	U32("tries", DIAL, tries, "N", "of one request before the session fails (5)"),
	U32("mru", DIAL, mru, "N", "asked for in LCP (1492 or --max-payload; L2TP, PPTP: 1400)"),
	FLAG("no-magic", DIAL, no_magic, "no magic number"),
	FLAG("pfc", DIAL, pfc, "ask for protocol field compression"),
	FLAG("acfc", DIAL, acfc, "ask for address and control field compression"),
	FLAG("compress", DIAL, compress, "send IP with a one-byte protocol field, asked or not"),
	FLAG("no-dns", DIAL, no_dns, "do not ask for DNS servers"),
	TEXT("identify", DIAL, identify, "TEXT", "send an LCP Identification"),
	PARSED("address", DIAL, parse_address, "A", "ask for this address + N instead of 0.0.0.0"),

	PARSED("lns", L2TP | FLOOD, parse_server, "A", "address of the server (L2TP: required)"),
	U32("lns-port", L2TP | FLOOD, server_port, "N", "its port (1701)"),
	PARSED("pac", PPTP | FLOOD, parse_server, "A", "address of the server (PPTP: required)"),
	U32("pac-port", PPTP | FLOOD, server_port, "N", "its port (1723)"),
	PARSED("local", TUNNEL | FLOOD, parse_local, "A", "own address (any)"),
	U32("source-port", L2TP, source_port, "N",
	    "of the first tunnel, the others count up from it (any)"),
	FLAG("same-port", L2TP, same_port, "all tunnels from one port"),
	U32("tunnels", TUNNEL, tunnels, "N", "control connections; sessions take them in turn (1)"),
	TEXT("secret", L2TP, secret, "TEXT", "tunnel secret; the server must prove it, too"),
	FLAG("trust", L2TP, trust, "go on with a server that does not prove the secret"),
	FLAG("hide", L2TP, hide, "hide AVPs (needs --secret)"),
	TEXT("host-name", TUNNEL | FLOOD, host_name, "NAME", "Host Name (lac.example)"),
	TEXT("called", TUNNEL, called, "TEXT", "Called Number, template as --user"),
	TEXT("calling", L2TP, calling, "TEXT", "Calling Number, likewise"),
	U32("window", TUNNEL, window, "N", "own receive window (16; PPTP: 64)"),
	U32("control-timeout", TUNNEL, control_timeout, "MS",
	    "before a retry, doubled thrice (1000)"),
	U32("control-tries", TUNNEL, control_tries, "N", "before a tunnel is given up (8)"),
	REAL("hello-interval", TUNNEL, hello_interval, "S",
	     "send HELLO or Echo-Request (0: never)"),
	REAL("move", L2TP, move, "S", "after set-up, go on from other ports (0: never)"),
	U32("segment", PPTP, segment, "N", "bytes of a TCP segment at most (0: any)"),
	FLAG("no-control-echo", PPTP, no_control_echo, "do not answer Echo-Requests of the server"),
	FLAG("no-ack", PPTP, no_ack, "acknowledge no data"),
	U32("wrong-call", PPTP, wrong_call, "N", "add N to the call id of all data (0)"),
	PARSED("gre-from", PPTP, parse_gre_from, "A", "send data from another own address"),
	PARSED("data-sequence", L2TP, parse_data_sequence, "HOW",
	       "follow (the server), require, never (follow)"),
	FLAG("length", L2TP, length, "data messages with a length"),
	U32("offset", L2TP, offset, "N", "data messages with an offset of N bytes (0: none)"),
	PARSED("proxy", L2TP, parse_proxy, "WHAT",
	       "a LAC that has negotiated already: none, lcp, pap, chap (none)"),
	FLAG("no-udp-checksum", L2TP, no_checksum, "UDP checksum 0"),
	FLAG("df", TUNNEL, no_fragments, "do not let outer packets be fragmented"),
	U32("drop", TUNNEL, drop, "N", "lose every Nth datagram, each way (0: none)"),
	U32("lose", DIAL, lose, "N", "lose every Nth packet of the traffic, each way (0: none)"),
	U32("reorder", DIAL, reorder, "N", "hold every Nth packet of the traffic back (0: none)"),
	U32("behind", DIAL, behind, "N", "until so many of the session have gone by (1)"),

	PARSED("mppe", DIAL, parse_mppe, "LIST",
	       "encrypt: 40,56,128,required or none (none: Protocol-Reject for CCP)"),
	PARSED("mppe-state", DIAL, parse_mppe_state, "HOW", "stateless, stateful, any (stateless)"),
	FLAG("mppe-rekeys", DIAL, mppe_rekeys,
	     "stateful: a packet that begins anew has a new key, too, as Linux has it"),
	U32("mppe-clear", DIAL, mppe_clear, "N", "send every Nth packet in clear text (0: none)"),
	U32("mppe-forge", DIAL, mppe_forge, "N", "after every Nth packet a forged one (0: none)"),
	U32("ccp-timeout", DIAL, ccp_timeout, "MS", "before a retry or another reset (1000)"),
	REAL("ccp-after", DIAL, ccp_after, "S", "no CCP before that, after authentication (0)"),
	REAL("ccp-again", DIAL, ccp_again, "S", "negotiate anew so often (0: never)"),

	REAL("echo-interval", DIAL, echo_interval, "S", "send LCP echoes (0: never)"),
	U32("echo-tries", DIAL, echo_tries, "N", "unanswered in a row before giving up (3)"),
	FLAG("mute", DIAL, mute, "dial, and say nothing of PPP"),
	FLAG("no-echo-reply", DIAL, no_echo_reply, "do not answer LCP echoes"),

	PARSED("hold", DIAL, parse_hold, "S",
	       "seconds after set-up, or forever: until SIGTERM (0)"),
	PARSED("hangup", DIAL, parse_hangup, "HOW",
	       "terminate, padt or cdn (Call-Clear), stopccn, silent (terminate)"),
	REAL("hangup-rate", DIAL, hangup_rate, "N", "hang-ups a second (0: no limit)"),
	REAL("churn", DIAL, churn, "N", "while holding, hang up and redial so many a second (0)"),

	PARSED("core", DIAL, parse_core, "A:P", "where the core companion listens"),
	PARSED("listen", CORE, parse_core, "A:P", "own address and port (required)"),
	TEXT("core-control", DIAL, control, "PATH", "the companion's control socket"),
	TEXT("control", CORE, control, "PATH", "control socket to make"),
	REAL("up-pps", DIAL, up_pps, "N", "packets a second to the core, over all sessions (0)"),
	REAL("down-pps", DIAL | CORE, down_pps, "N", "the core sends to the sessions (0)"),
	REAL("echo-pps", DIAL, echo_pps, "N", "to the core, which reflects them (0)"),
	REAL("hairpin-pps", DIAL, hairpin_pps, "N", "from session to session (0)"),
	PARSED("size", DIAL | CORE, parse_size, "N[-M]", "bytes of the IP packets (128)"),
	PARSED("spoof", DIAL | FLOOD, parse_spoof, "A",
	       "source address of what goes to the core; of the L2TP floods"),
	REAL("duration", DIAL, duration, "S", "of the traffic (5)"),
	REAL("drain", DIAL, drain, "S", "wait for late packets at the end (0.5)"),
	PARSED("max-loss", DIAL, parse_max_loss, "N", "more lost packets are a failure (any)"),
	TEXT("tun", DIAL, tun, "NAME", "a TUN device per session, template as --user"),
	TEXT("sessions-file", DIAL, sessions_file, "FILE",
	     "a line of JSON per established session"),

	{ "count", FLOOD, KIND_U64, AT(count), NULL, "N", "frames (1000)" },
	PARSED("sid", FLOOD, parse_sid, "N[-M]", "session or call ids, taken in turn (1-65534)"),
	PARSED("tunnel-id", FLOOD, parse_tunnel_id, "N[-M]", "tunnel ids, taken in turn (1-65535)"),
	PARSED("ac-mac", FLOOD, parse_ac_mac, "MAC", "destination (discovered)"),
	U32("cookie-len", FLOOD, cookie_len, "N", "forged AC-Cookie, bytes; 0: none (20)"),
	REAL("wait", FLOOD | RAW | DISCOVER, wait, "S", "collect answers for so long (1)"),
	{ "help", ~0u, KIND_FLAG, 0, NULL, NULL, "this text" },
};
#define DEFINITIONS (sizeof(definitions) / sizeof(definitions[0]))

static void help(unsigned int mode)
{
	char left[64];

	puts("usage: dialer [dial] --interface IF [options]      PPPoE sessions as a client\n"
	     "       dialer l2tp --lns A [options]               L2TP sessions as a LAC\n"
	     "       dialer pptp --pac A [options]               PPTP sessions as a client\n"
	     "       dialer core --listen A:P [options]          companion on the core side\n"
	     "       dialer flood KIND --interface IF [options]  padi, padr-forged,\n"
	     "                                                   session-unknown, wrong-mac\n"
	     "       dialer flood KIND --lns A [options]         sccrq, stopccn, cdn, l2tp-data\n"
	     "       dialer flood KIND --pac A [options]         pptp-silent, pptp-magic, pptp-zero,\n"
	     "                                                   pptp-long, pptp-half,\n"
	     "                                                   pptp-garbage, pptp-sccrq, gre\n"
	     "       dialer raw --interface IF [--wait S]        sends hex lines of stdin\n"
	     "       dialer discover --interface IF [options]    prints offers as JSON\n"
	     "options of this mode:");
	for (size_t i = 0; i < DEFINITIONS; i++) {
		const struct definition *d = &definitions[i];

		if (!(d->modes & mode))
			continue;
		snprintf(left, sizeof(left), "--%s %s", d->name, d->arg ? d->arg : "");
		printf("  %-26s %s\n", left, d->help);
	}
}

static int parse_number(const struct definition *d, void *field, const char *text)
{
	char *end;
	double real;

	errno = 0;
	if (d->kind == KIND_REAL) {
		real = strtod(text, &end);
		if (!*text || *end || !isfinite(real) || real < 0)
			return -EINVAL;
		*(double *)field = real;
		return 0;
	}
	if (*text < '0' || *text > '9')
		return -EINVAL;
	if (d->kind == KIND_U64) {
		*(uint64_t *)field = strtoull(text, &end, 0);
	} else {
		unsigned long v = strtoul(text, &end, 0);

		if (v > UINT32_MAX)
			return -ERANGE;
		*(uint32_t *)field = v;
	}
	return *end || errno ? -EINVAL : 0;
}

static int apply(struct options *o, const struct definition *d, const char *text)
{
	void *field = (char *)o + d->offset;

	switch (d->kind) {
	case KIND_FLAG:
		*(bool *)field = true;
		return 0;
	case KIND_TEXT:
		*(const char **)field = text;
		return 0;
	case KIND_PARSED:
		return d->parse(o, text);
	default:
		return parse_number(d, field, text);
	}
}

static void set_defaults(struct options *o)
{
	static const uint8_t mac_base[WIRE_MAC] = { 0x02, 0xd1 };

	memset(o, 0, sizeof(*o));
	memcpy(o->mac_base, mac_base, WIRE_MAC);
	o->vlans.tpid[0] = o->vlans.tpid[1] = 0x8100;
	o->ring_mb = 64;
	o->sessions = 1;
	o->user = "u%d";
	o->password = "p%d";
	o->auth = AUTH_PAP | AUTH_CHAP | AUTH_MSCHAPV2;
	o->eap = EAP_BY_MD5 | EAP_BY_MSCHAPV2;
	o->outstanding = 1000;
	o->service = "";
	o->host_uniq_len = 8;
	o->discovery_timeout = o->lcp_timeout = o->ipcp_timeout = o->ccp_timeout = 1000;
	o->auth_timeout = 3000;
	o->tries = 5;
	o->echo_tries = 3;
	o->size = (struct plan_range){ 128, 128 };
	o->duration = 5;
	o->drain = 0.5;
	o->max_loss = -1;
	o->count = 1000;
	o->sid = (struct plan_range){ 1, 65534 };
	o->cookie_len = 20;
	o->server_port = 1701;
	o->tunnels = 1;
	o->host_name = "lac.example";
	o->window = 16;
	o->control_timeout = 1000;
	o->control_tries = 8;
	o->tunnel_id = (struct plan_range){ 1, 65535 };
	o->behind = 1;
	o->wait = 1;
}

/* Takes the words in front of the options off; returns how many, or -EINVAL. */
static int parse_mode(struct options *o, int argc, char **argv)
{
	static const char *const modes[] = { "dial",     "core", "flood", "raw",
					     "discover", "l2tp", "pptp" };
	static const char *const kinds[] = { "padi",       "padr-forged",  "session-unknown",
					     "wrong-mac",  "sccrq",        "stopccn",
					     "cdn",        "l2tp-data",    "pptp-silent",
					     "pptp-magic", "pptp-zero",    "pptp-long",
					     "pptp-half",  "pptp-garbage", "pptp-sccrq",
					     "gre" };
	int i;

	o->mode = MODE_DIAL;
	if (argc < 2 || argv[1][0] == '-')
		return 0;
	i = find_name(modes, 7, argv[1]);
	if (i < 0)
		return i;
	o->mode = 1 << i;
	if (o->mode & TUNNEL)
		o->discovery_timeout = 5000;
	if (o->mode == MODE_PPTP) {
		o->server_port = 1723;
		o->window = 64;
	}
	if (o->mode != MODE_FLOOD)
		return 1;
	o->mac_base[1] = 0xf1;
	if (argc < 3)
		return -EINVAL;
	if (strcmp(argv[2], "--help") == 0)
		return 1;
	i = find_name(kinds, sizeof(kinds) / sizeof(kinds[0]), argv[2]);
	o->flood = i;
	if (i >= FLOOD_PPTP_SILENT)
		o->server_port = 1723;
	return i < 0 ? i : 2;
}

static int complain(const char *what, const char *text)
{
	fprintf(stderr, "dialer: %s%s%s; see --help\n", what, text ? " " : "", text ? text : "");
	return -EINVAL;
}

static bool has_server(const struct options *o)
{
	return o->mode & TUNNEL || (o->mode == MODE_FLOOD && o->flood >= FLOOD_SCCRQ);
}

static int check_templates(const struct options *o)
{
	char text[256];
	const char *const templates[] = { o->user,         o->password,     o->retry_password,
					  o->new_password, o->eap_identity, o->circuit_id,
					  o->remote_id,    o->tun,          o->called,
					  o->calling };

	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		if (templates[i] &&
		    plan_expand(templates[i], UINT32_MAX, o->mac_base, text, sizeof(text)) < 0)
			return complain("bad template", templates[i]);
	return 0;
}

static int check_tunnels(const struct options *o)
{
	if (!o->server.any.sa_family)
		return complain("--lns or --pac is missing", NULL);
	if (o->local.any.sa_family != o->server.any.sa_family)
		return complain("the two ends' addresses are of different families", NULL);
	if (o->tunnels == 0 || o->tunnels > 32768 || o->window == 0 || o->window > 32768)
		return complain("--tunnels and --window are between 1 and 32768", NULL);
	if ((o->mode == MODE_PPTP || o->flood >= FLOOD_PPTP_SILENT) &&
	    o->server.any.sa_family != AF_INET)
		return complain("PPTP goes over IPv4", NULL);
	if (o->mode == MODE_PPTP && o->sessions > 65535)
		return complain("PPTP has 65535 call ids", NULL);
	if (o->offset > 1024)
		return complain("--offset is at most 1024", NULL);
	if (o->hide && !o->secret)
		return complain("--hide needs --secret", NULL);
	return 0;
}

static int check(const struct options *o)
{
	if (o->mode == MODE_CORE)
		return o->core.sin_port ? 0 : complain("core needs --listen ADDRESS:PORT", NULL);
	if (has_server(o) && check_tunnels(o) < 0)
		return -EINVAL;
	if (!has_server(o) && !o->interface)
		return complain("--interface is missing", NULL);
	if (check_templates(o) < 0)
		return -EINVAL;
	if (o->sessions == 0 || o->outstanding == 0 || o->tries == 0 || o->ring_mb == 0)
		return complain("--sessions, --outstanding, --tries and --ring-mb are at least 1",
				NULL);
	if ((o->up_pps || o->echo_pps || o->down_pps) && !o->core.sin_port)
		return complain("traffic needs --core ADDRESS:PORT", NULL);
	if (o->down_pps && !o->control)
		return complain("--down-pps needs --core-control PATH", NULL);
	if (o->behind == 0)
		return complain("--behind is at least 1", NULL);
	if (o->host_uniq_len > 64 || o->cookie_len > 1024)
		return complain("--host-uniq is at most 64, --cookie-len 1024", NULL);
	return 0;
}

/* Ports have options of their own, and the local address may be left open. */
static void settle_endpoints(struct options *o)
{
	endpoint_set_port(&o->server, o->server_port);
	if (!o->local.any.sa_family)
		o->local.any.sa_family = o->server.any.sa_family;
	endpoint_set_port(&o->local, o->source_port);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct option table[DEFINITIONS + 1];
	int words, which, c;

	set_defaults(o);
	words = parse_mode(o, argc, argv);
	if (words < 0)
		return complain("unknown mode", argv[argc > 2 ? 2 : 1]);
	memset(table, 0, sizeof(table));
	for (size_t i = 0; i < DEFINITIONS; i++)
		table[i] = (struct option){ definitions[i].name, definitions[i].kind != KIND_FLAG,
					    NULL, 0 };
	argc -= words;
	argv += words;
	while ((c = getopt_long(argc, argv, "", table, &which)) != -1) {
		if (c == '?')
			return -EINVAL;
		if (!(definitions[which].modes & o->mode))
			return complain("not an option of this mode:", definitions[which].name);
		if (strcmp(definitions[which].name, "help") == 0) {
			help(o->mode);
			return 1;
		}
		if (apply(o, &definitions[which], optarg) < 0)
			return complain("bad value for --", definitions[which].name);
	}
	if (optind < argc)
		return complain("unexpected", argv[optind]);
	settle_endpoints(o);
	return check(o);
}
