/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/mppe_home.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <stddef.h>
#include <string.h>
#include <xpppd/map.h>
#include <xpppd/mppe.h>

#include "dataplane/share.h"

#include "mppe.skel.h"
#include "xpppd.skel.h"

int mppe_home_load(const struct xpppd *main, bool module, struct mppe **out)
{
	struct mppe *home = mppe__open();
	int r;

	if (!home)
		return -errno;
	SHARE_CONSTANTS(main->rodata, home->rodata);
	home->rodata->mppe_kfuncs = module;
	r = share_maps(main->obj, home->obj, NULL);
	if (r == 0)
		r = mppe__load(home);
	if (r < 0) {
		mppe__destroy(home);
		return r;
	}
	*out = home;
	return 0;
}

void mppe_home_free(struct mppe *home)
{
	mppe__destroy(home);
}

static int place_set(int map_fd, uint32_t place, const struct bpf_program *program)
{
	int fd = program ? bpf_program__fd(program) : -1;

	if (program)
		return bpf_map_update_elem(map_fd, &place, &fd, BPF_ANY) < 0 ? -errno : 0;
	return bpf_map_delete_elem(map_fd, &place) < 0 && errno != ENOENT ? -errno : 0;
}

int mppe_home_enter(const struct xpppd *main, const struct mppe *home)
{
	const struct bpf_program *xdp[XP_MPPE_ENTRIES] = { 0 }, *tc[XP_MPPE_ENTRIES] = { 0 };
	int r = 0;

	if (home) {
		xdp[XP_MPPE_UP] = home->progs.mppe_xdp_up;
		xdp[XP_MPPE_DOWN] = home->progs.mppe_xdp_down;
		xdp[XP_MPPE_DP] = home->progs.mppe_xdp_dp;
		tc[XP_MPPE_UP] = home->progs.mppe_tc_up;
		tc[XP_MPPE_DOWN] = home->progs.mppe_tc_down;
		tc[XP_MPPE_DP] = home->progs.mppe_tc_dp;
	}
	for (uint32_t i = 0; i < XP_MPPE_ENTRIES && r == 0; i++) {
		r = place_set(bpf_map__fd(main->maps.mppe_xdp), i, xdp[i]);
		if (r == 0)
			r = place_set(bpf_map__fd(main->maps.mppe_tc), i, tc[i]);
	}
	return r;
}
