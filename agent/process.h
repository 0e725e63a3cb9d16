/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the kernel knows of this process. */
#ifndef XPPPD_PROCESS_H
#define XPPPD_PROCESS_H

#include <stdint.h>

/* 0 if /proc is not there. */
uint64_t process_resident_bytes(void);

#endif
