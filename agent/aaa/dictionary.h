/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What RADIUS attributes are called, and how their values are written: our own dictionary, and
 * over it what an operator has in a directory, read by radcli.
 */
#ifndef XPPPD_DICTIONARY_H
#define XPPPD_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>

struct dictionary;
struct log;

enum dictionary_kind {
	DICTIONARY_STRING, /* text or octets */
	DICTIONARY_INTEGER,
	DICTIONARY_DATE,
	DICTIONARY_ADDRESS,
	DICTIONARY_ADDRESS6,
	DICTIONARY_PREFIX6,
};

struct dictionary_attr {
	const char *name; /* the dictionary's */
	uint32_t vendor;  /* 0: standard */
	uint8_t type;
	enum dictionary_kind kind;
};

/*
 * directory: its files "dictionary*" are read in the order of their names, NULL or one that does
 * not exist: none. A file that cannot be read is logged and left out. -ENOMEM, -EINVAL (our own).
 */
int dictionary_new(const char *directory, struct log *log, struct dictionary **dictionary);
void dictionary_free(struct dictionary *dictionary); /* NULL is fine */

bool dictionary_find(const struct dictionary *dictionary, const char *name,
		     struct dictionary_attr *attr);
bool dictionary_get(const struct dictionary *dictionary, uint32_t vendor, uint8_t type,
		    struct dictionary_attr *attr);
/* A named value of an INTEGER, such as "Framed-User" of Service-Type. */
bool dictionary_value(const struct dictionary *dictionary, const char *attr, const char *name,
		      uint32_t *value);
const char *dictionary_value_name(const struct dictionary *dictionary, const char *attr,
				  uint32_t value);

#endif
