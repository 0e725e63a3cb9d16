/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * One PPP link, server side: LCP, authentication, IPCP, CCP for MPPE (RFC 1661, 1334, 1994,
 * 2759, 3748, 1332, 1877, 1962, 3078). It knows neither its carrier nor sessions: frames come in by
 * ppp_input(), everything it wants goes out by struct ppp_ops.
 */
#ifndef XPPPD_PPP_H
#define XPPPD_PPP_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "cause.h"
#include "clock.h"
#include "ppp/cp.h"
#include "ppp/ppp_conf.h"
#include "ppp/ppp_state.h"

struct eap;
struct log;
struct xp_mppe;

#define PPP_PROTO_IP 0x0021
#define PPP_PROTO_IPV6 0x0057
#define PPP_PROTO_MPPE 0x00fd
#define PPP_PROTO_IPCP 0x8021
#define PPP_PROTO_IPV6CP 0x8057
#define PPP_PROTO_CCP 0x80fd
#define PPP_PROTO_LCP 0xc021
#define PPP_PROTO_PAP 0xc023
#define PPP_PROTO_CHAP 0xc223
#define PPP_PROTO_EAP 0xc227

/* What authentication needs to decide. Valid only during the call. */
struct ppp_auth_request {
	enum ppp_auth method;
	const char *username;     /* NUL-terminated; a name with a NUL inside is rejected before */
	uint8_t ident;            /* CHAP identifier */
	const uint8_t *challenge; /* CHAP-MD5 and MS-CHAPv2: what was sent */
	size_t challenge_len;
	/* PAP: password; CHAP-MD5: 16 bytes; MS-CHAPv2: 49 bytes (RFC 2759 4), its change: 582
	 * bytes (RFC 2759 7); EAP: the whole packet, an Identity at first */
	const uint8_t *response;
	size_t response_len;
	uint16_t mtu; /* EAP: the longest packet that the link takes to the peer */
	bool first;   /* not one more round of EAP, which goes to who answered the last */
};

enum ppp_auth_result {
	PPP_AUTH_ACCEPT,
	PPP_AUTH_REJECT,
	PPP_AUTH_CHALLENGE, /* EAP: the next request to the peer; another round follows */
};

/* What an accepted peer's MPPE keys are made of. */
enum ppp_keys {
	PPP_KEYS_NONE,
	PPP_KEYS_MSCHAPV2, /* what our own check of the response left (RFC 3079 3) */
	PPP_KEYS_READY,    /* a server made them: MS-MPPE-Send-Key and -Recv-Key (RFC 2548 2.4) */
};

/* The answer. Copied by ppp_auth_done(). EAP's Success and Failure follow from the result alone
 * (RFC 3579 2.6.3). */
struct ppp_auth_reply {
	enum ppp_auth_result result;
	char message[PPP_MESSAGE_MAX + 1]; /* Reply-Message, may be empty */
	/* MS-CHAPv2 */
	uint8_t authenticator_response[20]; /* accept: RFC 2759 8.7 */
	/* reject: RFC 2759 6, 0 means 691; after 648 the peer may change its password */
	unsigned int mschap_error;
	bool retry; /* reject: the peer may try again (R=1) */
	/* EAP */
	const uint8_t *eap; /* challenge: the server's packet */
	size_t eap_len;
	unsigned int eap_timeout; /* challenge: seconds until it is sent again, 0: as usual */
	const char *username;     /* accept: what the server calls the user; NULL: his identity */
	/* accept */
	enum ppp_keys keys;
	uint8_t password_hash_hash[16], nt_response[24]; /* PPP_KEYS_MSCHAPV2 */
	struct mppe_keys mppe;                           /* PPP_KEYS_READY */
};

struct ppp_grant {
	uint16_t mtu_max; /* of packets to the peer, without encryption; 0: as negotiated */
	enum ppp_mppe mppe;
	bool mppe_40, mppe_56, mppe_128; /* key lengths that are allowed */
};

/*
 * What a link asks of its owner. All calls carry the `owner` of ppp_init(). Within a call the
 * owner may call ppp_terminate(), ppp_stop() and ppp_auth_done(), but neither
 * ppp_input() nor free the link; it does so from its own event.
 */
struct ppp_ops {
	/* Sends a frame: `proto` uncompressed, `info` the information field. */
	void (*send)(void *owner, uint16_t proto, const uint8_t *info, size_t len);
	/* Answer with ppp_auth_done(), now or later. When LCP starts over, the peer
	 * authenticates again: a new request takes the place of one that is not answered
	 * yet, whose answer must not be given any more. */
	void (*authenticate)(void *owner, const struct ppp_auth_request *request);
	/* The peer's first IPCP Configure-Request, or it has not come for ipcp-timeout;
	 * `wanted` is the address it asks for or 0. Fills *ip; negative errno: no
	 * address, the link goes down. Called again after the peer authenticated again. */
	int (*ip_assign)(void *owner, struct in_addr wanted, struct ppp_ip *ip);
	/* LCP opened, authentication done, IPCP opened, and CCP where encryption is required:
	 * traffic may flow. */
	void (*up)(void *owner);
	/* IPCP left Opened. `finished` may follow or IPCP may come up again. */
	void (*down)(void *owner);
	/* The link is over; nothing more is sent. Called exactly once. */
	void (*finished)(void *owner, enum cause cause);
	/* An IPv4 packet (PPP_PROTO_IP) came in while up. */
	void (*ip_input)(void *owner, struct buf packet);
	/* When something last came from the peer in the data plane; for keepalive. */
	struct mono (*last_input)(void *owner);
	/* How IP passes from now on, also before `up` and after `down`: encrypted, beginning with
	 * this state, or not at all if there are no keys in it, or in clear (NULL), as at first.
	 * Wiped after the call. ppp_mtu() may have changed. */
	void (*mppe)(void *owner, const struct xp_mppe *mppe);
	/* An encrypted packet (what follows PPP_PROTO_MPPE) came in while up and encrypted. */
	void (*mppe_input)(void *owner, struct buf packet);
	/* The peer lost packets: the next one to it begins anew. */
	void (*mppe_flush)(void *owner);
	/* Does what comes in still wait for a flushed packet? */
	bool (*mppe_lost)(void *owner);
	/* The link is in another phase; not told of its end. NULL: nobody counts. */
	void (*phase)(void *owner, enum ppp_phase phase);
};

/* What somebody else has negotiated with the peer, for ppp_start_proxy(). */
struct ppp_proxy {
	struct buf sent, received; /* options of the last Configure-Requests, the peer's second */
	enum ppp_auth auth;        /* PPP_AUTH_NONE: the peer has not authenticated yet */
	struct buf name, challenge, response;
	uint8_t ident;
};

/* A link, embedded by value in its owner. All but state belongs to this process. */
struct ppp {
	struct ev_loop *loop;
	const struct ppp_conf *conf;
	const struct ppp_ops *ops;
	void *owner;
	struct log *log;
	struct cp lcp;
	struct cp ipcp;
	struct cp ccp;
	ev_timer watchdog; /* running until the link is open */
	ev_timer auth_timer;
	ev_timer ipcp_wait; /* for the peer to begin */
	ev_timer ccp_wait;  /* for the peer to begin */
	ev_timer ccp_reset; /* for a flushed packet to come */
	ev_timer echo_timer;
	struct mono heard;             /* the last packet of the peer */
	struct mono echoed;            /* the last Echo-Request to it */
	const struct ppp_proxy *proxy; /* while it starts */
	struct eap *eap;               /* while EAP is under way */
	bool up;                       /* the owner was told so */
	char label[20];
	struct ppp_state state;
};

_Static_assert(sizeof(struct ppp) <= 1584, "memory per session");

/* Prepares a link in place; conf, ops, log and loop must outlive it. mru_limit: largest
 * MRU the carrier bears (PPPoE: 1492, or RFC 4638). label is for log lines, copied
 * ("ppp-id 7"). */
void ppp_init(struct ppp *ppp, struct ev_loop *loop, const struct ppp_conf *conf,
	      const struct ppp_ops *ops, void *owner, struct log *log, uint32_t ppp_id,
	      uint16_t mru_limit);
/* The carrier is up: starts LCP. */
void ppp_start(struct ppp *ppp);
/* The same, but LCP is open at once, and the peer is asked to authenticate only if what it has
 * answered before cannot be judged. -EPROTO: we would not have agreed to it; not started. */
int ppp_start_proxy(struct ppp *ppp, const struct ppp_proxy *proxy);
/* The carrier bears frames without address and control field; before the start. */
void ppp_allow_acfc(struct ppp *ppp);
/* A frame from the carrier, beginning with the protocol field (or FF 03). */
void ppp_input(struct ppp *ppp, struct buf frame);
void ppp_auth_done(struct ppp *ppp, const struct ppp_auth_reply *reply);
/* Does it wait for an answer? Otherwise LCP has begun anew since it asked. */
bool ppp_auth_pending(const struct ppp *ppp);
/* Before an accept is given: ppp_username() becomes what the reply says of it (EAP). -EPERM: the
 * link is another user's, and would be refused. */
int ppp_auth_identify(struct ppp *ppp, const struct ppp_auth_reply *reply);
/* Asks the peer of a link that is open for another proof, by CHAP or EAP; `authenticate` follows,
 * and a reject ends the link. -ENOTSUP: PAP cannot be asked; -EBUSY: it is being asked, or the link is
 * not open. */
int ppp_reauthenticate(struct ppp *ppp);
/* Before an accept is given: what the peer gets in the place of what the configuration says. */
void ppp_grant(struct ppp *ppp, const struct ppp_grant *grant);
/* Terminate-Request, then `finished` with this cause, at once if there is nothing to
 * terminate. Idempotent: the first cause stays. */
void ppp_terminate(struct ppp *ppp, enum cause cause);
/* The carrier is gone: stops at once, sends nothing, calls nothing of ppp_ops. Idempotent. */
void ppp_stop(struct ppp *ppp);

/* Packets of the peer got lost, and what comes in waits for a flushed one (stateful MPPE): asks for
 * it, once for each call. */
void ppp_mppe_lost(struct ppp *ppp);

#define PPP_ENCRYPTION_MAX 48
/* "none", "negotiating", "mppe-128 stateless"; where the directions differ "FROM/TO" the peer */
void ppp_encryption(const struct ppp *ppp, char out[PPP_ENCRYPTION_MAX]);
/* Largest IP packet towards the peer: min(peer's MRU, ours, carrier's, what it was granted), less
 * what MPPE adds. */
uint16_t ppp_mtu(const struct ppp *ppp);
/* Nothing may pass in clear. */
bool ppp_mppe_required(const struct ppp *ppp);
/* Who the peer says it is, "" before; accepted when the phase is network or later. */
const char *ppp_username(const struct ppp *ppp);
enum ppp_auth ppp_auth_method(const struct ppp *ppp); /* PPP_AUTH_NONE before LCP opened */
const char *ppp_auth_name(enum ppp_auth method);      /* "pap", "chap", "mschapv2", "eap", "none" */
/* Splits the protocol field off a frame: optional FF 03, one byte when it is odd (RFC 1661 6.5,
 * 6.6). -EBADMSG, frame unchanged. */
int ppp_frame_protocol(struct buf *frame, uint16_t *proto);
/* "establish", "authenticate", "network", "opened", "terminate", "dead" */
const char *ppp_phase_name(const struct ppp *ppp);

#endif
