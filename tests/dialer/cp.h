/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What LCP, IPCP and CCP have in common (RFC 1661 5): the exchange of one Configure-Request each way.
 * There is no automaton: a call sends its request until it is acknowledged, answers what it is
 * asked, and goes on when both sides agreed. A protocol is a struct cp, a struct negotiation in
 * struct call, and a case in ppp.c.
 */
#ifndef DIALER_CP_H
#define DIALER_CP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"
#include "ppp.h"

struct cp {
	enum ppp_proto proto;
	size_t negotiation; /* its place in struct call */
	size_t timeout;     /* its place in struct options: ms before a request is repeated */
	enum fault refused; /* how a call fails that the peer wants too much of */
	/* Is it being negotiated? Otherwise answers to our request come too late. */
	bool (*negotiates)(const struct call *call);
	/* Begins anew: sets what is wanted of the peer and the values to begin with. */
	void (*prepare)(struct client *client, struct call *call);
	/* Writes the options that are still wanted. */
	void (*put_request)(const struct call *call, struct wr *w);
	/* A Configure-Request came. False: it is not to be answered. */
	bool (*requested)(struct client *client, struct call *call);
	/* Judges one option of the peer's request: the code to answer with. For a Nak it writes
	 * the option it would have. */
	enum ppp_code (*judge)(struct client *client, struct call *call, uint8_t type,
			       struct rd value, struct wr *nak);
	/* The peer wants another value (nak) or none of this option. False: not without it. */
	bool (*change)(struct client *client, struct call *call, bool nak, uint8_t type,
		       struct rd value);
	/* Both sides have agreed. */
	void (*opened)(struct client *client, struct call *call);
	/* The peer's Terminate-Request is acknowledged. */
	void (*terminated)(struct client *client, struct call *call);
	/* Ours is; NULL: we send none. */
	void (*closed)(struct client *client, struct call *call);
	/* The codes that this protocol has of its own; false: not that one. NULL: none. */
	bool (*other)(struct client *client, struct call *call, const struct ppp_packet *packet);
	/* The time until the request is sent again. NULL: call_arm(). */
	void (*arm)(struct client *client, struct call *call, uint32_t ms);
	/* Cannot agree. NULL: the call fails with `refused`. */
	void (*gave_up)(struct client *client, struct call *call);
};

/* Begins anew without a packet, and with one. */
void cp_reset(const struct cp *cp, struct client *client, struct call *call);
void cp_start(const struct cp *cp, struct client *client, struct call *call);
/* Sends the Configure-Request; arms the timer. */
void cp_send_request(const struct cp *cp, struct client *client, struct call *call);
/* whole: the packet with its header, for a Code-Reject. */
void cp_input(const struct cp *cp, struct client *client, struct call *call,
	      const struct ppp_packet *packet, struct rd whole);

#endif
