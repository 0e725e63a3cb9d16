# shellcheck shell=bash disable=SC2034 # who sources this uses the variables
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For the parts of the benchmark, sourced as the first thing: namespaces of its own (tests/netns/lib.sh), and what
# to measure with in them. A part gives its members of the report to `result`; what it writes besides lies in $work.
XPPPD_FLAVOUR=plain
XPPPD_WORK=${BUILD:-$(dirname "$(readlink -f "$0")")/../../../build}/bench/$(basename "$0")
# shellcheck source=tests/netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../netns/lib.sh"
# shellcheck source=tests/netns/metrics.sh
. "$(dirname "${BASH_SOURCE[0]}")/../netns/metrics.sh"

rounds=${ROUNDS:-11}
mppe_default=yes # as it is by default
bin=$build/plain/tests/bench

# result: the part's members of the report, from standard input
result() { cat > "$work.json"; }

say() { echo "bench: $*"; }

# begin: an agent with a log of its own
begin() {
	: > "$work/xpppd.log"
	start
}

# dial_up COUNT NAME OPTION...: sessions that stay when the dialer has gone
dial_up() {
	dial "$2" --sessions "$1" --hangup silent --sessions-file "$work/$2.sessions" "${@:3}"
	expect "$1" "$(established)" "sessions"
}

# figures KEY FILE...: of rounds with the same value of KEY: minimum, median and maximum of each other member
figures() {
	jq -s --arg key "$1" 'group_by(.[$key]) | map(. as $rounds | {
		($key): .[0][$key], rounds: length,
		figures: (.[0] | del(.[$key]) | with_entries(.key as $k | .value = ($rounds | map(.[$k]) | sort
			| { min: first, median: .[length / 2 | floor], max: last })))
	})' "${@:2}"
}

# ---- what the agent takes

# agent_ns: CPU time of all its threads so far
agent_ns() { cat /proc/"$(agent_pid)"/task/*/schedstat | awk '{ ns += $1 } END { printf "%.0f", ns }'; }

# agent_bytes: memory, what it shares with others by its share
agent_bytes() { awk '/^Pss:/ { print $2 * 1024 }' "/proc/$(agent_pid)/smaps_rollup"; }

# map_bytes: of the maps that it holds, as the kernel counts them: of all CPUs
map_bytes() {
	cat /proc/"$(agent_pid)"/fdinfo/* 2> /dev/null |
		awk '/^memlock:/ { bytes = $2 } /^map_id:/ && !seen[$2]++ { sum += bytes } END { printf "%d", sum }'
}

# p99 FAMILY [BEFORE AFTER]: what 99 of 100 observations between the scrapes were below, in ms, taken as
# evenly spread within a step as Prometheus takes it
p99() {
	jq -n --slurpfile a "$work/${2:-before}.metrics" --slurpfile b "$work/${3:-after}.metrics" --arg name "$1_bucket" '
		def steps($m): $m[0][$name] | map({ key: .labels.le, value: .value }) | from_entries;
		steps($a) as $a | [steps($b) | to_entries[] | { le: .key, n: (.value - ($a[.key] // 0)) }] as $d
		| ($d | map(.n) | max) as $all
		| [$d[] | select(.le != "+Inf") | { le: (.le | tonumber), n: .n }] | sort_by(.le) | . as $s
		| ([range(length) | select($s[.].n >= $all * 0.99)] | first) as $i
		| (if $i > 0 then $s[$i - 1] else { le: 0, n: 0 } end) as $low
		| ($low.le + ($s[$i].le - $low.le) * ($all * 0.99 - $low.n) / ($s[$i].n - $low.n)) * 10000 | round / 10'
}

# ---- what the clock says

# ms COMMAND...: how long it takes, its output thrown away
ms() {
	local began=$EPOCHREALTIME
	"$@" > /dev/null
	ms_since "$began"
}

# ms_since EPOCHREALTIME
ms_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", (b - a) * 1000 }'; }

# least COMMAND...: milliseconds, the least of five times
least() {
	local _
	for _ in 1 2 3 4 5; do ms "$@"; echo; done | sort -n | head -n 1
}
