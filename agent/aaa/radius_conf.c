/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/radius_server.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool radius_conf_same(const struct radius_server_conf *a, const struct radius_server_conf *b)
{
	return a->kind == b->kind && memcmp(&a->addr, &b->addr, sizeof(a->addr)) == 0 &&
	       memcmp(&a->source, &b->source, sizeof(a->source)) == 0 &&
	       same_text(a->secret, b->secret) && a->timeout == b->timeout &&
	       a->max_tries == b->max_tries && a->dead_time == b->dead_time &&
	       a->queue == b->queue && a->demanded == b->demanded && a->tls == b->tls &&
	       same_text(a->ca_file, b->ca_file) && same_text(a->certificate, b->certificate) &&
	       same_text(a->private_key, b->private_key) &&
	       same_text(a->server_name, b->server_name);
}

static int copy_text(const char **text)
{
	if (!*text)
		return 0;
	*text = strdup(*text);
	return *text ? 0 : -ENOMEM;
}

int radius_conf_copy(struct radius_server_conf *to, const struct radius_server_conf *from)
{
	int r = 0;

	*to = *from;
	r |= copy_text(&to->secret);
	r |= copy_text(&to->ca_file);
	r |= copy_text(&to->certificate);
	r |= copy_text(&to->private_key);
	r |= copy_text(&to->server_name);
	return r ? -ENOMEM : 0;
}

void radius_conf_free(struct radius_server_conf *conf)
{
	if (conf->secret)
		explicit_bzero((char *)conf->secret, strlen(conf->secret));
	free((char *)conf->secret);
	free((char *)conf->ca_file);
	free((char *)conf->certificate);
	free((char *)conf->private_key);
	free((char *)conf->server_name);
}
