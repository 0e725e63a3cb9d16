/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * One subscriber's session. States go one way round:
 * idle → queued → seek → request → lcp → auth → ipcp → up → closing → idle, and from
 * anywhere back to idle. call_set_state() alone changes them.
 */
#ifndef DIALER_CALL_H
#define DIALER_CALL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccp.h"
#include "cp_state.h"
#include "gre.h"
#include "track.h"
#include "wheel.h"
#include "wire.h"

struct client;

enum call_state {
	CALL_IDLE,
	CALL_QUEUED,
	CALL_SEEK,    /* PADI; or waits for its tunnel */
	CALL_REQUEST, /* PADR; or ICRQ */
	CALL_LCP,
	CALL_AUTH,
	CALL_IPCP,
	CALL_UP,
	CALL_CLOSING,
};
#define CALL_STATES 9

enum phase {
	PHASE_DISCOVERY,
	PHASE_LCP,
	PHASE_AUTH,
	PHASE_IPCP,
	PHASE_UP,
};
#define PHASES 5

enum fault {
	FAULT_PADI_TIMEOUT,
	FAULT_PADR_TIMEOUT,
	FAULT_SERVICE_NAME,
	FAULT_AC_SYSTEM,
	FAULT_GENERIC,
	FAULT_LCP_TIMEOUT,
	FAULT_LCP_REFUSED,
	FAULT_AUTH_TIMEOUT,
	FAULT_AUTH_REJECTED,
	FAULT_AUTH_PROOF, /* the server's MS-CHAPv2 response is wrong */
	FAULT_IPCP_TIMEOUT,
	FAULT_IPCP_REFUSED,
	FAULT_TERMINATED, /* by LCP Terminate-Request, before it was up */
	FAULT_PADT,       /* or CDN */
	FAULT_ECHO_TIMEOUT,
	FAULT_LOCAL,
	FAULT_TUNNEL_TIMEOUT,
	FAULT_TUNNEL_REFUSED, /* StopCCN */
	FAULT_CALL_REFUSED,   /* CDN instead of an ICRP; OCRP with an error */
	FAULT_MPPE_REFUSED,   /* --mppe required */
};
#define FAULTS 20

struct call {
	struct wheel_timer timer; /* first */
	struct call *next;        /* in the dial queue */
	uint32_t nth;
	uint32_t up_at; /* place among those that are up */
	uint8_t state;
	uint8_t tries;
	uint8_t echo_missed;
	bool ever_up, failed;
	bool again; /* churn: dial again once it is closed */
	uint32_t redials;

	uint8_t mac[WIRE_MAC], ac_mac[WIRE_MAC];
	struct vlans vlans;
	uint16_t sid, old_sid;
	uint16_t max_payload;
	uint8_t *offer; /* tags of the PADO that the PADR repeats */
	uint16_t offer_len;

	uint16_t local_sid;        /* of L2TP: ours; 0 if the server knows none */
	uint16_t data_ns, data_nr; /* of data messages */
	bool data_sequence;        /* ours have sequence numbers */
	struct gre_flow gre;       /* of PPTP, whose id of the call is local_sid too */

	struct negotiation lcp, ipcp;
	struct ccp ccp;
	uint16_t mru, peer_mru;
	uint32_t magic, peer_magic;
	uint16_t auth_proto;
	uint8_t auth_algorithm, auth_ident;
	bool auth_done, auth_retried, auth_changed, proof_set;
	bool eap_asked, eap_again, eap_may_succeed;
	uint8_t response[49]; /* of CHAP, as it was sent last */
	uint8_t response_len;
	uint8_t proof[20];
	struct in_addr addr, peer_addr, dns[2]; /* addr: asked for, then given */

	int64_t begun, phase_begun; /* ns; begun is 0 once the set-up is counted */

	/* traffic */
	uint32_t dial; /* counts this session's set-ups; tells late packets of an earlier one */
	uint64_t up_seq, echo_seq, hairpin_seq;
	struct track down, echo, hairpin;
	int tun; /* -1 */
};

const char *call_state_name(enum call_state state);
const char *call_phase_name(enum phase phase);
const char *call_fault_name(enum fault fault);
enum phase call_phase(const struct call *call);
uint32_t call_number(const struct client *client, const struct call *call);

void call_dial(struct client *client, struct call *call);
/* The server accepted IPCP; the session carries traffic from now on. */
void call_established(struct client *client, struct call *call);
/* To the next phase: latency of the last one is noted, tries begin anew. */
void call_advance(struct client *client, struct call *call, enum call_state state);
void call_fail(struct client *client, struct call *call, enum fault fault);
/* The server ended it: by PADT or CDN, or by an LCP Terminate-Request that was answered. */
void call_ended_by_server(struct client *client, struct call *call, bool padt);
void call_hangup(struct client *client, struct call *call);
/* Our Terminate-Request was answered. */
void call_closed(struct client *client, struct call *call);
void call_expired(struct client *client, struct call *call);
void call_arm(struct client *client, struct call *call, uint32_t ms);

/* A frame to the server, up to the PPP header; call_end() sends it. */
struct wr *call_begin(struct client *client, struct call *call, size_t *at);
void call_end(struct client *client, struct wr *w, size_t at);
/* The same for a packet of the session's traffic, which a bad link may lose. */
void call_end_data(struct client *client, struct call *call, struct wr *w, size_t at);

#endif
