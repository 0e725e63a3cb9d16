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
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/lines.h"

#define SLAB_SIZE (XP_MPPE_SLAB * sizeof(struct xp_mppe))
#define LOCK_WAIT_MS 100 /* programs hold it for microseconds */

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

/* ---- states */

static bool dir_lock(struct xp_mppe_dir *dir)
{
	struct mono start = mono_now();

	while (__atomic_exchange_n(&dir->lock, 1, __ATOMIC_ACQUIRE)) {
		if (mono_elapsed_ms(start, mono_now()) > LOCK_WAIT_MS)
			return false;
		sched_yield();
	}
	return true;
}

/* All but the lock. */
static void dir_write(struct xp_mppe_dir *dir, const struct xp_mppe_dir *from)
{
	size_t skip = sizeof(dir->lock);

	memcpy((uint8_t *)dir + skip, (const uint8_t *)from + skip, sizeof(*dir) - skip);
	__atomic_store_n(&dir->lock, 0, __ATOMIC_RELEASE);
}

static int state_write(struct xp_mppe *state, const struct xp_mppe *from)
{
	if (!dir_lock(&state->in))
		return -EBUSY;
	if (!dir_lock(&state->out)) {
		__atomic_store_n(&state->in.lock, 0, __ATOMIC_RELEASE);
		return -EBUSY;
	}
	dir_write(&state->in, &from->in);
	dir_write(&state->out, &from->out);
	return 0;
}

/* Keys must go, whoever has the lock. */
static void state_wipe(struct xp_mppe *state)
{
	struct xp_mppe none = { 0 };

	dir_lock(&state->in);
	dir_write(&state->in, &none.in);
	dir_lock(&state->out);
	dir_write(&state->out, &none.out);
}

/* ---- sessions */

static int keys_put(struct mppe_slabs *slabs, uint32_t slot, const struct xp_mppe *mppe)
{
	int r = slab_entry(slabs, slot) ? 0 : slab_make(slabs, slot / XP_MPPE_SLAB);

	return r ? r : state_write(slab_entry(slabs, slot), mppe);
}

static void keys_remove(struct mppe_slabs *slabs, uint32_t slot)
{
	state_wipe(slab_entry(slabs, slot));
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
