/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "raw4.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "options.h"

int raw4_own_address(const struct options *o, struct in_addr *addr)
{
	struct sockaddr_in name;
	socklen_t len = sizeof(name);
	int fd, ret = 0;

	*addr = o->spoof.s_addr ? o->spoof : o->local.v4.sin_addr;
	if (addr->s_addr)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &o->server.any, endpoint_len(&o->server)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		ret = -errno;
	else
		*addr = name.sin_addr;
	close(fd);
	return ret;
}

void raw4_put_ip(struct wr *w, uint8_t protocol, struct in_addr from, struct in_addr to)
{
	wr_put(w, (uint8_t[]){ 0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0 }, 12);
	wr_put(w, &from, 4);
	wr_put(w, &to, 4);
}
