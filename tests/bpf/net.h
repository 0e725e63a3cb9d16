/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A network namespace of the test's own, with a private bpffs. Frames go into sub0, whose peer
 * acc0 is the access device, and come out of up0, whose peer core0 is the core device, and back.
 * sub0 and up0 have no addresses and nothing is sent to their MACs, so that nothing but the
 * data plane joins the two.
 */
#ifndef XPPPD_TEST_NET_H
#define XPPPD_TEST_NET_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_SID 5
#define NET_CLIENT 0x0a000005u  /* 10.0.0.5, of the pool */
#define NET_REMOTE 0xc6336409u  /* 198.51.100.9, behind the core's router */
#define NET_OUTSIDE 0xc0000263u /* 192.0.2.99, of no pool */
#define NET_WAIT_MS 10000
#define NET_BPFFS "/sys/fs/bpf"
#define NET_PIN_DIR NET_BPFFS "/xp-test"

extern const uint8_t net_client_mac[ETH_ALEN], net_router_mac[ETH_ALEN];
extern uint8_t net_access_mac[ETH_ALEN], net_core_mac[ETH_ALEN];

/* For cmocka's groups. */
int net_setup(void **state);
/* acc0 and sub0 anew. */
void net_access(void);
/* Runs a shell command, which must succeed. */
void net_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A shell command's output has this text. */
bool net_says(const char *command, const char *what);
/* A device that was set up drops what it should send until the kernel has noticed its carrier. */
void net_wait_up(const char *name);
void net_mac(const char *ifname, uint8_t mac[ETH_ALEN]);
/* A packet socket for what comes in. */
int net_socket(const char *ifname);

uint16_t net_checksum(const void *data, size_t len);
/* These return the length written. */
size_t net_packet(uint8_t *p, uint32_t from, uint32_t to, size_t payload); /* IPv4, UDP */
size_t net_ethernet(uint8_t *p, const uint8_t *to, const uint8_t *from, uint16_t type);

#endif
