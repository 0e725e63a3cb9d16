/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Why a session ended: one list for PPP, tunnel drivers, logs and accounting. */
#ifndef XPPPD_CAUSE_H
#define XPPPD_CAUSE_H

/* X(SYMBOL, "name shown to operators") */
#define CAUSES(X)                                                                                  \
	X(NONE, "none")                                                                            \
	X(PEER, "user request")             /* Terminate-Request, PADT */                          \
	X(CLEARED, "admin reset")           /* xpppctl clear */                                    \
	X(SHUTDOWN, "nas shutdown")         /* the agent stops */                                  \
	X(CONFIG, "configuration changed")  /* reload no longer allows it */                       \
	X(LOST_CARRIER, "lost carrier")     /* no answer to echo requests */                       \
	X(LOST_INTERFACE, "interface gone") /* the device vanished */                              \
	X(IDLE, "idle timeout")                                                                    \
	X(SESSION_TIMEOUT, "session timeout")                                                      \
	X(AUTH, "authentication failed")                                                           \
	X(AUTH_TIMEOUT, "authentication timeout")                                                  \
	X(LCP, "lcp negotiation failed")                                                           \
	X(LOOPBACK, "loopback detected")                                                           \
	X(IPCP, "ipcp negotiation failed")                                                         \
	X(MPPE, "encryption not agreed on")                                                        \
	X(NO_ADDRESS, "no address")                                                                \
	X(LIMIT, "session limit")                                                                  \
	X(ESTABLISH_TIMEOUT, "not established in time")                                            \
	X(REPLACED, "replaced by a new session")                                                   \
	X(DATAPLANE, "data plane error")                                                           \
	X(RESOURCES, "out of resources")                                                           \
	X(FILTER, "filter not available")

enum cause {
#define CAUSE_ENUM(symbol, name) CAUSE_##symbol,
	CAUSES(CAUSE_ENUM)
#undef CAUSE_ENUM
		CAUSE_MAX
};

/* "unknown" for a number that is none. */
const char *cause_name(enum cause cause);

#endif
