/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Error-Cause, RFC 5176 3.5: those that we give. */
#ifndef XPPPD_DAE_ERROR_H
#define XPPPD_DAE_ERROR_H

/* clang-format off */

/* X(SYMBOL, number, "name") */
#define DAE_ERRORS(X)                                                                              \
	X(DONE, 0, "none")                                                                         \
	X(RESIDUAL, 201, "residual-context-removed") /* an ACK: it was on its way down already */  \
	X(UNSUPPORTED_ATTRIBUTE, 401, "unsupported-attribute")                                     \
	X(MISSING_ATTRIBUTE, 402, "missing-attribute")                                             \
	X(NAS_MISMATCH, 403, "nas-identification-mismatch")                                        \
	X(INVALID_REQUEST, 404, "invalid-request")                                                 \
	X(UNSUPPORTED_SERVICE, 405, "unsupported-service")                                         \
	X(INVALID_VALUE, 407, "invalid-attribute-value")                                           \
	X(PROHIBITED, 501, "administratively-prohibited")                                          \
	X(NOT_FOUND, 503, "session-context-not-found")                                             \
	X(RESOURCES, 506, "resources-unavailable")                                                 \
	X(INITIATED, 507, "request-initiated")                                                     \
	X(MULTIPLE, 508, "multiple-session-selection-unsupported")

enum dae_error {
#define DAE_ERROR_ENUM(symbol, number, name) DAE_##symbol,
	DAE_ERRORS(DAE_ERROR_ENUM)
#undef DAE_ERROR_ENUM
	DAE_ERROR_MAX,
};

/* clang-format on */

unsigned int dae_error_number(enum dae_error error);
const char *dae_error_name(enum dae_error error);

#endif
