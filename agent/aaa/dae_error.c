/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/dae_error.h"

unsigned int dae_error_number(enum dae_error error)
{
	static const unsigned short numbers[DAE_ERROR_MAX] = {
#define DAE_ERROR_NUMBER(symbol, number, name) [DAE_##symbol] = (number),
		DAE_ERRORS(DAE_ERROR_NUMBER)
#undef DAE_ERROR_NUMBER
	};

	return numbers[error];
}

const char *dae_error_name(enum dae_error error)
{
	static const char *const names[DAE_ERROR_MAX] = {
#define DAE_ERROR_NAME(symbol, number, name) [DAE_##symbol] = (name),
		DAE_ERRORS(DAE_ERROR_NAME)
#undef DAE_ERROR_NAME
	};

	return names[error];
}
