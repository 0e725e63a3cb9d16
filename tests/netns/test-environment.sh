#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A second instance, a bad configuration, bpffs, capabilities: one clear sentence each and status 1.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
xpppd=$build/plain/xpppd

# refused WHAT PATTERN COMMAND...: it ends at once with status 1 and one sentence that fits
refused() {
	local what=$1 pattern=$2 status=0
	shift 2
	timeout 10 "$@" > "$work/refused" 2>&1 || status=$?
	expect 1 $status "status with $what: $(cat "$work/refused")"
	grep -qiE "$pattern" "$work/refused" || fail "$what: $(cat "$work/refused")"
	at_most 3 "$(wc -l < "$work/refused")" "lines about $what"
}
arguments=(-d -f "$work/xpppd.conf" -s /run/other -p /run/other.pid)

echo 'frobnicate yes' > "$work/bad.conf"
refused "an unknown keyword" 'bad.conf:1: ' "$xpppd" -d -f "$work/bad.conf" -s /run/other -p /run/other.pid
sed 's/^interface pppac0 address .*/interface pppac0 address 10.64.0.300 ipcp IPCP/' "$work/xpppd.conf" > "$work/bad.conf"
refused "a bad address" 'bad.conf:[0-9]+: .*10.64.0.300' "$xpppd" -n -f "$work/bad.conf"
refused "no file" 'no-such.conf' "$xpppd" -d -f "$work/no-such.conf" -s /run/other -p /run/other.pid
sed "s/type local/type radius/; /users-file/d" "$work/xpppd.conf" > "$work/bad.conf"
refused "an authentication that asks nobody" "expected authentication-server" "$xpppd" -d -f "$work/bad.conf" -s /run/other -p /run/other.pid

start
refused "a second instance" 'another xpppd' "$xpppd" "${arguments[@]}"
refused "a second instance, same socket" 'another xpppd' \
	"$xpppd" -d -f "$work/xpppd.conf" -s $control -p /run/other.pid
dial still
stop

mkdir /run/plain
refused "a pin directory that is not in bpffs" 'bpf' env XPPPD_PIN_DIR=/run/plain/xpppd "$xpppd" "${arguments[@]}"
mount -o remount,ro /sys/fs/bpf
refused "a read-only bpffs" 'bpf|pin' "$xpppd" "${arguments[@]}"
mount -o remount,rw /sys/fs/bpf
refused "no CAP_BPF" 'CAP_|permi' capsh --drop=cap_bpf,cap_sys_admin -- -c '"$@"' sh "$xpppd" "${arguments[@]}"
refused "no CAP_NET_ADMIN" 'CAP_|permi' capsh --drop=cap_net_admin,cap_sys_admin -- -c '"$@"' sh "$xpppd" "${arguments[@]}"
refused "no CAP_NET_RAW" 'CAP_|permi' capsh --drop=cap_net_raw,cap_sys_admin -- -c '"$@"' sh "$xpppd" "${arguments[@]}"
start
dial after
stop
