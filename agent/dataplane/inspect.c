/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/inspect.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_of(enum bpf_prog_type type)
{
	switch (type) {
	case BPF_PROG_TYPE_XDP:
		return "xdp";
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
		return "trace";
	default:
		return "tc";
	}
}

void inspect_programs(const struct bpf_object *object, dp_program_fn fn, void *arg)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);
		struct dp_program shown = {
			.name = bpf_program__name(program),
			.kind = kind_of(bpf_program__type(program)),
		};

		if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len) == 0) {
			shown.id = info.id;
			shown.instructions = info.xlated_prog_len / 8;
		}
		fn(arg, &shown);
	}
}

void inspect_sum(const struct bpf_map *map, uint32_t key, uint64_t *sum, size_t words)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t *values;

	memset(sum, 0, words * sizeof(*sum));
	if (cpus <= 0)
		return;
	values = calloc((size_t)cpus * words, sizeof(*values));
	if (values && bpf_map_lookup_elem(bpf_map__fd(map), &key, values) == 0)
		for (size_t i = 0; i < (size_t)cpus * words; i++)
			sum[i % words] += values[i];
	free(values);
}
