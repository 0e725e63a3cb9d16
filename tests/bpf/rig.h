/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The real programs, loaded, with maps filled and a small network in a namespace of the test's
 * own: access, core, other (not attached) and a concentrator interface with its data plane end.
 * Every test runs at both hooks: a rig is made for XDP or for tc.
 */
#ifndef XPPPD_TEST_RIG_H
#define XPPPD_TEST_RIG_H

#include <linux/types.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include <xpppd/map.h>
#include <xpppd/reason.h>

#include "build.h"

/* Addresses in host order. */
#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define RIG_POOL IP(10, 0, 0, 0)   /* 256 addresses, lines 0..255 */
#define RIG_POOL_2 IP(10, 9, 0, 0) /* 16 addresses, lines 256..271 */
#define RIG_LINE_OTHER 272         /* of addresses that are in no pool */
#define RIG_LINES 300
#define RIG_ALICE IP(10, 0, 0, 2)
#define RIG_BOB IP(10, 0, 0, 3)
#define RIG_SERVER IP(192, 0, 2, 2)     /* on the core's network, its neighbour is known */
#define RIG_REMOTE IP(198, 51, 100, 9)  /* by the default route over the server */
#define RIG_UNRESOLVED IP(192, 0, 2, 9) /* on the core's network, not resolved */
#define RIG_NARROW IP(198, 18, 0, 1)    /* by a route with an MTU of 1000 */
#define RIG_FORBIDDEN IP(203, 0, 113, 1)
#define RIG_ASIDE IP(192, 0, 3, 2) /* over a device that is not attached */
#define RIG_LOCAL IP(192, 0, 2, 1) /* of this machine */

#define RIG_TUNNELS 65536
#define RIG_HOPS 64 /* for each CPU */

#define RIG_SID_ALICE 0x0102
#define RIG_SID_BOB 0x0103
#define RIG_MTU 1492
#define RIG_MSS 1452

struct bpf_program;

enum rig_hook { RIG_XDP, RIG_TC };
enum rig_verdict { RIG_PASS, RIG_DROP, RIG_REDIRECT };

struct rig {
	enum rig_hook hook;
	struct xpppd *skel;
	struct xp_session_up *up; /* the maps' memory */
	struct xp_session_down *down;
	struct xp_rate *rates_up, *rates_down;
	struct xp_tunnel *tunnels;
	struct xp_config *config;
	struct xp_hop *hops;
	uint32_t slots, l2tp_first, pptp_first;
	uint32_t gso_size; /* of the next frames in tc: super-packets */
	uint32_t access, core, other, concentrator, dp;
	uint8_t access_mac[6], core_mac[6], concentrator_mac[6];
};

/* How a session is reached and what its frames look like both ways. */
struct rig_session {
	struct wrap_spec wrap;
	uint32_t addr;
	uint32_t slot, line;
};

struct rig_result {
	enum rig_verdict verdict;
	struct frame frame;
};

struct rig_dims {
	uint32_t spaces, space_size;
	uint32_t l2tp_spaces, l2tp_space_size;
	uint32_t pptp_size;
};

#define RIG_DIMS                                                                                   \
	((struct rig_dims){ .spaces = 1,                                                           \
			    .space_size = 4096,                                                    \
			    .l2tp_spaces = 1,                                                      \
			    .l2tp_space_size = 256,                                                \
			    .pptp_size = 256 })

/* cmocka fixtures; *state becomes a struct rig. */
int rig_setup_xdp(void **state);
int rig_setup_tc(void **state);
int rig_teardown(void **state);
/* Loads anew with other id spaces. */
void rig_load(struct rig *rig, struct rig_dims dims);
/* Before each test: no sessions, no counters, no next hops kept, but they will be. */
int rig_reset(void **state);

extern const uint8_t rig_alice_mac[6], rig_bob_mac[6], rig_server_mac[6], rig_lac_mac[6];

/* Alice and Bob as they are by default: untagged, MSS clamp and ingress filter on. */
struct rig_session rig_alice(const struct rig *rig);
struct rig_session rig_bob(const struct rig *rig);
void rig_add(struct rig *rig, const struct rig_session *session);

/* Runs the program of an access or core device on a frame that came in there. */
struct rig_result rig_run(struct rig *rig, uint32_t ifindex, const struct frame *frame);
/* ... and any program of the rig's hook. */
struct rig_result rig_test_run(const struct rig *rig, const struct bpf_program *program,
			       uint32_t ifindex, const struct frame *frame);
/* ... and that of the concentrator interface's data plane end. */
struct rig_result rig_run_dp(struct rig *rig, const struct frame *frame);

uint64_t rig_drops(const struct rig *rig, enum xp_reason reason);
uint64_t rig_drops_all(const struct rig *rig);
struct xp_path_counter rig_path(const struct rig *rig, enum xp_path path);
void rig_set_address(struct rig *rig, uint32_t addr, uint32_t line);
void rig_set_route(struct rig *rig, uint32_t addr, uint32_t prefix, uint32_t line);
void rig_set_device(struct rig *rig, uint32_t ifindex, bool attached);
void rig_set_native(struct rig *rig, uint32_t ifindex, bool native);
void rig_take_place(struct rig *rig, uint32_t ifindex); /* its place is another device's */
uint64_t rig_clock(void);                               /* ns, as bpf/clock.h has it */
uint32_t rig_now(void);                                 /* seconds as in `active` */
uint32_t rig_hops(const struct rig *rig);               /* that were kept */

/* ---- expectations */

/* Forwarded once as `expected`, byte for byte, over `path`; nothing else counted. */
void rig_expect_sent(struct rig *rig, const struct rig_result *result, const struct frame *expected,
		     enum xp_path path);
/* Handed to the stack because of `reason`. */
void rig_expect_stack(struct rig *rig, const struct rig_result *result,
		      const struct rig_session *session, const struct frame *packet,
		      enum xp_reason reason);
/* Dropped or left to a slower path, the frame as it was, and only `reason` counted. */
void rig_expect_refused(struct rig *rig, const struct rig_result *result, const struct frame *frame,
			enum xp_reason reason);
/* Not ours: passed, unchanged, and not counted. */
void rig_expect_ignored(struct rig *rig, const struct rig_result *result,
			const struct frame *frame);

/* An ICMP echo request by default, with TTL 64. */
struct frame rig_packet(uint32_t src, uint32_t dst, uint8_t ttl);

#define rig_tests(tests)                                                                           \
	(cmocka_run_group_tests_name("xdp", tests, rig_setup_xdp, rig_teardown) |                  \
	 cmocka_run_group_tests_name("tc", tests, rig_setup_tc, rig_teardown))

#endif
