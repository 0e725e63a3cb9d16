/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Sessions of the kernel's own PPP, made with the system calls that pppd and its plugins for PPPoE,
 * L2TP and PPTP make, without the negotiation before them:
 *
 *   linuxppp hold SESSIONS CLIENT_MAC  those of a file (packetcost.c), until it is killed; says
 *                                      "ready"
 *   linuxppp churn COUNT CLIENT_MAC    makes and removes so many of each kind; prints as JSON what
 *                                      one costs: ns of CPU time of this thread, and of waiting (for
 *                                      RCU, mostly)
 *
 * What the kernel does for them in its own threads is not in the figures.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ACCESS "access0"
#define LNS "192.0.2.1"
#define LAC "192.0.2.2"
#define GATEWAY "10.64.0.1" /* of all sessions */
#define CHURN 0x0a430001    /* 10.67.0.1, the first address of these */
#define L2TP_PORT 1701
#define PEER_ID 100 /* more than ours */

enum protocol { PPPOE, L2TP, PPTP, PROTOCOLS };
static const char *const protocol_names[PROTOCOLS] = { "pppoe", "l2tp", "pptp" };
static const int mtus[PROTOCOLS] = { 1492, 1360, 1400 };

struct session {
	enum protocol protocol;
	struct in_addr addr;
	__u16 tunnel_id, session_id;
	int socket, channel, unit;
};

struct rig {
	int control; /* for device ioctls */
	int tunnel;  /* L2TP's UDP socket, -1 if there is none yet */
	__u8 client_mac[6];
};

static void die(const char *what)
{
	fprintf(stderr, "linuxppp: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address(const char *text, in_port_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, text, &in.sin_addr);
	return in;
}

/* ---- the part of the tunnel protocols */

static int pppox_socket(int protocol)
{
	int fd = socket(AF_PPPOX, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		die("AF_PPPOX");
	return fd;
}

static int pppoe_open(const struct rig *rig, const struct session *s)
{
	struct sockaddr_pppox to = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE };
	int fd = pppox_socket(PX_PROTO_OE);

	to.sa_addr.pppoe.sid = htons(s->session_id);
	memcpy(to.sa_addr.pppoe.remote, rig->client_mac, sizeof(rig->client_mac));
	snprintf(to.sa_addr.pppoe.dev, sizeof(to.sa_addr.pppoe.dev), "%s", ACCESS);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("PPPoE");
	return fd;
}

/* Without a session id it is the tunnel itself. */
static int l2tp_connect(const struct rig *rig, __u16 tunnel_id, __u16 session_id)
{
	struct sockaddr_pppol2tp to = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OL2TP,
		.pppol2tp = { .fd = rig->tunnel,
			      .addr = address(LAC, L2TP_PORT),
			      .s_tunnel = tunnel_id,
			      .s_session = session_id,
			      .d_tunnel = (__u16)(tunnel_id + PEER_ID),
			      .d_session = session_id ? (__u16)(session_id + PEER_ID) : 0 },
	};
	int fd = pppox_socket(PX_PROTO_OL2TP);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("L2TP");
	return fd;
}

/* As xl2tpd: a connected socket, no checksums. */
static void l2tp_tunnel(struct rig *rig, __u16 tunnel_id)
{
	struct sockaddr_in from = address(LNS, L2TP_PORT), to = address(LAC, L2TP_PORT);
	int one = 1;

	rig->tunnel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (rig->tunnel < 0 ||
	    setsockopt(rig->tunnel, SOL_SOCKET, SO_NO_CHECK, &one, sizeof(one)) < 0 ||
	    bind(rig->tunnel, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(rig->tunnel, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("UDP");
	l2tp_connect(rig, tunnel_id, 0);
}

static int l2tp_open(struct rig *rig, const struct session *s)
{
	if (rig->tunnel < 0)
		l2tp_tunnel(rig, s->tunnel_id);
	return l2tp_connect(rig, s->tunnel_id, s->session_id);
}

static int pptp_open(const struct session *s)
{
	struct sockaddr_pppox at = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_PPTP };
	int fd = pppox_socket(PX_PROTO_PPTP);

	at.sa_addr.pptp = (struct pptp_addr){ .call_id = s->session_id,
					      .sin_addr = address(LNS, 0).sin_addr };
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("PPTP");
	at.sa_addr.pptp = (struct pptp_addr){ .call_id = (__u16)(s->session_id + PEER_ID),
					      .sin_addr = address(LAC, 0).sin_addr };
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("PPTP");
	return fd;
}

/* ---- PPP */

static void device_call(const struct rig *rig, unsigned long call, struct ifreq *request)
{
	if (ioctl(rig->control, call, request) < 0)
		die(request->ifr_name);
}

static void device_address(const struct rig *rig, unsigned long call, const char *name,
			   struct in_addr addr)
{
	struct ifreq request = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&request.ifr_addr;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	in->sin_family = AF_INET;
	in->sin_addr = addr;
	device_call(rig, call, &request);
}

/* The route to the peer comes with its address. */
static void device_up(const struct rig *rig, const struct session *s, int unit)
{
	struct ifreq request = { .ifr_mtu = mtus[s->protocol] };
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "ppp%d", unit);
	memcpy(request.ifr_name, name, sizeof(name));
	device_call(rig, SIOCSIFMTU, &request);
	device_address(rig, SIOCSIFADDR, name, address(GATEWAY, 0).sin_addr);
	device_address(rig, SIOCSIFDSTADDR, name, s->addr);
	request.ifr_flags = IFF_UP | IFF_POINTOPOINT;
	device_call(rig, SIOCSIFFLAGS, &request);
}

static int ppp_open(void)
{
	int fd = open("/dev/ppp", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/ppp");
	return fd;
}

static void session_open(struct rig *rig, struct session *s)
{
	struct npioctl np = { .protocol = 0x21, .mode = NPMODE_PASS };
	int channel, unit = -1;

	s->socket = s->protocol == PPPOE  ? pppoe_open(rig, s)
		    : s->protocol == L2TP ? l2tp_open(rig, s)
					  : pptp_open(s);
	s->channel = ppp_open();
	s->unit = ppp_open();
	if (ioctl(s->socket, PPPIOCGCHAN, &channel) < 0 ||
	    ioctl(s->channel, PPPIOCATTCHAN, &channel) < 0 ||
	    ioctl(s->unit, PPPIOCNEWUNIT, &unit) < 0 ||
	    ioctl(s->channel, PPPIOCCONNECT, &unit) < 0 || ioctl(s->unit, PPPIOCSNPMODE, &np) < 0)
		die("PPP");
	device_up(rig, s, unit);
}

static void session_close(const struct session *s)
{
	close(s->unit);
	close(s->channel);
	close(s->socket);
}

/* ---- hold */

static void read_client_mac(struct rig *rig, const char *text)
{
	__u8 *m = rig->client_mac;

	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2, m + 3, m + 4, m + 5) !=
	    6) {
		errno = EINVAL;
		die(text);
	}
}

static void hold(struct rig *rig, const char *path)
{
	FILE *f = fopen(path, "re");
	char name[16], addr[INET_ADDRSTRLEN + 1];
	struct session s;

	if (!f)
		die(path);
	while (fscanf(f, "%15s %16s %hu %hu", name, addr, &s.tunnel_id, &s.session_id) == 4) {
		s.addr = address(addr, 0).sin_addr;
		for (s.protocol = PPPOE; s.protocol < PROTOCOLS; s.protocol++)
			if (strcmp(name, protocol_names[s.protocol]) == 0)
				session_open(rig, &s);
	}
	fclose(f);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

/* ---- churn */

struct times {
	double cpu, all;
};

static double clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct times times_now(void)
{
	return (struct times){ clock_ns(CLOCK_THREAD_CPUTIME_ID), clock_ns(CLOCK_MONOTONIC) };
}

static void print_times(const char *name, struct times begun, int count, const char *end)
{
	struct times now = times_now();
	double cpu = (now.cpu - begun.cpu) / count, all = (now.all - begun.all) / count;

	printf("\"%s\":{\"cpu\":%.0f,\"waits\":%.0f}%s", name, cpu, all > cpu ? all - cpu : 0, end);
}

static void churn_protocol(struct rig *rig, enum protocol protocol, int count)
{
	struct session *all = calloc((size_t)count, sizeof(*all));
	struct times begun;

	if (!all)
		die("sessions");
	if (protocol == L2TP)
		l2tp_tunnel(rig, 1);
	printf("{\"protocol\":\"%s\",\"sessions\":%d,", protocol_names[protocol], count);
	begun = times_now();
	for (int i = 0; i < count; i++) {
		all[i] = (struct session){ .protocol = protocol,
					   .addr.s_addr = htonl(CHURN + (__u32)i),
					   .tunnel_id = 1,
					   .session_id = (__u16)(i + 1) };
		session_open(rig, &all[i]);
	}
	print_times("create", begun, count, ",");
	begun = times_now();
	for (int i = 0; i < count; i++)
		session_close(&all[i]);
	print_times("remove", begun, count, "}");
	free(all);
}

static void churn(struct rig *rig, int count)
{
	struct rlimit files = { (rlim_t)count * 3 + 64, (rlim_t)count * 3 + 64 };

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("setrlimit");
	putchar('[');
	for (enum protocol protocol = 0; protocol < PROTOCOLS; protocol++) {
		fputs(protocol ? ",\n" : "", stdout);
		churn_protocol(rig, protocol, count);
	}
	puts("]");
}

int main(int argc, char **argv)
{
	struct rig rig = { .tunnel = -1 };
	int count = argc == 4 ? atoi(argv[2]) : 0;

	rig.control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (rig.control < 0)
		die("socket");
	if (argc == 4)
		read_client_mac(&rig, argv[3]);
	if (argc == 4 && strcmp(argv[1], "hold") == 0) {
		hold(&rig, argv[2]);
	} else if (argc == 4 && strcmp(argv[1], "churn") == 0 && count > 0) {
		churn(&rig, count);
	} else {
		fprintf(stderr, "usage: linuxppp hold SESSIONS|churn COUNT CLIENT_MAC\n");
		return 64;
	}
	return 0;
}
