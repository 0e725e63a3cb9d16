/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The JSON report, and the file of sessions. */
#ifndef DIALER_REPORT_H
#define DIALER_REPORT_H

struct call;
struct client;
struct json_object;
struct tally;

/* A line of --sessions-file. */
void report_session(struct client *client, const struct call *call);
struct json_object *report_client(struct client *client);
/* The same as far as it goes, to the file of --ready; it is whole once it is there. */
void report_ready(struct client *client);
struct json_object *report_tally(const struct tally *t);
/* To a file, or to stdout if path is NULL; takes the object. */
int report_write(struct json_object *o, const char *path);

#endif
