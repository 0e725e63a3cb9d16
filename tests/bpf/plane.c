/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link.h"
#include "log.h"
#include "net.h"
#include "plane.h"

void plane_send_up(struct plane *p, uint16_t sid, uint32_t from, uint32_t to)
{
	uint8_t frame[256];
	size_t head = net_ethernet(frame, net_access_mac, net_client_mac, 0x8864);
	size_t len = net_packet(frame + head + 8, from, to, 32);
	const uint8_t pppoe[] = {
		0x11, 0, (uint8_t)(sid >> 8), (uint8_t)sid, 0, (uint8_t)(len + 2), 0, 0x21
	};

	memcpy(frame + head, pppoe, sizeof(pppoe));
	assert_true(send(p->sub_fd, frame, head + 8 + len, 0) > 0);
}

void plane_send_down(struct plane *p, uint32_t from, uint32_t to)
{
	uint8_t frame[256];
	size_t head = net_ethernet(frame, net_core_mac, net_router_mac, ETHERTYPE_IP);
	size_t len = net_packet(frame + head, from, to, 32);

	assert_true(send(p->up_fd, frame, head + len, 0) > 0);
}

bool plane_expect(struct plane *p, int fd, const uint8_t *begin, size_t begin_len, uint8_t *frame,
		  size_t *len)
{
	struct mono start = mono_now();

	while (mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS) {
		struct pollfd poll_in = { .fd = fd, .events = POLLIN };
		ssize_t n;

		ev_run(p->loop, EVRUN_NOWAIT);
		if (poll(&poll_in, 1, 20) <= 0)
			continue;
		n = recv(fd, frame, 2048, 0);
		if (n >= (ssize_t)begin_len && !memcmp(frame, begin, begin_len)) {
			*len = (size_t)n;
			return true;
		}
	}
	return false;
}

void plane_expect_up(struct plane *p, uint32_t from, uint32_t to)
{
	uint8_t frame[2048], begin[ETH_HLEN];
	struct iphdr ip;
	size_t len;

	net_ethernet(begin, net_router_mac, net_core_mac, ETHERTYPE_IP);
	assert_true(plane_expect(p, p->up_fd, begin, sizeof(begin), frame, &len));
	assert_int_equal(len, ETH_HLEN + 60);
	memcpy(&ip, frame + ETH_HLEN, sizeof(ip));
	assert_int_equal(ntohl(ip.saddr), from);
	assert_int_equal(ntohl(ip.daddr), to);
	assert_int_equal(ip.ttl, 63);
	assert_int_equal(net_checksum(&ip, sizeof(ip)), 0);
}

void plane_expect_down(struct plane *p, uint16_t sid, uint32_t to)
{
	uint8_t frame[2048], begin[ETH_HLEN + 8];
	const uint8_t pppoe[] = { 0x11, 0, (uint8_t)(sid >> 8), (uint8_t)sid, 0, 62, 0, 0x21 };
	struct iphdr ip;
	size_t len;

	net_ethernet(begin, net_client_mac, net_access_mac, 0x8864);
	memcpy(begin + ETH_HLEN, pppoe, sizeof(pppoe));
	assert_true(plane_expect(p, p->sub_fd, begin, sizeof(begin), frame, &len));
	memcpy(&ip, frame + sizeof(begin), sizeof(ip));
	assert_int_equal(ntohl(ip.daddr), to);
	assert_int_equal(ip.ttl, 63);
	assert_int_equal(net_checksum(&ip, sizeof(ip)), 0);
}

static void slow_input(void *arg, struct in_addr dst, struct buf packet)
{
	struct plane *p = arg;

	p->slow_dst = dst;
	p->slow_len = packet.len;
}

static void captured(void *arg, const struct xp_capture *packet)
{
	struct plane *p = arg;

	assert_int_equal(packet->slot, NET_SID);
	assert_int_equal(packet->len, 60);
	assert_int_equal(packet->data[0], 0x45);
	if (packet->up)
		p->captured_up++;
	else
		p->captured_down++;
}

static struct conf *conf_of(const char *mode, const char *mppe, const char *more)
{
	struct conf *conf = NULL;
	char text[2048];

	snprintf(text, sizeof(text),
		 "set max-session 100\n"
		 "tunnel T protocol pppoe {\n"
		 "\tlisten on interface acc0\n"
		 "\tmppe %s\n"
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
		 mppe, mode, more);
	assert_int_equal(conf_parse(text, strlen(text), "test", stderr, &conf), 0);
	return conf;
}

struct conf *plane_conf(const char *mode, const char *more)
{
	return conf_of(mode, "no", more);
}

static struct conf *conf_of_both(const char *mode, const char *mppe)
{
	char more[64];

	snprintf(more, sizeof(more), "attach interface core0 mode %s\n", mode);
	return conf_of(mode, mppe, more);
}

struct conf *plane_conf_both(const char *mode)
{
	return conf_of_both(mode, "no");
}

static void dims_over_ip(struct plane *p, struct dp_dims *dims)
{
	dims->l2tp_first = dims->spaces * dims->space_size;
	dims->l2tp_spaces = 1;
	dims->l2tp_space_size = PLANE_L2TP;
	dims->pptp_size = PLANE_PPTP;
	dims->down_lines += PLANE_L2TP + PLANE_PPTP;
	dims->pptp_first = dims->l2tp_first + dims->l2tp_space_size;
	p->pptp_first = dims->pptp_first;
	p->l2tp_first = dims->l2tp_first;
}

static void open_with(struct plane *p, const char *mode, bool over_ip)
{
	struct dp_dims dims;

	memset(p, 0, sizeof(*p));
	p->loop = ev_loop_new(EVFLAG_AUTO);
	p->log = log_new(1, LOG_INFO);
	p->conf = plane_conf_both(mode);
	assert_int_equal(links_new(p->loop, p->log, &p->links), 0);
	dp_dims(p->conf, &dims);
	if (over_ip)
		dims_over_ip(p, &dims);
	assert_int_equal(dp_bpf_new(p->loop, &dims, p->log, &p->dp), 0);
	p->dp->ip_input = slow_input;
	p->dp->captured = captured;
	p->dp->ip_arg = p->dp->capture_arg = p;
	p->sub_fd = net_socket("sub0");
	p->up_fd = net_socket("up0");
}

void plane_open(struct plane *p, const char *mode)
{
	open_with(p, mode, false);
}

void plane_reload(struct plane *p, struct conf *conf)
{
	conf_unref(p->conf);
	p->conf = conf;
	assert_int_equal(p->dp->ops->configure(p->dp, p->conf, p->links), 0);
}

static void plane_configure(struct plane *p, struct conf *conf)
{
	plane_reload(p, conf);
	net_wait_up("pppac0");
	net_wait_up("pppac0-dp");
}

void plane_start(struct plane *p, const char *mode)
{
	plane_open(p, mode);
	plane_configure(p, plane_conf_both(mode));
}

void plane_start_over_ip(struct plane *p, const char *mode)
{
	open_with(p, mode, true);
	plane_configure(p, plane_conf_both(mode));
}

void plane_start_mppe(struct plane *p, const char *mode)
{
	plane_open(p, mode);
	plane_configure(p, conf_of_both(mode, "yes"));
}

void plane_left_nothing(void)
{
	struct stat st;

	assert_int_equal(if_nametoindex("pppac0"), 0);
	assert_int_equal(if_nametoindex("pppac0-dp"), 0);
	assert_false(net_says("ip link show", "xdp"));
	assert_false(net_says("tc qdisc show", "clsact"));
	assert_false(net_says("ip route show", "pppac0"));
	assert_int_equal(stat(NET_PIN_DIR, &st), -1);
}

void plane_stop(struct plane *p)
{
	p->dp->ops->free(p->dp);
	links_free(p->links);
	conf_unref(p->conf);
	log_free(p->log);
	ev_loop_destroy(p->loop);
	close(p->sub_fd);
	close(p->up_fd);
}

struct dp_session plane_session(uint16_t sid, uint32_t addr)
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

	memcpy(s.peer_mac, net_client_mac, ETH_ALEN);
	memcpy(s.own_mac, net_access_mac, ETH_ALEN);
	return s;
}

void plane_add(struct plane *p, const struct dp_session *s)
{
	assert_int_equal(p->dp->ops->session_add(p->dp, s), 0);
}

uint64_t plane_packets(struct plane *p, enum xp_path path)
{
	struct xp_path_counter paths[XP_PATH_MAX];

	p->dp->ops->paths(p->dp, paths);
	return paths[path].packets;
}

uint64_t plane_drops(struct plane *p, enum xp_reason reason)
{
	uint64_t drops[XP_REASON_MAX];

	p->dp->ops->drops(p->dp, drops);
	return drops[reason];
}

void plane_device_seen(void *arg, const struct dp_device *device)
{
	struct plane_device *ask = arg;

	if (!strcmp(device->name, ask->name))
		ask->found = *device;
}

void plane_expect_device(struct plane *p, const char *name, const char *state, const char *mode)
{
	struct plane_device ask = { .name = name };
	struct mono start = mono_now();

	do {
		ev_run(p->loop, EVRUN_NOWAIT);
		p->dp->ops->devices(p->dp, plane_device_seen, &ask);
		assert_string_equal(ask.found.name, name);
	} while (strcmp(ask.found.state, state) != 0 &&
		 mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS);
	assert_string_equal(ask.found.state, state);
	assert_string_equal(ask.found.mode, mode);
}

void plane_expect_counters(struct plane *p, uint64_t up, uint64_t down)
{
	struct dp_counters c;

	assert_int_equal(p->dp->ops->session_counters(p->dp, NET_SID, &c), 0);
	assert_int_equal(c.up_packets, up);
	assert_int_equal(c.up_bytes, up * 60);
	assert_int_equal(c.down_packets, down);
	assert_int_equal(c.down_bytes, down * 60);
	assert_in_range(mono_elapsed_ms(c.active_up, mono_now()), 0, 10000);
	assert_in_range(mono_elapsed_ms(c.active_down, mono_now()), 0, 10000);
}

void plane_both_ways(struct plane *p, uint16_t sid, uint32_t addr)
{
	plane_send_up(p, sid, addr, NET_REMOTE);
	plane_expect_up(p, addr, NET_REMOTE);
	plane_send_down(p, NET_REMOTE, addr);
	plane_expect_down(p, sid, addr);
}
