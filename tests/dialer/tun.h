/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A TUN device per session, for programs that want real sockets (ping, iperf3). */
#ifndef DIALER_TUN_H
#define DIALER_TUN_H

#include "wire.h"

struct call;
struct client;

/* Makes none without --tun. On an error the call has failed. */
bool tun_open(struct client *client, struct call *call);
void tun_close(struct client *client, struct call *call);
/* What the stack sends goes into the session. */
void tun_ready(struct client *client, struct call *call);
void tun_write(const struct call *call, struct rd packet);

#endif
