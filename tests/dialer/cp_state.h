/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* How far a call is with one of PPP's control protocols (cp.h). */
#ifndef DIALER_CP_STATE_H
#define DIALER_CP_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct negotiation {
	uint8_t ident;
	uint8_t wanted;  /* options still in our request, a bit each */
	uint8_t changes; /* naks and rejects so far */
	bool ours_acked, theirs_acked;
};

#endif
