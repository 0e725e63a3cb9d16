/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Why a session ended, in the words of RADIUS: Acct-Terminate-Cause, RFC 2866 5.10. */
#ifndef XPPPD_ACCT_CAUSE_H
#define XPPPD_ACCT_CAUSE_H

#include <stdint.h>

#include "cause.h"

enum acct_cause {
	ACCT_USER_REQUEST = 1,
	ACCT_LOST_CARRIER = 2,
	ACCT_LOST_SERVICE = 3,
	ACCT_IDLE_TIMEOUT = 4,
	ACCT_SESSION_TIMEOUT = 5,
	ACCT_ADMIN_RESET = 6,
	ACCT_ADMIN_REBOOT = 7,
	ACCT_PORT_ERROR = 8,
	ACCT_NAS_ERROR = 9,
	ACCT_NAS_REQUEST = 10,
	ACCT_NAS_REBOOT = 11, /* "in order to reboot non-administratively ("crash")" */
	ACCT_PORT_UNNEEDED = 12,
	ACCT_PORT_PREEMPTED = 13,
	ACCT_PORT_SUSPENDED = 14,
	ACCT_SERVICE_UNAVAILABLE = 15,
	ACCT_CALLBACK = 16,
	ACCT_USER_ERROR = 17,
	ACCT_HOST_REQUEST = 18,
};

/* 0 for a number that is no cause. */
uint8_t acct_cause(enum cause cause);

#endif
