/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Does to sessions what a Disconnect- or CoA-Request asks for. */
#ifndef XPPPD_DAE_ACT_H
#define XPPPD_DAE_ACT_H

#include "aaa/dae_error.h"

struct dae_request;
struct sessions;

/* Either all of it or nothing. n: sessions that are concerned. DAE_DONE and DAE_RESIDUAL are
 * success. */
enum dae_error dae_act(struct sessions *sessions, const struct dae_request *request,
		       unsigned int *n);

#endif
