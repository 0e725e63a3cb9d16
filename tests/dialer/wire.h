/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Frames on the wire: bounded reading and writing, Ethernet with VLAN tags, PPPoE
 * (RFC 2516 4), IPv4 and UDP checksums. */
#ifndef DIALER_WIRE_H
#define DIALER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_MAC 6
#define WIRE_MIN 60 /* Ethernet without FCS */
#define WIRE_TYPE_DISCOVERY 0x8863
#define WIRE_TYPE_SESSION 0x8864

/* A read cursor. Getters return false and change nothing if too little is left. */
struct rd {
	const uint8_t *p;
	size_t len;
};

/* A write cursor; `full` is set by the first put that does not fit. */
struct wr {
	uint8_t *p;
	size_t len, cap;
	bool full;
};

struct vlan_tag {
	uint16_t tpid, vid;
};

struct vlans {
	unsigned int count; /* 0..2, outer first */
	struct vlan_tag tag[2];
};

/* A received frame with its Ethernet header taken off; points into the receiver's memory. */
struct frame {
	const uint8_t *dst, *src;
	struct vlans vlans;
	uint16_t type;
	struct rd payload;
};

struct pppoe_header {
	uint8_t code;
	uint16_t sid;
};

bool rd_u8(struct rd *r, uint8_t *v);
bool rd_u16(struct rd *r, uint16_t *v);
bool rd_u32(struct rd *r, uint32_t *v);
bool rd_copy(struct rd *r, void *to, size_t n);
bool rd_take(struct rd *r, size_t n, struct rd *part);

void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_put(struct wr *w, const void *p, size_t n);
void wr_fill(struct wr *w, uint8_t byte, size_t n);
void wr_tlv16(struct wr *w, uint16_t type, const void *p, size_t n);
void wr_patch_u16(struct wr *w, size_t at, uint16_t v);

uint16_t wire_get16(const uint8_t *p);
uint32_t wire_get32(const uint8_t *p);
uint64_t wire_get64(const uint8_t *p);

/* stripped: a tag that the kernel took out of the frame, or NULL. */
bool wire_parse(const uint8_t *p, size_t len, const struct vlan_tag *stripped, struct frame *f);
/* Checks version, type and length, and cuts *r to what the length says. */
bool wire_parse_pppoe(struct rd *r, struct pppoe_header *h);
bool wire_vlans_equal(const struct vlans *a, const struct vlans *b);

void wire_put_eth(struct wr *w, const uint8_t *dst, const uint8_t *src, const struct vlans *v,
		  uint16_t type);
/* Returns where the PPPoE header begins, for wire_end_pppoe(). */
size_t wire_put_pppoe(struct wr *w, uint8_t code, uint16_t sid);
void wire_end_pppoe(struct wr *w, size_t at, bool pad);

/* The Internet checksum's sum over bytes, not folded; sums can be chained over even lengths. */
uint32_t wire_sum(const uint8_t *p, size_t len, uint32_t sum);
uint16_t wire_fold(uint32_t sum);
/* Checksum over an IPv4 packet's UDP datagram with its pseudo header; 0 if it is right. */
uint16_t wire_udp_check(const uint8_t *ip, size_t header_len, size_t len);

#endif
