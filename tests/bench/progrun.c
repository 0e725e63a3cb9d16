/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * progrun [ROUNDS]: nanoseconds per packet of xpppd's XDP program by program test run, up- and
 * downstream, of PPPoE, L2TP and PPTP, for some numbers of sessions with random ids, to or from
 * random addresses behind the core. What it is compared with is run by the same driver, in turn:
 *
 *   empty      returns at once: what the driver costs, which is taken off everything (`net`)
 *   floor      the least that there is to do (floor.h)
 *   floor_fib  and a look-up in the kernel's routing table
 *   xpppd      with next hops kept; in `xpppd_asks` without, in `xpppd_rate` every session has a
 *              rate, which lets all of its packets pass
 *
 * The routing table is a small one, so its look-up is as fast as it gets. Prints JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/types.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <xpppd/map.h>

#include "frames.h"

#include "progrun.skel.h"
#include "xpppd.skel.h"

#define RUNS 60000
#define WARM_UP 20000
#define ROUNDS 11
#define ROUNDS_MAX 64
#define LINES 65536
#define BYTES_MAX 1400
#define POOL 0x0a000000 /* 10.0.0.0/16 */
#define FARS 1024
#define HOPS_PER_CPU 8192 /* as the agent has it */
#define HEADER (FRAMES_PPPOE - 4)
#define LNS 0xac120001   /* 172.18.0.1 */
#define PEERS 0xac100000 /* 172.16.0.0/16, behind a router */

enum protocol { PPPOE, L2TP, PPTP, PROTOCOLS };
static const char *const protocol_names[PROTOCOLS] = { "pppoe", "l2tp", "pptp" };
static const __u32 header_lens[PROTOCOLS] = { FRAMES_PPPOE, FRAMES_L2TP, FRAMES_PPTP };

enum what { EMPTY, FLOOR, FLOOR_FIB, XPPPD, XPPPD_RATE, XPPPD_ASKS, WHATS };
static const char *const what_names[WHATS] = { "empty", "floor",      "floor_fib",
					       "xpppd", "xpppd_rate", "xpppd_asks" };

struct setting {
	enum protocol protocol;
	__u32 sessions;
	__u32 fars; /* addresses behind the core, and peers of L2TP and PPTP */
	__u32 bytes;
};

struct device {
	__u32 ifindex;
	__u8 mac[6];
};

struct bench {
	struct xpppd *xpppd;
	struct progrun *driver;
	struct device access, core;
	struct xp_session_up *up; /* of PPPoE, then of L2TP, then of PPTP */
	struct xp_session_down *down;
	struct xp_rate *rates_up, *rates_down;
	struct floor_line *floor_up, *floor_down;
	struct xp_config *config;
	struct setting setting;
};

struct floor_line {
	__be32 addr;
	__be32 peer;
	__u32 rest[14];
};

static void die(const char *what)
{
	fprintf(stderr, "progrun: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- a network of its own */

static const char network[] =
	"set -e\n"
	"for d in access core pppac0; do\n"
	"	ip link add $d type veth peer name $d-peer\n"
	"	ip link set $d up; ip link set $d-peer up\n"
	"done\n"
	"echo 1 > /proc/sys/net/ipv4/ip_forward\n"
	"ip addr add 10.0.0.1/32 dev pppac0\n"
	"ip addr add 192.0.2.1/24 dev core\n"
	"ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev core nud permanent\n"
	"ip route add default via 192.0.2.2\n"
	"ip addr add 172.18.0.1/24 dev access\n"
	"ip neigh add 172.18.0.2 lladdr 02:00:00:00:00:03 dev access nud "
	"permanent\n"
	"ip route add 172.16.0.0/16 via 172.18.0.2\n";

static struct device find_device(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct device device = { .ifindex = if_nametoindex(name) };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || !device.ifindex || ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		die(name);
	memcpy(device.mac, request.ifr_hwaddr.sa_data, sizeof(device.mac));
	close(fd);
	return device;
}

/* ---- xpppd's program and maps */

static void update(const struct bpf_map *map, __u32 key, const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY))
		die(bpf_map__name(map));
}

static void *map_memory(const struct bpf_map *map, size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

static void load_xpppd(struct bench *b)
{
	struct xpppd *skel = xpppd__open();

	if (!skel)
		die("cannot open the programs");
	b->xpppd = skel;
	skel->rodata->pool_count = 1;
	skel->rodata->pools[0] = (struct xp_pool){ .base = POOL, .size = LINES };
	skel->rodata->l2tp_first = LINES;
	skel->rodata->l2tp_spaces = 1;
	skel->rodata->l2tp_space_size = LINES;
	skel->rodata->pptp_first = PPTP * LINES;
	skel->rodata->pptp_size = LINES;
	bpf_map__set_max_entries(skel->maps.sessions_up, PROTOCOLS * LINES);
	bpf_map__set_max_entries(skel->maps.sessions_down, LINES);
	bpf_map__set_max_entries(skel->maps.rates_up, PROTOCOLS * LINES);
	bpf_map__set_max_entries(skel->maps.rates_down, LINES);
	bpf_map__set_max_entries(skel->maps.hops, libbpf_num_possible_cpus() * HOPS_PER_CPU);
	if (xpppd__load(skel))
		die("cannot load the programs");
	b->up = map_memory(skel->maps.sessions_up, PROTOCOLS * LINES * sizeof(*b->up));
	b->down = map_memory(skel->maps.sessions_down, LINES * sizeof(*b->down));
	b->rates_up = map_memory(skel->maps.rates_up, PROTOCOLS * LINES * sizeof(*b->rates_up));
	b->rates_down = map_memory(skel->maps.rates_down, LINES * sizeof(*b->rates_down));
	b->config = map_memory(skel->maps.config, sizeof(*b->config));
	b->config->hops = HOPS_PER_CPU;
	b->config->hop_generation = 1;
}

static void attach(struct bench *b, const struct device *device)
{
	struct xp_attached attached = { .ifindex = device->ifindex };

	memcpy(attached.mac, device->mac, sizeof(attached.mac));
	update(b->xpppd->maps.attached, device->ifindex % XP_ATTACHED, &attached);
	update(b->xpppd->maps.devices, device->ifindex, &device->ifindex);
	if (bpf_xdp_attach((int)device->ifindex, bpf_program__fd(b->xpppd->progs.xpppd_xdp),
			   XDP_FLAGS_DRV_MODE, NULL))
		die("attach");
}

static void setup(struct bench *b)
{
	struct xp_concentrator concentrator = { 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0 || unshare(CLONE_NEWNET) < 0 ||
	    system(network) != 0)
		die("network");
	b->access = find_device("access");
	b->core = find_device("core");
	concentrator.ifindex = if_nametoindex("pppac0");
	concentrator.dp_ifindex = if_nametoindex("pppac0-peer");
	load_xpppd(b);
	update(b->xpppd->maps.concentrators, 0, &concentrator);
	attach(b, &b->access);
	attach(b, &b->core);
	b->driver = progrun__open_and_load();
	if (!b->driver)
		die("cannot load the driver");
	b->floor_up = map_memory(b->driver->maps.floor_up, LINES * sizeof(*b->floor_up));
	b->floor_down = map_memory(b->driver->maps.floor_down, LINES * sizeof(*b->floor_down));
	b->driver->bss->floor_pool = POOL;
	b->driver->bss->floor_ifindex = concentrator.ifindex;
}

/* ---- sessions */

/* 0 .. LINES-1 in random order, the same in each run. */
static void shuffle(__u16 *order, unsigned int seed)
{
	srandom(seed);
	for (__u32 i = 0; i < LINES; i++)
		order[i] = i;
	for (__u32 i = LINES - 1; i > 0; i--) {
		__u32 j = random() % (i + 1);
		__u16 swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
}

static void add_pppoe(struct bench *b, const struct frames_session *session,
		      struct xp_session_down *down)
{
	__u16 sid = ntohs(session->sid);
	struct xp_session_up *up = &b->up[sid];
	const __u8 tail[] = { 0x88, 0x64, 0x11, 0x00, sid >> 8, sid & 0xff };
	__u8 *header = down->header + XP_HEADER_MAX - HEADER;

	up->ifindex = down->ifindex = b->access.ifindex;
	memcpy(up->own_mac, b->access.mac, 6);
	memcpy(up->peer_mac, session->mac, 6);
	memcpy(header, session->mac, 6);
	memcpy(header + 6, b->access.mac, 6);
	memcpy(header + 12, tail, sizeof(tail));
}

/* Of the outer IPv4 header without its length. */
static __u16 outer_sum(__u8 protocol, const struct frames_session *session)
{
	__u64 sum = 0x4500 + 0x4000 + 0x4000 + protocol + (LNS >> 16) + (LNS & 0xffff) +
		    (ntohl(session->peer) >> 16) + (ntohl(session->peer) & 0xffff);

	sum = (sum & 0xffff) + (sum >> 16);
	return htons((__u16)sum);
}

static void add_l2tp(struct bench *b, const struct frames_session *session,
		     struct xp_session_down *down)
{
	struct xp_session_up *up = &b->up[LINES + ntohs(session->sid)];

	up->flags |= XP_F_L2TP;
	down->flags |= XP_F_L2TP;
	up->l2tp = (struct xp_l2tp_up){ .peer = session->peer,
					.local = htonl(LNS),
					.peer_port = htons(1701),
					.local_port = htons(1701),
					.tunnel_id = session->sid };
	down->l2tp = (struct xp_l2tp_down){ .local = htonl(LNS),
					    .peer = session->peer,
					    .local_port = htons(1701),
					    .peer_port = htons(1701),
					    .tunnel_id = session->sid,
					    .session_id = session->sid,
					    .check = outer_sum(IPPROTO_UDP, session) };
}

/* Something came in and was acknowledged: what goes out tells so. */
static void add_pptp(struct bench *b, const struct frames_session *session,
		     struct xp_session_down *down)
{
	struct xp_session_up *up = &b->up[PPTP * LINES + ntohs(session->sid)];

	up->flags |= XP_F_PPTP;
	down->flags |= XP_F_PPTP;
	up->sequence = b->driver->bss->number;
	up->pptp = (struct xp_pptp_up){ .peer = session->peer,
					.local = htonl(LNS),
					.acked = up->sequence };
	down->pptp = (struct xp_pptp_down){ .local = htonl(LNS),
					    .peer = session->peer,
					    .call_id = session->sid,
					    .check = outer_sum(IPPROTO_GRE, session) };
}

/* 100 Gbit/s, and a bucket of an hour. */
static const struct xp_rate fast_rate = { .price = 8ull * 1000000000 * (64 << XP_RATE_SHIFT) /
						   XP_RATE_MAX,
					  .depth = 3600ull * 1000000000 << XP_RATE_TICKS };

static void add_session(struct bench *b, __u32 place, __u16 sid, __u16 line)
{
	static void (*const add[PROTOCOLS])(struct bench * b, const struct frames_session *session,
					    struct xp_session_down *down) = { add_pppoe, add_l2tp,
									      add_pptp };
	struct frames_session session = { .sid = htons(sid),
					  .addr = htonl(POOL + line),
					  .peer = htonl(PEERS + sid % b->setting.fars),
					  .mac = { 2, 1, 0, 0, sid >> 8, sid & 0xff } };
	struct xp_session_up *up = &b->up[b->setting.protocol * LINES + sid];
	struct xp_session_down *down = &b->down[line];

	*up = (struct xp_session_up){ .flags = XP_F_MSS_CLAMP | XP_F_INGRESS_FILTER,
				      .mss = BYTES_MAX - 40,
				      .addr = session.addr,
				      .down = line };
	*down = (struct xp_session_down){ .flags = XP_F_MSS_CLAMP,
					  .slot = b->setting.protocol * LINES + sid,
					  .addr = session.addr,
					  .mtu = BYTES_MAX };
	add[b->setting.protocol](b, &session, down);
	b->rates_up[down->slot] = b->rates_down[line] = fast_rate;
	up->state = down->state = XP_STATE_FORWARD;
	b->floor_up[sid] = b->floor_down[line] =
		(struct floor_line){ .addr = session.addr, .peer = session.peer };
	update(b->driver->maps.sessions, place, &session);
}

static void add_sessions(struct bench *b)
{
	static __u16 sids[LINES], lines[LINES];

	shuffle(sids, 1);
	shuffle(lines, 2);
	memset(b->up, 0, PROTOCOLS * LINES * sizeof(*b->up));
	memset(b->down, 0, LINES * sizeof(*b->down));
	for (__u32 i = 0; i < b->setting.sessions; i++)
		add_session(b, i, sids[i], lines[i]);
	b->driver->bss->way.sessions = b->setting.sessions;
	b->driver->bss->way.fars = b->setting.fars;
	b->driver->bss->way.bytes = b->setting.bytes;
}

/* ---- measuring */

static double run(const struct bench *b, bool up, __u32 times)
{
	static __u8 frame[FRAMES_PPTP + BYTES_MAX];
	/* what is behind the driver makes the frame plain upstream, and wraps it
   * downstream */
	bool longer = b->driver->bss->shift ? !up : up;
	struct xdp_md ctx = { .ingress_ifindex = up ? b->access.ifindex : b->core.ifindex };
	const struct bpf_program *drivers[PROTOCOLS] = { b->driver->progs.drive_up,
							 b->driver->progs.drive_up_l2tp,
							 b->driver->progs.drive_up_pptp };
	const struct bpf_program *driver =
		up ? drivers[b->setting.protocol] : b->driver->progs.drive_down;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		    .data_size_in = (longer ? header_lens[b->setting.protocol] : FRAMES_ETHER) +
				    b->setting.bytes,
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .repeat = (int)times);

	ctx.data_end = opts.data_size_in;
	if (bpf_prog_test_run_opts(bpf_program__fd(driver), &opts))
		die("test run");
	if (opts.retval != XDP_REDIRECT) {
		fprintf(stderr, "progrun: verdict %u\n", opts.retval);
		exit(1);
	}
	return opts.duration;
}

static __u64 forwarded(const struct bench *b, bool up)
{
	int cpus = libbpf_num_possible_cpus();
	struct xp_path_counter values[cpus];
	__u32 path = up ? XP_PATH_UP_FAST : XP_PATH_DOWN_FAST;
	__u64 sum = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(b->xpppd->maps.paths), &path, values))
		die("paths");
	for (int i = 0; i < cpus; i++)
		sum += values[i].packets;
	return sum;
}

static const struct bpf_program *program_of(const struct bench *b, bool up, enum what what)
{
	const struct progrun *driver = b->driver;
	const struct bpf_program *floors[PROTOCOLS] = { driver->progs.floor_up_pppoe,
							driver->progs.floor_up_l2tp,
							driver->progs.floor_up_pptp };
	const struct bpf_program *asking[PROTOCOLS] = { driver->progs.floor_fib_up_pppoe,
							driver->progs.floor_fib_up_l2tp,
							driver->progs.floor_fib_up_pptp };

	switch (what) {
	case EMPTY:
		return driver->progs.empty;
	case FLOOR:
		return up ? floors[b->setting.protocol] : driver->progs.floor_down_any;
	case FLOOR_FIB:
		return up ? asking[b->setting.protocol] : driver->progs.floor_fib_down_any;
	default:
		return b->xpppd->progs.xpppd_xdp;
	}
}

/* Done alike for those without: it leaves lines in the cache. */
static void set_rates(const struct bench *b, bool rate)
{
	for (__u32 i = 0; i < LINES; i++) {
		struct xp_session_down *down = &b->down[i];
		struct xp_session_up *up = &b->up[down->slot];

		if (down->state != XP_STATE_FORWARD)
			continue;
		up->flags = (up->flags & ~XP_F_RATE) | (rate ? XP_F_RATE : 0);
		down->flags = (down->flags & ~XP_F_RATE) | (rate ? XP_F_RATE : 0);
	}
}

static double measure(struct bench *b, bool up, enum what what)
{
	int fd = bpf_program__fd(program_of(b, up, what));
	int shift = (int)header_lens[b->setting.protocol] - FRAMES_ETHER;
	bool xpppd = what >= XPPPD;
	__u64 before = forwarded(b, up);
	double ns;

	update(b->driver->maps.measured, 0, &fd);
	if (what == EMPTY)
		shift = 0;
	b->driver->bss->shift = up ? -shift : shift;
	b->driver->bss->floor_header = shift;
	/* what is kept is asked for again, as twice a second by the agent */
	b->config->hop_generation++;
	b->config->hops_until = what == XPPPD_ASKS ? 0 : UINT64_MAX;
	if (xpppd)
		set_rates(b, what == XPPPD_RATE);
	run(b, up, WARM_UP);
	ns = run(b, up, RUNS);
	if (forwarded(b, up) - before != (xpppd ? WARM_UP + RUNS : 0)) {
		fprintf(stderr, "progrun: not every packet was forwarded\n");
		exit(1);
	}
	return ns;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* PPPoE asks nobody for the way to a session. */
static bool is_sensible(const struct bench *b, bool up, enum what what)
{
	return up || b->setting.protocol != PPPOE || (what != FLOOR_FIB && what != XPPPD_ASKS);
}

static void run_direction(struct bench *b, bool up, int rounds)
{
	static double ns[WHATS][ROUNDS_MAX];
	struct frames_way *way = &b->driver->bss->way;

	memcpy(way->dst, up ? b->access.mac : b->core.mac, 6);
	way->lns = htonl(LNS);
	way->next = up ? b->core.ifindex : b->access.ifindex;
	for (int round = 0; round < rounds; round++)
		for (enum what what = 0; what < WHATS; what++)
			if (is_sensible(b, up, what))
				ns[what][round] = measure(b, up, what);
	printf("\"%s\":{", up ? "up" : "down");
	for (enum what what = 0; what < WHATS; what++) {
		if (!is_sensible(b, up, what))
			continue;
		qsort(ns[what], rounds, sizeof(**ns), compare);
		printf("%s\"%s\":{\"ns_min\":%.0f,\"ns_median\":%.0f,\"ns_max\":%.0f,"
		       "\"net\":%.0f}",
		       what ? "," : "", what_names[what], ns[what][0], ns[what][rounds / 2],
		       ns[what][rounds - 1], ns[what][0] - ns[EMPTY][0]);
	}
	putchar('}');
}

static void run_setting(struct bench *b, int rounds)
{
	static bool further;

	add_sessions(b);
	printf("%s{\"protocol\":\"%s\",\"sessions\":%u,\"packet_bytes\":%u,\"destinations\":%u,"
	       "\"rounds\":%d,",
	       further ? ",\n" : "", protocol_names[b->setting.protocol], b->setting.sessions,
	       b->setting.bytes, b->setting.fars, rounds);
	further = true;
	run_direction(b, true, rounds);
	putchar(',');
	run_direction(b, false, rounds);
	putchar('}');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const __u32 counts[] = { 1, 100, 10000, 60000 }, bytes[] = { 64, 1400 },
			   fars[] = { 1, 65536 };
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	struct bench b = { 0 };

	if (argc > 2 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: progrun [ROUNDS]\n");
		return 64;
	}
	setup(&b);
	putchar('[');
	for (enum protocol protocol = 0; protocol < PROTOCOLS; protocol++) {
		for (int i = 0; i < 8; i++) {
			b.setting = (struct setting){ protocol, counts[i / 2], FARS, bytes[i % 2] };
			run_setting(&b, rounds);
		}
		for (int i = 0; i < 4; i++) {
			b.setting = (struct setting){ protocol, counts[1 + i / 2 * 2], fars[i % 2],
						      bytes[0] };
			run_setting(&b, rounds);
		}
	}
	puts("]");
	progrun__destroy(b.driver);
	xpppd__destroy(b.xpppd);
	return 0;
}
