/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Layout of the BPF maps, shared by the programs and the agent. Before
 * including it, provide __u8..__u64 and __be16/__be32 (<linux/types.h> or
 * vmlinux.h).
 *
 * A packet touches one cold cache line: its session's line of the direction.
 * sessions_up is indexed by slot, which the agent chose and the PPPoE session
 * id, L2TP's tunnel and session id or PPTP's call id give without a look-up;
 * sessions_down is indexed by the destination's offset in a pool. Both maps are
 * mmapable: the agent writes lines and reads counters through memory, and only it
 * writes anything but the counters and the sequence numbers of L2TP and PPTP.
 *
 * A session with a rate costs one line more (police.h).
 *
 * Before loading, the agent sets max_entries of sessions_up, sessions_down, rates_up, rates_down,
 * tunnels, addresses and routes, and the read-only variables spaces, space_size, l2tp_first,
 * l2tp_spaces, l2tp_space_size, pptp_first, pptp_size, pools and pool_count.
 *
 * Programs: xpppd_xdp or xpppd_tc (clsact ingress) for each attached device. For the data
 * plane end of a concentrator interface xpppd_xdp_dp with xpppd_tc_drop behind it, or,
 * if a device of its sessions takes no XDP frames, xpppd_tc_dp alone. What these leave
 * to the agent it reads from there with a packet socket. Beside them stand those of mppe.bpf.c and
 * spread.bpf.c, which are loaded when they are needed.
 */
#ifndef XPPPD_MAP_H
#define XPPPD_MAP_H

#include <xpppd/police.h>

#define XP_MAP_VERSION 5
#define XP_PIN_DIR "/sys/fs/bpf/xpppd"

/* A line is valid only while state says so. The agent writes state last when a
 * session comes (release) and first when it goes. */
enum xp_state {
	XP_STATE_FREE = 0,
	XP_STATE_FORWARD = 1, /* forwarded here, fast or over the stack */
	XP_STATE_SLOW = 2,    /* `pipex no`: every packet goes to the agent */
};

enum xp_flag {
	XP_F_INGRESS_FILTER = 1 << 0, /* up: source must be the session's */
	XP_F_MSS_CLAMP = 1 << 1,
	XP_F_STACK = 1 << 2,   /* `forward stack` */
	XP_F_CAPTURE = 1 << 3, /* copy packets to the `capture` ring */
	XP_F_ROUTES = 1 << 4,  /* the session has entries in `routes` */
	XP_F_L2TP = 1 << 5,
	XP_F_OUTER_IPV6 = 1 << 6, /* L2TP over IPv6 */
	XP_F_SEQUENCE = 1 << 7,   /* L2TP: number what is sent, check the peer's numbers */
	XP_F_PPTP = 1 << 8,       /* with neither it is PPPoE */
	XP_F_MPPE = 1 << 9,       /* IP goes encrypted only, with the keys in `mppe`, both ways */
	XP_F_RATE = 1 << 10,      /* the session has a rate in this line's direction */
};

/* Downstream the two top bits of the flags are the number of VLAN tags in PPPoE's header. */
#define XP_F_TAGS_SHIFT 14

/* L2TP upstream, the key: as a data message's addresses and ports stand on the wire. Over IPv6
 * both addresses are 0 and stand in `tunnels`. */
struct xp_l2tp_up {
	__be32 peer;
	__be32 local;
	__be16 peer_port;
	__be16 local_port;
	__be16 tunnel_id; /* ours */
	__u16 esp;        /* 1: came through ESP, in clear text it is not the peer's */
};

/* L2TP downstream: what the header is made of, addresses as above. */
struct xp_l2tp_down {
	__be32 local;
	__be32 peer;
	__be16 local_port;
	__be16 peer_port;
	__be16 tunnel_id; /* the peer's */
	__be16 session_id;
	__u32 sequence; /* Ns of the next message, its low 16 bits */
	__u16 check;    /* sum of the IPv4 header but its length, not complemented */
	__u16 tunnel;   /* ours, in host order: the index into `tunnels` */
};

#define XP_OUTER_TTL 64

/* PPTP upstream: addresses are the key, the newest number is in `sequence` and begins below the
 * first. */
struct xp_pptp_up {
	__be32 peer;
	__be32 local;
	__u32 acked; /* the newest number that the peer has been told of */
	__u16 asked; /* low bits of the number for which the agent was asked to tell it */
	__u16 late;  /* how many in a row were too old */
};

/* PPTP downstream. */
struct xp_pptp_down {
	__be32 local;
	__be32 peer;
	__u32 sequence; /* of the next packet */
	__be16 call_id; /* the peer's */
	__u16 check;    /* sum of the IPv4 header but its length, not complemented */
};

#define XP_PPTP_WINDOW 64    /* packets that we let the peer have in flight */
#define XP_PPTP_ACK_AFTER 32 /* so many un-acknowledged ones make the program ask the agent */

/* `tunnels`: array by our tunnel id, the addresses of those over IPv6. */
struct xp_tunnel {
	__u8 peer[16];
	__u8 local[16];
};

/* L2TP and PPTP take packets that come XP_SEQUENCE_LATE too late, and after XP_SEQUENCE_LOST older
 * ones in a row the peer has begun anew. L2TP upstream, `sequence`: the newest Ns in the low 16 bits, how many in a row were too old
 * above them; 0 in the top bit means that none came yet. */
#define XP_SEQUENCE_SEEN (1u << 31)
#define XP_SEQUENCE_LATE 64
#define XP_SEQUENCE_LOST 8

/* Upstream: one session as seen from the access side. own_mac and peer_mac stand as
 * in the Ethernet header, so that one comparison of 12 bytes checks both. */
struct xp_session_up {
	__u8 state;        /* enum xp_state */
	__u8 concentrator; /* index into `concentrators` */
	__u16 flags;       /* enum xp_flag */
	__u32 ifindex;     /* key of PPPoE: device the frame came in on; 0 for the others */
	union {
		struct {                  /* key of PPPoE */
			__u8 own_mac[6];  /* destination */
			__u8 peer_mac[6]; /* source */
			__be16 vid_outer; /* 12 bits, 0 = untagged; TPIDs are not compared */
			__be16 vid_inner;
		};
		struct xp_l2tp_up l2tp; /* key of L2TP */
		struct xp_pptp_up pptp; /* key of PPTP */
	};
	__u16 mss; /* TCP MSS to clamp to */
	__u16 generation;
	__be32 addr;    /* the session's IPv4 address */
	__u32 down;     /* its line in sessions_down */
	__u32 active;   /* last activity, seconds of CLOCK_MONOTONIC */
	__u32 drops;    /* packets dropped for this session */
	__u32 sequence; /* L2TP and PPTP, see above */
	__u64 packets;
	__u64 bytes; /* IP bytes */
};

/* Downstream: one session as seen from the core side. PPPoE: header is copied in
 * front of the packet: Ethernet, up to two VLAN tags, PPPoE up to and without
 * its length field, right-aligned so that its end is fixed. */
#define XP_HEADER_MAX 26
#define XP_HEADER_MIN 18 /* without tags */
#define XP_TCP_IP_HEADERS 40
struct xp_session_down {
	__u8 state;
	__u8 concentrator;
	__u16 flags;
	__u32 ifindex; /* PPPoE: device the frame goes out on */
	__be32 addr;
	union {
		__u8 header[XP_HEADER_MAX];
		struct xp_l2tp_down l2tp;
		struct xp_pptp_down pptp;
	} __attribute__((packed, aligned(2)));
	__u16 mtu;  /* largest IP packet; TCP's MSS is XP_TCP_IP_HEADERS less */
	__u32 slot; /* its line in sessions_up */
	__u32 active;
	__u64 packets;
	__u64 bytes;
};

/*
 * `attached`: array, an attached device stands at its ifindex % XP_ATTACHED. If two devices
 * want one place, the one that does not get it still works, over the stack path: frames
 * that came in on it are not known to be addressed to it, and tc programs send none to it.
 * `devices` (DEVMAP_HASH by ifindex) holds those that can take frames from an XDP program.
 */
#define XP_ATTACHED 256
struct xp_attached {
	__u32 ifindex; /* 0: none */
	__u8 mac[6];
	__u8 native; /* 1: what its program sees is as it was on the wire */
	__u8 pad[5];
};

/* A concentrator interface (pppac0) and its data plane end (pppac0-dp). */
#define XP_CONCENTRATORS 16
struct xp_concentrator {
	__u32 ifindex;    /* pppac0: what the FIB look-up takes as input device */
	__u32 dp_ifindex; /* pppac0-dp: where packets for the stack are sent */
	__u8 mac[6];      /* of pppac0 */
	__u8 pad[2];
};

/* Addresses base .. base+size-1 (host order) have the sessions_down lines
 * first .. first+size-1. All other session addresses are in `addresses`. */
#define XP_POOLS 16
struct xp_pool {
	__u32 base;
	__u32 size;
	__u32 first;
};

/* What changes while running; one entry. */
struct xp_config {
	__u32 version;   /* XP_MAP_VERSION */
	__u32 routes;    /* entries in `routes`: 0 spares the look-up */
	__u32 addresses; /* entries in `addresses`: likewise */
	__u32 hops;      /* entries in `hops` for each CPU */
	__u64 hops_until;
	__u32 hop_generation;
	__u32 pad;
};

/*
 * `hops`: array with a table for each CPU, of config.hops entries chosen by a hash of the
 * destination, of what the kernel's routing table answered. An entry counts while its generation is
 * config.hop_generation, and none does from config.hops_until on (CLOCK_MONOTONIC, ns). The agent
 * gives a new generation whenever an answer could change, and says until when it will at the
 * latest; it does not while there are rules that look at more than the key here.
 */
struct xp_hop {
	__be32 dst;
	__u16 from; /* TOS, and the concentrator's index above it */
	__u16 mtu;  /* largest IP packet */
	__u32 generation;
	__u32 ifindex;
	__u8 mac[12]; /* destination and source */
	__u32 pad;
};

/* Key of `routes` (LPM trie), nets behind sessions; the value is a sessions_down line. An address
 * that is a session's own is not looked up there. */
#define XP_ROUTES_MAX 16 /* of one session, beside its netmask's */
struct xp_route_key {
	__u32 prefixlen;
	__be32 addr;
};

/* Key of `mppe_xdp` and `mppe_tc`: the programs that encrypt and decrypt, which the others call; an
 * empty place leaves packets to the agent. */
enum xp_mppe_entry {
	XP_MPPE_UP,
	XP_MPPE_DOWN, /* from a core device */
	XP_MPPE_DP,   /* out of the stack */
	XP_MPPE_ENTRIES,
};

/* Key of `paths` (per-CPU array): which way packets went. */
enum xp_path {
	XP_PATH_UP_FAST,
	XP_PATH_UP_STACK,
	XP_PATH_DOWN_FAST,  /* from a core device straight to the access device */
	XP_PATH_DOWN_STACK, /* out of the stack, over the concentrator interface */
	XP_PATH_HAIRPIN,    /* subscriber to subscriber */
	XP_PATH_UP_SLOW,    /* left to the agent (IP payload of `pipex no` sessions) */
	XP_PATH_DOWN_SLOW,
	XP_PATH_MAX,
};
struct xp_path_counter {
	__u64 packets;
	__u64 bytes;
};

/*
 * Programs and maps of devices whose PPPoE is spread over CPUs (`pppoe-cpus`), which exist while there
 * are any: spread_xdp takes xpppd_xdp's place on the device, spread_cpu does the rest on the other
 * CPU. `spread_sessions`: array by slot, mmapable, who is handed over. A false entry only makes
 * the wrong CPU do the work: everything is checked there.
 */
struct xp_spread {
	__u8 peer_mac[6];
	__u16 cpu; /* and one more; 0: stays where it came in */
};

/* `spread_counters` (per-CPU array, one entry): packets that this CPU handed over to others, and
 * those it got from others. */
struct xp_spread_counter {
	__u64 given;
	__u64 taken;
};

/* A copied packet in the `capture` ring: the IP packet as it is on the PPP link. */
#define XP_CAPTURE_SNAP 2048
struct xp_capture {
	__u32 slot;
	__u16 generation;
	__u8 up; /* 1 upstream, 0 downstream */
	__u8 pad;
	__u64 time; /* bpf_ktime_get_ns */
	__u32 len;  /* of the packet */
	__u32 caplen;
	__u8 data[XP_CAPTURE_SNAP];
};

/* Whether a PPTP packet of this number is taken; what the newest one, and how many in a row were
 * too old, become. */
static inline __u8 xp_pptp_sequence(__u32 number, __u32 *newest, __u16 *late)
{
	__s32 ahead = (__s32)(number - *newest);

	if (ahead < -XP_SEQUENCE_LATE && ++*late < XP_SEQUENCE_LOST)
		return 0;
	if (ahead > 0 || ahead < -XP_SEQUENCE_LATE)
		*newest = number;
	*late = 0;
	return 1;
}

/* What programs tell the agent, in the `events` ring. */
enum xp_event_kind {
	XP_EVENT_ACKNOWLEDGE = 1, /* PPTP: enough has come in, and nothing went out */
	XP_EVENT_MPPE_LOST,       /* stateful MPPE: a packet is missing */
};
struct xp_event {
	__u32 slot;
	__u16 generation;
	__u16 kind; /* enum xp_event_kind */
};

/*
 * Session slots. With one id space the slot is the PPPoE session id; with
 * more, device and VLANs choose the space, so that ids repeat on other VLANs.
 * L2TP's slots stand behind those of PPPoE: l2tp_first + (tunnel id % l2tp_spaces) *
 * l2tp_space_size + session id, both ids ours. PPTP's stand behind them: pptp_first + our call id.
 */
static inline __u32 xp_slot_space(__u32 ifindex, __u32 vid_outer, __u32 vid_inner, __u32 spaces)
{
	__u32 h = ifindex * 0x9e3779b1u ^ ((vid_outer << 12 | vid_inner) + 1) * 0x85ebca6bu;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	return (__u32)(((__u64)h * spaces) >> 32);
}

_Static_assert(sizeof(struct xp_session_up) == 64, "one cache line");
_Static_assert(sizeof(struct xp_session_down) == 64, "one cache line");
_Static_assert(sizeof(struct xp_l2tp_up) == 16, "layout");
_Static_assert(sizeof(struct xp_l2tp_down) == 24, "layout");
_Static_assert(sizeof(struct xp_pptp_up) == 16, "layout");
_Static_assert(sizeof(struct xp_pptp_down) == 16, "layout");
_Static_assert(__builtin_offsetof(struct xp_session_down, l2tp) == 12, "aligned");
_Static_assert(sizeof(struct xp_event) == 8, "layout");
_Static_assert(sizeof(struct xp_tunnel) == 32, "layout");
_Static_assert(sizeof(struct xp_attached) == 16, "layout");
_Static_assert(sizeof(struct xp_concentrator) == 16, "layout");
_Static_assert(sizeof(struct xp_pool) == 12, "layout");
_Static_assert(sizeof(struct xp_config) == 32, "layout");
_Static_assert(sizeof(struct xp_hop) == 32, "half a cache line");
_Static_assert(sizeof(struct xp_spread) == 8, "layout");
_Static_assert(sizeof(struct xp_spread_counter) == 16, "layout");
_Static_assert(sizeof(struct xp_capture) == 24 + XP_CAPTURE_SNAP, "layout");

#endif
