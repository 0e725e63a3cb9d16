/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The users file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct users *users = NULL;
	char *errors = NULL, name[16] = "";
	size_t errors_size;
	FILE *out = open_memstream(&errors, &errors_size);
	const struct user *user;
	int r;

	if (!out)
		abort();
	r = users_parse((const char *)data, size, "fuzz", NULL, out, &users);
	fflush(out);
	if ((r == 0) != (errors_size == 0))
		abort();
	if (r == 0) {
		memcpy(name, data, size < sizeof(name) - 1 ? size : sizeof(name) - 1);
		name[strcspn(name, ":")] = '\0';
		user = users_find(users, name);
		if (user && (strcmp(user->name, name) != 0 || !user->password || !*user->password))
			abort();
		users_free(users);
	}
	fclose(out);
	free(errors);
	return 0;
}
