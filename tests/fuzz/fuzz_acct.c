/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Records of accounting, as they are read back from a file that may be damaged. The checksums are made
 * right, so that what is behind them is reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "aaa/acct_record.h"
#include "aaa/radius_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void seal(uint8_t *bytes, size_t len)
{
	uint32_t crc = (uint32_t)crc32(crc32(0, NULL, 0), bytes, (unsigned int)(len - 4));

	for (int i = 0; i < 4; i++)
		bytes[len - 4 + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void read_all(struct buf key, struct buf head, struct buf body)
{
	uint8_t storage[RADIUS_MAX], again[ACCT_HEAD];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	char name[ACCT_NAME_MAX + 1];
	struct acct_record r;
	unsigned int due;
	struct buf kept;

	if (acct_record_read(key, head, &r) < 0)
		return;
	acct_head_write(&r, again);
	if (memcmp(head.p, again, sizeof(again)) != 0)
		abort();
	if (acct_body_read(body, name, &kept) < 0 || kept.len > sizeof(storage))
		return;
	if (strlen(name) > ACCT_NAME_MAX)
		abort();
	while ((due = acct_record_next(&r))) {
		memcpy(storage, kept.p, kept.len);
		attrs.len = kept.len;
		attrs.overflow = false;
		if (acct_record_put(&r, due, &attrs) == 0 && attrs.len > sizeof(storage))
			abort();
		r.due &= (uint8_t)~due;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t key[ACCT_KEY] = { 0 }, head[ACCT_HEAD] = { 0 }, *body;
	size_t len;

	if (size < ACCT_KEY + ACCT_HEAD + 4)
		return 0;
	memcpy(key, data, ACCT_KEY);
	memcpy(head, data + ACCT_KEY, ACCT_HEAD);
	len = size - ACCT_KEY - ACCT_HEAD;
	body = malloc(len);
	if (!body)
		abort();
	memcpy(body, data + ACCT_KEY + ACCT_HEAD, len);
	read_all(buf_of(key, ACCT_KEY), buf_of(head, ACCT_HEAD), buf_of(body, len));
	seal(head, ACCT_HEAD);
	seal(body, len);
	read_all(buf_of(key, ACCT_KEY), buf_of(head, ACCT_HEAD), buf_of(body, len));
	free(body);
	return 0;
}
