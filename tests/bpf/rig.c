/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "dataplane/mppe_slabs.h"
#include "rig.h"
#include "xpppd.skel.h"

const uint8_t rig_alice_mac[6] = { 0x02, 0xa1, 0x1c, 0xe0, 0x00, 0x01 };
const uint8_t rig_bob_mac[6] = { 0x02, 0xb0, 0xb0, 0x00, 0x00, 0x02 };
const uint8_t rig_server_mac[6] = { 0x02, 0x5e, 0x47, 0xe4, 0x00, 0x03 };
const uint8_t rig_lac_mac[6] = { 0x02, 0x1a, 0xc0, 0x00, 0x00, 0x04 };

/* ---- the network */

static const char rig_network[] =
	"set -e\n"
	"ip link set lo up\n"
	"for d in access core other pppac0; do\n"
	"	peer=$d-peer; [ $d != pppac0 ] || peer=pppac0-dp\n"
	"	ip link add $d type veth peer name $peer\n"
	"	echo 1 > /proc/sys/net/ipv6/conf/$d/disable_ipv6\n"
	"	echo 1 > /proc/sys/net/ipv6/conf/$peer/disable_ipv6\n"
	"	ip link set $d up; ip link set $peer up\n"
	"done\n"
	"echo 1 > /proc/sys/net/ipv4/ip_forward\n"
	"ip addr add 10.0.0.1/32 dev pppac0\n"
	"ip addr add 172.16.0.1/24 dev access\n"
	"ip neigh add 172.16.0.2 lladdr 02:1a:c0:00:00:04 dev access nud permanent\n"
	"ip neigh add 172.16.0.3 lladdr 02:1a:c0:00:00:04 dev access nud permanent\n"
	"echo 1 > /proc/sys/net/ipv6/conf/pppac0/forwarding\n"
	"echo 0 > /proc/sys/net/ipv6/conf/access/disable_ipv6\n"
	"ip addr add fd00:1::1/64 dev access nodad\n"
	"ip neigh add fd00:1::2 lladdr 02:1a:c0:00:00:04 dev access nud permanent\n"
	"ip neigh add fd00:1::3 lladdr 02:1a:c0:00:00:04 dev access nud permanent\n"
	"ip addr add 192.0.2.1/24 dev core\n"
	"ip addr add 192.0.3.1/24 dev other\n"
	"ip neigh add 192.0.2.2 lladdr 02:5e:47:e4:00:03 dev core nud permanent\n"
	"ip neigh add 192.0.3.2 lladdr 02:5e:47:e4:00:03 dev other nud permanent\n"
	"ip route add default via 192.0.2.2\n"
	"ip route add 198.18.0.0/15 via 192.0.2.2 mtu lock 1000\n"
	"ip route add unreachable 203.0.113.0/24\n";

static uint32_t rig_device(const char *name, uint8_t *mac)
{
	char path[64], text[32] = "";
	unsigned int byte[6];
	FILE *file;

	if (mac) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/address", name);
		file = fopen(path, "r");
		assert_non_null(file);
		assert_non_null(fgets(text, sizeof(text), file));
		fclose(file);
		assert_int_equal(sscanf(text, "%x:%x:%x:%x:%x:%x", byte, byte + 1, byte + 2,
					byte + 3, byte + 4, byte + 5),
				 6);
		for (int i = 0; i < 6; i++)
			mac[i] = byte[i];
	}
	return if_nametoindex(name);
}

/* A namespace of this process's own: it goes when the process ends. /sys is of the namespace that
 * mounted it. */
static void rig_make_network(struct rig *rig)
{
	assert_int_equal(unshare(CLONE_NEWNET | CLONE_NEWNS), 0);
	assert_int_equal(system("mount --make-rprivate / && mount -t sysfs sysfs /sys"), 0);
	assert_int_equal(system(rig_network), 0);
	rig->access = rig_device("access", rig->access_mac);
	rig->core = rig_device("core", rig->core_mac);
	rig->other = rig_device("other", NULL);
	rig->concentrator = rig_device("pppac0", rig->concentrator_mac);
	rig->dp = rig_device("pppac0-dp", NULL);
}

/* ---- the programs and maps */

static void *rig_map(const struct bpf_map *map, size_t value)
{
	size_t size = bpf_map__max_entries(map) * value;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

static void rig_update(const struct bpf_map *map, const void *key, const void *value)
{
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY), 0);
}

void rig_take_place(struct rig *rig, uint32_t ifindex)
{
	struct xp_attached other = { .ifindex = ifindex + XP_ATTACHED };
	uint32_t place = ifindex % XP_ATTACHED;

	rig_update(rig->skel->maps.attached, &place, &other);
}

void rig_set_device(struct rig *rig, uint32_t ifindex, bool attached)
{
	uint32_t place = ifindex % XP_ATTACHED;
	struct xp_attached device = { .ifindex = attached ? ifindex : 0 };

	memcpy(device.mac, ifindex == rig->core ? rig->core_mac : rig->access_mac, 6);
	rig_update(rig->skel->maps.attached, &place, &device);
	if (attached)
		rig_update(rig->skel->maps.devices, &ifindex, &ifindex);
	else
		bpf_map_delete_elem(bpf_map__fd(rig->skel->maps.devices), &ifindex);
}

void rig_set_native(struct rig *rig, uint32_t ifindex, bool native)
{
	uint32_t place = ifindex % XP_ATTACHED;
	struct xp_attached device;

	assert_int_equal(
		bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.attached), &place, &device), 0);
	device.native = native;
	rig_update(rig->skel->maps.attached, &place, &device);
}

static uint32_t rig_hops_all(void)
{
	return (uint32_t)libbpf_num_possible_cpus() * RIG_HOPS;
}

static size_t rig_hops_size(void)
{
	return rig_hops_all() * sizeof(struct xp_hop);
}

static void rig_unload(struct rig *rig)
{
	if (!rig->skel)
		return;
	munmap(rig->up, rig->slots * sizeof(*rig->up));
	munmap(rig->down, RIG_LINES * sizeof(*rig->down));
	munmap(rig->rates_up, rig->slots * sizeof(*rig->rates_up));
	munmap(rig->rates_down, RIG_LINES * sizeof(*rig->rates_down));
	munmap(rig->tunnels, RIG_TUNNELS * sizeof(*rig->tunnels));
	munmap(rig->config, sizeof(*rig->config));
	munmap(rig->hops, rig_hops_size());
	if (rig->hook == RIG_XDP) {
		bpf_xdp_detach(rig->access, 0, NULL);
		bpf_xdp_detach(rig->core, 0, NULL);
		bpf_xdp_detach(rig->dp, 0, NULL);
	}
	xpppd__destroy(rig->skel);
	rig->skel = NULL;
}

/* A test run of XDP takes a veth for its ingress device only if a program is attached. */
static void rig_attach(struct rig *rig)
{
	int xdp = bpf_program__fd(rig->skel->progs.xpppd_xdp);
	int dp = bpf_program__fd(rig->skel->progs.xpppd_xdp_dp);

	assert_int_equal(bpf_xdp_attach(rig->access, xdp, XDP_FLAGS_DRV_MODE, NULL), 0);
	assert_int_equal(bpf_xdp_attach(rig->core, xdp, XDP_FLAGS_DRV_MODE, NULL), 0);
	assert_int_equal(bpf_xdp_attach(rig->dp, dp, XDP_FLAGS_DRV_MODE, NULL), 0);
}

static void rig_open(struct rig *rig, struct rig_dims dims)
{
	struct xpppd *skel = xpppd__open();

	assert_non_null(skel);
	rig->skel = skel;
	rig->l2tp_first = dims.spaces * dims.space_size;
	rig->pptp_first = rig->l2tp_first + dims.l2tp_spaces * dims.l2tp_space_size;
	rig->slots = rig->pptp_first + dims.pptp_size;
	skel->rodata->spaces = dims.spaces;
	skel->rodata->space_size = dims.space_size;
	skel->rodata->l2tp_first = rig->l2tp_first;
	skel->rodata->l2tp_spaces = dims.l2tp_spaces;
	skel->rodata->l2tp_space_size = dims.l2tp_space_size;
	skel->rodata->pptp_first = rig->pptp_first;
	skel->rodata->pptp_size = dims.pptp_size;
	skel->rodata->pool_count = 2;
	skel->rodata->pools[0] = (struct xp_pool){ .base = RIG_POOL, .size = 256, .first = 0 };
	skel->rodata->pools[1] = (struct xp_pool){ .base = RIG_POOL_2, .size = 16, .first = 256 };
	bpf_map__set_max_entries(skel->maps.sessions_up, rig->slots);
	bpf_map__set_max_entries(skel->maps.sessions_down, RIG_LINES);
	bpf_map__set_max_entries(skel->maps.tunnels, RIG_TUNNELS);
	bpf_map__set_max_entries(skel->maps.addresses, 64);
	bpf_map__set_max_entries(skel->maps.routes, 64);
	bpf_map__set_max_entries(skel->maps.rates_up, rig->slots);
	bpf_map__set_max_entries(skel->maps.rates_down, RIG_LINES);
	bpf_map__set_max_entries(skel->maps.mppe, mppe_slabs_max(rig->slots));
	bpf_map__set_max_entries(skel->maps.hops, rig_hops_all());
	/* the kernel takes its time to verify them */
	bpf_program__set_autoload(skel->progs.xpppd_xdp, rig->hook == RIG_XDP);
	bpf_program__set_autoload(skel->progs.xpppd_xdp_dp, rig->hook == RIG_XDP);
	bpf_program__set_autoload(skel->progs.xpppd_tc, rig->hook == RIG_TC);
	bpf_program__set_autoload(skel->progs.xpppd_tc_dp, rig->hook == RIG_TC);
	assert_int_equal(xpppd__load(skel), 0);
}

void rig_load(struct rig *rig, struct rig_dims dims)
{
	struct xp_concentrator concentrator = { 0 };
	uint32_t index = 1;
	void *state = rig;

	rig_unload(rig);
	rig_open(rig, dims);
	rig->up = rig_map(rig->skel->maps.sessions_up, sizeof(*rig->up));
	rig->down = rig_map(rig->skel->maps.sessions_down, sizeof(*rig->down));
	rig->rates_up = rig_map(rig->skel->maps.rates_up, sizeof(*rig->rates_up));
	rig->rates_down = rig_map(rig->skel->maps.rates_down, sizeof(*rig->rates_down));
	rig->tunnels = rig_map(rig->skel->maps.tunnels, sizeof(*rig->tunnels));
	rig->config = rig_map(rig->skel->maps.config, sizeof(*rig->config));
	rig->hops = rig_map(rig->skel->maps.hops, sizeof(*rig->hops));
	concentrator.ifindex = rig->concentrator;
	concentrator.dp_ifindex = rig->dp;
	memcpy(concentrator.mac, rig->concentrator_mac, 6);
	rig_update(rig->skel->maps.concentrators, &index, &concentrator);
	if (rig->hook == RIG_XDP)
		rig_attach(rig);
	rig_reset(&state);
}

static int rig_setup(void **state, enum rig_hook hook)
{
	static struct rig rig;

	if (geteuid() != 0) {
		puts("needs root");
		exit(77);
	}
	rig = (struct rig){ .hook = hook };
	rig_make_network(&rig);
	rig_load(&rig, RIG_DIMS);
	*state = &rig;
	return 0;
}

int rig_setup_xdp(void **state)
{
	return rig_setup(state, RIG_XDP);
}

int rig_setup_tc(void **state)
{
	return rig_setup(state, RIG_TC);
}

int rig_teardown(void **state)
{
	rig_unload(*state);
	return 0;
}

static void rig_clear(const struct bpf_map *map)
{
	uint8_t key[8];

	while (bpf_map_get_next_key(bpf_map__fd(map), NULL, key) == 0)
		assert_int_equal(bpf_map_delete_elem(bpf_map__fd(map), key), 0);
}

static void rig_zero(const struct bpf_map *map, uint32_t entries)
{
	void *values = calloc(libbpf_num_possible_cpus(), 16);

	for (uint32_t key = 0; key < entries; key++)
		rig_update(map, &key, values);
	free(values);
}

int rig_reset(void **state)
{
	struct rig *rig = *state;

	memset(rig->up, 0, rig->slots * sizeof(*rig->up));
	memset(rig->down, 0, RIG_LINES * sizeof(*rig->down));
	memset(rig->rates_up, 0, rig->slots * sizeof(*rig->rates_up));
	memset(rig->rates_down, 0, RIG_LINES * sizeof(*rig->rates_down));
	rig->gso_size = 0;
	*rig->config = (struct xp_config){ .version = XP_MAP_VERSION,
					   .hops = RIG_HOPS,
					   .hops_until = UINT64_MAX,
					   .hop_generation = 1 };
	memset(rig->hops, 0, rig_hops_size());
	rig_clear(rig->skel->maps.addresses);
	rig_clear(rig->skel->maps.routes);
	rig_zero(rig->skel->maps.drops, XP_REASON_MAX);
	rig_zero(rig->skel->maps.paths, XP_PATH_MAX);
	rig_set_device(rig, rig->access, true);
	rig_set_device(rig, rig->core, true);
	return 0;
}

uint32_t rig_hops(const struct rig *rig)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < rig_hops_all(); i++)
		kept += rig->hops[i].generation != 0;
	return kept;
}

/* ---- sessions */

static struct rig_session rig_session(const struct rig *rig, const uint8_t *mac, uint32_t addr,
				      uint16_t sid)
{
	return (struct rig_session){
		.wrap = { .own = rig->access_mac, .peer = mac, .sid = sid },
		.addr = addr,
		.slot = sid,
		.line = addr - RIG_POOL,
	};
}

struct rig_session rig_alice(const struct rig *rig)
{
	return rig_session(rig, rig_alice_mac, RIG_ALICE, RIG_SID_ALICE);
}

struct rig_session rig_bob(const struct rig *rig)
{
	return rig_session(rig, rig_bob_mac, RIG_BOB, RIG_SID_BOB);
}

static void rig_add_down(struct rig *rig, const struct rig_session *session)
{
	struct xp_session_down *down = &rig->down[session->line];
	struct frame header = { .len = 0 };

	frame_add_pppoe(&header, session->wrap.peer, session->wrap.own, &session->wrap);
	*down = (struct xp_session_down){
		.flags = (uint16_t)(XP_F_MSS_CLAMP | (header.len - XP_HEADER_MIN) / 4
							     << XP_F_TAGS_SHIFT),
		.slot = session->slot,
		.concentrator = 1,
		.ifindex = rig->access,
		.addr = htonl(session->addr),
		.mtu = RIG_MTU,
	};
	memcpy(down->header + XP_HEADER_MAX - header.len, header.byte, header.len);
	down->state = XP_STATE_FORWARD;
}

static uint16_t rig_vid(uint16_t tpid, uint16_t tci)
{
	return tpid ? tci & 0x0fff : 0;
}

void rig_add(struct rig *rig, const struct rig_session *session)
{
	const struct wrap_spec *wrap = &session->wrap;
	struct xp_session_up *up = &rig->up[session->slot];
	uint16_t outer = rig_vid(wrap->tpid_outer, wrap->vid_outer);
	uint16_t inner = rig_vid(wrap->tpid_inner, wrap->vid_inner);

	*up = (struct xp_session_up){
		.flags = XP_F_MSS_CLAMP | XP_F_INGRESS_FILTER,
		.generation = 6,
		.ifindex = rig->access,
		.vid_outer = htons(outer ? outer : inner),
		.vid_inner = htons(outer ? inner : 0),
		.mss = RIG_MSS,
		.addr = htonl(session->addr),
		.down = session->line,
		.concentrator = 1,
	};
	memcpy(up->own_mac, wrap->own, 6);
	memcpy(up->peer_mac, wrap->peer, 6);
	up->state = XP_STATE_FORWARD;
	rig_add_down(rig, session);
}

void rig_set_address(struct rig *rig, uint32_t addr, uint32_t line)
{
	uint32_t key = htonl(addr);

	rig_update(rig->skel->maps.addresses, &key, &line);
	rig->config->addresses++;
}

void rig_set_route(struct rig *rig, uint32_t addr, uint32_t prefix, uint32_t line)
{
	struct xp_route_key key = { .prefixlen = prefix, .addr = htonl(addr) };

	rig_update(rig->skel->maps.routes, &key, &line);
	rig->config->routes++;
}

/* ---- running */

static enum rig_verdict rig_verdict_xdp(uint32_t value)
{
	switch (value) {
	case XDP_PASS:
		return RIG_PASS;
	case XDP_DROP:
		return RIG_DROP;
	case XDP_REDIRECT:
		return RIG_REDIRECT;
	default:
		fail_msg("XDP verdict %u", value);
		return RIG_DROP;
	}
}

static enum rig_verdict rig_verdict_tc(uint32_t value)
{
	switch (value) {
	case TC_ACT_OK:
		return RIG_PASS;
	case TC_ACT_SHOT:
		return RIG_DROP;
	case TC_ACT_REDIRECT:
		return RIG_REDIRECT;
	default:
		fail_msg("tc verdict %u", value);
		return RIG_DROP;
	}
}

struct rig_result rig_test_run(const struct rig *rig, const struct bpf_program *program,
			       uint32_t ifindex, const struct frame *frame)
{
	struct xdp_md md = { .data_end = frame->len, .ingress_ifindex = ifindex };
	struct __sk_buff skb = { .ifindex = ifindex,
				 .ingress_ifindex = ifindex,
				 .gso_size = rig->gso_size };
	enum rig_hook hook = rig->hook;
	struct rig_result result = { .frame.len = 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->byte, .data_size_in = frame->len,
		    .data_out = result.frame.byte, .data_size_out = BUILD_MAX, .repeat = 1,
		    .ctx_in = hook == RIG_XDP ? (void *)&md : (void *)&skb,
		    .ctx_size_in = hook == RIG_XDP ? sizeof(md) : sizeof(skb));
	int error = bpf_prog_test_run_opts(bpf_program__fd(program), &opts);

	if (error)
		fail_msg("test run of %u bytes: %s", frame->len, strerror(-error));
	result.frame.len = opts.data_size_out;
	result.verdict =
		hook == RIG_XDP ? rig_verdict_xdp(opts.retval) : rig_verdict_tc(opts.retval);
	return result;
}

struct rig_result rig_run(struct rig *rig, uint32_t ifindex, const struct frame *frame)
{
	return rig_test_run(
		rig, rig->hook == RIG_XDP ? rig->skel->progs.xpppd_xdp : rig->skel->progs.xpppd_tc,
		ifindex, frame);
}

struct rig_result rig_run_dp(struct rig *rig, const struct frame *frame)
{
	return rig_test_run(rig,
			    rig->hook == RIG_XDP ? rig->skel->progs.xpppd_xdp_dp
						 : rig->skel->progs.xpppd_tc_dp,
			    rig->dp, frame);
}

/* ---- counters */

uint64_t rig_drops(const struct rig *rig, enum xp_reason reason)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t values[cpus], sum = 0;
	uint32_t key = reason;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.drops), &key, values), 0);
	for (int i = 0; i < cpus; i++)
		sum += values[i];
	return sum;
}

uint64_t rig_drops_all(const struct rig *rig)
{
	uint64_t sum = 0;

	for (int reason = 0; reason < XP_REASON_MAX; reason++)
		sum += rig_drops(rig, reason);
	return sum;
}

struct xp_path_counter rig_path(const struct rig *rig, enum xp_path path)
{
	int cpus = libbpf_num_possible_cpus();
	struct xp_path_counter values[cpus], sum = { 0 };
	uint32_t key = path;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.paths), &key, values), 0);
	for (int i = 0; i < cpus; i++) {
		sum.packets += values[i].packets;
		sum.bytes += values[i].bytes;
	}
	return sum;
}

static uint64_t rig_paths_all(const struct rig *rig)
{
	uint64_t sum = 0;

	for (int path = 0; path < XP_PATH_MAX; path++)
		sum += rig_path(rig, path).packets;
	return sum;
}

uint64_t rig_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) & ~0xfffffull;
}

uint32_t rig_now(void)
{
	return (uint32_t)(rig_clock() / 1000000000);
}

/* ---- expectations */

static void rig_expect_bytes(const struct frame *is, const struct frame *expected)
{
	assert_int_equal(is->len, expected->len);
	assert_memory_equal(is->byte, expected->byte, expected->len);
}

void rig_expect_sent(struct rig *rig, const struct rig_result *result, const struct frame *expected,
		     enum xp_path path)
{
	assert_int_equal(rig_drops_all(rig), 0);
	assert_int_equal(result->verdict, RIG_REDIRECT);
	rig_expect_bytes(&result->frame, expected);
	assert_int_equal(rig_path(rig, path).packets, 1);
	assert_int_equal(rig_paths_all(rig), 1);
}

void rig_expect_stack(struct rig *rig, const struct rig_result *result,
		      const struct rig_session *session, const struct frame *packet,
		      enum xp_reason reason)
{
	struct frame expected = build_ethernet(rig->concentrator_mac, session->wrap.peer, packet);

	assert_int_equal(rig_drops(rig, reason), 1);
	assert_int_equal(rig_drops_all(rig), 1);
	assert_int_equal(result->verdict, RIG_REDIRECT);
	rig_expect_bytes(&result->frame, &expected);
	assert_int_equal(rig_path(rig, XP_PATH_UP_STACK).packets, 1);
	assert_int_equal(rig_path(rig, XP_PATH_UP_STACK).bytes, packet->len);
	assert_int_equal(rig_paths_all(rig), 1);
}

void rig_expect_refused(struct rig *rig, const struct rig_result *result, const struct frame *frame,
			enum xp_reason reason)
{
	assert_int_equal(rig_drops(rig, reason), 1);
	assert_int_equal(rig_drops_all(rig), 1);
	assert_int_equal(result->verdict, XP_REASON_IS_PUNT(reason) ? RIG_PASS : RIG_DROP);
	rig_expect_bytes(&result->frame, frame);
}

void rig_expect_ignored(struct rig *rig, const struct rig_result *result, const struct frame *frame)
{
	assert_int_equal(result->verdict, RIG_PASS);
	rig_expect_bytes(&result->frame, frame);
	assert_int_equal(rig_drops_all(rig), 0);
	assert_int_equal(rig_paths_all(rig), 0);
}

struct frame rig_packet(uint32_t src, uint32_t dst, uint8_t ttl)
{
	static const uint8_t echo[] = "\x08\x00\x00\x00\x12\x34\x00\x01 0123456789";
	struct ip_spec ip = { .src = src,
			      .dst = dst,
			      .ttl = ttl,
			      .proto = IPPROTO_ICMP,
			      .payload = echo,
			      .len = sizeof(echo) - 1 };

	return build_ip(&ip);
}
