/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* EAP (RFC 3748), the side that is asked: Identity, Notification, MD5-Challenge and MS-CHAPv2
 * (draft-kamath-pppext-eap-mschapv2). */
#ifndef DIALER_EAP_H
#define DIALER_EAP_H

#include "ppp.h"

void eap_input(struct client *client, struct call *call, const struct ppp_packet *packet);

#endif
