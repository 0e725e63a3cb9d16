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
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/ethtool.h"
#include "net.h"

const uint8_t net_client_mac[] = { 2, 0, 0, 0, 0, 0x51 };
const uint8_t net_router_mac[] = { 2, 0, 0, 0, 0, 0x52 };
uint8_t net_access_mac[ETH_ALEN], net_core_mac[ETH_ALEN];

void net_run(const char *format, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

bool net_says(const char *command, const char *what)
{
	FILE *f = popen(command, "r");
	char text[16384];
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	assert_non_null(f);
	text[n] = '\0';
	pclose(f);
	return strstr(text, what) != NULL;
}

static void net_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

void net_mac(const char *ifname, uint8_t mac[ETH_ALEN])
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
	assert_int_equal(sscanf(text, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4],
				&b[5]),
			 ETH_ALEN);
	for (int i = 0; i < ETH_ALEN; i++)
		mac[i] = (uint8_t)b[i];
}

void net_wait_up(const char *name)
{
	char command[64];
	int tries = NET_WAIT_MS / 10;

	snprintf(command, sizeof(command), "ip link show dev %s", name);
	while (!net_says(command, "state UP") && tries-- > 0)
		usleep(10000);
	assert_true(tries > 0);
}

/* A veth takes redirected frames if its peer does GRO. */
static void net_pair(const char *name, const char *peer)
{
	net_run("ip link add %s type veth peer name %s", name, peer);
	net_run("ip link set %s up && ip link set %s up", name, peer);
	net_wait_up(name);
	net_wait_up(peer);
	assert_true(ethtool_set_feature(peer, "rx-gro", true) >= 0);
}

void net_access(void)
{
	net_pair("acc0", "sub0");
	net_mac("acc0", net_access_mac);
}

int net_setup(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bpf", NET_BPFFS, "bpf", 0, NULL) < 0)
		return -1;
	setenv("XPPPD_PIN_DIR", NET_PIN_DIR, 1);
	net_run("ip link set lo up");
	net_write("/proc/sys/net/ipv4/ip_forward", "1");
	net_write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	net_access();
	net_pair("core0", "up0");
	net_mac("core0", net_core_mac);
	net_run("ip address add 192.0.2.1/29 dev core0");
	net_run("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:52 dev core0");
	net_run("ip route add default via 192.0.2.2");
	return 0;
}

int net_socket(const char *ifname)
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

uint16_t net_checksum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

size_t net_packet(uint8_t *p, uint32_t from, uint32_t to, size_t payload)
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
	ip.check = net_checksum(&ip, sizeof(ip));
	udp.len = htons((uint16_t)(sizeof(udp) + payload));
	memcpy(p, &ip, sizeof(ip));
	memcpy(p + sizeof(ip), &udp, sizeof(udp));
	memset(p + sizeof(ip) + sizeof(udp), 0x5a, payload);
	return len;
}

size_t net_ethernet(uint8_t *p, const uint8_t *to, const uint8_t *from, uint16_t type)
{
	struct ether_header eth = { .ether_type = htons(type) };

	memcpy(eth.ether_dhost, to, ETH_ALEN);
	memcpy(eth.ether_shost, from, ETH_ALEN);
	memcpy(p, &eth, sizeof(eth));
	return sizeof(eth);
}
