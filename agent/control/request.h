/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A request of a control client, read and checked (see <xpppd/control.h>). */
#ifndef XPPPD_REQUEST_H
#define XPPPD_REQUEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xpppd/control.h>

#include "session.h"

struct json_object;

struct request {
	enum control_command command;
	enum control_view view;
	struct session_filter filter; /* its strings live as long as the request */
	bool filtered;                /* some filter is set */
	bool all;
	uint32_t count;    /* 0: no limit */
	uint32_t interval; /* `top`, in milliseconds; 0: the usual one */
	uint32_t tunnel;   /* `clear`; 0: sessions are meant */
	char peer[INET6_ADDRSTRLEN];
	struct json_object *json;
};

/* Reads one line, without its end. -EINVAL: error tells what is wrong; *request untouched. */
int request_read(struct request *request, const char *line, size_t len, char *error,
		 size_t error_size);
void request_clear(struct request *request);

#endif
