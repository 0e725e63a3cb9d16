/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the programs keep and copy for a session: activity, capture; and where packets really go. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "rig.h"
#include "xpppd.skel.h"

/* ---- activity */

static const struct activity {
	uint8_t proto;
	uint16_t first, second; /* first words of the payload */
	uint16_t frag;
	bool idle;
} activities[] = {
	{ IPPROTO_ICMP, 0x0800, 0, 0, false },  { IPPROTO_ICMP, 0x0000, 0, 0, false },
	{ IPPROTO_ICMP, 0x0301, 0, 0, true },   { IPPROTO_ICMP, 0x0b00, 0, 0, true },
	{ IPPROTO_UDP, 40000, 53, 0, true },    { IPPROTO_UDP, 53, 40000, 0, true },
	{ IPPROTO_UDP, 67, 68, 0, true },       { IPPROTO_UDP, 68, 1, 0, true },
	{ IPPROTO_UDP, 123, 123, 0, true },     { IPPROTO_UDP, 1, 137, 0, true },
	{ IPPROTO_UDP, 520, 520, 0, true },     { IPPROTO_TCP, 40000, 53, 0, true },
	{ IPPROTO_TCP, 40000, 443, 0, false },  { IPPROTO_UDP, 40000, 443, 0, false },
	{ IPPROTO_UDP, 54, 136, 0, false },     { IPPROTO_GRE, 53, 53, 0, false },
	{ IPPROTO_UDP, 53, 53, 0x0010, false }, /* later fragment: no ports */
	{ IPPROTO_UDP, 53, 53, 0x2000, true },  /* first fragment */
};

static struct frame activity_packet(const struct activity *activity, bool up, uint8_t options)
{
	uint8_t payload[24] = { 0 };
	struct ip_spec ip = { .src = up ? RIG_ALICE : RIG_SERVER,
			      .dst = up ? RIG_SERVER : RIG_ALICE,
			      .ttl = 64,
			      .proto = activity->proto,
			      .frag = activity->frag,
			      .options = options,
			      .payload = payload,
			      .len = sizeof(payload) };

	build_set16(payload, activity->first);
	build_set16(payload + 2, activity->second);
	return build_ip(&ip);
}

static void expect_active(uint32_t active, uint32_t before, bool idle)
{
	if (idle)
		assert_int_equal(active, 0);
	else
		assert_in_range(active, before, rig_now());
}

static void test_activity(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (size_t i = 0; i < sizeof(activities) / sizeof(*activities); i++) {
		struct frame packet = activity_packet(&activities[i], true, 0), frame;
		uint32_t before = rig_now();

		rig_reset(state);
		rig_add(rig, &alice);
		frame = build_pppoe(&alice.wrap, &packet);
		assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_REDIRECT);
		expect_active(rig->up[alice.slot].active, before, activities[i].idle);
		assert_int_equal(rig->down[alice.line].active, 0);

		packet = activity_packet(&activities[i], true, 8);
		rig->up[alice.slot].active = 0;
		frame = build_pppoe(&alice.wrap, &packet);
		assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_REDIRECT);
		expect_active(rig->up[alice.slot].active, before, activities[i].idle);

		packet = activity_packet(&activities[i], false, 0);
		rig->up[alice.slot].active = 0;
		frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
		assert_int_equal(rig_run(rig, rig->core, &frame).verdict, RIG_REDIRECT);
		expect_active(rig->down[alice.line].active, before, activities[i].idle);
		assert_int_equal(rig->up[alice.slot].active, 0);
	}
}

/* An old time is replaced; idle traffic does not touch it; dropped packets neither. */
static void test_activity_advances(void **state)
{
	static const struct activity name_look_up = { IPPROTO_UDP, 40000, 53, 0, true };
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	uint32_t old = rig_now() - 1;

	rig_add(rig, &alice);
	rig->up[alice.slot].active = old - 100;
	packet = activity_packet(&name_look_up, true, 0);
	frame = build_pppoe(&alice.wrap, &packet);
	rig_run(rig, rig->access, &frame);
	assert_int_equal(rig->up[alice.slot].active, old - 100);

	packet = rig_packet(RIG_BOB, RIG_SERVER, 64);
	frame = build_pppoe(&alice.wrap, &packet);
	rig_run(rig, rig->access, &frame);
	assert_int_equal(rig->up[alice.slot].active, old - 100);

	packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	frame = build_pppoe(&alice.wrap, &packet);
	rig_run(rig, rig->access, &frame);
	assert_in_range(rig->up[alice.slot].active, old + 1, rig_now());
}

/* ---- capture */

struct captured {
	struct xp_capture packet;
	size_t size;
	int count;
};

static int take_capture(void *arg, void *data, size_t size)
{
	struct captured *captured = arg;

	if (size == sizeof(captured->packet))
		memcpy(&captured->packet, data, size);
	captured->size = size;
	captured->count++;
	return 0;
}

static struct captured captured_packets(struct rig *rig)
{
	struct captured captured = { .count = 0 };
	struct ring_buffer *ring = ring_buffer__new(bpf_map__fd(rig->skel->maps.capture),
						    take_capture, &captured, NULL);

	assert_non_null(ring);
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	return captured;
}

static void expect_captured(struct rig *rig, const struct frame *packet, bool up, uint32_t slot)
{
	struct captured captured = captured_packets(rig);
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_int_equal(captured.count, 1);
	assert_int_equal(captured.size, sizeof(captured.packet));
	assert_int_equal(captured.packet.up, up);
	assert_int_equal(captured.packet.slot, slot);
	assert_int_equal(captured.packet.generation, rig->up[slot].generation);
	assert_int_equal(captured.packet.pad, 0);
	assert_int_equal(captured.packet.len, packet->len);
	assert_int_equal(captured.packet.caplen,
			 packet->len < XP_CAPTURE_SNAP ? packet->len : XP_CAPTURE_SNAP);
	assert_memory_equal(captured.packet.data, packet->byte, captured.packet.caplen);
	assert_in_range(captured.packet.time / 1000000000, now.tv_sec - 5, now.tv_sec);
}

static struct frame sized_packet(bool up, uint8_t ttl, size_t len)
{
	static uint8_t data[2600];
	struct ip_spec ip = { .src = up ? RIG_ALICE : RIG_SERVER,
			      .dst = up ? RIG_SERVER : RIG_ALICE,
			      .ttl = ttl,
			      .proto = 99,
			      .payload = data,
			      .len = len - 20 };

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	return build_ip(&ip);
}

/* As it is on the link: upstream as it came, downstream as it is sent. */
static void test_capture(void **state)
{
	static const size_t sizes[] = { 20, 21, 84, 1492, 2047, 2048, 2049, 2500 };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct frame packet = sized_packet(true, 64, sizes[i]), frame;

		rig_reset(state);
		rig_add(rig, &alice);
		rig->up[alice.slot].flags |= XP_F_CAPTURE;
		frame = build_pppoe(&alice.wrap, &packet);
		assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_REDIRECT);
		expect_captured(rig, &packet, true, alice.slot);

		rig->down[alice.line].flags |= XP_F_CAPTURE;
		rig->down[alice.line].mtu = 3000;
		packet = sized_packet(false, 64, sizes[i]);
		frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
		assert_int_equal(rig_run(rig, rig->core, &frame).verdict, RIG_REDIRECT);
		packet = sized_packet(false, 63, sizes[i]);
		expect_captured(rig, &packet, false, alice.slot);
	}
}

static void test_capture_only_if_asked(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	rig_add(rig, &alice);
	frame = build_pppoe(&alice.wrap, &packet);
	rig_run(rig, rig->access, &frame);
	assert_int_equal(captured_packets(rig).count, 0);
	rig->up[alice.slot].flags |= XP_F_CAPTURE;
	packet = rig_packet(RIG_BOB, RIG_SERVER, 64);
	frame = build_pppoe(&alice.wrap, &packet);
	rig_run(rig, rig->access, &frame);
	assert_int_equal(captured_packets(rig).count, 0);
}

/* A full ring loses copies, not packets. */
static void test_capture_overflow(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	rig_add(rig, &alice);
	rig->up[alice.slot].flags |= XP_F_CAPTURE;
	frame = build_pppoe(&alice.wrap, &packet);
	for (int i = 0; i < 700; i++)
		assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_REDIRECT);
	assert_int_equal(rig->up[alice.slot].packets, 700);
	assert_in_range(captured_packets(rig).count, 400, 600);
}

/* ---- frames over the devices: test runs do not tell where a packet was aimed at */

static int tap(const char *device)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = if_nametoindex(device) };
	struct timeval patience = { .tv_sec = 2 };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(bind(fd, (void *)&address, sizeof(address)), 0);
	return fd;
}

static struct bpf_tc_hook ingress(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);

	return hook;
}

static void attach_tc(uint32_t ifindex, const struct bpf_program *program)
{
	struct bpf_tc_hook hook = ingress(ifindex);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(program));

	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
}

static void detach_tc(uint32_t ifindex)
{
	struct bpf_tc_hook hook = ingress(ifindex);

	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	bpf_tc_hook_destroy(&hook);
}

/* A veth takes frames from an XDP program only if its other end has one too. */
static const char *const peers[] = { "access-peer", "core-peer", "pppac0" };

static void live_attach(struct rig *rig)
{
	if (rig->hook == RIG_TC) {
		attach_tc(rig->access, rig->skel->progs.xpppd_tc);
		attach_tc(rig->core, rig->skel->progs.xpppd_tc);
		attach_tc(rig->dp, rig->skel->progs.xpppd_tc_dp);
		return;
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(bpf_xdp_attach(if_nametoindex(peers[i]),
						bpf_program__fd(rig->skel->progs.xpppd_xdp), 0,
						NULL),
				 0);
}

static void live_detach(struct rig *rig)
{
	if (rig->hook == RIG_TC) {
		detach_tc(rig->access);
		detach_tc(rig->core);
		detach_tc(rig->dp);
		return;
	}
	for (int i = 0; i < 3; i++)
		bpf_xdp_detach(if_nametoindex(peers[i]), 0, NULL);
}

/* Sends a frame into `from` and expects it, changed, out of `to`. The kernel hands the tap a frame
 * without its outermost tag. */
static void expect_over(const char *from, const char *to, const struct frame *in,
			const struct frame *out, size_t tag)
{
	int sender = tap(from), receiver = tap(to);
	uint8_t got[BUILD_MAX];
	ssize_t len;

	assert_int_equal(send(sender, in->byte, in->len, 0), in->len);
	len = recv(receiver, got, sizeof(got), 0);
	assert_int_equal(len, out->len - tag);
	assert_memory_equal(got, out->byte, 12);
	assert_memory_equal(got + 12, out->byte + 12 + tag, len - 12);
	close(sender);
	close(receiver);
}

static void check_live(struct rig *rig, struct rig_session *alice, struct rig_session *bob,
		       size_t tag)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), in, out;
	struct frame after = rig_packet(RIG_ALICE, RIG_SERVER, 63);
	void *state = rig;

	rig_reset(&state);
	rig_add(rig, alice);
	rig_add(rig, bob);
	in = build_pppoe(&alice->wrap, &packet);
	out = build_ethernet(rig_server_mac, rig->core_mac, &after);
	expect_over("access-peer", "core-peer", &in, &out, 0);

	packet = rig_packet(RIG_ALICE, RIG_LOCAL, 64);
	in = build_pppoe(&alice->wrap, &packet);
	out = build_ethernet(rig->concentrator_mac, alice->wrap.peer, &packet);
	expect_over("access-peer", "pppac0", &in, &out, 0);

	packet = rig_packet(RIG_ALICE, RIG_BOB, 64);
	after = rig_packet(RIG_ALICE, RIG_BOB, 63);
	in = build_pppoe(&alice->wrap, &packet);
	out = build_pppoe_down(&bob->wrap, &after);
	expect_over("access-peer", "access-peer", &in, &out, tag);

	packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	after = rig_packet(RIG_SERVER, RIG_ALICE, 63);
	in = build_ethernet(rig->core_mac, rig_server_mac, &packet);
	out = build_pppoe_down(&alice->wrap, &after);
	expect_over("core-peer", "access-peer", &in, &out, tag);

	in = build_ethernet(rig->concentrator_mac, rig->concentrator_mac, &packet);
	out = build_pppoe_down(&alice->wrap, &packet);
	expect_over("pppac0", "access-peer", &in, &out, tag);
	assert_int_equal(rig->up[alice->slot].packets, 3);
	assert_int_equal(rig->down[alice->line].packets, 2);
	assert_int_equal(rig->down[bob->line].packets, 1);
}

static void test_live(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);

	live_attach(rig);
	check_live(rig, &alice, &bob, 0);
	alice.wrap.tpid_outer = bob.wrap.tpid_outer = 0x8100;
	alice.wrap.vid_outer = 100;
	bob.wrap.vid_outer = 101;
	check_live(rig, &alice, &bob, 4);
	alice.wrap.tpid_inner = bob.wrap.tpid_inner = 0x8100;
	alice.wrap.vid_inner = 7;
	bob.wrap.vid_inner = 8;
	check_live(rig, &alice, &bob, 4);
	live_detach(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_activity, rig_reset),
		cmocka_unit_test_setup(test_activity_advances, rig_reset),
		cmocka_unit_test_setup(test_capture, rig_reset),
		cmocka_unit_test_setup(test_capture_only_if_asked, rig_reset),
		cmocka_unit_test_setup(test_capture_overflow, rig_reset),
		cmocka_unit_test_setup(test_live, rig_reset),
	};

	return rig_tests(tests);
}
