/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Monotonic time and the intervals of the agent. Intervals that the
 * configuration can change are defaults in conf/; those below are fixed.
 */
#ifndef XPPPD_CLOCK_H
#define XPPPD_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in milliseconds; never wall-clock time. */
struct mono {
	int64_t ms;
};

#define CLOCK_COOKIE_LIFETIME_MS 40000 /* of an AC-Cookie, at least: clients ask for 35 s */
#define CLOCK_COOKIE_KEY_MS 600000     /* then AC-Cookies get a new key */
#define CLOCK_LOG_RATE_MS 1000         /* one line per reason and second */
#define CLOCK_PPP_START_MS 300         /* a client that does not speak first is spoken to */
#define CLOCK_CCP_WAIT_MS 1000         /* for the peer to say which keys it likes */
#define CLOCK_AUTH_TIMEOUT_MS 3000     /* CHAP challenge is sent again */
#define CLOCK_AUTH_TRIES 5
#define CLOCK_ESTABLISH_TIMEOUT_MS 60000 /* first LCP packet to IPCP opened */
#define CLOCK_SLOT_QUARANTINE_MS 10000   /* before a session id is used again */
#define CLOCK_L2TP_RETRANSMIT_MS 1000    /* the first; each doubles, RFC 2661 5.8 */
#define CLOCK_L2TP_RETRANSMIT_MAX_MS 8000
#define CLOCK_L2TP_LINGER_MS 31000     /* after StopCCN: the peer may send it again */
#define CLOCK_L2TP_CALL_SETUP_MS 60000 /* ICRQ to ICCN */
#define CLOCK_WAY_AGAIN_MS 60000       /* a narrow way to a peer is asked for again */
#define CLOCK_HOPS_RENEW_MS 500        /* next hops that the programs keep are asked for again */
#define CLOCK_HOPS_UNTIL_MS 1000       /* and not used any more if that does not happen */
#define CLOCK_HOPS_SETTLE_MS 50        /* from an event to when what it tells of is done */
#define CLOCK_PPTP_SETUP_MS 10000      /* connection to SCCRQ */
#define CLOCK_PPTP_STOP_MS 3000        /* good-bye to the end of the stream */
#define CLOCK_PPTP_PAUSE_MS 1000       /* between attempts to take connections without memory */
#define CLOCK_PPTP_ACK_MS 500          /* for a packet that the acknowledgement can ride on */
#define CLOCK_BEHIND_MS 500            /* then established sessions come first */
#define CLOCK_PPTP_LOST_MS 1000        /* un-acknowledged: lost, RFC 2637 4.4 */

struct mono mono_now(void);
/* The same in microseconds, for measuring. */
int64_t mono_now_us(void);
/* In nanoseconds, as BPF programs have it. */
uint64_t mono_now_ns(void);

static inline int64_t mono_elapsed_ms(struct mono since, struct mono now)
{
	return now.ms - since.ms;
}

static inline struct mono mono_add_ms(struct mono t, int64_t ms)
{
	return (struct mono){ t.ms + ms };
}

#endif
