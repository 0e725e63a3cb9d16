/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#ifndef XPPPD_MPPE_SELFTEST_H
#define XPPPD_MPPE_SELFTEST_H

/* 0, or -EINVAL: this kernel's compiler made something else of the arithmetic. */
#ifdef DEBUG
int selftest(void);
#else
static inline int selftest(void)
{
	return 0;
}
#endif

#endif
