/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"
#include "client.h"
#include "traffic.h"

#define TUN_BURST 64

static int set_address(int fd, struct ifreq *ifr, unsigned long request, struct in_addr addr)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = addr };

	memcpy(&ifr->ifr_addr, &sin, sizeof(sin));
	return ioctl(fd, request, ifr) < 0 ? -errno : 0;
}

/* A point-to-point device: own address, the concentrator's as its peer. */
static int configure(const struct call *call, const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { 0 };
	int ret;

	if (fd < 0)
		return -errno;
	strcpy(ifr.ifr_name, name);
	ret = set_address(fd, &ifr, SIOCSIFADDR, call->addr);
	if (ret == 0)
		ret = set_address(fd, &ifr, SIOCSIFDSTADDR, call->peer_addr);
	ifr.ifr_mtu = call->peer_mru < call->mru ? call->peer_mru : call->mru;
	if (call->ccp.phase != CCP_OFF)
		ifr.ifr_mtu -= MPPE_HEADER + 2;
	if (ret == 0 && ioctl(fd, SIOCSIFMTU, &ifr) < 0)
		ret = -errno;
	ifr.ifr_flags = IFF_UP | IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	if (ret == 0 && ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int open_device(struct client *client, struct call *call)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = CLIENT_EVENT_TUN + call->nth };
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	char name[IFNAMSIZ];

	if (plan_expand(client->opt.tun, call_number(client, call), call->mac, name, sizeof(name)) <
	    0)
		return -EINVAL;
	call->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (call->tun < 0)
		return -errno;
	strcpy(ifr.ifr_name, name);
	if (ioctl(call->tun, TUNSETIFF, &ifr) < 0 ||
	    epoll_ctl(client->epoll, EPOLL_CTL_ADD, call->tun, &event) < 0)
		return -errno;
	return configure(call, name);
}

bool tun_open(struct client *client, struct call *call)
{
	int ret;

	if (!client->opt.tun || call->tun >= 0)
		return true;
	ret = open_device(client, call);
	if (ret == 0)
		return true;
	fprintf(stderr, "dialer: TUN device of session %u: %s\n", call_number(client, call),
		strerror(-ret));
	call_fail(client, call, FAULT_LOCAL);
	return false;
}

void tun_close(struct client *client, struct call *call)
{
	(void)client;
	if (call->tun >= 0)
		close(call->tun);
	call->tun = -1;
}

void tun_ready(struct client *client, struct call *call)
{
	uint8_t packet[65536];
	ssize_t n;

	for (unsigned int i = 0; i < TUN_BURST; i++) {
		n = call->tun < 0 ? -1 : read(call->tun, packet, sizeof(packet));
		if (n <= 0)
			return;
		if (packet[0] >> 4 == 4)
			traffic_output(client, call, (struct rd){ packet, n });
	}
}

void tun_write(const struct call *call, struct rd packet)
{
	/* a full queue drops, as a device does */
	if (write(call->tun, packet.p, packet.len) < 0)
		return;
}
