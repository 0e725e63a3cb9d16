#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# PPTP with `pipex no`: the agent moves the packets itself, numbers and acknowledges them, and does not go
# beyond the client's window.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

l2tp_up
write_pptp_conf "pipex no"
start
core_up
pptp both --sessions 4 --tunnels 2 --max-loss 0 --up-pps 500 --down-pps 500 --duration 1
traffic_is_clean both
numbers_are_right both
at_least 1 "$(tunnels_of both .data.piggybacked)" "acknowledgements on data"
at_least 450 "$(path up slow)" "packets that the agent moved up"
at_least 450 "$(path down slow)" "packets that the agent moved down"
expect 0 "$(path up fast)" "packets that the programs moved"
pptp up --sessions 2 --max-loss 0 --up-pps 1000 --duration 1
traffic_is_clean up
numbers_are_right up
at_least 10 "$(tunnels_of up .data.acks_received)" "acknowledgements alone"
expect 0 "$(drops pptp-data-window)" "packets beyond the window of a client that acknowledges"

# A client that acknowledges nothing gets a window of packets at a time.
pptp mute --sessions 1 --no-ack --down-pps 1000 --duration 2 || true
at_least 1000 "$(drops pptp-data-window)" "packets beyond the window"
at_most 1000 "$(report mute .traffic.down.received)" "packets within it"
expect 1 "$(established_by mute)" "sessions of a client that acknowledges nothing"
stop
