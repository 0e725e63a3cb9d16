/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What cryptrun.bpf.c and cryptrun.c share. Include it after the types. */
#ifndef BENCH_CRYPT_H
#define BENCH_CRYPT_H

#define CRYPT_FRAMES 4096 /* as many as counts */
#define CRYPT_FRAME 1472

struct crypt_frame {
	__u8 byte[CRYPT_FRAME];
};

#endif
