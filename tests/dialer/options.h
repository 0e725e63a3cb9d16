/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The command line: one table for all modes, which is also the help text. */
#ifndef DIALER_OPTIONS_H
#define DIALER_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "dgram.h"
#include "wire.h"

#define OPTIONS_HEX_MAX 128

enum mode {
	MODE_DIAL = 1 << 0,
	MODE_CORE = 1 << 1,
	MODE_FLOOD = 1 << 2,
	MODE_RAW = 1 << 3,
	MODE_DISCOVER = 1 << 4,
	MODE_L2TP = 1 << 5,
	MODE_PPTP = 1 << 6,
};

enum flood_kind {
	FLOOD_PADI,
	FLOOD_PADR_FORGED,
	FLOOD_SESSION_UNKNOWN,
	FLOOD_WRONG_MAC,
	FLOOD_SCCRQ,
	FLOOD_STOPCCN,
	FLOOD_CDN,
	FLOOD_L2TP_DATA,
	FLOOD_PPTP_SILENT,
	FLOOD_PPTP_MAGIC,
	FLOOD_PPTP_ZERO,
	FLOOD_PPTP_LONG,
	FLOOD_PPTP_HALF,
	FLOOD_PPTP_GARBAGE,
	FLOOD_PPTP_SCCRQ,
	FLOOD_GRE,
};

enum auth_method {
	AUTH_PAP = 1 << 0,
	AUTH_CHAP = 1 << 1,
	AUTH_MSCHAPV2 = 1 << 2,
	AUTH_EAP = 1 << 3,
};

enum eap_method {
	EAP_BY_MD5 = 1 << 0,
	EAP_BY_MSCHAPV2 = 1 << 1,
};

enum mppe_state {
	MPPE_STATE_LESS,
	MPPE_STATE_FUL,
	MPPE_STATE_ANY,
};

enum hangup {
	HANGUP_TERMINATE, /* LCP Terminate-Request, then as with the next */
	HANGUP_PADT,      /* PADT, CDN or Call-Clear-Request */
	HANGUP_SILENT,    /* the process goes, the server is not told */
	HANGUP_STOPCCN,   /* or StopCCRQ: of the tunnels alone */
};

enum sequence {
	SEQUENCE_FOLLOW,  /* send sequence numbers once the server does */
	SEQUENCE_REQUIRE, /* ask for them, and send them */
	SEQUENCE_NEVER,
};

/* What a LAC says that it has negotiated with the client. */
enum proxy_of {
	PROXY_OF_NOTHING,
	PROXY_OF_LCP,
	PROXY_OF_PAP,
	PROXY_OF_CHAP,
};

struct options_hex {
	size_t len;
	uint8_t bytes[OPTIONS_HEX_MAX];
};

struct options {
	enum mode mode;
	enum flood_kind flood;

	const char *interface;
	uint8_t mac_base[WIRE_MAC];
	uint32_t first; /* number of the first session */
	struct vlan_plan vlans;
	uint32_t ring_mb;
	bool no_pad;
	const char *report;
	const char *ready; /* report at the end of set-up; NULL: none */

	uint32_t sessions;
	const char *user, *password, *retry_password, *new_password;
	const char *eap_identity; /* NULL: the user */
	unsigned int eap;         /* enum eap_method */
	unsigned int auth;        /* enum auth_method */
	double rate;
	uint32_t outstanding;
	uint32_t redials;
	bool persist;

	const char *service, *ac_name;
	uint32_t host_uniq_len;
	uint32_t max_payload;
	const char *circuit_id, *remote_id;
	struct options_hex relay_id;
	bool duplicate_padr;

	uint32_t discovery_timeout, lcp_timeout, auth_timeout, ipcp_timeout; /* ms */
	uint32_t tries;
	uint32_t mru;
	bool no_magic, pfc, acfc, compress, no_dns;
	const char *identify;
	struct in_addr address; /* first to be asked for */

	uint32_t mppe; /* strengths, of mppe.h; 0: no CCP */
	bool mppe_required, mppe_rekeys;
	enum mppe_state mppe_state;
	uint32_t mppe_clear, mppe_forge;
	uint32_t ccp_timeout; /* ms */
	double ccp_after, ccp_again;

	double echo_interval;
	uint32_t echo_tries;
	bool mute;
	bool no_echo_reply;

	double hold; /* seconds; negative: until a signal */
	enum hangup hangup;
	double hangup_rate;
	double churn;

	double up_pps, down_pps, echo_pps, hairpin_pps;
	struct plan_range size; /* of the IP packet */
	double duration, drain;
	struct in_addr spoof;    /* source of the upstream packets */
	struct sockaddr_in core; /* dial: where traffic goes; core: where it listens */
	const char *control;
	int64_t max_loss;
	uint32_t lose, reorder, behind;
	const char *tun;
	const char *sessions_file;

	union endpoint server, local; /* with their ports */
	uint32_t server_port, source_port;
	bool same_port; /* all tunnels by one socket */
	uint32_t tunnels;
	const char *secret, *host_name, *called, *calling;
	bool hide, trust;
	uint32_t window;
	uint32_t control_timeout, control_tries; /* ms */
	double hello_interval, move;
	uint32_t segment; /* bytes of a TCP segment at most; 0: any */
	bool no_control_echo, no_ack;
	uint32_t wrong_call; /* is added to the call id of every GRE packet */
	union endpoint gre_from;
	enum sequence data_sequence;
	enum proxy_of proxy;
	bool length, no_checksum, no_fragments;
	uint32_t offset, drop;
	struct plan_range tunnel_id;

	uint64_t count;
	struct plan_range sid;
	uint8_t ac_mac[WIRE_MAC];
	uint32_t cookie_len;
	double wait;
};

/* Returns 0; 1 if the help was printed and there is nothing to do; or
 * -EINVAL after one sentence on stderr. */
int options_parse(struct options *o, int argc, char **argv);

#endif
