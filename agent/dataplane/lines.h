/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The lines of map.h as the agent writes them, wherever their memory lies: mapped BPF arrays,
 * or the double's own. Knows which line an address has and which addresses are taken.
 */
#ifndef XPPPD_LINES_H
#define XPPPD_LINES_H

#include "dataplane/dataplane.h"
#include "dataplane/nets.h"
#include "dataplane/taken.h"

/* What the agent keeps of a session beside its lines. */
struct lines_extra {
	struct nets nets;        /* behind the session */
	uint8_t left_out;        /* nets that another session has */
	bool own_route;          /* the kernel has a route for this address alone */
	bool narrow;             /* the way to the peer does not bear `mtu` */
	uint16_t mtu;            /* L2TP and PPTP: what the session asked for */
	struct mono mtu_checked; /* when the way to the peer was last asked for */
};

struct lines {
	struct dp_dims dims;
	uint32_t slots;
	struct xp_session_up *up;     /* by slot; not owned */
	struct xp_session_down *down; /* dims.down_lines; not owned */
	struct xp_tunnel *tunnels;    /* LINES_TUNNELS, by our tunnel id; not owned */
	struct lines_extra *extra;    /* by slot */
	struct taken taken;           /* nets, and addresses that are in no pool */
};

#define LINES_TUNNELS 65536

/* up, down and tunnels are zeroed and outlive the lines; tunnels may be NULL if dims have no L2TP
 * spaces. */
int lines_init(struct lines *lines, const struct dp_dims *dims, struct xp_session_up *up,
	       struct xp_session_down *down, struct xp_tunnel *tunnels);
void lines_clear(struct lines *lines);

/* The line of an address of a pool; false if it is in none. */
bool lines_of_pool(const struct lines *lines, struct in_addr addr, uint32_t *line);
/* The line of a session that has this very address and is visible. */
bool lines_find(const struct lines *lines, struct in_addr addr, uint32_t *line);
/* Likewise, or if none has it, of the one with the smallest net that it is in. */
bool lines_owner(const struct lines *lines, struct in_addr addr, uint32_t *line);
/* Is it the session's address, or in one of its nets and not another's? */
bool lines_has_address(const struct lines *lines, uint32_t slot, struct in_addr addr);
/* The session's address is not one of a pool. */
bool lines_outside(const struct lines *lines, uint32_t line);
bool lines_used(const struct lines *lines, uint32_t slot);

/*
 * Takes slot and addresses: -EINVAL, -EEXIST, -EADDRINUSE, -ENOMEM. The session's lines are
 * written but not visible until lines_publish. Nets that another session has already are not
 * taken again: extra.left_out tells how many.
 */
int lines_reserve(struct lines *lines, const struct dp_session *session, uint8_t concentrator);
void lines_publish(struct lines *lines, const struct dp_session *session);
/* Makes them invisible and reads counters and numbers, NULL: not. They stay readable until
 * released. */
void lines_hide(struct lines *lines, uint32_t slot, struct dp_counters *counters,
		struct dp_sequence *sequence);
void lines_release(struct lines *lines, uint32_t slot);

int lines_counters(const struct lines *lines, uint32_t slot, struct dp_counters *out);
void lines_count(struct lines *lines, uint32_t slot, bool up, size_t bytes, bool active);
int lines_capture(struct lines *lines, uint32_t slot, bool on);

/* Sets and clears the session's XP_F_MPPE, and its MTU with it. */
void lines_encrypt(struct lines *lines, uint32_t slot, bool on);
/* Sets and clears XP_F_RATE of both directions. */
void lines_limit(struct lines *lines, uint32_t slot, bool up, bool down);

/* Sets and clears XP_F_ROUTES. */
void lines_route(struct lines *lines, uint32_t slot, bool on);

/* Changes a session's MTU, which packets obey at once. */
void lines_set_mtu(struct lines *lines, uint32_t slot, uint16_t mtu);
/* Over IP to a peer: L2TP and PPTP. */
bool lines_is_routed(const struct lines *lines, uint32_t slot);
/* Of such a session. */
struct sockaddr_storage lines_peer(const struct lines *lines, uint32_t slot);
/* As the operations of these names in dataplane.h. */
int64_t lines_sequence(struct lines *lines, uint32_t slot);
int lines_received(struct lines *lines, uint32_t slot, uint32_t sequence);
int64_t lines_acknowledge(struct lines *lines, uint32_t slot);

/* The prefix length of a netmask; none given (0.0.0.0) means 32; -EINVAL. */
int lines_prefix(struct in_addr netmask);

#endif
