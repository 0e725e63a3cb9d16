/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * packetcost THROUGH SESSIONS PIN_DIR AGENT_PID ROUNDS: what a packet costs on its way from one veth
 * to another, in ns of the clock, which in a virtual machine on qemu's instruction clock are
 * instructions. THROUGH says what is on the way:
 *
 *   xpppd  its programs, which run; in turn with them the same while the agent is stopped, a plain
 *          XDP redirect, and a program that drops, so that the source's part is known
 *   linux  the kernel alone: its own sessions, and forwarding of plain IP, with GRO as devices have
 *          it and in turn without, which takes an XDP program on a veth, that passes; and the
 *          program that drops
 *
 * SESSIONS: a line `PROTOCOL ADDRESS TUNNEL_ID SESSION_ID` for each, ids as the frames have them.
 * PIN_DIR and AGENT_PID are xpppd's. Runs in the concentrator's namespace; `sub` (s0) and `core` (c0)
 * are beside it, as tests/netns/lib.sh
 * makes them. Prints JSON.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/types.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/ethtool.h"
#include "frames.h"
#include "packetcost.h"

#include "packetcost.skel.h"

#define PACKET 100 /* bytes, of IP */
#define BATCH 64
#define FROM (16 * BATCH)
#define TO (FROM + 50 * BATCH)
#define PACKETS (TO + BATCH)
#define ROUNDS_MAX 64
#define SETTLE_US 20000 /* for what is still under way */
#define MEASURED_MAX 24
#define INTERNET "203.0.113.1"
#define LNS "192.0.2.1"
#define LAC "192.0.2.2"

#ifndef BPF_F_TEST_XDP_LIVE_FRAMES
#define BPF_F_TEST_XDP_LIVE_FRAMES (1U << 1)
#endif

enum place { HERE, SUB, CORE, PLACES };
enum protocol { IP, PPPOE, L2TP, PPTP, PROTOCOLS };
static const char *const protocol_names[PROTOCOLS] = { "ip", "pppoe", "l2tp", "pptp" };
/* in front of the IP packet, upstream; PPTP's without an acknowledgement */
static const __u32 header_lens[PROTOCOLS] = { FRAMES_ETHER, FRAMES_PPPOE, FRAMES_L2TP,
					      FRAMES_PPTP - 4 };

/* What is attached to the device that the frames come in on. */
enum through { SOURCE, REDIRECT, XPPPD, XPPPD_ALONE, LINUX, LINUX_PASS };
static const char *const through_names[] = { "source",      "redirect", "xpppd",
					     "xpppd-alone", "linux",    "linux-pass" };

struct device {
	unsigned int ifindex;
	__u8 mac[6];
};

struct session {
	enum protocol protocol;
	struct in_addr addr;
	__u16 tunnel_id, session_id;
};

/* Frames of a session one way, and what they cost. */
struct measured {
	enum through through;
	struct session session;
	bool up;
	double ns[ROUNDS_MAX];
};

struct bench {
	struct packetcost *skel;
	enum through through;
	const char *pin_dir;
	pid_t agent;
	int ns[PLACES];
	struct device access, core, sub_end, core_end;
	struct measured measured[MEASURED_MAX];
	int n_measured;
};

static void die(const char *what)
{
	fprintf(stderr, "packetcost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const struct bench *b, enum place place)
{
	if (setns(b->ns[place], CLONE_NEWNET) < 0)
		die("setns");
}

static struct device find_device(const struct bench *b, enum place place, const char *name)
{
	struct device d;
	struct ifreq ifr = { 0 };
	int fd;

	enter(b, place);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	d.ifindex = if_nametoindex(name);
	if (!d.ifindex || fd < 0 || ioctl(fd, SIOCGIFHWADDR, &ifr) < 0)
		die(name);
	memcpy(d.mac, ifr.ifr_hwaddr.sa_data, sizeof(d.mac));
	close(fd);
	return d;
}

/* ---- frames */

static __u8 *put_u16(__u8 *p, unsigned int v)
{
	p[0] = (__u8)(v >> 8);
	p[1] = (__u8)v;
	return p + 2;
}

static __u8 *put_ethernet(__u8 *p, const struct device *to, const struct device *from,
			  unsigned int type)
{
	memcpy(p, to->mac, 6);
	memcpy(p + 6, from->mac, 6);
	return put_u16(p + 12, type);
}

static __u8 *put_ip(__u8 *p, __u8 protocol, struct in_addr from, struct in_addr to,
		    unsigned int len)
{
	struct iphdr ip = { .version = 4,
			    .ihl = 5,
			    .tot_len = htons((uint16_t)len),
			    .frag_off = htons(0x4000),
			    .ttl = 64,
			    .protocol = protocol,
			    .saddr = from.s_addr,
			    .daddr = to.s_addr };
	__u16 words[sizeof(ip) / 2];
	__u32 sum = 0;

	memcpy(words, &ip, sizeof(ip));
	for (unsigned int i = 0; i < sizeof(ip) / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip.check = (__u16) ~((sum & 0xffff) + (sum >> 16));
	memcpy(p, &ip, sizeof(ip));
	return p + sizeof(ip);
}

static void put_udp(__u8 *p, unsigned int port, unsigned int len)
{
	put_u16(put_u16(put_u16(put_u16(p, port), port), len), 0);
}

static struct in_addr address(const char *text)
{
	struct in_addr addr;

	inet_pton(AF_INET, text, &addr);
	return addr;
}

/* What is in front of the IP packet behind Ethernet. */
static __u8 *put_tunnel(__u8 *p, const struct session *s)
{
	unsigned int len = header_lens[s->protocol] - FRAMES_ETHER + PACKET;

	switch (s->protocol) {
	case PPPOE:
		p = put_u16(put_u16(p, 0x1100), s->session_id);
		return put_u16(put_u16(p, PACKET + 2), 0x0021);
	case L2TP:
		p = put_ip(p, IPPROTO_UDP, address(LAC), address(LNS), len);
		put_udp(p, 1701, len - 20);
		p = put_u16(put_u16(p + 8, 0x0002), s->tunnel_id);
		return put_u16(put_u16(put_u16(p, s->session_id), 0xff03), 0x0021);
	case PPTP:
		p = put_ip(p, IPPROTO_GRE, address(LAC), address(LNS), len);
		p = put_u16(put_u16(p, 0x3001), 0x880b);
		p = put_u16(put_u16(p, PACKET + 4), s->session_id);
		return put_u16(put_u16(p + 4, 0xff03), 0x0021); /* the number comes later */
	default:
		return p;
	}
}

static void put_packet(__u8 *p, struct in_addr from, struct in_addr to)
{
	put_udp(put_ip(p, IPPROTO_UDP, from, to, PACKET), 5000, PACKET - 20);
}

static void set_frame(struct bench *b, const struct session *s, bool up)
{
	struct packetcost_run *run = &b->skel->bss->run;
	__u8 *p = (__u8 *)run->frame;

	memset(run->frame, 0, sizeof(run->frame));
	run->numbered = up && s->protocol == PPTP;
	if (up) {
		p = put_ethernet(p, &b->access, &b->sub_end,
				 s->protocol == PPPOE ? 0x8864 : 0x0800);
		put_packet(put_tunnel(p, s), s->addr, address(INTERNET));
	} else {
		p = put_ethernet(p, &b->core, &b->core_end, 0x0800);
		put_packet(p, address(INTERNET), s->addr);
	}
}

/* ---- a run */

static const struct bpf_program *program_of(const struct bench *b, enum through through)
{
	switch (through) {
	case SOURCE:
		return b->skel->progs.sink;
	case REDIRECT:
		return b->skel->progs.plain_redirect;
	case LINUX_PASS:
		return b->skel->progs.pass;
	default:
		return NULL;
	}
}

/* xpppd's own link to the device; *program: what is behind it. */
static int open_link(const struct bench *b, const char *device, int *program)
{
	char path[300];
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	int link;

	snprintf(path, sizeof(path), "%s/link_%s", b->pin_dir, device);
	link = bpf_obj_get(path);
	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &len))
		die(path);
	*program = bpf_prog_get_fd_by_id(info.prog_id);
	if (*program < 0)
		die("program of the link");
	return link;
}

static void send_frames(const struct bench *b, const struct measured *m)
{
	static __u8 frame[FRAMES_PPTP + PACKET];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		    .data_size_in =
			    (m->up ? header_lens[m->session.protocol] : FRAMES_ETHER) + PACKET,
		    .repeat = PACKETS, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	enter(b, m->up ? SUB : CORE);
	if (bpf_prog_test_run_opts(bpf_program__fd(b->skel->progs.source), &opts))
		die("live frames");
	enter(b, HERE);
	usleep(SETTLE_US);
}

/* With what is attached now. */
static double run_frames(struct bench *b, const struct measured *m)
{
	struct packetcost_run *run = &b->skel->bss->run;
	__u32 sent = m->up ? header_lens[m->session.protocol] : FRAMES_ETHER;

	set_frame(b, &m->session, m->up);
	run->out = m->up ? b->sub_end.ifindex : b->core_end.ifindex;
	run->next = m->up ? b->core.ifindex : b->access.ifindex;
	run->arrives = PACKET + (m->through == SOURCE || m->through == REDIRECT ? sent
				 : m->up                                        ? FRAMES_ETHER
					 : header_lens[m->session.protocol]);
	run->from = FROM;
	run->to = TO;
	run->sent = 0;
	run->arrived = 0;
	send_frames(b, m);
	if (run->arrived != PACKETS) {
		fprintf(stderr, "packetcost: %s, %s, %s: %llu of %d packets arrived\n",
			through_names[m->through], protocol_names[m->session.protocol],
			m->up ? "up" : "down", (unsigned long long)run->arrived, PACKETS);
		exit(1);
	}
	return (double)(run->ended - run->began) / (TO - FROM);
}

/* In xpppd's place. */
static double measure_instead(struct bench *b, const struct measured *m, int program)
{
	int theirs, link = open_link(b, m->up ? "access0" : "core0", &theirs);
	double ns;

	if (bpf_link_update(link, program, NULL))
		die("link update");
	ns = run_frames(b, m);
	if (bpf_link_update(link, theirs, NULL))
		die("link update");
	close(theirs);
	close(link);
	return ns;
}

/* Where there is no other program. One that is attached turns GRO on. */
static double measure_with(struct bench *b, const struct measured *m, int program)
{
	int ifindex = (int)(m->up ? b->access.ifindex : b->core.ifindex);
	const char *device = m->up ? "access0" : "core0";
	double ns;

	if (bpf_xdp_attach(ifindex, program, XDP_FLAGS_DRV_MODE, NULL))
		die("attach");
	if (m->through == LINUX_PASS && ethtool_set_feature(device, "rx-gro", false) < 0)
		die("GRO");
	ns = run_frames(b, m);
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	ethtool_set_feature(device, "rx-gro", true);
	return ns;
}

/* What the programs tell the agent has to wait. */
static double measure_alone(struct bench *b, const struct measured *m)
{
	double ns;

	if (kill(b->agent, SIGSTOP) < 0)
		die("kill");
	ns = run_frames(b, m);
	kill(b->agent, SIGCONT);
	usleep(SETTLE_US);
	return ns;
}

static double measure(struct bench *b, const struct measured *m)
{
	const struct bpf_program *program = program_of(b, m->through);

	if (m->through == XPPPD_ALONE)
		return measure_alone(b, m);
	if (!program)
		return run_frames(b, m);
	return b->through == XPPPD ? measure_instead(b, m, bpf_program__fd(program))
				   : measure_with(b, m, bpf_program__fd(program));
}

/* ---- all of them */

static void add(struct bench *b, enum through through, const struct session *session, bool up)
{
	if (b->n_measured == MEASURED_MAX) {
		fprintf(stderr, "packetcost: too much to measure\n");
		exit(64);
	}
	b->measured[b->n_measured++] =
		(struct measured){ .through = through, .session = *session, .up = up };
}

static void read_sessions(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "re");
	char name[16], addr[16];
	struct session s;

	if (!f)
		die(path);
	while (fscanf(f, "%15s %15s %hu %hu", name, addr, &s.tunnel_id, &s.session_id) == 4) {
		s.addr = address(addr);
		for (s.protocol = IP; s.protocol < PROTOCOLS; s.protocol++)
			if (strcmp(name, protocol_names[s.protocol]) == 0)
				break;
		if (s.protocol == PROTOCOLS || (s.protocol == IP && b->through == XPPPD))
			continue;
		for (int up = 0; up < 2; up++) {
			add(b, b->through, &s, up);
			add(b, b->through == XPPPD ? XPPPD_ALONE : LINUX_PASS, &s, up);
		}
	}
	fclose(f);
}

static void plan(struct bench *b, const char *sessions)
{
	const struct session plain = { .protocol = IP, .addr = address(LAC) };

	for (int up = 0; up < 2; up++) {
		add(b, SOURCE, &plain, up);
		if (b->through == XPPPD)
			add(b, REDIRECT, &plain, up);
	}
	read_sessions(b, sessions);
}

/* Where skbs arrive they need no NAPI, where XDP frames do they do. */
static void attach_sink(const struct bench *b, enum place place, const char *name,
			const struct device *device)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)device->ifindex,
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(b->skel->progs.sink_skb),
		    .flags = BPF_TC_F_REPLACE, .handle = 1, .priority = 1);
	int error;

	enter(b, place);
	if (b->through == XPPPD) {
		error = bpf_link_create(bpf_program__fd(b->skel->progs.sink), (int)device->ifindex,
					BPF_XDP, NULL);
	} else {
		ethtool_set_feature(name, "rx-gro", false);
		bpf_tc_hook_create(&hook);
		error = bpf_tc_attach(&hook, &opts);
	}
	if (error < 0)
		die("sink");
	enter(b, HERE);
}

static void check_compiled(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
		die("program");
	if (!info.jited_prog_len) {
		fprintf(stderr,
			"packetcost: programs are interpreted here (net.core.bpf_jit_enable)\n");
		exit(1);
	}
}

static void setup(struct bench *b)
{
	static const char *const paths[PLACES] = { "/proc/self/ns/net", "/run/netns/sub",
						   "/run/netns/core" };
	struct sched_param least = { 0 };

	for (int i = 0; i < PLACES; i++) {
		b->ns[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (b->ns[i] < 0)
			die(paths[i]);
	}
	b->sub_end = find_device(b, SUB, "s0");
	b->core_end = find_device(b, CORE, "c0");
	b->access = find_device(b, HERE, "access0");
	b->core = find_device(b, HERE, "core0");
	/* what the frames cause comes before further frames, wherever it is done */
	if (sched_setscheduler(0, SCHED_IDLE, &least) < 0)
		die("sched_setscheduler");
	b->skel = packetcost__open_and_load();
	if (!b->skel)
		die("cannot load the programs");
	check_compiled(b->skel->progs.source);
	b->skel->bss->run.number = 1000; /* beyond those of PPP's negotiation */
	attach_sink(b, SUB, "s0", &b->sub_end);
	attach_sink(b, CORE, "c0", &b->core_end);
	for (int i = 0; b->through != XPPPD && i < 2; i++)
		ethtool_set_feature(i ? "core0" : "access0", "rx-gro", true);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(struct measured *m, int rounds, const char *before)
{
	qsort(m->ns, rounds, sizeof(*m->ns), compare);
	printf("%s{\"through\":\"%s\",\"protocol\":\"%s\",\"way\":\"%s\",\"min\":%.0f,\"median\":%.0f,"
	       "\"max\":%.0f}",
	       before, through_names[m->through], protocol_names[m->session.protocol],
	       m->up ? "up" : "down", m->ns[0], m->ns[rounds / 2], m->ns[rounds - 1]);
}

int main(int argc, char **argv)
{
	static struct bench b;
	int rounds = argc == 6 ? atoi(argv[5]) : 0;

	b.through = argc > 1 && strcmp(argv[1], through_names[XPPPD]) == 0 ? XPPPD : LINUX;
	if (rounds < 1 || rounds > ROUNDS_MAX || strcmp(argv[1], through_names[b.through]) != 0) {
		fprintf(stderr,
			"usage: packetcost xpppd|linux SESSIONS PIN_DIR AGENT_PID ROUNDS\n");
		return 64;
	}
	b.pin_dir = argv[3];
	b.agent = b.through == XPPPD ? atoi(argv[4]) : 0;
	setup(&b);
	plan(&b, argv[2]);
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < b.n_measured; i++)
			b.measured[i].ns[round] = measure(&b, &b.measured[i]);
	for (int i = 0; i < b.n_measured; i++)
		print(&b.measured[i], rounds, i ? ",\n" : "[");
	puts("]");
	packetcost__destroy(b.skel);
	return 0;
}
