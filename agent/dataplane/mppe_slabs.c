/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A session's flag says that there are keys: it is set after them and cleared before they go. A
 * program that saw it in between finds no keys and lets nothing pass.
 */
#include "dataplane/mppe_slabs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/lines.h"
#include "mppe.h"

#define SLAB_SIZE (XP_MPPE_SLAB * sizeof(struct xp_mppe))

uint32_t mppe_slabs_max(uint32_t slots)
{
	return (slots + XP_MPPE_SLAB - 1) / XP_MPPE_SLAB;
}

int mppe_slabs_init(struct mppe_slabs *slabs, struct lines *lines, int map_fd)
{
	struct xp_mppe **slab = calloc(mppe_slabs_max(lines->slots), sizeof(*slab));

	if (!slab)
		return -ENOMEM;
	*slabs = (struct mppe_slabs){ .lines = lines, .slab = slab, .map_fd = map_fd };
	return 0;
}

void mppe_slabs_clear(struct mppe_slabs *slabs)
{
	uint32_t max = slabs->slab ? mppe_slabs_max(slabs->lines->slots) : 0;

	for (uint32_t i = 0; i < max; i++) {
		if (!slabs->slab[i])
			continue;
		OPENSSL_cleanse(slabs->slab[i], SLAB_SIZE);
		munmap(slabs->slab[i], SLAB_SIZE);
	}
	free(slabs->slab);
	slabs->slab = NULL;
}

/* ---- slabs */

/* The array of arrays and the mapping keep it: thousands of them need no descriptors. */
static int slab_make_map(int outer_fd, uint32_t index, void **memory)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int r = 0, fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mppe_slab", sizeof(uint32_t),
				       sizeof(struct xp_mppe), XP_MPPE_SLAB, &opts);
	void *mapped;

	if (fd < 0)
		return -errno;
	mapped = mmap(NULL, SLAB_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED) {
		r = -errno;
	} else if (bpf_map_update_elem(outer_fd, &index, &fd, BPF_ANY) < 0) {
		r = -errno;
		munmap(mapped, SLAB_SIZE);
	} else {
		*memory = mapped;
	}
	close(fd);
	return r;
}

static int slab_make_own(void **memory)
{
	void *mapped =
		mmap(NULL, SLAB_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		return -errno;
	*memory = mapped;
	return 0;
}

static int slab_make(struct mppe_slabs *slabs, uint32_t index)
{
	void *memory = NULL;
	int r = slabs->map_fd < 0 ? slab_make_own(&memory)
				  : slab_make_map(slabs->map_fd, index, &memory);

	if (r == 0)
		slabs->slab[index] = memory;
	return r;
}

static struct xp_mppe *slab_entry(const struct mppe_slabs *slabs, uint32_t slot)
{
	struct xp_mppe *slab = slabs->slab[slot / XP_MPPE_SLAB];

	return slab ? slab + slot % XP_MPPE_SLAB : NULL;
}

/* ---- sessions */

static int keys_put(struct mppe_slabs *slabs, uint32_t slot, const struct xp_mppe *mppe)
{
	int r = slab_entry(slabs, slot) ? 0 : slab_make(slabs, slot / XP_MPPE_SLAB);

	if (r == 0)
		mppe_replace(slab_entry(slabs, slot), mppe);
	return r;
}

static void keys_remove(struct mppe_slabs *slabs, uint32_t slot)
{
	mppe_replace(slab_entry(slabs, slot), NULL);
	slabs->sessions--;
}

static bool has_keys(const struct mppe_slabs *slabs, uint32_t slot)
{
	return slabs->lines->up[slot].flags & XP_F_MPPE;
}

int mppe_slabs_set(struct mppe_slabs *slabs, uint32_t slot, const struct xp_mppe *mppe)
{
	bool had;
	int r;

	if (!lines_used(slabs->lines, slot))
		return -ENOENT;
	had = has_keys(slabs, slot);
	if (mppe) {
		r = keys_put(slabs, slot, mppe);
		if (r < 0)
			return r;
		slabs->sessions += !had;
	}
	if (had != (mppe != NULL))
		lines_encrypt(slabs->lines, slot, mppe != NULL);
	if (had && !mppe)
		keys_remove(slabs, slot);
	return 0;
}

struct xp_mppe *mppe_slabs_find(const struct mppe_slabs *slabs, uint32_t slot)
{
	return lines_used(slabs->lines, slot) && has_keys(slabs, slot) ? slab_entry(slabs, slot)
								       : NULL;
}

int mppe_slabs_add(struct mppe_slabs *slabs, const struct dp_session *session)
{
	int r = session->mppe ? keys_put(slabs, session->slot, session->mppe) : 0;

	if (r == 0 && session->mppe)
		slabs->sessions++;
	return r;
}

void mppe_slabs_del(struct mppe_slabs *slabs, uint32_t slot)
{
	if (has_keys(slabs, slot))
		keys_remove(slabs, slot);
}
