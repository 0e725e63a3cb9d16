/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROL_TIMEOUT_S 5

static int make_socket(const char *path, struct sockaddr_un *sun)
{
	int fd;

	if (strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	strcpy(sun->sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int control_listen(const char *path)
{
	struct sockaddr_un sun;
	int fd = make_socket(path, &sun), ret;

	if (fd < 0)
		return fd;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 && listen(fd, 4) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

int control_connect(const char *path)
{
	struct timeval timeout = { .tv_sec = CONTROL_TIMEOUT_S };
	struct sockaddr_un sun;
	int fd = make_socket(path, &sun), ret;

	if (fd < 0)
		return fd;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

int control_receive(int fd, char text[CONTROL_MAX])
{
	ssize_t n = recv(fd, text, CONTROL_MAX - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return n;
}

int control_send(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int control_ask(int fd, const char *question, char answer[CONTROL_MAX])
{
	int ret = control_send(fd, question);

	if (ret < 0)
		return ret;
	ret = control_receive(fd, answer);
	if (ret == 0)
		return -EPIPE;
	return ret < 0 ? ret : 0;
}
