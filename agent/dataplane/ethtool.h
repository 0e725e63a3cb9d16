/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A device's offload features, by the names that `ethtool -k` derives its own from. */
#ifndef XPPPD_ETHTOOL_H
#define XPPPD_ETHTOOL_H

#include <stdbool.h>

/* 1: changed, 0: is so already, or the device does not have the feature; -EOPNOTSUPP: the device
 * refuses; -errno. */
int ethtool_set_feature(const char *ifname, const char *feature, bool on);

#endif
