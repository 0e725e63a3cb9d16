/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/filter.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

#define FILTER_HANDLE 0x7870
#define FILTER_PRIORITY 1
#define FILTER_NAME "xpppd_tc" /* our programs' names begin so */

struct filters {
	unsigned int count; /* of all, but the kernel's heads of lists */
	bool ours;          /* one of them is */
	bool taken;         /* our handle is somebody else's */
};

static bool name_is_ours(const struct rtattr *options)
{
	const struct rtattr *attrs[TCA_BPF_NAME + 1];

	if (!options)
		return false;
	nl_attrs(RTA_DATA(options), RTA_PAYLOAD(options), attrs, TCA_BPF_NAME);
	return attrs[TCA_BPF_NAME] && RTA_PAYLOAD(attrs[TCA_BPF_NAME]) > strlen(FILTER_NAME) &&
	       !memcmp(RTA_DATA(attrs[TCA_BPF_NAME]), FILTER_NAME, strlen(FILTER_NAME));
}

static void filters_one(void *arg, const struct nlmsghdr *h)
{
	const struct tcmsg *tc = (const struct tcmsg *)(h + 1);
	const struct rtattr *attrs[TCA_OPTIONS + 1];
	struct filters *filters = arg;

	if (h->nlmsg_type != RTM_NEWTFILTER || h->nlmsg_len < NLMSG_LENGTH(sizeof(*tc)) ||
	    !tc->tcm_handle)
		return;
	filters->count++;
	if (tc->tcm_handle != FILTER_HANDLE || TC_H_MAJ(tc->tcm_info) >> 16 != FILTER_PRIORITY)
		return;
	nl_msg_attrs(h, sizeof(*tc), attrs, TCA_OPTIONS);
	if (name_is_ours(attrs[TCA_OPTIONS]))
		filters->ours = true;
	else
		filters->taken = true;
}

static void filters_dump(uint32_t ifindex, uint32_t point, struct filters *filters)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, point),
	};
	struct nl_msg m;

	memset(filters, 0, sizeof(*filters));
	nl_begin(&m, RTM_GETTFILTER, NLM_F_DUMP, &tc, sizeof(tc));
	nl_talk(&m, filters_one, filters); /* fails without clsact: none */
}

int filter_add(uint32_t ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .flags = BPF_TC_F_REPLACE,
		    .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);
	struct filters filters;
	int r = bpf_tc_hook_create(&hook);

	if (r < 0 && r != -EEXIST)
		return r;
	filters_dump(ifindex, TC_H_MIN_INGRESS, &filters);
	if (filters.taken)
		return -EEXIST;
	return bpf_tc_attach(&hook, &opts);
}

void filter_del(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);
	struct filters in, out;

	filters_dump(ifindex, TC_H_MIN_INGRESS, &in);
	if (!in.ours)
		return;
	bpf_tc_detach(&hook, &opts);
	filters_dump(ifindex, TC_H_MIN_INGRESS, &in);
	filters_dump(ifindex, TC_H_MIN_EGRESS, &out);
	if (in.count + out.count > 0)
		return;
	/* both points at once: clsact itself */
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	bpf_tc_hook_destroy(&hook);
}
