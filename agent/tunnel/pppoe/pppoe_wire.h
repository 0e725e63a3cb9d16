/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PPPoE frames and tags: RFC 2516 4, 5 and appendix A, RFC 4638 (PPP-Max-Payload), TR-101
 * 3.9.2 (agent circuit id and remote id), with none, one or two VLAN tags in front.
 */
#ifndef XPPPD_PPPOE_WIRE_H
#define XPPPD_PPPOE_WIRE_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define PPPOE_TYPE_DISCOVERY 0x8863
#define PPPOE_TYPE_SESSION 0x8864

#define PPPOE_VERSION_TYPE 0x11
#define PPPOE_HEADER_LEN 6
#define PPPOE_OVERHEAD 8 /* PPPoE header and PPP protocol field */
#define PPPOE_MRU 1492   /* RFC 2516 7; more only by RFC 4638 */
#define PPPOE_VLAN_LEN 4
#define PPPOE_FRAME_MIN 60 /* without FCS */
#define PPPOE_FRAME_MAX 9300

enum pppoe_code {
	PPPOE_CODE_SESSION = 0x00,
	PPPOE_CODE_PADO = 0x07,
	PPPOE_CODE_PADI = 0x09,
	PPPOE_CODE_PADR = 0x19,
	PPPOE_CODE_PADS = 0x65,
	PPPOE_CODE_PADT = 0xa7,
};

enum pppoe_tag {
	PPPOE_TAG_END_OF_LIST = 0x0000,
	PPPOE_TAG_SERVICE_NAME = 0x0101,
	PPPOE_TAG_AC_NAME = 0x0102,
	PPPOE_TAG_HOST_UNIQ = 0x0103,
	PPPOE_TAG_AC_COOKIE = 0x0104,
	PPPOE_TAG_VENDOR = 0x0105,
	PPPOE_TAG_RELAY_ID = 0x0110,
	PPPOE_TAG_MAX_PAYLOAD = 0x0120,
	PPPOE_TAG_SERVICE_NAME_ERROR = 0x0201,
	PPPOE_TAG_AC_SYSTEM_ERROR = 0x0202,
};

/* TPIDs are kept to answer with the same; they are no part of a peer's identity. */
struct pppoe_vlans {
	uint16_t vid_outer, vid_inner; /* 0: no such tag */
	uint16_t tpid_outer, tpid_inner;
};

/* The outer tag, which the kernel takes out of a received frame. */
struct pppoe_aux {
	bool tagged;
	uint16_t tpid;
	uint16_t tci;
};

struct pppoe_frame {
	uint8_t dst[ETH_ALEN], src[ETH_ALEN];
	struct pppoe_vlans vlans;
	uint16_t type; /* PPPOE_TYPE_... */
	uint8_t code;
	uint16_t sid;
	struct buf payload; /* as long as the header says: padding is gone */
};

/*
 * Reads a frame. A tag with VLAN id 0 (priority only) counts as none. -ENODATA: shorter than
 * its headers say; -EPROTO: not PPPoE version 1 type 1; -EADDRNOTAVAIL: VLAN tags
 * that name no VLAN of ours (more than two, or the outer one without an id).
 */
int pppoe_frame_parse(struct buf wire, const struct pppoe_aux *aux, struct pppoe_frame *frame);

/* Writes all headers of `frame`; its payload is written by the caller afterwards.
 * Returns where the length field is, for pppoe_frame_end(). */
size_t pppoe_frame_begin(struct wbuf *w, const struct pppoe_frame *frame);
/* Sets the length and pads to the shortest Ethernet frame; -EMSGSIZE. */
int pppoe_frame_end(struct wbuf *w, size_t length_at);

/* The tags that a concentrator reads. `p` is NULL where a tag is absent. */
struct pppoe_tags {
	struct buf service;
	struct buf host_uniq;
	struct buf cookie;
	struct buf relay_id;
	struct buf circuit_id;
	struct buf remote_id;
	uint16_t max_payload; /* 0: absent */
};

/* -EBADMSG: a tag is longer than what is left, or its contents are malformed. Of a
 * tag that is there twice the first counts. */
int pppoe_tags_parse(struct buf payload, struct pppoe_tags *tags);
void pppoe_tag_put(struct wbuf *w, enum pppoe_tag tag, const void *value, size_t len);
/* Writes the tag only if `value` is not absent. */
void pppoe_tag_echo(struct wbuf *w, enum pppoe_tag tag, struct buf value);

#endif
