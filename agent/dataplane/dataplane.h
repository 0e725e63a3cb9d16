/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The data plane as the agent sees it: BPF maps and programs (bpf_dataplane.c) or a double in
 * memory for tests (double.c). Sessions are named by slot.
 */
#ifndef XPPPD_DATAPLANE_H
#define XPPPD_DATAPLANE_H

#include <ev.h>
#include <linux/types.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <xpppd/map.h>
#include <xpppd/mppe.h>
#include <xpppd/reason.h>

#include "buf.h"
#include "clock.h"

struct conf;
struct dataplane;
struct links;
struct log;

enum dp_carrier {
	DP_PPPOE,
	DP_L2TP,
	DP_PPTP,
};

/* The L2TP call of a session: addresses with ports, ids as in the data messages. */
struct dp_l2tp {
	struct sockaddr_storage local, peer;
	uint16_t tunnel_id, session_id;           /* ours: what the peer sends to */
	uint16_t peer_tunnel_id, peer_session_id; /* what we send to */
	bool sequencing; /* send Ns, and check the peer's if it sends one */
	bool esp;        /* comes through ESP: in clear text it is not the peer's */
};

/* The PPTP call of a session. */
struct dp_pptp {
	struct in_addr local, peer;
	uint16_t call_id, peer_call_id;
};

/* Where the numbers of a session's frames stand: L2TP (next alone, 16 bits) and PPTP. */
struct dp_sequence {
	uint32_t next;   /* to be sent */
	uint32_t newest; /* that came in; one below the first before that */
	uint32_t acked;  /* that the peer was told of */
	uint16_t late;   /* how many in a row came far too late */
};

/* Of one direction: IP bytes, without what carries them. */
struct dp_rate {
	uint64_t bits_per_s; /* 0: none; taken to XP_RATE_MIN .. XP_RATE_MAX */
	uint32_t burst;      /* bytes after a silence; 0: a quarter of a second, at least 30,000 */
};

/* A net behind a session. Bits beyond len do not count. */
struct dp_route {
	struct in_addr net;
	uint8_t len;     /* 1..32 */
	uint32_t metric; /* of the kernel's route */
};

/* Everything about a session that forwarding needs. */
struct dp_session {
	uint32_t slot;
	enum dp_carrier carrier;
	struct dp_l2tp l2tp; /* DP_L2TP */
	struct dp_pptp pptp; /* DP_PPTP */
	struct dp_sequence sequence;
	/* carrier: PPPoE */
	uint32_t ifindex;
	uint16_t vid_outer, vid_inner, tpid_outer, tpid_inner;
	uint16_t sid;
	uint8_t peer_mac[ETH_ALEN];
	uint8_t own_mac[ETH_ALEN];
	/* PPP */
	struct in_addr addr;
	struct in_addr netmask; /* other than /32: a route to the whole net */
	uint16_t mtu;           /* without encryption, which takes XP_MPPE_OVERHEAD of it */
	/* configuration */
	const char *concentrator; /* "pppac0" */
	bool ingress_filter, mss_clamp, stack, slow;
	const struct xp_mppe *mppe; /* as for dataplane_ops.mppe_set */
	struct dp_rate rate_up, rate_down;
	/* nets that another session has are left out, with a warning; the session's own address
	 * needs none */
	const struct dp_route *routes;
	unsigned int n_routes; /* at most XP_ROUTES_MAX */
};

struct dp_counters {
	uint64_t up_packets, up_bytes, down_packets, down_bytes;
	uint32_t drops;                          /* but for those of rates */
	uint64_t rate_up_drops, rate_down_drops; /* packets beyond the rates */
	struct mono active_up, active_down;      /* last activity that counts, 0 ms if none */
};

/* Sizes that follow from the configuration at start and then stay. */
struct dp_dims {
	uint32_t spaces;     /* PPPoE id spaces */
	uint32_t space_size; /* ids per space */
	/* L2TP: slot = l2tp_first + (tunnel id % l2tp_spaces) * l2tp_space_size + session id, ours
	 * both; no spaces if no L2TP tunnel is bound at start */
	uint32_t l2tp_first, l2tp_spaces, l2tp_space_size;
	/* PPTP: slot = pptp_first + our call id; no ids if no PPTP tunnel is bound at start */
	uint32_t pptp_first, pptp_size;
	uint32_t pools;
	struct xp_pool pool[XP_POOLS]; /* address ranges with lines of their own */
	uint32_t down_lines;           /* those of pools, then one per slot for other addresses */
};
void dp_dims(const struct conf *conf, struct dp_dims *dims);
uint32_t dp_slots(const struct dp_dims *dims); /* of PPPoE, then of L2TP, then of PPTP */

typedef void (*dp_ip_fn)(void *arg, struct in_addr dst, struct buf packet);
typedef void (*dp_event_fn)(void *arg, uint32_t slot, enum xp_event_kind kind);
typedef void (*dp_capture_fn)(void *arg, const struct xp_capture *packet);

/* An attached device, for `show dataplane`. */
struct dp_device {
	char name[16];
	const char *mode;  /* "native", "generic", "tc", "-" */
	const char *role;  /* "pppoe", "core", "concentrator" */
	const char *state; /* "attached", "missing", "failed" */
	char detail[208];  /* why, if not attached; what was changed on it if attached */
};
typedef void (*dp_device_fn)(void *arg, const struct dp_device *device);

/* A loaded program and a map's occupancy, likewise. */
struct dp_program {
	const char *name;
	const char *kind; /* "xdp", "tc", "trace" */
	uint32_t id;      /* as bpftool shows it */
	uint32_t instructions;
};
typedef void (*dp_program_fn)(void *arg, const struct dp_program *program);
struct dp_map {
	const char *name;
	uint32_t used, size; /* entries */
};
typedef void (*dp_map_fn)(void *arg, const struct dp_map *map);

/* A CPU that PPPoE is spread to or comes in on, likewise. */
struct dp_cpu {
	uint32_t cpu;
	uint32_t sessions;     /* whose packets it gets */
	uint64_t given, taken; /* packets that it handed over to others, and got from others */
};
typedef void (*dp_cpu_fn)(void *arg, const struct dp_cpu *cpu);

/* Where MPPE is done, likewise. */
#define DP_MPPE_WHY 96
struct dp_mppe_home {
	const char *name;      /* "none", "agent", "plain", "module" */
	char why[DP_MPPE_WHY]; /* and not another */
	uint32_t sessions;     /* that are encrypted */
};

struct dataplane_ops {
	const char *name; /* "bpf", "double" */
	void (*free)(struct dataplane *dp);
	/* Makes devices and concentrators match conf; first call and each reload. */
	int (*configure)(struct dataplane *dp, const struct conf *conf, struct links *links);
	/* Makes the session visible to packets: 0, -EEXIST, -EADDRINUSE, -ENOSPC, ... */
	int (*session_add)(struct dataplane *dp, const struct dp_session *session);
	/* Invisible when this returns. counters and sequence: final values, may be NULL. */
	void (*session_del)(struct dataplane *dp, uint32_t slot, struct dp_counters *counters,
			    struct dp_sequence *sequence);
	int (*session_counters)(struct dataplane *dp, uint32_t slot, struct dp_counters *counters);
	/* Slow path: hands an IP packet of a session to the stack. */
	int (*ip_send)(struct dataplane *dp, uint32_t slot, const uint8_t *packet, size_t len);
	/* Takes the number of an L2TP or PPTP frame that the agent sends itself: programs and agent
	 * share the numbers while the session is here. -ENOENT. */
	int64_t (*sequence)(struct dataplane *dp, uint32_t slot);
	/* PPTP: the number of a frame that came to the agent. -ESTALE: too old, -ENOENT. */
	int (*received)(struct dataplane *dp, uint32_t slot, uint32_t sequence);
	/* PPTP: the newest number that came in, which the caller now tells the peer; -ENOENT also
	 * if none came yet. */
	int64_t (*acknowledge)(struct dataplane *dp, uint32_t slot);
	/* IP passes only encrypted with these keys from now on (none in them: not at all); NULL: in
	 * clear. Copied. -ENOENT, -ENOMEM. */
	int (*mppe_set)(struct dataplane *dp, uint32_t slot, const struct xp_mppe *mppe);
	/* The state in place, shared with the programs, for packets that the agent moves; NULL: the
	 * session has none. Valid until the session goes. */
	struct xp_mppe *(*mppe)(struct dataplane *dp, uint32_t slot);
	/* Do programs encrypt and decrypt what they forward, if it has `len` bytes with MPPE's header?
	 * NULL: no, the agent does. */
	bool (*mppe_forwards)(const struct dataplane *dp, size_t len);
	/* New rates, from a full bucket. -ENOENT. */
	int (*rate_set)(struct dataplane *dp, uint32_t slot, const struct dp_rate *up,
			const struct dp_rate *down);
	/* May a packet that the agent moves itself pass? If not, it is counted for the session. */
	bool (*rate_pass)(struct dataplane *dp, uint32_t slot, bool up, size_t bytes);
	/* Replaces the session's routes, all or none: -ENOENT, -EINVAL (a length, a net that hosts
	 * can not be in, too many), -EADDRINUSE (another session's), -ENOSPC, -ENOMEM. */
	int (*routes_set)(struct dataplane *dp, uint32_t slot, const struct dp_route *routes,
			  unsigned int n);
	/* Is it the session's address, or one behind it? */
	bool (*has_address)(struct dataplane *dp, uint32_t slot, struct in_addr addr);
	/* Adds to a session's counters for packets that the agent moved itself. active: it counts
	 * against idle-timeout. */
	void (*count)(struct dataplane *dp, uint32_t slot, bool up, size_t bytes, bool active);
	int (*capture)(struct dataplane *dp, uint32_t slot, bool on);
	void (*drops)(struct dataplane *dp, uint64_t drops[XP_REASON_MAX]);
	void (*paths)(struct dataplane *dp, struct xp_path_counter paths[XP_PATH_MAX]);
	void (*devices)(struct dataplane *dp, dp_device_fn fn, void *arg);
	/* NULL where there are none. */
	void (*programs)(struct dataplane *dp, dp_program_fn fn, void *arg);
	void (*maps)(struct dataplane *dp, dp_map_fn fn, void *arg);
	void (*mppe_home)(struct dataplane *dp, struct dp_mppe_home *home);
	void (*cpus)(struct dataplane *dp, dp_cpu_fn fn, void *arg);
};

struct dataplane {
	const struct dataplane_ops *ops;
	/* set by the owner after construction */
	/* a packet from the stack for a slow session, or for an L2TP session whose peer is not
	 * reached over an attached device */
	dp_ip_fn ip_input;
	void *ip_arg;
	dp_capture_fn captured;
	void *capture_arg;
	dp_event_fn event;
	void *event_arg;
};

/* Loads and pins. Errors are logged as one clear sentence each: no CAP_BPF, kernel too old (6.1 is
 * the floor), bpffs not mounted or not writable. */
int dp_bpf_new(struct ev_loop *loop, const struct dp_dims *dims, struct log *log,
	       struct dataplane **dp);
int dp_double_new(const struct dp_dims *dims, struct dataplane **dp);

#endif
