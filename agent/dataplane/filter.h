/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Our filter at a device's clsact ingress (kernel 6.1 has no tcx). */
#ifndef XPPPD_FILTER_H
#define XPPPD_FILTER_H

#include <stdint.h>

/* Replaces a filter of ours; -EEXIST: another filter stands in its place. */
int filter_add(uint32_t ifindex, int prog_fd);
/* Removes it if it is ours, and clsact with it when nobody else has a filter there. */
void filter_del(uint32_t ifindex);

#endif
