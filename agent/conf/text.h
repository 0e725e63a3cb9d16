/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Numbers, addresses and strings as they stand in the configuration. */
#ifndef XPPPD_CONF_TEXT_H
#define XPPPD_CONF_TEXT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

struct conf_range;

/* Decimal digits only. 0, or -EINVAL. */
int conf_text_number(const char *text, unsigned int min, unsigned int max, unsigned int *n);
int conf_text_in4(const char *text, struct in_addr *address);
/* IPv4 or IPv6, with the port given. */
int conf_text_address(const char *text, uint16_t port, struct sockaddr_storage *address);
/* ADDR or ADDR/LEN, IPv4 or IPv6; port 0. */
int conf_text_net(const char *text, struct sockaddr_storage *net, unsigned int *prefix);
/* A, A-B, A/LEN or A/MASK; sets first, last and cidr. */
int conf_text_range(const char *text, struct conf_range *range);
/* A name of a network device of at most `max` characters. */
bool conf_text_is_device(const char *text, size_t max);

/* As one word that reads as this string; in quotes where need be or `quotes`. */
void conf_text_print(FILE *out, const char *string, bool quotes);
void conf_text_print_range(FILE *out, const struct conf_range *range);
/* ADDR, and " port P" unless it is this one. */
void conf_text_print_address(FILE *out, const struct sockaddr_storage *address, uint16_t port);

void conf_text_print_net(FILE *out, const struct sockaddr_storage *net, unsigned int prefix);

#endif
