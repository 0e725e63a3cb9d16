# shellcheck shell=bash disable=SC2154,SC2034 # shared with lib.sh and with who sources this
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For tests that scrape the agent, sourced after lib.sh.

metrics_port=9816
metrics_conf="set metrics listen on 127.0.0.1 port $metrics_port"

# http REQUEST_LINE [HEADER...]: the whole answer, HTTP/1.0 or as the request says
http() {
	exec {http_fd}<> "/dev/tcp/127.0.0.1/$metrics_port" || return 1
	printf '%s\r\n' "$@" '' >&"$http_fd"
	timeout 20 cat <&"$http_fd"
	exec {http_fd}>&-
}

# scrape NAME [PATH]: checked for its format; for `metric`
scrape() {
	http "GET ${2:-/metrics} HTTP/1.0" > "$work/$1.http" || fail "no answer to a scrape"
	head -n 1 "$work/$1.http" | grep -q '^HTTP/1.. 200 ' || fail "scrape: $(head -n 1 "$work/$1.http")"
	sed '1,/^\r$/d' "$work/$1.http" > "$work/$1.prom"
	"$top/tests/netns/exposition.py" < "$work/$1.prom" > "$work/$1.metrics" || fail "$1: not the format"
}

# metric NAME METRIC [LABEL=VALUE...]: the sum of the samples that have these labels
metric() {
	local scrape=$1 name=$2 labels='{}' pair
	shift 2
	for pair in "$@"; do
		labels=$(jq -c --arg k "${pair%%=*}" --arg v "${pair#*=}" '.[$k] = $v' <<< "$labels")
	done
	jq -r --arg name "$name" --argjson want "$labels" '.[$name] // [] |
		map(select(.labels as $l | $want | to_entries | all($l[.key] == .value)) | .value) | add // "none"' \
		"$work/$scrape.metrics"
}
