/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "cause.h"

static const char *const names[CAUSE_MAX] = {
#define CAUSE_NAME(symbol, name) [CAUSE_##symbol] = (name),
	CAUSES(CAUSE_NAME)
#undef CAUSE_NAME
};

const char *cause_name(enum cause cause)
{
	return (unsigned int)cause < CAUSE_MAX ? names[cause] : "unknown";
}
