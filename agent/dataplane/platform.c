/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/platform.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "log.h"

#define KERNEL_MAJOR 6
#define KERNEL_MINOR 1

static int kernel_check(struct log *log)
{
	struct utsname name;
	int major, minor;

	if (uname(&name) < 0)
		return -errno;
	if (sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return 0;
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		return 0;
	log_msg(log, LOG_ERR, "kernel %s is too old: the data plane needs %d.%d or newer",
		name.release, KERNEL_MAJOR, KERNEL_MINOR);
	return -ENOSYS;
}

static bool capable(uint64_t effective, unsigned int cap)
{
	return effective >> cap & 1;
}

static int capabilities_check(struct log *log)
{
	static const struct {
		unsigned int cap;
		bool in_sys_admin;
		const char *name;
	} needed[] = {
		{ CAP_NET_ADMIN, false, "CAP_NET_ADMIN" },
		{ CAP_NET_RAW, false, "CAP_NET_RAW" },
		{ CAP_BPF, true, "CAP_BPF" },
		{ CAP_PERFMON, true, "CAP_PERFMON" },
	};
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t effective;

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	effective = data[0].effective | (uint64_t)data[1].effective << 32;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (capable(effective, needed[i].cap) ||
		    (needed[i].in_sys_admin && capable(effective, CAP_SYS_ADMIN)))
			continue;
		log_msg(log, LOG_ERR, "%s is missing: run as root or grant it to the service",
			needed[i].name);
		return -EPERM;
	}
	return 0;
}

int platform_check(struct log *log)
{
	int r = kernel_check(log);

	return r < 0 ? r : capabilities_check(log);
}

/* ---- libbpf */

static struct log *libbpf_log; /* libbpf's hook takes no argument */

static int libbpf_message(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[1024];
	size_t len;

	(void)level;
	vsnprintf(line, sizeof(line), format, args);
	len = strlen(line);
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	log_msg(libbpf_log, LOG_DEBUG, "%s", line);
	return 0;
}

void platform_log_libbpf(struct log *log)
{
	libbpf_log = log;
	libbpf_set_print(log ? libbpf_message : NULL);
}
