# shellcheck shell=bash disable=SC2154,SC2317 # shared with tests/netns/lib.sh, functions called by name
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For scripts that run in the guest: each function scenario_* is one result. Debian's pppd is the
# client; the script defines prepare and clean_up_more.

results=/guest/out/results

# pppd_alone: Debian's options are for modems, its scripts take seconds.
pppd_alone() {
	mount -t tmpfs tmpfs /etc/ppp
	touch /etc/ppp/options
}

has_address() { ip -n sub -4 -br addr show dev "${1:-ppp9}" | grep -q ' [0-9]'; }
address() { ip -n sub -4 -br addr show dev "$1" | awk '{ print $3 }' | cut -d/ -f1; }
pppd_gone() { ! kill -0 "$pppd"; }
no_session() { ! ctl session brief; }
no_pppd() { ! pgrep -x pppd; }

client_fail() {
	echo "--- end of pppd's log"
	tail -n 40 "$work/pppd.log"
	fail "$*"
}

# reaches ADDRESS [PING_OPTION...]: from the subscriber
reaches() {
	local to=$1
	shift
	in_sub ping -q -c 3 -i 0.2 -W 3 "$@" "$to" || client_fail "no answer from $to ($*)"
}

# logged PATTERN: pppd said so
logged() {
	grep -qE "$1" "$work/pppd.log" || client_fail "pppd did not log: $1"
}

scenario_agent_ends() {
	stop
	[ ! -e "$control" ] || fail "the control socket is still there"
	! ip link show pppac0 || fail "the concentrator interface is still there"
}

# run_scenario NAME
run_scenario() {
	local started=$EPOCHREALTIME verdict=ok log=/guest/out/$1.log
	(
		set -e
		"scenario_$1"
		no_report
	) > "$log" 2>&1 || verdict=FAIL
	if [ $verdict = FAIL ]; then
		echo "== $1"
		cat "$log"
	fi
	clean_up > /dev/null 2>&1
	awk -v verdict="$verdict" -v name="$1" -v a="$started" -v b="$EPOCHREALTIME" \
		'BEGIN { printf "%s %s %.1f\n", verdict, name, b - a }' >> $results
	[ $verdict = ok ]
}

# What a failed scenario leaves must not fail the next.
clean_up() {
	pkill -x pppd || true
	clean_up_more
	wait_for 10 no_session || ctl clear all || true
	wait_for 10 no_pppd || pkill -KILL -x pppd || true
	! agent_ended || start
}

# run_scenarios [SCENARIO...]: prepares, runs these or all, and ends the script
run_scenarios() {
	local scenarios=("$@") scenario failures=0
	: > $results
	prepare
	if [ $# = 0 ]; then
		mapfile -t scenarios < <(compgen -A function scenario_ | sed s/^scenario_// | grep -v '^agent_ends$')
	fi
	for scenario in "${scenarios[@]}"; do
		run_scenario "$scenario" || failures=$((failures + 1))
	done
	run_scenario agent_ends || failures=$((failures + 1))
	exit $((failures > 0))
}
