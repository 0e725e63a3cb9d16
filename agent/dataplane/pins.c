/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/pins.h"

#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <xpppd/map.h>

#include "dataplane/attach.h"
#include "log.h"

static int dir_check(const char *dir, struct log *log)
{
	struct statfs fs;

	if (statfs(dir, &fs) < 0 || fs.f_type != BPF_FS_MAGIC) {
		log_msg(log, LOG_ERR,
			"%s is not in a BPF file system: mount one (mount -t bpf bpf /sys/fs/bpf)",
			dir);
		return -ENODEV;
	}
	return 0;
}

static int dir_make(struct pins *pins, struct log *log)
{
	char parent[PATH_MAX];
	char *slash;
	int r;

	snprintf(parent, sizeof(parent), "%s", pins->dir);
	slash = strrchr(parent, '/');
	if (slash && slash != parent)
		*slash = '\0';
	/* prepared for us and maybe a mount of its own */
	if (access(pins->dir, F_OK) == 0)
		return dir_check(pins->dir, log);
	r = dir_check(parent, log);
	if (r < 0)
		return r;
	if (mkdir(pins->dir, 0700) < 0) {
		r = -errno;
		log_msg(log, LOG_ERR, "cannot make %s for pinned maps: %s", pins->dir,
			strerror(-r));
		return r;
	}
	return 0;
}

static int dir_lock(struct pins *pins, struct log *log)
{
	struct stat st;
	int r;

	if (access(pins->dir, W_OK | X_OK) < 0) {
		r = -errno;
		log_msg(log, LOG_ERR, "cannot write to %s: %s", pins->dir, strerror(-r));
		return r;
	}
	pins->lock_fd = open(pins->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pins->lock_fd < 0 || flock(pins->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		log_msg(log, LOG_ERR, "cannot take %s: %s", pins->dir,
			r == -EWOULDBLOCK ? "another xpppd uses it" : strerror(-r));
		return r;
	}
	pins->own = fstat(pins->lock_fd, &st) == 0 && st.st_uid == geteuid();
	return 0;
}

/* Only files: whatever directory somebody made below is not ours. */
static void dir_empty(const char *dir)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) < PATH_MAX)
			unlink(path);
	closedir(d);
}

int pins_open(struct pins *pins, struct log *log)
{
	const char *dir = getenv(PINS_DIR_ENV);
	int r;

	memset(pins, 0, sizeof(*pins));
	snprintf(pins->dir, sizeof(pins->dir), "%s", dir && *dir ? dir : XP_PIN_DIR);
	pins->lock_fd = -1;
	r = dir_make(pins, log);
	if (r == 0)
		r = dir_lock(pins, log);
	if (r < 0) {
		if (pins->lock_fd >= 0)
			close(pins->lock_fd);
		pins->dir[0] = '\0';
		return r;
	}
	chmod(pins->dir, 0700); /* a directory that is prepared for us has its owner's mode */
	attach_sweep(pins->dir);
	dir_empty(pins->dir);
	return 0;
}

int pins_map(const struct pins *pins, struct bpf_map *map, const char *name, struct log *log)
{
	char path[PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", pins->dir, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = bpf_map__pin(map, path);
	if (r < 0)
		log_msg(log, LOG_ERR, "cannot pin a map at %s: %s", path, strerror(-r));
	return r;
}

int pins_maps(const struct pins *pins, struct bpf_object *object, struct log *log)
{
	struct bpf_map *map;
	int r = 0;

	bpf_object__for_each_map(map, object)
	{
		const char *name = bpf_map__name(map);

		/* not .rodata and the like */
		if (r == 0 && !strchr(name, '.'))
			r = pins_map(pins, map, name, log);
	}
	return r;
}

void pins_close(struct pins *pins)
{
	if (!pins->dir[0])
		return;
	/* a mount point stays */
	dir_empty(pins->dir);
	if (pins->own)
		rmdir(pins->dir);
	close(pins->lock_fd);
	pins->dir[0] = '\0';
}
