/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * cryptrun [ROUNDS]: nanoseconds per packet of MPPE (128 bits) by program test run of xpppd's XDP
 * program, PPPoE, upstream and downstream, stateless and stateful, for IP packets of 64 and 1,400
 * bytes: plain BPF, the kernel module if it is loaded, and the agent's own code; beside OpenSSL's RC4
 * and SHA-1 over the same bytes, and the same packets unencrypted. Prints JSON: the minimum of the
 * rounds, less what making the frame costs. `ratio` is to OpenSSL's and the unencrypted packet's.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/types.h>
#include <net/if.h>
#include <openssl/rc4.h>
#include <openssl/sha.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <xpppd/map.h>

#include "crypt.h"
#include "dataplane/mppe_home.h"
#include "mppe.h"

#include "cryptrun.skel.h"
#include "xpppd.skel.h"

#define BATCH 4000 /* below the number of counts: the stateless keys begin anew with each */
#define ROUNDS 15
#define ADDR 0x0a000005
#define FAR 0xc0000202
#define SID 5
#define ETHER 14
#define PPPOE 22

static const __u8 mac[6] = { 2, 0, 0, 0, 0, 1 }, peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

enum who { EMPTY, CLEAR, PLAIN, MODULE, AGENT, OPENSSL, WHOS };
static const char *const who_names[WHOS] = {
	"frame", "clear", "plain", "module", "agent", "openssl"
};

static struct {
	struct xpppd *xpppd;
	struct cryptrun *driver;
	struct mppe *homes[WHOS];
	struct crypt_frame *frames;
	struct xp_session_up *up;
	struct xp_session_down *down;
	struct xp_mppe *state; /* the session's */
	__u32 access, core;
} bench;

static struct {
	bool up, stateful;
	__u32 len; /* of the IP packet */
} shape;

static void die(const char *what)
{
	fprintf(stderr, "cryptrun: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- set-up */

static const char network[] = "set -e\n"
			      "for d in access core pppac0; do\n"
			      "	ip link add $d type veth peer name $d-peer\n"
			      "	ip link set $d address 02:00:00:00:00:01\n"
			      "	ip link set $d up; ip link set $d-peer up\n"
			      "done\n"
			      "echo 1 > /proc/sys/net/ipv4/ip_forward\n"
			      "ip addr add 192.0.2.1/24 dev core\n"
			      "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev core "
			      "nud permanent\n";

static void update(const struct bpf_map *map, __u32 key, const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY))
		die(bpf_map__name(map));
}

static void *memory_of(const struct bpf_map *map, size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

static void make_slab(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mppe_slab", sizeof(__u32),
				sizeof(struct xp_mppe), XP_MPPE_SLAB, &opts);

	if (fd < 0)
		die("slab");
	update(bench.xpppd->maps.mppe, 0, &fd);
	bench.state = mmap(NULL, XP_MPPE_SLAB * sizeof(*bench.state), PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
	if (bench.state == MAP_FAILED)
		die("slab");
	bench.state += SID;
}

static void attach(__u32 ifindex)
{
	struct xp_attached attached = { .ifindex = ifindex };

	memcpy(attached.mac, mac, sizeof(attached.mac));
	update(bench.xpppd->maps.attached, ifindex % XP_ATTACHED, &attached);
	update(bench.xpppd->maps.devices, ifindex, &ifindex);
	if (bpf_xdp_attach((int)ifindex, bpf_program__fd(bench.xpppd->progs.xpppd_xdp),
			   XDP_FLAGS_DRV_MODE, NULL))
		die("attach");
}

static void load(void)
{
	struct xpppd *skel = bench.xpppd = xpppd__open();

	if (!skel)
		die("cannot open the programs");
	skel->rodata->pool_count = 1;
	skel->rodata->pools[0] = (struct xp_pool){ .base = ADDR, .size = 1 };
	bpf_map__set_max_entries(skel->maps.sessions_up, XP_MPPE_SLAB);
	bpf_map__set_max_entries(skel->maps.sessions_down, 1);
	if (xpppd__load(skel))
		die("cannot load the programs");
	bench.up = memory_of(skel->maps.sessions_up, XP_MPPE_SLAB * sizeof(*bench.up));
	bench.down = memory_of(skel->maps.sessions_down, sizeof(*bench.down));
	if (mppe_home_load(skel, false, &bench.homes[PLAIN]))
		die("cannot load the programs for MPPE");
	if (access("/sys/kernel/btf/xppp_mppe", F_OK) == 0 &&
	    mppe_home_load(skel, true, &bench.homes[MODULE]))
		die("cannot load the programs for the module");
	bench.driver = cryptrun__open_and_load();
	if (!bench.driver)
		die("cannot load the driver");
	bench.frames = memory_of(bench.driver->maps.frames, CRYPT_FRAMES * sizeof(*bench.frames));
}

static void setup(void)
{
	struct xp_concentrator concentrator = { 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0 || unshare(CLONE_NEWNET) < 0 ||
	    system(network) != 0)
		die("network");
	bench.access = if_nametoindex("access");
	bench.core = if_nametoindex("core");
	concentrator.ifindex = if_nametoindex("pppac0");
	concentrator.dp_ifindex = if_nametoindex("pppac0-peer");
	load();
	update(bench.xpppd->maps.concentrators, 0, &concentrator);
	attach(bench.access);
	attach(bench.core);
	make_slab();
}

static void add_session(bool encrypted)
{
	static const __u8 tail[] = { 0x88, 0x64, 0x11, 0x00, 0, SID };
	__u8 *header = bench.down->header + XP_HEADER_MAX - XP_HEADER_MIN;
	__u16 flags = encrypted ? XP_F_MPPE : 0;

	*bench.up = (struct xp_session_up){ 0 };
	bench.up[SID] = (struct xp_session_up){ .flags = flags,
						.ifindex = bench.access,
						.addr = htonl(ADDR) };
	memcpy(bench.up[SID].own_mac, mac, 6);
	memcpy(bench.up[SID].peer_mac, peer_mac, 6);
	*bench.down = (struct xp_session_down){ .flags = flags,
						.ifindex = bench.access,
						.addr = htonl(ADDR),
						.mtu = 1488,
						.slot = SID };
	memcpy(header, peer_mac, 6);
	memcpy(header + 6, mac, 6);
	memcpy(header + 12, tail, sizeof(tail));
	bench.up[SID].state = bench.down->state = XP_STATE_FORWARD;
}

/* ---- packets and keys */

static void put_ip(__u8 *ip)
{
	__u32 src = htonl(shape.up ? ADDR : FAR), dst = htonl(shape.up ? FAR : ADDR), sum = 0;

	memset(ip, 0x5a, shape.len);
	memcpy(ip, (__u8[]){ 0x45, 0, shape.len >> 8, shape.len & 255, 0, 1, 0, 0, 64, 99, 0, 0 },
	       12);
	memcpy(ip + 12, &src, 4);
	memcpy(ip + 16, &dst, 4);
	for (int i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	ip[10] = (__u8)(sum >> 8);
	ip[11] = (__u8)sum;
}

static void keys_begin(struct xp_mppe_dir *dir)
{
	static const __u8 start[XP_MPPE_KEY] = "0123456789abcde";

	mppe_start(dir, start, XP_MPPE_128, shape.stateful ? XP_MPPE_F_STATEFUL : 0);
}

static __u32 put_pppoe(__u8 *frame, const __u8 *payload, __u32 len, __u16 protocol)
{
	const __u8 head[] = {
		0x88,          0x64,          0x11, 0, 0, SID, (len + 2) >> 8, (len + 2) & 255,
		protocol >> 8, protocol & 255
	};

	memcpy(frame, mac, 6);
	memcpy(frame + 6, peer_mac, 6);
	memcpy(frame + 12, head, sizeof(head));
	memcpy(frame + PPPOE, payload, len);
	return PPPOE + len;
}

/* As the sender would send them one after the other; returns their length. */
static __u32 make_frames(bool encrypted)
{
	__u8 ip[1500], clear[1502], wire[1504];
	struct xp_mppe_dir sender;
	__u32 len = 0;

	put_ip(ip);
	memcpy(clear, "\0\x21", 2);
	memcpy(clear + 2, ip, shape.len);
	keys_begin(&sender);
	for (int i = 0; i < CRYPT_FRAMES; i++) {
		__u8 *frame = bench.frames[i].byte;

		if (!shape.up) {
			memcpy(frame, mac, 6);
			memcpy(frame + 6, peer_mac, 6);
			memcpy(frame + 12, "\x08", 2);
			memcpy(frame + ETHER, ip, shape.len);
			len = ETHER + shape.len;
		} else if (encrypted) {
			mppe_encrypt(&sender, clear, shape.len + 2, wire);
			len = put_pppoe(frame, wire, shape.len + XP_MPPE_OVERHEAD, 0x00fd);
		} else {
			len = put_pppoe(frame, ip, shape.len, 0x0021);
		}
	}
	return len;
}

/* ---- measuring */

static double run_program(enum who who)
{
	const struct bpf_program *program =
		who == EMPTY ? bench.driver->progs.empty : bench.xpppd->progs.xpppd_xdp;
	__u32 out = shape.up ? ETHER + shape.len
			     : PPPOE + shape.len + (who == CLEAR ? 0 : XP_MPPE_OVERHEAD);
	struct xdp_md ctx = { .ingress_ifindex = shape.up ? bench.access : bench.core };
	__u32 in = bench.driver->bss->frame_len;
	int fd = bpf_program__fd(program);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = bench.frames, .data_size_in = in,
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .repeat = BATCH);

	update(bench.driver->maps.measured, 0, &fd);
	if (who != EMPTY) {
		opts.data_size_in = out; /* as the one before left it */
		bench.driver->bss->shift = (int)out - (int)in;
	} else {
		bench.driver->bss->shift = 0;
	}
	ctx.data_end = opts.data_size_in;
	bench.driver->bss->next = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(bench.driver->progs.drive), &opts))
		die("test run");
	if (opts.retval != XDP_REDIRECT) {
		fprintf(stderr, "cryptrun: %s: verdict %u\n", who_names[who], opts.retval);
		exit(1);
	}
	return opts.duration;
}

static __u64 moved(void)
{
	return shape.up ? bench.up[SID].packets : bench.down->packets;
}

static double measure_program(enum who who)
{
	__u64 before;
	double ns;

	add_session(who != CLEAR);
	bench.driver->bss->frame_len = make_frames(who != CLEAR);
	keys_begin(shape.up ? &bench.state->in : &bench.state->out);
	if (mppe_home_enter(bench.xpppd, bench.homes[who]))
		die("home");
	before = moved();
	ns = run_program(who);
	if (moved() - before != (who == EMPTY ? 0 : BATCH)) {
		fprintf(stderr, "cryptrun: %s: not every packet was forwarded\n", who_names[who]);
		exit(1);
	}
	return ns;
}

/* Of this thread: others may want the CPU. */
static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double measure_agent(void)
{
	__u8 out[1504];
	struct xp_mppe_dir dir;
	double start;

	make_frames(true);
	keys_begin(&dir);
	start = cpu_ns();
	for (int i = 0; i < BATCH; i++) {
		__u8 *frame = bench.frames[i].byte;
		int verdict = shape.up ? mppe_decrypt(&dir, frame + PPPOE,
						      shape.len + XP_MPPE_OVERHEAD, out)
				       : mppe_encrypt(&dir, frame + ETHER - 2, shape.len + 2, out);

		if (verdict)
			die("agent");
	}
	return (cpu_ns() - start) / BATCH;
}

/* What a key change and a packet are of OpenSSL's functions. */
static double measure_openssl(void)
{
	static __u8 hashed[2 * 16 + 80];
	__u8 digest[SHA_DIGEST_LENGTH], key[16], out[1504];
	double start = cpu_ns();
	RC4_KEY rc4;

	RC4_set_key(&rc4, sizeof(key), key);
	for (int i = 0; i < BATCH; i++) {
		if (!shape.stateful) {
			SHA_CTX sha;

			SHA1_Init(&sha);
			SHA1_Update(&sha, hashed, sizeof(hashed));
			SHA1_Final(digest, &sha);
			RC4_set_key(&rc4, sizeof(key), digest);
			RC4(&rc4, sizeof(key), digest, key);
			RC4_set_key(&rc4, sizeof(key), key);
		}
		RC4(&rc4, shape.len + 2, bench.frames[i].byte, out);
	}
	return (cpu_ns() - start) / BATCH;
}

static double measure(enum who who)
{
	switch (who) {
	case AGENT:
		return measure_agent();
	case OPENSSL:
		return measure_openssl();
	default:
		return measure_program(who);
	}
}

static void print_ratio(const double *min, enum who who)
{
	printf("\"%s\":{\"ns\":%.0f,\"ratio\":%.2f},", who_names[who], min[who] - min[EMPTY],
	       (min[who] - min[EMPTY]) / (min[OPENSSL] + min[CLEAR] - min[EMPTY]));
}

static void run_shape(int rounds)
{
	double min[WHOS];

	for (int who = 0; who < WHOS; who++)
		min[who] = 1e9;
	for (int round = 0; round < rounds; round++)
		for (enum who who = 0; who < WHOS; who++) {
			double ns = who == MODULE && !bench.homes[MODULE] ? 1e9 : measure(who);

			if (ns < min[who])
				min[who] = ns;
		}
	printf("{\"direction\":\"%s\",\"mode\":\"%s\",\"packet_bytes\":%u,",
	       shape.up ? "up" : "down", shape.stateful ? "stateful" : "stateless", shape.len);
	print_ratio(min, PLAIN);
	if (bench.homes[MODULE])
		print_ratio(min, MODULE);
	printf("\"agent\":{\"ns\":%.0f},\"openssl\":{\"ns\":%.0f},\"clear\":{\"ns\":%.0f}}",
	       min[AGENT], min[OPENSSL], min[CLEAR] - min[EMPTY]);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;

	if (argc > 2 || rounds < 1) {
		fprintf(stderr, "usage: cryptrun [ROUNDS]\n");
		return 64;
	}
	setup();
	putchar('[');
	for (int i = 0; i < 8; i++) {
		shape.up = i % 2 == 0;
		shape.stateful = i / 2 % 2;
		shape.len = i < 4 ? 64 : 1400;
		if (i)
			putchar(',');
		run_shape(rounds);
	}
	puts("]");
	cryptrun__destroy(bench.driver);
	mppe_home_free(bench.homes[PLAIN]);
	mppe_home_free(bench.homes[MODULE]);
	xpppd__destroy(bench.xpppd);
	return 0;
}
