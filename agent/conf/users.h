/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The users file, npppd-users(5): records of getcap(3) form, one per user. Read once into
 * an index by name; a reload reads anew.
 */
#ifndef XPPPD_CONF_USERS_H
#define XPPPD_CONF_USERS_H

#include <stddef.h>
#include <stdio.h>

#include "index.h"

struct conf;
struct dictionary;
struct profile;
struct users;

struct user {
	struct index_node node;
	struct user *next; /* of all */
	struct profile *profile;
	char *password;
	char *calling_number; /* NULL: any */
	unsigned int line;
	char name[];
};

/*
 * Errors are written to `errors`, one line each as "FILE:LINE: what is wrong, what was
 * expected". 0; -EACCES also if others may read the file, -ENOENT, -EINVAL; *users
 * untouched on failure. dictionary: other names of attributes, and those of their values; may be
 * NULL.
 */
int users_read(const char *path, const struct dictionary *dictionary, FILE *errors,
	       struct users **users);
/* The same from memory; `name` stands for the file in messages. */
int users_parse(const char *text, size_t len, const char *name, const struct dictionary *dictionary,
		FILE *errors, struct users **users);
/* Do they fit conf? A net that goes to one user (framed-ip-netmask) must not have addresses in it
 * that others may get, or that are the concentrator's. Errors as above; -EINVAL. */
int users_check(const struct users *users, const struct conf *conf, const char *name, FILE *errors);
void users_free(struct users *users); /* passwords are wiped; NULL is fine */
const struct user *users_find(const struct users *users, const char *name); /* NULL: unknown */
size_t users_count(const struct users *users);

#endif
