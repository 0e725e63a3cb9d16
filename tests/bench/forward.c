/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * forward SESSIONS_FILE DESTINATIONS PIN_DIR ROUNDS NAME [AGENT_PID]: packets per CPU second through
 * a running xpppd, veth to veth, and through a plain XDP redirect between the same devices. Runs in
 * the concentrator's namespace; `sub` (s0) and `core` (c0) are beside it, as
 * tests/netns/lib.sh makes them. Prints JSON.
 *
 * NAME is of the way through xpppd that is measured; `generic` and `tc` say how it is attached, in all
 * others it is by native XDP. AGENT_PID: packets go through the agent. Its CPU time counts as well,
 * and packets come in small bursts, each when the one before has arrived: more would be lost.
 * With `cpus` xpppd hands packets over to other CPUs, upstream, and takes turns with its usual program.
 *
 * Source, program and sink run in one chain on one CPU. xpppd's program and the reference take
 * turns on the same device: by an update of xpppd's own link; in generic mode by links of this
 * program's in the place of that one; in tc mode XDP stands before it.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/if_link.h>
#include <linux/types.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

#include "forward.skel.h"

#define PACKET 100 /* bytes, of IP */
#define BATCH 64
#define PACKETS 200000
#define BURST_AGENT 32 /* what its sockets hold for sure */
#define PACKETS_AGENT (150 * BURST_AGENT)
#define BURST_WAIT_US 100000
#define ROUNDS_MAX 64
#define CLOCKS_MAX 64
#define QUIET_NS 5e6 /* for so long nothing has arrived: nothing more will */

#ifndef BPF_F_TEST_XDP_LIVE_FRAMES
#define BPF_F_TEST_XDP_LIVE_FRAMES (1U << 1)
#endif

enum place { HERE, SUB, CORE, PLACES };
enum mode { NATIVE, GENERIC, TC };

struct device {
	unsigned int ifindex;
	__u8 mac[6];
};

struct bench {
	struct forward *skel;
	int ns[PLACES];
	struct device access, core, sub_end, core_end;
	__u32 fars;
	__u32 sessions;
	const char *pin_dir;
	enum mode mode;
	bool cpus;              /* it hands packets over */
	int agent;              /* its PID, 0: it has no part in it */
	int burst;              /* packets that are sent at a time at the moment; 0: all */
	int clocks[CLOCKS_MAX]; /* /proc/PID/schedstat of who works beside this thread */
	int n_clocks;
	int n_own;        /* those of this CPU */
	double waited_ns; /* CPU time of this thread that no packet costs */
};

/* Of one program, by round. */
struct figures {
	double ns[ROUNDS_MAX];         /* of CPU, a packet */
	double own[ROUNDS_MAX];        /* of this one, a packet that was sent */
	double others[ROUNDS_MAX];     /* of others, one that arrived */
	double per_second[ROUNDS_MAX]; /* packets that arrived, by the clock on the wall */
	__u64 lost;
};

/* A device whose programs change. */
struct seat {
	unsigned int ifindex;
	int program; /* xpppd's */
	int link;    /* -1: none; native: xpppd's */
};

static void die(const char *what)
{
	fprintf(stderr, "forward: %s: %s\n", what, strerror(errno));
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

static void read_sessions(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[4096];

	if (!f)
		die(path);
	while (b->sessions < FRAMES_SESSIONS && fgets(line, sizeof(line), f)) {
		struct json_object *o = json_tokener_parse(line), *mac, *sid, *addr;
		struct frames_session s;

		if (!json_object_object_get_ex(o, "mac", &mac) ||
		    !json_object_object_get_ex(o, "sid", &sid) ||
		    !json_object_object_get_ex(o, "address", &addr) ||
		    sscanf(json_object_get_string(mac), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &s.mac[0],
			   &s.mac[1], &s.mac[2], &s.mac[3], &s.mac[4], &s.mac[5]) != 6 ||
		    inet_pton(AF_INET, json_object_get_string(addr), &s.addr) != 1) {
			errno = EBADMSG;
			die(path);
		}
		s.sid = htons((uint16_t)json_object_get_int(sid));
		if (bpf_map_update_elem(bpf_map__fd(b->skel->maps.sessions), &b->sessions, &s, 0))
			die("map update");
		b->sessions++;
		json_object_put(o);
	}
	fclose(f);
}

static void add_clock(struct bench *b, const char *pid)
{
	char path[300];

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	if (b->n_clocks == CLOCKS_MAX)
		return;
	b->clocks[b->n_clocks] = open(path, O_RDONLY | O_CLOEXEC);
	if (b->clocks[b->n_clocks] < 0)
		die(path);
	b->n_clocks++;
}

/* Those whose names begin so. */
static void add_threads(struct bench *b, const char *name)
{
	char path[300], comm[32];
	DIR *proc = opendir("/proc");
	struct dirent *e;
	FILE *f;

	while (proc && (e = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = e->d_name[0] >= '1' && e->d_name[0] <= '9' ? fopen(path, "re") : NULL;
		if (f && fgets(comm, sizeof(comm), f) && !strncmp(comm, name, strlen(name)))
			add_clock(b, e->d_name);
		if (f)
			fclose(f);
	}
	if (proc)
		closedir(proc);
}

static void add_ksoftirqd(struct bench *b, int cpu)
{
	char name[32];

	snprintf(name, sizeof(name), "ksoftirqd/%d\n", cpu);
	add_threads(b, name);
}

/* What softirqs do beyond their share runs in ksoftirqd. The kernel's threads are not in the /proc
 * of this process's namespace, but in the one below. */
static void add_kernel(struct bench *b, int cpu)
{
	int cpus = libbpf_num_possible_cpus();

	if (unshare(CLONE_NEWNS) < 0 || umount2("/proc", MNT_DETACH) < 0)
		die("/proc");
	add_ksoftirqd(b, cpu);
	b->n_own = b->n_clocks;
	if (b->n_own == 0) {
		errno = ESRCH;
		die("no ksoftirqd");
	}
	for (int other = 0; (b->agent || b->cpus) && other < cpus; other++)
		if (other != cpu)
			add_ksoftirqd(b, other);
	add_threads(b, "cpumap/");
}

static double thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* So far, of this thread and those that the first clocks are of. */
static double cpu_ns(const struct bench *b, int clocks)
{
	double ns = thread_ns() - b->waited_ns;

	for (int i = 0; i < clocks; i++) {
		char text[128] = "";

		if (pread(b->clocks[i], text, sizeof(text) - 1, 0) < 0)
			die("schedstat");
		ns += strtod(text, NULL);
	}
	return ns;
}

static __u64 arrived(const struct bench *b)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 values[cpus], sum = 0;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(b->skel->maps.arrived), &zero, values))
		die("map lookup");
	for (int i = 0; i < cpus; i++)
		sum += values[i];
	return sum;
}

static void send_frames(const struct bench *b, bool up, int n)
{
	static __u8 frame[FRAMES_PPPOE + PACKET];
	struct bpf_program *source = up ? b->skel->progs.source_up : b->skel->progs.source_down;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		    .data_size_in = (up ? FRAMES_PPPOE : FRAMES_ETHER) + PACKET, .repeat = n,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	enter(b, up ? SUB : CORE);
	if (bpf_prog_test_run_opts(bpf_program__fd(source), &opts))
		die("live frames");
	enter(b, HERE);
}

static void wait_for(struct bench *b, __u64 packets)
{
	double begun = thread_ns();

	for (int us = 0; us < BURST_WAIT_US && arrived(b) < packets; us += 100)
		usleep(100);
	b->waited_ns += thread_ns() - begun;
}

static void send_packets(struct bench *b, bool up, int n)
{
	if (!b->burst) {
		send_frames(b, up, n);
		return;
	}
	for (; n > 0; n -= b->burst) {
		__u64 before = arrived(b);

		send_frames(b, up, b->burst);
		wait_for(b, before + b->burst);
	}
}

static double wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Until all have arrived, or no more do; returns when the last one came. */
static double settle(struct bench *b, __u64 packets)
{
	double begun = thread_ns(), last = wall_ns(), now = last;
	__u64 came = arrived(b), was = came;

	while (came < packets && now - last < QUIET_NS) {
		usleep(50);
		now = wall_ns();
		came = arrived(b);
		if (came != was)
			last = now;
		was = came;
	}
	b->waited_ns += thread_ns() - begun;
	return last;
}

static void measure(struct bench *b, bool up, int packets, struct figures *f, int round)
{
	double cpu, own, wall;
	__u64 before, came;

	send_packets(b, up, packets / 10);
	usleep(2000);
	settle(b, UINT64_MAX);
	before = arrived(b);
	cpu = cpu_ns(b, b->n_clocks);
	own = cpu_ns(b, b->n_own);
	wall = wall_ns();
	send_packets(b, up, packets);
	wall = settle(b, before + packets) - wall;
	usleep(2000);
	cpu = cpu_ns(b, b->n_clocks) - cpu;
	own = cpu_ns(b, b->n_own) - own;
	came = arrived(b) - before;
	/* others may send a packet now and then */
	if (came < (__u64)packets)
		f->lost += packets - came;
	f->ns[round] = came ? cpu / (double)came : 0;
	f->own[round] = own / packets;
	f->others[round] = came ? (cpu - own) / (double)came : 0;
	f->per_second[round] = (double)came * 1e9 / wall;
}

static void set_way(struct bench *b, bool up)
{
	struct frames_way *way = &b->skel->bss->way;

	memcpy(way->dst, up ? b->access.mac : b->core.mac, 6);
	memcpy(way->src, b->core_end.mac, 6);
	way->fars = b->fars;
	way->bytes = PACKET;
	way->sessions = b->sessions;
	way->out = up ? b->sub_end.ifindex : b->core_end.ifindex;
	way->next = up ? b->core.ifindex : b->access.ifindex;
}

/* ---- xpppd and the reference in turn */

/* The link that xpppd pinned for a device, and the program that is behind it. */
static void open_link(const struct bench *b, const char *device, struct seat *seat)
{
	char path[300];
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	snprintf(path, sizeof(path), "%s/link_%s", b->pin_dir, device);
	seat->link = bpf_obj_get(path);
	if (seat->link < 0 || bpf_obj_get_info_by_fd(seat->link, &info, &len))
		die(path);
	seat->program = bpf_prog_get_fd_by_id(info.prog_id);
	if (seat->program < 0)
		die("program of the link");
}

static void close_link(struct seat *seat)
{
	if (seat->link >= 0)
		close(seat->link);
	seat->link = -1;
}

static void replace_link(struct seat *seat, int program, __u32 flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);

	close_link(seat);
	seat->link = bpf_link_create(program, (int)seat->ifindex, BPF_XDP, &opts);
	if (seat->link < 0)
		die("link");
}

static struct seat take_seat(const struct bench *b, bool up)
{
	struct seat seat = { .ifindex = up ? b->access.ifindex : b->core.ifindex, .link = -1 };

	if (b->mode != TC)
		open_link(b, up ? "access0" : "core0", &seat);
	if (b->mode == GENERIC && bpf_link_detach(seat.link))
		die("detach");
	return seat;
}

static void place_ours(const struct bench *b, struct seat *seat)
{
	if (b->mode == NATIVE && bpf_link_update(seat->link, seat->program, NULL))
		die("link update");
	if (b->mode == GENERIC)
		replace_link(seat, seat->program, XDP_FLAGS_SKB_MODE);
	if (b->mode == TC)
		close_link(seat);
}

static void place_plain(const struct bench *b, struct seat *seat)
{
	int plain = bpf_program__fd(b->skel->progs.plain_redirect);

	if (b->mode != NATIVE)
		replace_link(seat, plain, XDP_FLAGS_DRV_MODE);
	else if (bpf_link_update(seat->link, plain, NULL))
		die("link update");
}

/* What the program that hands packets over calls for all others. */
static void place_usual(const struct bench *b, const struct seat *seat)
{
	__u32 zero = 0, id = 0;
	char path[300];
	int map, program;

	snprintf(path, sizeof(path), "%s/spread_rest", b->pin_dir);
	map = bpf_obj_get(path);
	if (map < 0 || bpf_map_lookup_elem(map, &zero, &id))
		die(path);
	program = bpf_prog_get_fd_by_id(id);
	if (program < 0 || bpf_link_update(seat->link, program, NULL))
		die("link update");
	close(program);
	close(map);
}

/* ---- figures */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_figures(const char *name, struct figures *f, int n)
{
	qsort(f->ns, n, sizeof(*f->ns), compare);
	qsort(f->own, n, sizeof(*f->own), compare);
	qsort(f->others, n, sizeof(*f->others), compare);
	qsort(f->per_second, n, sizeof(*f->per_second), compare);
	printf("\"%s\":{\"ns_min\":%.1f,\"ns_median\":%.1f,\"ns_max\":%.1f,"
	       "\"packets_per_cpu_second\":%.0f,\"own_ns_min\":%.1f,\"others_ns_min\":%.1f,"
	       "\"packets_per_second\":%.0f,\"packets_per_second_median\":%.0f,\"lost\":%llu},",
	       name, f->ns[0], f->ns[n / 2], f->ns[n - 1], f->ns[0] ? 1e9 / f->ns[0] : 0, f->own[0],
	       f->others[0], f->per_second[n - 1], f->per_second[n / 2],
	       (unsigned long long)f->lost);
}

static void run_direction(struct bench *b, bool up, int rounds)
{
	struct figures ours = { .lost = 0 }, plain = { .lost = 0 };
	struct seat seat = take_seat(b, up);

	set_way(b, up);
	for (int i = 0; i < rounds; i++) {
		place_ours(b, &seat);
		b->burst = b->agent ? BURST_AGENT : 0;
		measure(b, up, b->agent ? PACKETS_AGENT : PACKETS, &ours, i);
		place_plain(b, &seat);
		b->burst = 0;
		measure(b, up, PACKETS, &plain, i);
	}
	place_ours(b, &seat);
	printf(",\"%s\":{", up ? "up" : "down");
	print_figures("xpppd", &ours, rounds);
	print_figures("redirect", &plain, rounds);
	printf("\"ratio\":%.3f}", ours.ns[0] ? plain.ns[0] / ours.ns[0] : 0);
}

static void run_cpus(struct bench *b, int rounds)
{
	struct figures ours = { .lost = 0 }, usual = { .lost = 0 };
	struct seat seat = take_seat(b, true);

	set_way(b, true);
	for (int i = 0; i < rounds; i++) {
		place_ours(b, &seat);
		measure(b, true, PACKETS, &ours, i);
		place_usual(b, &seat);
		measure(b, true, PACKETS, &usual, i);
	}
	place_ours(b, &seat);
	printf(",\"up\":{");
	print_figures("handed_over", &ours, rounds);
	print_figures("usual", &usual, rounds);
	printf("\"ratio\":%.3f}", ours.ns[0] ? usual.ns[0] / ours.ns[0] : 0);
}

static void attach_sink(const struct bench *b, enum place place, unsigned int ifindex)
{
	enter(b, place);
	if (bpf_link_create(bpf_program__fd(b->skel->progs.sink), (int)ifindex, BPF_XDP, NULL) < 0)
		die("sink");
	enter(b, HERE);
}

static void setup(struct bench *b)
{
	static const char *const paths[PLACES] = { "/proc/self/ns/net", "/run/netns/sub",
						   "/run/netns/core" };
	cpu_set_t one;
	char pid[16];

	for (int i = 0; i < PLACES; i++) {
		b->ns[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (b->ns[i] < 0)
			die(paths[i]);
	}
	b->sub_end = find_device(b, SUB, "s0");
	b->core_end = find_device(b, CORE, "c0");
	b->access = find_device(b, HERE, "access0");
	b->core = find_device(b, HERE, "core0");
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		die("sched_setaffinity");
	if (b->agent) {
		snprintf(pid, sizeof(pid), "%d", b->agent);
		add_clock(b, pid);
	}
	add_kernel(b, sched_getcpu());
	b->skel = forward__open_and_load();
	if (!b->skel)
		die("cannot load the programs");
	attach_sink(b, SUB, b->sub_end.ifindex);
	attach_sink(b, CORE, b->core_end.ifindex);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	int rounds = argc >= 6 ? atoi(argv[4]) : 0;

	b.fars = argc >= 6 ? (__u32)atoi(argv[2]) : 0;
	b.agent = argc == 7 ? atoi(argv[6]) : 0;
	if (rounds < 1 || rounds > ROUNDS_MAX || !b.fars || argc > 7 ||
	    (argc == 7 && b.agent < 1)) {
		fprintf(stderr, "usage: forward SESSIONS_FILE DESTINATIONS PIN_DIR ROUNDS NAME "
				"[AGENT_PID]\n");
		return 64;
	}
	b.pin_dir = argv[3];
	b.mode = !strcmp(argv[5], "generic") ? GENERIC : !strcmp(argv[5], "tc") ? TC : NATIVE;
	b.cpus = !strcmp(argv[5], "cpus");
	setup(&b);
	read_sessions(&b, argv[1]);
	printf("{\"sessions\":%u,\"way\":\"%s\",\"rounds\":%d,\"packet_bytes\":%d", b.sessions,
	       argv[5], rounds, PACKET);
	if (b.cpus) {
		run_cpus(&b, rounds);
	} else {
		run_direction(&b, true, rounds);
		run_direction(&b, false, rounds);
	}
	puts("}");
	forward__destroy(b.skel);
	return 0;
}
