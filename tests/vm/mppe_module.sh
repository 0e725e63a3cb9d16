#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# The kernel module of MPPE by itself. Runs in the guest; each function scenario_* is one result.
#
# shellcheck disable=SC2317 # functions are called by name

work=${XPPPD_WORK:-/tmp/work}
# shellcheck source=tests/vm/scenarios.sh
. "$(dirname "$0")/scenarios.sh"

modules=build/module/$(uname -r)
self_test=build/asan/tests/bpf/test_mppe_kfunc

fail() {
	echo "FAIL: $*"
	dmesg | tail -n 20
	exit 1
}

loaded() { [ -e /sys/kernel/btf/xppp_mppe ]; }
# kernel_said PATTERN
kernel_said() { dmesg | grep -q "$1"; }
no_report() { ! kernel_said 'BUG:\|WARNING:\|Oops' || fail "the kernel complains"; }
tidy() { ! loaded || rmmod xppp_mppe; }
clean_up() { tidy; }
prepare() { :; }
scenario_agent_ends() { :; }

scenario_loads_and_unloads() {
	insmod "$modules/xppp_mppe.ko" || fail "insmod"
	loaded || fail "the module has no BTF"
	[ "$(cat /sys/module/xppp_mppe/version)" = 1 ] || fail "version"
	rmmod xppp_mppe || fail "rmmod"
	! loaded || fail "the module is still there"
}

scenario_tests_itself() {
	insmod "$modules-debug/xppp_mppe.ko" || fail "insmod"
	kernel_said 'xppp_mppe: self-test passed' || fail "no self-test"
}

scenario_agrees_with_the_reference() {
	insmod "$modules/xppp_mppe.ko" || fail "insmod"
	"$self_test" || fail "kfuncs"
	rmmod xppp_mppe || fail "rmmod after use"
}

# While a program is loaded the module stays.
scenario_stays_while_used() {
	insmod "$modules/xppp_mppe.ko" || fail "insmod"
	bpftool prog loadall build/bpf/mppe_kfunc.bpf.o /sys/fs/bpf/user || fail "load"
	! rmmod xppp_mppe || fail "rmmod while a program uses the module"
	loaded || fail "the module is gone"
	rm -r /sys/fs/bpf/user
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! rmmod xppp_mppe || return 0
		sleep 0.5
	done
	fail "rmmod when it is not used any more"
}

run_scenarios "$@"
