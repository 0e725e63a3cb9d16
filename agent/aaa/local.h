/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Authentication by a users file: `authentication … type local`. */
#ifndef XPPPD_LOCAL_H
#define XPPPD_LOCAL_H

#include <stdbool.h>

struct aaa_result;
struct mschapv2;
struct ppp_auth_request;
struct users;

struct local_call {
	const struct users *users;
	struct mschapv2 *mschapv2; /* NULL: that method is always rejected */
	const char *name;          /* as it stands in the users file */
	bool check_calling_number;
	const char *calling_number; /* NULL: the carrier has none */
};

/* Decides. Fills result->ppp, and result->profile on accept. Takes the same time for a user that is
 * unknown. */
void local_authenticate(const struct local_call *call, const struct ppp_auth_request *request,
			struct aaa_result *result);

#endif
