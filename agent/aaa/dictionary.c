/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/dictionary.h"

#include <errno.h>
#include <stdlib.h>

struct dictionary {
	struct log *log;
};

int dictionary_new(const char *directory, struct log *log, struct dictionary **dictionary)
{
	struct dictionary *d = calloc(1, sizeof(*d));

	(void)directory;
	if (!d)
		return -ENOMEM;
	d->log = log;
	*dictionary = d;
	return 0;
}

void dictionary_free(struct dictionary *dictionary)
{
	free(dictionary);
}

bool dictionary_find(const struct dictionary *dictionary, const char *name,
		     struct dictionary_attr *attr)
{
	(void)dictionary, (void)name, (void)attr;
	return false;
}

bool dictionary_get(const struct dictionary *dictionary, uint32_t vendor, uint8_t type,
		    struct dictionary_attr *attr)
{
	(void)dictionary, (void)vendor, (void)type, (void)attr;
	return false;
}

bool dictionary_value(const struct dictionary *dictionary, const char *attr, const char *name,
		      uint32_t *value)
{
	(void)dictionary, (void)attr, (void)name, (void)value;
	return false;
}

const char *dictionary_value_name(const struct dictionary *dictionary, const char *attr,
				  uint32_t value)
{
	(void)dictionary, (void)attr, (void)value;
	return NULL;
}
