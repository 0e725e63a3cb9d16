/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What /metrics tells of accounting and its spool. */
#ifndef XPPPD_ACCOUNTING_PAGE_H
#define XPPPD_ACCOUNTING_PAGE_H

struct accounting;
struct exposition;

void accounting_page(struct exposition *e, const struct accounting *accounting);

#endif
