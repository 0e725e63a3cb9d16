/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* EAP as authenticator that leaves the methods to a server: RFC 3748. */
#ifndef XPPPD_EAP_H
#define XPPPD_EAP_H

struct packet;
struct ppp;
struct ppp_auth_reply;

/* Asks who the peer is. -ENOMEM. */
int eap_begin(struct ppp *ppp);
void eap_end(struct ppp *ppp);
/* Sends the last request again. */
void eap_again(struct ppp *ppp);
void eap_input(struct ppp *ppp, const struct packet *p);
/* The server's next request goes to the peer. -EPROTO: it is none, or one too many. */
int eap_challenge(struct ppp *ppp, const struct ppp_auth_reply *reply);
/* Success or Failure, after the step of authentication. */
void eap_send_answer(struct ppp *ppp);
/* Who the peer says it is; PPP_USERNAME_MAX and its end. */
char *eap_identity(struct ppp *ppp);
/* How long the peer may think about the last request. */
unsigned int eap_timeout_ms(const struct ppp *ppp);

#endif
