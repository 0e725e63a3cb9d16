/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* `dialer flood`, `raw` and `discover`: frames without a session. */
#ifndef DIALER_FLOOD_H
#define DIALER_FLOOD_H

struct options;

/* Each returns the exit status. */
int flood_run(const struct options *opt);
int flood_l2tp_run(const struct options *opt);
int flood_pptp_run(const struct options *opt);
int flood_gre_run(const struct options *opt);
int raw_run(const struct options *opt);
int discover_run(const struct options *opt);

#endif
