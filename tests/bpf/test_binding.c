/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The data plane's binding with real devices: net.h shows the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "plane.h"

static void forward_in_mode(const char *mode)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct dp_counters c;
	struct plane p;

	plane_start(&p, mode);
	plane_expect_device(&p, "acc0", "attached", mode);
	plane_expect_device(&p, "core0", "attached", mode);
	plane_expect_device(&p, "pppac0-dp", "attached", mode);
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	assert_int_equal(plane_packets(&p, XP_PATH_UP_FAST), 1);
	assert_int_equal(plane_packets(&p, XP_PATH_DOWN_FAST), 1);
	plane_expect_counters(&p, 1, 1);

	plane_send_up(&p, NET_SID, NET_CLIENT + 1, NET_REMOTE);
	plane_send_up(&p, NET_SID + 1, NET_CLIENT, NET_REMOTE);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	assert_int_equal(plane_drops(&p, XP_R_SOURCE), 1);
	assert_int_equal(plane_drops(&p, XP_R_NO_SESSION), 1);

	p.dp->ops->session_del(p.dp, NET_SID, &c, NULL);
	assert_int_equal(c.up_packets, 2);
	assert_int_equal(c.drops, 1);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_native(void **state)
{
	(void)state;
	forward_in_mode("native");
}

static void test_generic(void **state)
{
	(void)state;
	forward_in_mode("generic");
}

static void test_tc(void **state)
{
	(void)state;
	forward_in_mode("tc");
}

static void stack_in_mode(const char *mode)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	plane_start(&p, mode);
	s.stack = true;
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	assert_int_equal(plane_packets(&p, XP_PATH_UP_STACK), 1);
	assert_int_equal(plane_packets(&p, XP_PATH_DOWN_STACK), 1);
	plane_expect_counters(&p, 1, 1);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_stack_path(void **state)
{
	(void)state;
	stack_in_mode("native");
	stack_in_mode("generic");
	stack_in_mode("tc");
}

static void test_mixed_modes(void **state)
{
	static const char *const modes[][2] = {
		{ "native", "tc" },
		{ "tc", "native" },
		{ "native", "generic" },
		{ "generic", "native" },
	};
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	char more[64];
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	plane_add(&p, &s);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		snprintf(more, sizeof(more), "attach interface core0 mode %s\n", modes[i][1]);
		plane_reload(&p, plane_conf(modes[i][0], more));
		plane_expect_device(&p, "acc0", "attached", modes[i][0]);
		plane_expect_device(&p, "core0", "attached", modes[i][1]);
		plane_expect_device(&p, "pppac0-dp", "attached", "tc");
		plane_both_ways(&p, NET_SID, NET_CLIENT);
	}
	plane_stop(&p);
	plane_left_nothing();
}

static void test_auto_falls_back(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	(void)state;
	/* too large for XDP in a veth's peer */
	net_run("ip link set up0 mtu 9000");
	plane_start(&p, "auto");
	plane_expect_device(&p, "acc0", "attached", "native");
	plane_expect_device(&p, "core0", "attached", "tc");
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_stop(&p);
	plane_left_nothing();
	net_run("ip link set up0 mtu 1500");
}

static void slow_in_mode(const char *mode)
{
	struct dp_session slow = plane_session(NET_SID, NET_CLIENT),
			  fast = plane_session(NET_SID + 1, NET_CLIENT + 1);
	uint8_t packet[128];
	struct plane p;
	size_t len;

	plane_start(&p, mode);
	slow.slow = true;
	fast.stack = true;
	plane_add(&p, &slow);
	plane_add(&p, &fast);
	/* in tc mode the socket sees this one, too: it is not for the agent */
	plane_send_down(&p, NET_REMOTE, NET_CLIENT + 1);
	plane_expect_down(&p, NET_SID + 1, NET_CLIENT + 1);
	assert_int_equal(p.slow_len, 0);
	plane_send_down(&p, NET_REMOTE, NET_CLIENT);
	for (struct mono start = mono_now();
	     !p.slow_len && mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS;)
		ev_run(p.loop, EVRUN_NOWAIT);
	assert_int_equal(p.slow_len, 60);
	assert_int_equal(ntohl(p.slow_dst.s_addr), NET_CLIENT);
	len = net_packet(packet, NET_CLIENT, NET_REMOTE, 32);
	assert_int_equal(p.dp->ops->ip_send(p.dp, NET_SID, packet, len), 0);
	plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
	p.dp->ops->session_del(p.dp, NET_SID, NULL, NULL);
	assert_int_equal(p.dp->ops->ip_send(p.dp, NET_SID, packet, len), -ENOENT);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_slow_path(void **state)
{
	(void)state;
	slow_in_mode("native");
	slow_in_mode("tc");
}

static void test_routes(void **state)
{
	struct dp_session pool = plane_session(NET_SID, NET_CLIENT),
			  small = plane_session(6, NET_CLIENT + 1);
	struct dp_session outside = plane_session(7, NET_OUTSIDE),
			  net = plane_session(8, 0xac100001);
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	assert_true(
		net_says("ip route show dev pppac0", "10.0.0.0/24 proto 120 scope link mtu 1492"));
	assert_true(net_says("ip address show dev pppac0", "10.0.0.1/32"));
	assert_true(net_says("cat /proc/sys/net/ipv4/conf/pppac0/forwarding", "1"));
	assert_true(net_says("cat /proc/sys/net/ipv4/conf/pppac0-dp/forwarding", "0"));
	small.mtu = 1400;
	net.netmask.s_addr = htonl(0xffffff00);
	plane_add(&p, &pool);
	plane_add(&p, &small);
	plane_add(&p, &outside);
	plane_add(&p, &net);
	assert_false(net_says("ip route show dev pppac0", "10.0.0.5"));
	assert_true(net_says("ip route show dev pppac0", "10.0.0.6 proto 120 scope link mtu 1400"));
	assert_true(
		net_says("ip route show dev pppac0", "192.0.2.99 proto 120 scope link mtu 1492"));
	assert_true(net_says("ip route show dev pppac0", "172.16.0.0/24 proto 120"));
	plane_both_ways(&p, 7, NET_OUTSIDE);
	plane_both_ways(&p, 8, 0xac100001);
	plane_both_ways(&p, 8, 0xac100077); /* of its net */
	p.dp->ops->session_del(p.dp, 6, NULL, NULL);
	p.dp->ops->session_del(p.dp, 7, NULL, NULL);
	p.dp->ops->session_del(p.dp, 8, NULL, NULL);
	assert_false(net_says("ip route show dev pppac0", "10.0.0.6"));
	assert_false(net_says("ip route show dev pppac0", "192.0.2.99"));
	assert_false(net_says("ip route show dev pppac0", "172.16.0.0"));
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_capture(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	assert_int_equal(p.captured_up + p.captured_down, 0);
	assert_int_equal(p.dp->ops->capture(p.dp, NET_SID, true), 0);
	assert_int_equal(p.dp->ops->capture(p.dp, NET_SID + 1, true), -ENOENT);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	ev_run(p.loop, EVRUN_NOWAIT);
	assert_int_equal(p.captured_up, 1);
	assert_int_equal(p.captured_down, 1);
	/* a burst is taken in shares, so that everything else has its turns */
	for (int i = 0; i < 300; i++)
		plane_send_up(&p, NET_SID, NET_CLIENT, NET_REMOTE);
	for (struct mono start = mono_now(); plane_packets(&p, XP_PATH_UP_FAST) < 302 &&
					     mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS;)
		;
	ev_run(p.loop, EVRUN_NOWAIT);
	assert_in_range(p.captured_up, 2, 1 + 150);
	for (int i = 0; i < 10; i++)
		ev_run(p.loop, EVRUN_NOWAIT);
	assert_int_equal(p.captured_up, 1 + 300);
	assert_int_equal(p.dp->ops->capture(p.dp, NET_SID, false), 0);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	ev_run(p.loop, EVRUN_NOWAIT);
	assert_int_equal(p.captured_up, 1 + 300);
	plane_stop(&p);
}

/* A child gets a data plane running and dies at once. */
static void crash(const char *mode)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct dp_session s = plane_session(NET_SID, NET_CLIENT);
		struct plane p;

		plane_start(&p, mode);
		plane_add(&p, &s);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_restart_after_crash(void **state)
{
	static const char *const modes[] = { "native", "generic", "tc" };
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	(void)state;
	for (size_t before = 0; before < 3; before++) {
		const char *after = modes[(before + 1) % 3];

		crash(modes[before]);
		assert_true(if_nametoindex("pppac0") > 0);
		plane_start(&p, after);
		plane_expect_device(&p, "acc0", "attached", after);
		plane_expect_device(&p, "core0", "attached", after);
		plane_expect_device(&p, "pppac0-dp", "attached", after);
		plane_add(&p, &s);
		plane_both_ways(&p, NET_SID, NET_CLIENT);
		plane_stop(&p);
		plane_left_nothing();
	}
}

static void test_reload_detaches(void **state)
{
	struct plane p;

	(void)state;
	plane_start(&p, "tc");
	plane_reload(&p, plane_conf("auto", ""));
	plane_expect_device(&p, "acc0", "attached", "native");
	assert_false(net_says("tc qdisc show dev core0", "clsact"));
	assert_false(net_says("tc qdisc show dev acc0", "clsact"));
	plane_reload(&p, plane_conf_both("tc"));
	assert_true(net_says("tc filter show dev core0 ingress", "xpppd_tc"));
	plane_stop(&p);
	plane_left_nothing();
}

static void test_reload_moves_the_pool(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct conf *conf = plane_conf_both("native");
	struct conf_interface *interface = STAILQ_FIRST(&conf->interfaces);
	struct conf_range *range = STAILQ_FIRST(&interface->ipcp->ranges);
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	s.stack = true;
	plane_add(&p, &s);
	interface->address.s_addr = htonl(0x0a000101);
	range->first = 0x0a000100;
	range->last = 0x0a0001ff;
	plane_reload(&p, conf);
	assert_true(net_says("ip address show dev pppac0", "10.0.1.1/32"));
	assert_false(net_says("ip address show dev pppac0", "10.0.0.1/32"));
	assert_true(net_says("ip route show dev pppac0", "10.0.1.0/24 proto 120"));
	assert_false(net_says("ip route show dev pppac0", "10.0.0.0/24"));
	assert_true(net_says("ip route show dev pppac0", "10.0.0.5 proto 120 scope link mtu 1492"));
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_reload(&p, plane_conf_both("native"));
	assert_false(net_says("ip route show dev pppac0", "10.0.0.5"));
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_device_vanishes_and_returns(void **state)
{
	struct dp_session s;
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	net_run("ip link delete acc0");
	plane_expect_device(&p, "acc0", "missing", "-");
	net_access();
	close(p.sub_fd);
	p.sub_fd = net_socket("sub0");
	plane_expect_device(&p, "acc0", "attached", "native");
	s = plane_session(NET_SID, NET_CLIENT);
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	/* the programs know a new address of the core device */
	net_run("ip link set core0 address 02:00:00:00:00:77");
	net_run("ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:52 dev core0");
	net_mac("core0", net_core_mac);
	for (struct mono start = mono_now(); mono_elapsed_ms(start, mono_now()) < 100;)
		ev_run(p.loop, EVRUN_NOWAIT);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_stop(&p);
	plane_left_nothing();
}

static void expect_concentrator(struct plane *p, const char *route)
{
	struct mono start = mono_now();

	while (!net_says("ip route show dev pppac0 2>&1", route) &&
	       mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS)
		ev_run(p->loop, EVRUN_NOWAIT);
	assert_true(net_says("ip route show dev pppac0", "10.0.0.0/24 proto 120"));
	assert_true(net_says("ip route show dev pppac0", "192.0.2.99 proto 120"));
	assert_true(net_says("ip route show dev pppac0", "172.16.0.0/24 proto 120"));
	net_wait_up("pppac0");
	net_wait_up("pppac0-dp");
}

/* What sessions need of it must be there again: program, routes, the slow path's socket. */
static void concentrator_returns(const char *mode)
{
	struct dp_session stack = plane_session(NET_SID, NET_CLIENT),
			  slow = plane_session(6, NET_CLIENT + 1),
			  outside = plane_session(7, NET_OUTSIDE),
			  net = plane_session(8, 0xac100001);
	struct plane p;

	plane_start(&p, mode);
	stack.stack = true;
	slow.slow = true;
	net.netmask.s_addr = htonl(0xffffff00);
	plane_add(&p, &stack);
	plane_add(&p, &slow);
	plane_add(&p, &outside);
	plane_add(&p, &net);
	net_run("ip link delete pppac0");
	expect_concentrator(&p, "172.16.0.0/24");
	assert_true(net_says("ip address show dev pppac0", "10.0.0.1/32"));
	plane_expect_device(&p, "pppac0-dp", "attached", mode);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_send_down(&p, NET_REMOTE, NET_CLIENT + 1);
	for (struct mono start = mono_now();
	     !p.slow_len && mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS;)
		ev_run(p.loop, EVRUN_NOWAIT);
	assert_int_equal(p.slow_len, 60);
	net_run("ip link set pppac0 down && ip link set pppac0 up");
	expect_concentrator(&p, "172.16.0.0/24");
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	p.dp->ops->session_del(p.dp, 7, NULL, NULL);
	assert_false(net_says("ip route show dev pppac0", "192.0.2.99"));
	plane_stop(&p);
	plane_left_nothing();
}

static void test_concentrator_returns(void **state)
{
	(void)state;
	concentrator_returns("native");
	concentrator_returns("tc");
}

/* Beyond what XDP takes: the data plane's end goes on in another mode. */
static void test_mtu_grows(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	s.stack = true;
	plane_add(&p, &s);
	plane_reload(&p, plane_conf("native", "attach interface core0 mode native\n"
					      "tunnel J protocol pppoe { mru 9000 }\n"));
	assert_true(net_says("ip link show pppac0", "mtu 9000"));
	assert_true(net_says("ip link show pppac0-dp", "mtu 9000"));
	plane_expect_device(&p, "pppac0-dp", "attached", "tc");
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_one_concentrator_fails(void **state)
{
	static const char more[] = "interface pppac1 address 10.0.0.1 ipcp P\n"
				   "interface pppac2 address 10.0.0.1 ipcp P\n"
				   "attach interface core0 mode native\n";
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	(void)state;
	plane_start(&p, "tc");
	net_run("ip link add pppac1 type veth peer name other0");
	conf_unref(p.conf);
	p.conf = plane_conf("native", more);
	assert_int_equal(p.dp->ops->configure(p.dp, p.conf, p.links), -EEXIST);
	/* it keeps nothing else from working */
	assert_true(if_nametoindex("pppac2") > 0);
	plane_expect_device(&p, "core0", "attached", "native");
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	/* and is tried again */
	net_run("ip link delete pppac1");
	plane_reload(&p, plane_conf("native", more));
	plane_expect_device(&p, "pppac1-dp", "attached", "native");
	plane_stop(&p);
	plane_left_nothing();
}

static void test_a_renamed_device_is_gone(void **state)
{
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	net_run("ip link set acc0 down && ip link set acc0 name acc1");
	plane_expect_device(&p, "acc0", "missing", "-");
	assert_false(net_says("ip link show acc1", "xdp"));
	net_run("ip link set acc1 name acc0 && ip link set acc0 up");
	plane_expect_device(&p, "acc0", "attached", "native");
	plane_stop(&p);
	plane_left_nothing();
}

static int foreign_program(enum bpf_prog_type type)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(type, "foreign", "GPL", code, 2, NULL);

	assert_true(fd >= 0);
	return fd;
}

static void test_foreign_program_stays(void **state)
{
	int ifindex = (int)if_nametoindex("core0");
	struct plane_device ask = { .name = "core0" };
	int fd = foreign_program(BPF_PROG_TYPE_XDP);
	struct plane p;

	(void)state;
	assert_int_equal(bpf_xdp_attach(ifindex, fd, XDP_FLAGS_DRV_MODE, NULL), 0);
	plane_start(&p, "auto");
	plane_expect_device(&p, "acc0", "attached", "native");
	plane_expect_device(&p, "core0", "failed", "-");
	p.dp->ops->devices(p.dp, plane_device_seen, &ask);
	assert_string_equal(ask.found.detail, "native: the device has another program");
	assert_true(net_says("ip link show core0", "xdp"));
	plane_stop(&p);
	assert_true(net_says("ip link show core0", "xdp"));
	assert_int_equal(bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL), 0);
	close(fd);
}

static void test_foreign_filter_stays(void **state)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("core0"),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = foreign_program(BPF_PROG_TYPE_SCHED_CLS));
	struct plane p;

	(void)state;
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
	plane_start(&p, "tc");
	plane_expect_device(&p, "core0", "attached", "tc");
	plane_stop(&p);
	assert_true(net_says("tc filter show dev core0 egress", "foreign"));
	assert_false(net_says("tc filter show dev core0 ingress", "xpppd_tc"));
	net_run("tc qdisc del dev core0 clsact");
	close(opts.prog_fd);
}

static void test_foreign_concentrator_stays(void **state)
{
	struct plane p;

	(void)state;
	net_run("ip link add pppac0 type veth peer name other0");
	plane_open(&p, "native");
	assert_int_equal(p.dp->ops->configure(p.dp, p.conf, p.links), -EEXIST);
	plane_stop(&p);
	assert_true(if_nametoindex("pppac0") > 0);
	net_run("ip link delete pppac0");
	plane_left_nothing();
}

/* ---- messages */

/* What dp_bpf_new says in a child that `before` has changed. */
static void expect_refusal(void (*before)(void), int error, const char *message)
{
	char said[4096] = "";
	int pipes[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		const struct dp_dims dims = { .spaces = 1, .space_size = 64, .down_lines = 64 };
		struct log *log = log_new(1, LOG_INFO);
		struct dataplane *dp;

		before();
		dup2(pipes[1], STDERR_FILENO);
		_exit(-dp_bpf_new(NULL, &dims, log, &dp));
	}
	close(pipes[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	n = read(pipes[0], said, sizeof(said) - 1);
	close(pipes[0]);
	assert_true(n > 0);
	if (!strstr(said, message))
		fail_msg("said: %s", said);
	assert_non_null(strchr(said, '\n'));
	assert_null(strchr(strchr(said, '\n') + 1, '\n')); /* one line */
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), -error);
}

static void no_bpffs(void)
{
	setenv("XPPPD_PIN_DIR", "/tmp/xp-not-a-bpffs", 1);
}

static void readonly_bpffs(void)
{
	unshare(CLONE_NEWNS);
	mount(NULL, NET_BPFFS, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static int keep_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	sets[0].effective = sets[0].permitted = (uint32_t)kept;
	sets[1].effective = sets[1].permitted = (uint32_t)(kept >> 32);
	return (int)syscall(SYS_capset, &header, sets);
}

static void no_capability(void)
{
	keep_capabilities(1ull << CAP_NET_ADMIN | 1ull << CAP_NET_RAW);
}

static void nothing_special(void)
{
}

static void test_refusals_are_one_sentence(void **state)
{
	struct plane p;

	(void)state;
	expect_refusal(no_bpffs, -ENODEV, "is not in a BPF file system: mount one");
	expect_refusal(readonly_bpffs, -EROFS, "Read-only file system");
	expect_refusal(no_capability, -EPERM, "CAP_BPF is missing");
	plane_open(&p, "native");
	expect_refusal(nothing_special, -EWOULDBLOCK, "another xpppd uses it");
	plane_stop(&p);
}

/* ---- as a service: an ordinary user with the unit's capabilities */

static void test_as_a_service(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setresgid(65534, 65534, 65534) < 0 ||
		    setresuid(65534, 65534, 65534) < 0 ||
		    keep_capabilities(1ull << CAP_NET_ADMIN | 1ull << CAP_NET_RAW |
				      1ull << CAP_BPF | 1ull << CAP_PERFMON) < 0)
			_exit(1);
		forward_in_mode("native");
		stack_in_mode("tc");
		slow_in_mode("native");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_generic),
		cmocka_unit_test(test_tc),
		cmocka_unit_test(test_stack_path),
		cmocka_unit_test(test_mixed_modes),
		cmocka_unit_test(test_auto_falls_back),
		cmocka_unit_test(test_slow_path),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_restart_after_crash),
		cmocka_unit_test(test_reload_detaches),
		cmocka_unit_test(test_reload_moves_the_pool),
		cmocka_unit_test(test_device_vanishes_and_returns),
		cmocka_unit_test(test_concentrator_returns),
		cmocka_unit_test(test_mtu_grows),
		cmocka_unit_test(test_one_concentrator_fails),
		cmocka_unit_test(test_foreign_program_stays),
		cmocka_unit_test(test_foreign_filter_stays),
		cmocka_unit_test(test_foreign_concentrator_stays),
		cmocka_unit_test(test_refusals_are_one_sentence),
		cmocka_unit_test(test_as_a_service),
		cmocka_unit_test(test_a_renamed_device_is_gone),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, net_setup, NULL);
}
