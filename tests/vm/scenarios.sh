# shellcheck shell=bash disable=SC2154,SC2317,SC2034 # shared with tests/netns/lib.sh, functions called by name
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For scripts that run in the guest: each function scenario_* is one result. Debian's pppd is the
# client; the script defines prepare, clean_up_more and, if a scenario changes it, configure.

prefix=${XPPPD_PREFIX:-} # of the results' names
out=/guest/out/$prefix
results=/guest/out/results
mppe_default=yes # as it is by default
clients='pppd|pptp|pppoe|xl2tpd|charon-systemd|iperf3|tcpdump' # processes that are not ours

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
no_clients() { ! pgrep -x "$clients"; }

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
	local started=$EPOCHREALTIME verdict=ok log=$out/$1.log
	(
		set -e
		"scenario_$1"
		no_report
	) > "$log" 2>&1 || verdict=FAIL
	if [ $verdict = FAIL ]; then
		echo "== $1"
		cat "$log"
		clean_up > /dev/null 2>&1
	else
		tidy > /dev/null 2>&1
	fi
	awk -v verdict="$verdict" -v name="$prefix$1" -v a="$started" -v b="$EPOCHREALTIME" \
		'BEGIN { printf "%s %s %.1f\n", verdict, name, b - a }' >> $results
	[ $verdict = ok ]
}

# tidy: what a scenario that passed leaves to others
tidy() {
	! pkill -x "$clients" || wait_for 10 no_clients || pkill -KILL -x "$clients"
	[ ! -e "$work/reconfigured" ] || {
		configure
		ctl reload
		rm "$work/reconfigured"
	}
}

# reconfigure TUNNEL_OPTIONS: while it runs, to the end of the scenario
reconfigure() {
	: > "$work/reconfigured"
	configure "$1"
	ctl reload > /dev/null || fail "reload with $1"
}

# What a failed scenario leaves must not fail the next.
clean_up() {
	tidy
	clean_up_more
	wait_for 10 no_session || ctl clear all || true
	! agent_ended || start
}

# elsewhere SCENARIO: another kernel runs it (tests/vm/once)
elsewhere() {
	awk -v script="$(basename "$0" .sh)" -v scenario="$1" -v kernel="$(uname -r)." '
		$1 == script && $2 == scenario && index(kernel, $3 ".") != 1 { found = 1 }
		END { exit !found }' tests/vm/once
}

# run_scenarios [SCENARIO...]: prepares, runs these or all that are not run elsewhere, and ends the script
run_scenarios() {
	local scenarios=("$@") scenario failures=0
	prepare
	if [ $# = 0 ]; then
		for scenario in $(compgen -A function scenario_ | sed s/^scenario_// | grep -v '^agent_ends$'); do
			elsewhere "$scenario" || scenarios+=("$scenario")
		done
	fi
	for scenario in "${scenarios[@]}"; do
		run_scenario "$scenario" || failures=$((failures + 1))
	done
	run_scenario agent_ends || failures=$((failures + 1))
	exit $((failures > 0))
}
