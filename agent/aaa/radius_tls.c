/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <errno.h>

#include "aaa/radius_server.h"

int radius_tls_configure(struct radius_server *s)
{
	(void)s;
	return -ENOTSUP;
}

void radius_tls_free(void *tls)
{
	(void)tls;
}

const struct radius_transport radius_tls = { .max_channels = RADIUS_TLS_CHANNELS };
