#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# The unit's user and capabilities are enough: dial in, forward, reload, look inside.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

xpppd=$work/as-user
cat > "$xpppd" <<-EOC
	#!/bin/bash
	umask 0027
	exec setpriv --reuid 4711 --regid 4711 --clear-groups --no-new-privs --bounding-set \
		-all,+net_admin,+net_raw,+bpf,+perfmon --inh-caps -all,+net_admin,+net_raw,+bpf,+perfmon \
		--ambient-caps -all,+net_admin,+net_raw,+bpf,+perfmon "$build/$flavour/xpppd" "\$@"
EOC
chmod +x "$xpppd"
network_up
write_conf
chown -R 4711:4711 "$work/npppd-users" "$work/xpppd.conf" /run/xpppd
chmod 711 "$work"
# As the unit does it: bpffs itself is for root only.
mkdir /sys/fs/bpf/xpppd /run/xpppd/bpf
chown 4711:4711 /sys/fs/bpf/xpppd
chmod 700 /sys/fs/bpf
mount --bind /sys/fs/bpf/xpppd /run/xpppd/bpf
export XPPPD_PIN_DIR=/run/xpppd/bpf
# The service manager's side of Type=notify and WatchdogSec.
socat -u UNIX-RECV:/run/xpppd/notify,mode=666 "CREATE:$work/notify" &
wait_for 5 test -S /run/xpppd/notify || fail "no notify socket"
export NOTIFY_SOCKET=/run/xpppd/notify WATCHDOG_USEC=1000000
start
wait_for 5 grep -q READY=1 "$work/notify" || fail "the agent does not say that it is ready"
wait_for 5 grep -q WATCHDOG=1 "$work/notify" || fail "the agent does not feed the watchdog"
core_up
expect 4711 "$(awk '/^Uid:/ { print $2 }' "/proc/$(agent_pid)/status")" "user of the agent"
dial traffic --sessions 6 --vlan none,7,100.7 --max-loss 0 --up-pps 500 --down-pps 500 --duration 1
traffic_is_clean traffic
ctl reload > /dev/null || fail "reload"
dial again
bpftool map dump pinned /sys/fs/bpf/xpppd/sessions_up > /dev/null || fail "bpftool does not find the pins"
stop
wait_for 5 grep -q STOPPING=1 "$work/notify" || fail "the agent does not say that it stops"
