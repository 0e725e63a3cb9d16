/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The socket between dialer and core companion: a question in words, an answer in JSON. A
 * socket with a path is reached from every network namespace. */
#ifndef DIALER_CONTROL_H
#define DIALER_CONTROL_H

#include <stddef.h>

#define CONTROL_MAX 4096

/* A descriptor, or a negative errno. */
int control_listen(const char *path);
int control_connect(const char *path);
/* One question, one answer; NUL-terminated. */
int control_ask(int fd, const char *question, char answer[CONTROL_MAX]);
/* The length received, 0 at the end, or a negative errno. */
int control_receive(int fd, char text[CONTROL_MAX]);
int control_send(int fd, const char *text);

#endif
