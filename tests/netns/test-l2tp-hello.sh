#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A peer that falls silent is noticed by HELLO, one that restarts by its SCCRQ.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/l2tp.sh
. "$(dirname "$0")/l2tp.sh"

l2tp_up
write_l2tp_conf "l2tp-hello-interval 1
		l2tp-hello-timeout 3"
start

# Alive but idle: HELLOs are answered, and the tunnel stays.
l2tp_hold idle 4 --tunnels 2
sleep 6
expect 4 "$(established)" "sessions of an idle peer that answers"
hang_up idle
at_least 4 "$(tunnels_of idle .control.hello_received)" "HELLOs"
tunnels_are_clean idle

# Stopped, not ended: nobody answers, and nothing comes back as ICMP either.
l2tp_hold silent 4 --tunnels 2
kill -STOP "$(cat "$work/silent.pid")"
wait_for 15 no_tunnels || fail "a silent peer's tunnels stay"
wait_for 5 sessions_are 0 || fail "a silent peer's sessions stay"
kill -KILL "$(cat "$work/silent.pid")"

# Restarted without a goodbye, from the same address and port, before HELLO notices.
sed -i 's/l2tp-hello-interval 1/l2tp-hello-interval 60/' "$work/xpppd.conf"
ctl reload > /dev/null || fail "reload"
l2tp_hold before 4 --tunnels 2 --source-port 1701
sleep 2.5 # who was heard just now lives
kill -KILL "$(cat "$work/before.pid")"
l2tp_hold again 4 --tunnels 2 --source-port 1701
# The tunnels of before are asked once more whether they live.
wait_for 20 tunnels_are 2 || fail "tunnels after a restart: $(tunnels length)"
wait_for 5 sessions_are 4 || fail "sessions after a restart: $(ctl -j show status | jq .sessions)"
hang_up again
tunnels_are_clean again
wait_for 5 no_tunnels || fail "tunnels stay"

# The peer's own HELLOs are answered.
l2tp hello --sessions 2 --hello-interval 0.5 --hold 3
at_least 4 "$(tunnels_of hello .control.hello_sent)" "HELLOs of the peer"
tunnels_are_clean hello
stop
