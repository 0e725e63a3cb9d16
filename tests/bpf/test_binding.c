/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The data plane's binding with real devices: in a network namespace of its own, whose bpffs is
 * private, frames go into sub0, whose peer acc0 is the access device, and come out of up0, whose
 * peer core0 is the core device, and back. sub0 and up0 have no addresses and take frames of
 * any MAC as somebody else's, so that nothing but the data plane joins the two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <ev.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "dataplane/ethtool.h"
#include "link.h"
#include "log.h"

#define SID 5
#define CLIENT 0x0a000005u  /* 10.0.0.5, of the pool */
#define REMOTE 0xc6336409u  /* 198.51.100.9, behind the core's router */
#define OUTSIDE 0xc0000263u /* 192.0.2.99, of no pool */
#define WAIT_MS 3000

static const uint8_t client_mac[] = { 2, 0, 0, 0, 0, 0x51 };
static const uint8_t router_mac[] = { 2, 0, 0, 0, 0, 0x52 };
static uint8_t access_mac[ETH_ALEN], core_mac[ETH_ALEN];

struct bench {
	struct ev_loop *loop;
	struct log *log;
	struct links *links;
	struct conf *conf;
	struct dataplane *dp;
	int sub_fd, up_fd; /* packet sockets */
	/* what the callbacks saw */
	struct in_addr slow_dst;
	size_t slow_len;
	unsigned int captured_up, captured_down;
};

/* ---- the network */

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static bool says(const char *command, const char *what)
{
	FILE *f = popen(command, "r");
	char text[16384];
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	assert_non_null(f);
	text[n] = '\0';
	pclose(f);
	return strstr(text, what) != NULL;
}

static void file_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void mac_of(const char *ifname, uint8_t mac[ETH_ALEN])
{
	char path[128], text[32] = "";
	unsigned int b[ETH_ALEN];
	FILE *f;

	snprintf(path, sizeof(path), "ip -br link show dev %s | awk '{ print $3 }'", ifname);
	f = popen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	pclose(f);
	memset(b, 0, sizeof(b));
	assert_int_equal(sscanf(text, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]),
			 ETH_ALEN);
	for (int i = 0; i < ETH_ALEN; i++)
		mac[i] = (uint8_t)b[i];
}

/* A veth takes redirected frames if its peer does GRO. */
static void pair_make(const char *name, const char *peer)
{
	run("ip link add %s type veth peer name %s", name, peer);
	run("ip link set %s up && ip link set %s up", name, peer);
	assert_true(ethtool_set_feature(peer, "rx-gro", true) >= 0);
}

static void access_make(void)
{
	pair_make("acc0", "sub0");
	mac_of("acc0", access_mac);
}

static int group_setup(void **state)
{
	const char *work = getenv("XPPPD_WORK");
	static char dir[256], pins[300];

	(void)state;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
		return -1;
	snprintf(dir, sizeof(dir), "%s/bpffs", work ? work : "/tmp/xp-binding");
	run("mkdir -p %s", dir);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bpf", dir, "bpf", 0, NULL) < 0)
		return -1;
	snprintf(pins, sizeof(pins), "%s/xpppd", dir);
	setenv("XPPPD_PIN_DIR", pins, 1);
	run("ip link set lo up");
	file_write("/proc/sys/net/ipv4/ip_forward", "1");
	file_write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	access_make();
	pair_make("core0", "up0");
	mac_of("core0", core_mac);
	run("ip address add 192.0.2.1/29 dev core0");
	run("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:52 dev core0");
	run("ip route add default via 192.0.2.2");
	return 0;
}

static int packet_socket(const char *ifname)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(ifname),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* ---- frames */

static uint16_t checksum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static size_t packet_make(uint8_t *p, uint32_t from, uint32_t to, size_t payload)
{
	struct udphdr udp = { .source = htons(4000), .dest = htons(5000) };
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = htonl(from),
		.daddr = htonl(to),
	};
	size_t len = sizeof(ip) + sizeof(udp) + payload;

	ip.tot_len = htons((uint16_t)len);
	ip.check = checksum(&ip, sizeof(ip));
	udp.len = htons((uint16_t)(sizeof(udp) + payload));
	memcpy(p, &ip, sizeof(ip));
	memcpy(p + sizeof(ip), &udp, sizeof(udp));
	memset(p + sizeof(ip) + sizeof(udp), 0x5a, payload);
	return len;
}

static size_t ethernet_make(uint8_t *p, const uint8_t *to, const uint8_t *from, uint16_t type)
{
	struct ether_header eth = { .ether_type = htons(type) };

	memcpy(eth.ether_dhost, to, ETH_ALEN);
	memcpy(eth.ether_shost, from, ETH_ALEN);
	memcpy(p, &eth, sizeof(eth));
	return sizeof(eth);
}

static void send_up(struct bench *b, uint16_t sid, uint32_t from, uint32_t to)
{
	uint8_t frame[256];
	size_t head = ethernet_make(frame, access_mac, client_mac, 0x8864);
	size_t len = packet_make(frame + head + 8, from, to, 32);
	const uint8_t pppoe[] = { 0x11, 0, (uint8_t)(sid >> 8), (uint8_t)sid, 0, (uint8_t)(len + 2),
				  0, 0x21 };

	memcpy(frame + head, pppoe, sizeof(pppoe));
	assert_true(send(b->sub_fd, frame, head + 8 + len, 0) > 0);
}

static void send_down(struct bench *b, uint32_t from, uint32_t to)
{
	uint8_t frame[256];
	size_t head = ethernet_make(frame, core_mac, router_mac, ETHERTYPE_IP);
	size_t len = packet_make(frame + head, from, to, 32);

	assert_true(send(b->up_fd, frame, head + len, 0) > 0);
}

/* Runs the loop until a frame of this beginning comes in; false after a while. */
static bool expect(struct bench *b, int fd, const uint8_t *begin, size_t begin_len, uint8_t *frame,
		   size_t *len)
{
	struct mono start = mono_now();

	while (mono_elapsed_ms(start, mono_now()) < WAIT_MS) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		ev_run(b->loop, EVRUN_NOWAIT);
		if (poll(&p, 1, 20) <= 0)
			continue;
		n = recv(fd, frame, 2048, 0);
		if (n >= (ssize_t)begin_len && !memcmp(frame, begin, begin_len)) {
			*len = (size_t)n;
			return true;
		}
	}
	return false;
}

static void expect_up(struct bench *b, uint32_t from, uint32_t to)
{
	uint8_t frame[2048], begin[ETH_HLEN];
	struct iphdr ip;
	size_t len;

	ethernet_make(begin, router_mac, core_mac, ETHERTYPE_IP);
	assert_true(expect(b, b->up_fd, begin, sizeof(begin), frame, &len));
	assert_int_equal(len, ETH_HLEN + 60);
	memcpy(&ip, frame + ETH_HLEN, sizeof(ip));
	assert_int_equal(ntohl(ip.saddr), from);
	assert_int_equal(ntohl(ip.daddr), to);
	assert_int_equal(ip.ttl, 63);
	assert_int_equal(checksum(&ip, sizeof(ip)), 0);
}

static void expect_down(struct bench *b, uint16_t sid, uint32_t to)
{
	uint8_t frame[2048], begin[ETH_HLEN + 8];
	const uint8_t pppoe[] = { 0x11, 0, (uint8_t)(sid >> 8), (uint8_t)sid, 0, 62, 0, 0x21 };
	struct iphdr ip;
	size_t len;

	ethernet_make(begin, client_mac, access_mac, 0x8864);
	memcpy(begin + ETH_HLEN, pppoe, sizeof(pppoe));
	assert_true(expect(b, b->sub_fd, begin, sizeof(begin), frame, &len));
	memcpy(&ip, frame + sizeof(begin), sizeof(ip));
	assert_int_equal(ntohl(ip.daddr), to);
	assert_int_equal(ip.ttl, 63);
	assert_int_equal(checksum(&ip, sizeof(ip)), 0);
}

/* ---- the data plane */

static void slow_input(void *arg, struct in_addr dst, struct buf packet)
{
	struct bench *b = arg;

	b->slow_dst = dst;
	b->slow_len = packet.len;
}

static void captured(void *arg, uint32_t slot, const struct xp_capture *packet)
{
	struct bench *b = arg;

	assert_int_equal(slot, SID);
	assert_int_equal(packet->len, 60);
	assert_int_equal(packet->data[0], 0x45);
	if (packet->up)
		b->captured_up++;
	else
		b->captured_down++;
}

static struct conf *conf_of(const char *mode, const char *more)
{
	struct conf *conf = NULL;
	char text[2048];

	snprintf(text, sizeof(text),
		 "set max-session 100\n"
		 "tunnel T protocol pppoe {\n"
		 "\tlisten on interface acc0\n"
		 "}\n"
		 "ipcp P {\n"
		 "\tpool-address 10.0.0.0/24\n"
		 "}\n"
		 "interface pppac0 address 10.0.0.1 ipcp P\n"
		 "authentication L type local {\n"
		 "\tusers-file \"/dev/null\"\n"
		 "}\n"
		 "bind tunnel from T authenticated by L to pppac0\n"
		 "attach interface acc0 mode %s\n"
		 "%s",
		 mode, more);
	assert_int_equal(conf_parse(text, strlen(text), "test", stderr, &conf), 0);
	return conf;
}

static struct conf *conf_both(const char *mode)
{
	char more[64];

	snprintf(more, sizeof(more), "attach interface core0 mode %s\n", mode);
	return conf_of(mode, more);
}

static void bench_open(struct bench *b, const char *mode)
{
	struct dp_dims dims;

	memset(b, 0, sizeof(*b));
	b->loop = ev_loop_new(EVFLAG_AUTO);
	b->log = log_new(1, LOG_INFO);
	b->conf = conf_both(mode);
	assert_int_equal(links_new(b->loop, b->log, &b->links), 0);
	dp_dims(b->conf, &dims);
	assert_int_equal(dp_bpf_new(b->loop, &dims, b->log, &b->dp), 0);
	b->dp->ip_input = slow_input;
	b->dp->captured = captured;
	b->dp->ip_arg = b->dp->capture_arg = b;
	b->sub_fd = packet_socket("sub0");
	b->up_fd = packet_socket("up0");
}

static void bench_start(struct bench *b, const char *mode)
{
	bench_open(b, mode);
	assert_int_equal(b->dp->ops->configure(b->dp, b->conf, b->links), 0);
}

static void bench_reload(struct bench *b, struct conf *conf)
{
	conf_unref(b->conf);
	b->conf = conf;
	assert_int_equal(b->dp->ops->configure(b->dp, b->conf, b->links), 0);
}

static void nothing_left(void)
{
	struct stat st;

	assert_int_equal(if_nametoindex("pppac0"), 0);
	assert_int_equal(if_nametoindex("pppac0-dp"), 0);
	assert_false(says("ip link show", "xdp"));
	assert_false(says("tc qdisc show", "clsact"));
	assert_false(says("ip route show", "pppac0"));
	assert_int_equal(stat(getenv("XPPPD_PIN_DIR"), &st), -1);
}

static void bench_stop(struct bench *b)
{
	b->dp->ops->free(b->dp);
	links_free(b->links);
	conf_unref(b->conf);
	log_free(b->log);
	ev_loop_destroy(b->loop);
	close(b->sub_fd);
	close(b->up_fd);
}

static struct dp_session session_of(uint16_t sid, uint32_t addr)
{
	struct dp_session s = {
		.slot = sid,
		.sid = sid,
		.ifindex = if_nametoindex("acc0"),
		.addr = { htonl(addr) },
		.netmask = { INADDR_NONE },
		.mtu = 1492,
		.concentrator = "pppac0",
		.ingress_filter = true,
		.mss_clamp = true,
	};

	memcpy(s.peer_mac, client_mac, ETH_ALEN);
	memcpy(s.own_mac, access_mac, ETH_ALEN);
	return s;
}

static void session_add(struct bench *b, const struct dp_session *s)
{
	assert_int_equal(b->dp->ops->session_add(b->dp, s), 0);
}

static uint64_t path_packets(struct bench *b, enum xp_path path)
{
	struct xp_path_counter paths[XP_PATH_MAX];

	b->dp->ops->paths(b->dp, paths);
	return paths[path].packets;
}

static uint64_t drop_count(struct bench *b, enum xp_reason reason)
{
	uint64_t drops[XP_REASON_MAX];

	b->dp->ops->drops(b->dp, drops);
	return drops[reason];
}

struct device_ask {
	const char *name;
	struct dp_device found;
};

static void device_seen(void *arg, const struct dp_device *device)
{
	struct device_ask *ask = arg;

	if (!strcmp(device->name, ask->name))
		ask->found = *device;
}

/* Waits for the state: it may follow from events that are under way. */
static void expect_device(struct bench *b, const char *name, const char *state, const char *mode)
{
	struct device_ask ask = { .name = name };
	struct mono start = mono_now();

	do {
		ev_run(b->loop, EVRUN_NOWAIT);
		b->dp->ops->devices(b->dp, device_seen, &ask);
		assert_string_equal(ask.found.name, name);
	} while (strcmp(ask.found.state, state) != 0 &&
		 mono_elapsed_ms(start, mono_now()) < WAIT_MS);
	assert_string_equal(ask.found.state, state);
	assert_string_equal(ask.found.mode, mode);
}

/* ---- tests */

static void expect_counters(struct bench *b, uint64_t up, uint64_t down)
{
	struct dp_counters c;

	assert_int_equal(b->dp->ops->session_counters(b->dp, SID, &c), 0);
	assert_int_equal(c.up_packets, up);
	assert_int_equal(c.up_bytes, up * 60);
	assert_int_equal(c.down_packets, down);
	assert_int_equal(c.down_bytes, down * 60);
	assert_in_range(mono_elapsed_ms(c.active_up, mono_now()), 0, 10000);
	assert_in_range(mono_elapsed_ms(c.active_down, mono_now()), 0, 10000);
}

static void both_ways(struct bench *b, uint16_t sid, uint32_t addr)
{
	send_up(b, sid, addr, REMOTE);
	expect_up(b, addr, REMOTE);
	send_down(b, REMOTE, addr);
	expect_down(b, sid, addr);
}

static void forward_in_mode(const char *mode)
{
	struct dp_session s = session_of(SID, CLIENT);
	struct dp_counters c;
	struct bench b;

	bench_start(&b, mode);
	expect_device(&b, "acc0", "attached", mode);
	expect_device(&b, "core0", "attached", mode);
	expect_device(&b, "pppac0-dp", "attached", mode);
	session_add(&b, &s);
	both_ways(&b, SID, CLIENT);
	assert_int_equal(path_packets(&b, XP_PATH_UP_FAST), 1);
	assert_int_equal(path_packets(&b, XP_PATH_DOWN_FAST), 1);
	expect_counters(&b, 1, 1);

	send_up(&b, SID, CLIENT + 1, REMOTE);
	send_up(&b, SID + 1, CLIENT, REMOTE);
	both_ways(&b, SID, CLIENT);
	assert_int_equal(drop_count(&b, XP_R_SOURCE), 1);
	assert_int_equal(drop_count(&b, XP_R_NO_SESSION), 1);

	b.dp->ops->session_del(b.dp, SID, &c);
	assert_int_equal(c.up_packets, 2);
	assert_int_equal(c.drops, 1);
	bench_stop(&b);
	nothing_left();
}

static void test_native(void **state)
{
	(void)state;
	forward_in_mode("native");
}

static void test_generic(void **state)
{
	(void)state;
	forward_in_mode("generic");
}

static void test_tc(void **state)
{
	(void)state;
	forward_in_mode("tc");
}

static void stack_in_mode(const char *mode)
{
	struct dp_session s = session_of(SID, CLIENT);
	struct bench b;

	bench_start(&b, mode);
	s.stack = true;
	session_add(&b, &s);
	both_ways(&b, SID, CLIENT);
	assert_int_equal(path_packets(&b, XP_PATH_UP_STACK), 1);
	assert_int_equal(path_packets(&b, XP_PATH_DOWN_STACK), 1);
	expect_counters(&b, 1, 1);
	bench_stop(&b);
	nothing_left();
}

static void test_stack_path(void **state)
{
	(void)state;
	stack_in_mode("native");
	stack_in_mode("generic");
	stack_in_mode("tc");
}

static void test_mixed_modes(void **state)
{
	static const char *const modes[][2] = {
		{ "native", "tc" }, { "tc", "native" }, { "native", "generic" }, { "generic", "native" },
	};
	struct dp_session s = session_of(SID, CLIENT);
	char more[64];
	struct bench b;

	(void)state;
	bench_start(&b, "native");
	session_add(&b, &s);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		snprintf(more, sizeof(more), "attach interface core0 mode %s\n", modes[i][1]);
		bench_reload(&b, conf_of(modes[i][0], more));
		expect_device(&b, "acc0", "attached", modes[i][0]);
		expect_device(&b, "core0", "attached", modes[i][1]);
		expect_device(&b, "pppac0-dp", "attached", "tc");
		both_ways(&b, SID, CLIENT);
	}
	bench_stop(&b);
	nothing_left();
}

static void slow_in_mode(const char *mode)
{
	struct dp_session slow = session_of(SID, CLIENT), fast = session_of(SID + 1, CLIENT + 1);
	struct mono start = mono_now();
	uint8_t packet[128];
	struct bench b;
	size_t len;

	bench_start(&b, mode);
	slow.slow = true;
	fast.stack = true;
	session_add(&b, &slow);
	session_add(&b, &fast);
	/* in tc mode the socket sees this one, too: it is not for the agent */
	send_down(&b, REMOTE, CLIENT + 1);
	expect_down(&b, SID + 1, CLIENT + 1);
	assert_int_equal(b.slow_len, 0);
	send_down(&b, REMOTE, CLIENT);
	while (!b.slow_len && mono_elapsed_ms(start, mono_now()) < WAIT_MS)
		ev_run(b.loop, EVRUN_NOWAIT);
	assert_int_equal(b.slow_len, 60);
	assert_int_equal(ntohl(b.slow_dst.s_addr), CLIENT);
	len = packet_make(packet, CLIENT, REMOTE, 32);
	assert_int_equal(b.dp->ops->ip_send(b.dp, SID, packet, len), 0);
	expect_up(&b, CLIENT, REMOTE);
	b.dp->ops->session_del(b.dp, SID, NULL);
	assert_int_equal(b.dp->ops->ip_send(b.dp, SID, packet, len), -ENOENT);
	bench_stop(&b);
	nothing_left();
}

static void test_slow_path(void **state)
{
	(void)state;
	slow_in_mode("native");
	slow_in_mode("tc");
}

static void test_routes(void **state)
{
	struct dp_session pool = session_of(SID, CLIENT), small = session_of(6, CLIENT + 1);
	struct dp_session outside = session_of(7, OUTSIDE), net = session_of(8, 0xac100001);
	struct bench b;

	(void)state;
	bench_start(&b, "native");
	assert_true(says("ip route show dev pppac0", "10.0.0.0/24 proto 120 scope link mtu 1492"));
	assert_true(says("ip address show dev pppac0", "10.0.0.1/32"));
	small.mtu = 1400;
	net.netmask.s_addr = htonl(0xffffff00);
	session_add(&b, &pool);
	session_add(&b, &small);
	session_add(&b, &outside);
	session_add(&b, &net);
	assert_false(says("ip route show dev pppac0", "10.0.0.5"));
	assert_true(says("ip route show dev pppac0", "10.0.0.6 proto 120 scope link mtu 1400"));
	assert_true(says("ip route show dev pppac0", "192.0.2.99 proto 120 scope link mtu 1492"));
	assert_true(says("ip route show dev pppac0", "172.16.0.0/24 proto 120"));
	both_ways(&b, 7, OUTSIDE);
	both_ways(&b, 8, 0xac100001);
	both_ways(&b, 8, 0xac100077); /* of its net */
	b.dp->ops->session_del(b.dp, 6, NULL);
	b.dp->ops->session_del(b.dp, 7, NULL);
	b.dp->ops->session_del(b.dp, 8, NULL);
	assert_false(says("ip route show dev pppac0", "10.0.0.6"));
	assert_false(says("ip route show dev pppac0", "192.0.2.99"));
	assert_false(says("ip route show dev pppac0", "172.16.0.0"));
	both_ways(&b, SID, CLIENT);
	bench_stop(&b);
	nothing_left();
}

static void test_capture(void **state)
{
	struct dp_session s = session_of(SID, CLIENT);
	struct bench b;

	(void)state;
	bench_start(&b, "native");
	session_add(&b, &s);
	both_ways(&b, SID, CLIENT);
	assert_int_equal(b.captured_up + b.captured_down, 0);
	assert_int_equal(b.dp->ops->capture(b.dp, SID, true), 0);
	assert_int_equal(b.dp->ops->capture(b.dp, SID + 1, true), -ENOENT);
	both_ways(&b, SID, CLIENT);
	ev_run(b.loop, EVRUN_NOWAIT);
	assert_int_equal(b.captured_up, 1);
	assert_int_equal(b.captured_down, 1);
	assert_int_equal(b.dp->ops->capture(b.dp, SID, false), 0);
	both_ways(&b, SID, CLIENT);
	ev_run(b.loop, EVRUN_NOWAIT);
	assert_int_equal(b.captured_up, 1);
	bench_stop(&b);
}

/* A child gets a data plane running and dies at once. */
static void crash(const char *mode)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct dp_session s = session_of(SID, CLIENT);
		struct bench b;

		bench_start(&b, mode);
		session_add(&b, &s);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_restart_after_crash(void **state)
{
	static const char *const modes[] = { "native", "generic", "tc" };
	struct dp_session s = session_of(SID, CLIENT);
	struct bench b;

	(void)state;
	for (size_t before = 0; before < 3; before++) {
		const char *after = modes[(before + 1) % 3];

		crash(modes[before]);
		assert_true(if_nametoindex("pppac0") > 0);
		bench_start(&b, after);
		expect_device(&b, "acc0", "attached", after);
		expect_device(&b, "core0", "attached", after);
		expect_device(&b, "pppac0-dp", "attached", after);
		session_add(&b, &s);
		both_ways(&b, SID, CLIENT);
		bench_stop(&b);
		nothing_left();
	}
}

static void test_reload_detaches(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "tc");
	bench_reload(&b, conf_of("auto", ""));
	expect_device(&b, "acc0", "attached", "native");
	assert_false(says("tc qdisc show dev core0", "clsact"));
	assert_false(says("tc qdisc show dev acc0", "clsact"));
	bench_reload(&b, conf_both("tc"));
	assert_true(says("tc filter show dev core0 ingress", "xpppd_tc"));
	bench_stop(&b);
	nothing_left();
}

static void test_device_vanishes_and_returns(void **state)
{
	struct dp_session s;
	struct bench b;

	(void)state;
	bench_start(&b, "native");
	run("ip link delete acc0");
	expect_device(&b, "acc0", "missing", "-");
	access_make();
	close(b.sub_fd);
	b.sub_fd = packet_socket("sub0");
	expect_device(&b, "acc0", "attached", "native");
	s = session_of(SID, CLIENT);
	session_add(&b, &s);
	both_ways(&b, SID, CLIENT);
	/* the programs know a new address of the core device */
	run("ip link set core0 address 02:00:00:00:00:77");
	run("ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:52 dev core0");
	mac_of("core0", core_mac);
	for (struct mono start = mono_now(); mono_elapsed_ms(start, mono_now()) < 100;)
		ev_run(b.loop, EVRUN_NOWAIT);
	both_ways(&b, SID, CLIENT);
	bench_stop(&b);
	nothing_left();
}

static int foreign_program(enum bpf_prog_type type)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(type, "foreign", "GPL", code, 2, NULL);

	assert_true(fd >= 0);
	return fd;
}

static void test_foreign_program_stays(void **state)
{
	int ifindex = (int)if_nametoindex("core0");
	struct device_ask ask = { .name = "core0" };
	int fd = foreign_program(BPF_PROG_TYPE_XDP);
	struct bench b;

	(void)state;
	assert_int_equal(bpf_xdp_attach(ifindex, fd, XDP_FLAGS_DRV_MODE, NULL), 0);
	bench_start(&b, "auto");
	expect_device(&b, "acc0", "attached", "native");
	expect_device(&b, "core0", "failed", "-");
	b.dp->ops->devices(b.dp, device_seen, &ask);
	assert_string_equal(ask.found.detail, "native: the device has another program");
	assert_true(says("ip link show core0", "xdp"));
	bench_stop(&b);
	assert_true(says("ip link show core0", "xdp"));
	assert_int_equal(bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL), 0);
	close(fd);
}

static void test_foreign_filter_stays(void **state)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("core0"),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = foreign_program(BPF_PROG_TYPE_SCHED_CLS));
	struct bench b;

	(void)state;
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
	bench_start(&b, "tc");
	expect_device(&b, "core0", "attached", "tc");
	bench_stop(&b);
	assert_true(says("tc filter show dev core0 egress", "foreign"));
	assert_false(says("tc filter show dev core0 ingress", "xpppd_tc"));
	run("tc qdisc del dev core0 clsact");
	close(opts.prog_fd);
}

static void test_foreign_concentrator_stays(void **state)
{
	struct bench b;

	(void)state;
	run("ip link add pppac0 type veth peer name other0");
	bench_open(&b, "native");
	assert_int_equal(b.dp->ops->configure(b.dp, b.conf, b.links), -EEXIST);
	bench_stop(&b);
	assert_true(if_nametoindex("pppac0") > 0);
	run("ip link delete pppac0");
	nothing_left();
}

/* ---- messages */

/* What dp_bpf_new says in a child that `before` has changed. */
static void expect_refusal(void (*before)(void), int error, const char *message)
{
	char said[4096] = "";
	int pipes[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		const struct dp_dims dims = { .spaces = 1, .space_size = 64, .down_lines = 64 };
		struct log *log = log_new(1, LOG_INFO);
		struct dataplane *dp;

		before();
		dup2(pipes[1], STDERR_FILENO);
		_exit(-dp_bpf_new(NULL, &dims, log, &dp));
	}
	close(pipes[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	n = read(pipes[0], said, sizeof(said) - 1);
	close(pipes[0]);
	assert_true(n > 0);
	if (!strstr(said, message))
		fail_msg("said: %s", said);
	assert_non_null(strchr(said, '\n'));
	assert_null(strchr(strchr(said, '\n') + 1, '\n')); /* one line */
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), -error);
}

static void no_bpffs(void)
{
	setenv("XPPPD_PIN_DIR", "/tmp/xp-not-a-bpffs", 1);
}

static void readonly_bpffs(void)
{
	char dir[300];

	unshare(CLONE_NEWNS);
	snprintf(dir, sizeof(dir), "%s/..", getenv("XPPPD_PIN_DIR"));
	*strrchr(dir, '/') = '\0';
	*strrchr(dir, '/') = '\0';
	mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static void no_capability(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {
		{ .effective = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW,
		  .permitted = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW },
	};

	syscall(SYS_capset, &header, none);
}

static void nothing_special(void)
{
}

static void test_refusals_are_one_sentence(void **state)
{
	struct bench b;

	(void)state;
	expect_refusal(no_bpffs, -ENODEV, "is not in a BPF file system: mount one");
	expect_refusal(readonly_bpffs, -EROFS, "Read-only file system");
	expect_refusal(no_capability, -EPERM, "CAP_BPF is missing");
	bench_open(&b, "native");
	expect_refusal(nothing_special, -EWOULDBLOCK, "another xpppd uses it");
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_generic),
		cmocka_unit_test(test_tc),
		cmocka_unit_test(test_stack_path),
		cmocka_unit_test(test_mixed_modes),
		cmocka_unit_test(test_slow_path),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_restart_after_crash),
		cmocka_unit_test(test_reload_detaches),
		cmocka_unit_test(test_device_vanishes_and_returns),
		cmocka_unit_test(test_foreign_program_stays),
		cmocka_unit_test(test_foreign_filter_stays),
		cmocka_unit_test(test_foreign_concentrator_stays),
		cmocka_unit_test(test_refusals_are_one_sentence),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, group_setup, NULL);
}
