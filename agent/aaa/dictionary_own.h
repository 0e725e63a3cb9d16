/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#ifndef XPPPD_DICTIONARY_OWN_H
#define XPPPD_DICTIONARY_OWN_H

/* The text of the dictionary that is always there. */
extern const char dictionary_own[];

#endif
