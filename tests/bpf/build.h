/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Packets made byte by byte, and checksums checked by code of their own. */
#ifndef XPPPD_TEST_BUILD_H
#define XPPPD_TEST_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_MAX 3072

struct frame {
	uint8_t byte[BUILD_MAX];
	uint32_t len;
};

struct ip_spec {
	uint32_t src, dst; /* host order */
	uint8_t ttl, proto;
	uint8_t options;     /* bytes of NOP */
	uint16_t frag;       /* flags and offset */
	const void *payload; /* transport header and data; its checksum is filled in */
	size_t len;
};

/* How the packet is wrapped on the access side. */
struct wrap_spec {
	const uint8_t *own, *peer;
	uint16_t tpid_outer, vid_outer; /* tpid 0: no tag; vid with priority bits as given */
	uint16_t tpid_inner, vid_inner;
	uint16_t sid;
	bool ff03, pfc;
	uint16_t protocol; /* 0: 0x0021 */
	size_t padding;
};

void frame_add(struct frame *f, const void *bytes, size_t len);
void frame_add8(struct frame *f, uint8_t value);
void frame_add16(struct frame *f, uint16_t value);
void frame_add_ethernet(struct frame *f, const uint8_t *dst, const uint8_t *src, uint16_t type);
/* Up to and without the length field. */
void frame_add_pppoe(struct frame *f, const uint8_t *dst, const uint8_t *src,
		     const struct wrap_spec *wrap);
void frame_add_ip(struct frame *f, const struct ip_spec *ip);

struct frame build_ip(const struct ip_spec *ip);
struct frame build_ethernet(const uint8_t *dst, const uint8_t *src, const struct frame *packet);
struct frame build_pppoe(const struct wrap_spec *wrap, const struct frame *packet);
/* As the subscriber gets it: always two bytes of protocol, no padding. */
struct frame build_pppoe_down(const struct wrap_spec *wrap, const struct frame *packet);

uint16_t build_get16(const uint8_t *at);
void build_set16(uint8_t *at, uint16_t value);
/* Makes the header's checksum right again after a change. */
void build_fix_ip(uint8_t *packet);
/* Of the IP header and of TCP, UDP or ICMP behind it. */
bool build_checksums_ok(const uint8_t *packet, size_t len);

#endif
