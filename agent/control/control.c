/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/control.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/capture.h"
#include "control/client.h"
#include "log.h"

#define CONTROL_BACKLOG 64
#define CONTROL_RETRY_S 1.0 /* before accepting again when there are no descriptors left */

struct control {
	struct control_ctx ctx;
	struct clients clients;
	struct sockaddr_un addr;
	int fd;
	dev_t dev; /* of the socket file, to remove no other's */
	ino_t ino;
	ev_io io;
	ev_timer retry;
};

static int path_set(struct sockaddr_un *addr, const char *path)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	memcpy(addr->sun_path, path, strlen(path));
	return 0;
}

/* 0: the path is free or has a socket that nobody listens on. */
static int path_check(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, err;

	if (lstat(addr->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ? errno : 0;
	close(fd);
	if (err == ECONNREFUSED || err == ENOENT)
		return 0;
	/* EAGAIN: its backlog is full */
	return err == 0 || err == EAGAIN ? -EADDRINUSE : -err;
}

static int path_own(const char *path, const char *group)
{
	const struct group *gr = group ? getgrnam(group) : NULL;

	if (group && !gr)
		return -ESRCH;
	return chown(path, (uid_t)-1, gr ? gr->gr_gid : getegid()) ? -errno : 0;
}

/* The socket gets its name only when its mode and group are right and it listens: it is made
 * beside and renamed, which replaces a dead one at the same time. */
static int control_listen(struct control *control, const char *group)
{
	struct sockaddr_un beside = { .sun_family = AF_UNIX };
	struct stat st;
	int err, n;

	err = path_check(&control->addr);
	if (err)
		return err;
	n = snprintf(beside.sun_path, sizeof(beside.sun_path), "%s.%d", control->addr.sun_path,
		     (int)getpid());
	if (n < 0 || (size_t)n >= sizeof(beside.sun_path))
		return -ENAMETOOLONG;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0)
		return -errno;
	unlink(beside.sun_path);
	/* the file is made with the mode of the socket, so that it is never wider */
	if (fchmod(control->fd, 0600) != 0 ||
	    bind(control->fd, (struct sockaddr *)&beside, sizeof(beside)) != 0)
		return -errno;
	err = path_own(beside.sun_path, group);
	if (err)
		goto unlink;
	if (chmod(beside.sun_path, 0660) != 0 || listen(control->fd, CONTROL_BACKLOG) != 0 ||
	    lstat(beside.sun_path, &st) != 0 ||
	    rename(beside.sun_path, control->addr.sun_path) != 0) {
		err = -errno;
		goto unlink;
	}
	control->dev = st.st_dev;
	control->ino = st.st_ino;
	return 0;
unlink:
	unlink(beside.sun_path);
	return err;
}

static void control_accept(struct ev_loop *loop, ev_io *io, int events)
{
	struct control *control = io->data;
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0) {
		client_open(&control->clients, fd);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	log_msg(control->ctx.log, LOG_WARNING, "control socket: accept: %s", strerror(errno));
	ev_io_stop(loop, &control->io);
	ev_timer_set(&control->retry, CONTROL_RETRY_S, 0.);
	ev_timer_start(loop, &control->retry);
}

static void control_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct control *control = timer->data;

	(void)events;
	ev_io_start(loop, &control->io);
}

static void log_error(struct log *log, const char *path, const char *group, int err)
{
	switch (err) {
	case -EADDRINUSE:
		log_msg(log, LOG_ERR, "another xpppd is running: it answers on %s", path);
		break;
	case -EEXIST:
		log_msg(log, LOG_ERR, "control socket %s: the path exists and is not a socket",
			path);
		break;
	case -ESRCH:
		log_msg(log, LOG_ERR, "control socket %s: there is no group \"%s\"", path, group);
		break;
	default:
		log_msg(log, LOG_ERR, "control socket %s: %s", path, strerror(-err));
	}
}

int control_check(const char *path, struct log *log)
{
	struct sockaddr_un addr;
	int err = path_set(&addr, path);

	if (!err)
		err = path_check(&addr);
	if (err)
		log_error(log, path, NULL, err);
	return err;
}

int control_new(struct ev_loop *loop, const struct control_ctx *ctx, const char *path,
		const char *group, struct log *log, struct control **out)
{
	struct control *control = calloc(1, sizeof(*control));
	int err;

	if (!control)
		return -ENOMEM;
	control->ctx = *ctx;
	control->ctx.loop = loop;
	control->ctx.log = log;
	control->ctx.started = mono_now();
	control->clients.ctx = &control->ctx;
	TAILQ_INIT(&control->clients.list);
	LIST_INIT(&control->clients.captures);
	control->fd = -1;
	ev_io_init(&control->io, control_accept, -1, EV_READ);
	ev_init(&control->retry, control_retry);
	err = path_set(&control->addr, path);
	if (!err)
		err = control_listen(control, group);
	if (err) {
		log_error(log, path, group, err);
		control_free(control);
		return err;
	}
	ev_io_set(&control->io, control->fd, EV_READ);
	control->io.data = control->retry.data = control;
	ev_io_start(loop, &control->io);
	*out = control;
	return 0;
}

int control_set_group(struct control *control, const char *group)
{
	int err = path_own(control->addr.sun_path, group);

	if (err)
		log_error(control->ctx.log, control->addr.sun_path, group, err);
	return err;
}

void control_free(struct control *control)
{
	struct stat st;

	if (!control)
		return;
	ev_io_stop(control->ctx.loop, &control->io);
	ev_timer_stop(control->ctx.loop, &control->retry);
	clients_close(&control->clients);
	if (control->ino && lstat(control->addr.sun_path, &st) == 0 && st.st_dev == control->dev &&
	    st.st_ino == control->ino)
		unlink(control->addr.sun_path);
	if (control->fd >= 0)
		close(control->fd);
	free(control);
}

void control_captured(void *arg, const struct xp_capture *packet)
{
	struct control *control = arg;

	capture_packet(&control->clients.captures, packet);
}
