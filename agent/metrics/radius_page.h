/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What /metrics tells of RADIUS servers. */
#ifndef XPPPD_RADIUS_PAGE_H
#define XPPPD_RADIUS_PAGE_H

struct exposition;
struct radius;

void radius_page(struct exposition *e, const struct radius *radius);

#endif
