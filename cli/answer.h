/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Reads the agent's answer to a request and prints it. */
#ifndef XPPPCTL_ANSWER_H
#define XPPPCTL_ANSWER_H

#include <stdbool.h>
#include <stdio.h>
#include <xpppd/control.h>

struct answer_options {
	bool json;
	enum control_view view;
	const char *capture_path; /* for a pcap file; "-" is out */
	bool screen;              /* `top`: each round in the place of the one before */
	unsigned int rounds;      /* `top`: then it ends; 0: never */
	FILE *out;
};

/* Reads to the end of the answer. Errors are written to stderr. */
enum control_status answer_print(int fd, const struct answer_options *options);

#endif
