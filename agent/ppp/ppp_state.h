/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What a link needs to go on after a restart of the agent: plain, of fixed width, without
 * pointers and timers. It will be stored, so a change of layout is a new version.
 */
#ifndef XPPPD_PPP_STATE_H
#define XPPPD_PPP_STATE_H

#include <netinet/in.h>
#include <stdint.h>

#define PPP_STATE_VERSION 3
#define PPP_USERNAME_MAX 255 /* bytes, without the end */
#define PPP_MESSAGE_MAX 255
#define PPP_CHALLENGE_LEN 16
#define PPP_AUTHENTICATOR_LEN 20
#define MPPE_KEY_LEN 16

enum ppp_phase {
	PPP_IDLE, /* not started */
	PPP_ESTABLISH,
	PPP_AUTHENTICATE,
	PPP_NETWORK,
	PPP_OPENED,
	PPP_TERMINATE,
	PPP_DEAD, /* over */
	PPP_PHASES
};

/* IPv4 parameters of the link, network byte order, 0 = none. */
struct ppp_ip {
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	struct in_addr nbns[2];
};

/* One automaton. */
struct fsm_state_vars {
	uint32_t restarts; /* the restart counter */
	uint8_t state;     /* enum fsm_state */
	uint8_t pad[3];
};

/* What LCP and the NCPs have in common. */
struct cp_state {
	struct fsm_state_vars fsm;
	uint32_t asking;       /* options that we ask for: bits by place in the table */
	uint32_t naks_sent;    /* in a row, without agreement */
	uint32_t naks_got;     /* since the last time it was open */
	uint8_t ident;         /* last one that we used */
	uint8_t request_ident; /* of the last Configure-Request */
	uint8_t answered;      /* that one had a valid answer */
	uint8_t pad;
};

struct lcp_state {
	struct cp_state cp;
	uint32_t magic;
	uint32_t peer_magic; /* 0: none */
	uint16_t mru;        /* that we ask for */
	uint16_t peer_mru;
	uint16_t mtu_max;        /* that the peer was granted; 0: what is negotiated */
	uint8_t auth;            /* enum ppp_auth that we ask for */
	uint8_t auth_left;       /* methods that the peer has not refused: bits by enum ppp_auth */
	uint8_t loopbacks;       /* signs of a looped link in a row */
	uint8_t identifications; /* that were logged */
	uint8_t echoes;          /* sent since the peer was last heard of */
	uint8_t acfc;            /* the carrier bears frames without address and control field */
};

struct ipcp_state {
	struct cp_state cp;
	struct ppp_ip ip;
};

/* What MPPE starts from. */
struct mppe_keys {
	uint8_t send[MPPE_KEY_LEN], receive[MPPE_KEY_LEN];
};

/* How IP packets pass, as the owner was told. */
enum ccp_passing {
	CCP_CLEAR,
	CCP_BLOCKED, /* not at all: CCP negotiates again */
	CCP_ENCRYPTED,
};

struct ccp_state {
	struct cp_state cp;
	uint32_t ours;  /* bits of MPPE that we ask for */
	uint32_t peers; /* that the peer asked for last and got; 0: none */
	struct mppe_keys keys;
	uint8_t has_keys;
	uint8_t passing; /* enum ccp_passing */
	uint8_t reset_ident;
	uint8_t resets;  /* Reset-Requests for the last loss */
	uint8_t mppe;    /* enum ppp_mppe */
	uint8_t lengths; /* of keys that are allowed: CCP_MPPE_* */
	uint8_t pad[2];
};

enum auth_step {
	AUTH_IDLE,
	AUTH_WAITING, /* for the peer */
	AUTH_PENDING, /* the owner decides */
	AUTH_ACCEPTED,
	AUTH_REJECTED,
};

/* MS-CHAPv2, RFC 2759 6 */
enum auth_retry {
	AUTH_MAY_RETRY = 1,
	AUTH_MAY_CHANGE = 2, /* its password */
};

struct auth_state {
	uint8_t method; /* enum ppp_auth */
	uint8_t step;   /* enum auth_step */
	uint8_t ident;  /* CHAP: of the challenge; PAP, EAP: of the last request */
	uint8_t tries;  /* challenges sent without an answer; PAP: periods waited */
	uint8_t failures;
	uint8_t retry;    /* what the peer may do about its last failure: enum auth_retry */
	uint8_t admitted; /* username was accepted once */
	uint8_t asked;    /* times the owner was asked since the link was last up */
	uint32_t mschap_error;
	uint8_t challenge[PPP_CHALLENGE_LEN];
	uint8_t authenticator_response[PPP_AUTHENTICATOR_LEN];
	char username[PPP_USERNAME_MAX + 1];
	char message[PPP_MESSAGE_MAX + 1]; /* of the last answer */
};

struct ppp_state {
	uint32_t version; /* PPP_STATE_VERSION */
	uint32_t ppp_id;
	uint16_t mru_limit;
	uint8_t phase; /* enum ppp_phase */
	uint8_t cause; /* enum cause: why it ends, CAUSE_NONE until then */
	struct lcp_state lcp;
	struct ipcp_state ipcp;
	struct ccp_state ccp;
	struct auth_state auth;
};

_Static_assert(sizeof(struct fsm_state_vars) == 8, "layout");
_Static_assert(sizeof(struct cp_state) == 24, "layout");
_Static_assert(sizeof(struct lcp_state) == 44, "layout");
_Static_assert(sizeof(struct ipcp_state) == 48, "layout");
_Static_assert(sizeof(struct ccp_state) == 72, "layout");
_Static_assert(sizeof(struct auth_state) == 560, "layout");
_Static_assert(sizeof(struct ppp_state) == 736, "layout");

#endif
