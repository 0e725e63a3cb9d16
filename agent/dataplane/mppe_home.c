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

#include "mppe.skel.h"
#include "xpppd.skel.h"

/* Maps that the other object has, too. */
static int maps_share(const struct xpppd *main, struct mppe *home)
{
	struct bpf_map *map;
	int r = 0;

	bpf_object__for_each_map(map, home->obj)
	{
		const struct bpf_map *shared =
			bpf_object__find_map_by_name(main->obj, bpf_map__name(map));

		if (shared && !bpf_map__is_internal(map))
			r = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (r < 0)
			break;
	}
	return r;
}

static void constants_set(const struct xpppd *main, struct mppe *home, bool module)
{
	home->rodata->spaces = main->rodata->spaces;
	home->rodata->space_size = main->rodata->space_size;
	home->rodata->l2tp_first = main->rodata->l2tp_first;
	home->rodata->l2tp_spaces = main->rodata->l2tp_spaces;
	home->rodata->l2tp_space_size = main->rodata->l2tp_space_size;
	home->rodata->pptp_first = main->rodata->pptp_first;
	home->rodata->pptp_size = main->rodata->pptp_size;
	home->rodata->pool_count = main->rodata->pool_count;
	memcpy((void *)home->rodata->pools, (const void *)main->rodata->pools,
	       sizeof(home->rodata->pools));
	home->rodata->mppe_kfuncs = module;
}

int mppe_home_load(const struct xpppd *main, bool module, struct mppe **out)
{
	struct mppe *home = mppe__open();
	int r;

	if (!home)
		return -errno;
	constants_set(main, home, module);
	r = maps_share(main, home);
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
