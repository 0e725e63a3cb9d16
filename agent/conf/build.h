/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The grammar's actions: each makes one statement or option part of the struct conf that
 * is being read. A name or value that is wrong is reported and the rest goes on, so that
 * one run shows all errors.
 */
#ifndef XPPPD_CONF_BUILD_H
#define XPPPD_CONF_BUILD_H

struct conf_parser;
struct conf_word;
struct conf_words;

void conf_build_set(struct conf_parser *p, const struct conf_word *name,
		    const struct conf_words *words);
void conf_build_metrics_listen(struct conf_parser *p, const struct conf_word *address,
			       const struct conf_word *port);
void conf_build_nas_id(struct conf_parser *p, const struct conf_word *id);
void conf_build_radius(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_words *words);
void conf_build_dae_listen(struct conf_parser *p, const struct conf_word *address,
			   const struct conf_word *port);
void conf_build_dae_client(struct conf_parser *p, const struct conf_word *address,
			   const struct conf_word *secret);
void conf_build_dae(struct conf_parser *p, const struct conf_word *name,
		    const struct conf_words *words);
void conf_build_interface(struct conf_parser *p, const struct conf_word *name,
			  const struct conf_word *address, const struct conf_word *ipcp);
void conf_build_bind(struct conf_parser *p, const struct conf_word *at,
		     const struct conf_word *tunnel, const struct conf_word *auth,
		     const struct conf_word *interface);
void conf_build_attach(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *mode, const struct conf_words *cpus);
void conf_build_macro(struct conf_parser *p, const struct conf_word *name,
		      const struct conf_word *value);

/* These open a block; a header that is wrong opens one that is skipped. */
void conf_build_tunnel(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *protocol);
void conf_build_ipcp(struct conf_parser *p, const struct conf_word *name);
void conf_build_auth(struct conf_parser *p, const struct conf_word *name,
		     const struct conf_word *type);
void conf_build_servers(struct conf_parser *p, const struct conf_word *which);
void conf_build_skip(struct conf_parser *p);
void conf_build_close(struct conf_parser *p);

/* Options, of the block that is open. */
void conf_build_option(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_words *words);
void conf_build_listen(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *address, const struct conf_word *port);
void conf_build_listen_on_interface(struct conf_parser *p, const struct conf_word *name,
				    const struct conf_word *interface);
void conf_build_pool(struct conf_parser *p, const struct conf_word *name,
		     const struct conf_word *range, const struct conf_word *kind);
/* port, secret: NULL if not named. */
void conf_build_server(struct conf_parser *p, const struct conf_word *name,
		       const struct conf_word *address, const struct conf_word *port,
		       const struct conf_word *secret);

/* A token does not fit; expected: names of tokens that would. */
void conf_build_unexpected(struct conf_parser *p, const char *const *expected, int n);

#endif
