/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/share.h"

#include <bpf/libbpf.h>
#include <string.h>

int share_maps(const struct bpf_object *main, struct bpf_object *other, const char *own)
{
	struct bpf_map *map;
	int r = 0;

	bpf_object__for_each_map(map, other)
	{
		const char *name = bpf_map__name(map);
		const struct bpf_map *shared = bpf_object__find_map_by_name(main, name);

		if (shared && !bpf_map__is_internal(map) && (!own || strcmp(name, own) != 0))
			r = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (r < 0)
			break;
	}
	return r;
}
