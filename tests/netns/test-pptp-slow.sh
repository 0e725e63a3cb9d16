#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# With `pipex no` the agent moves every packet, acknowledges in time, and holds back what the client's window
# does not bear.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

l2tp_up
write_pptp_conf "pipex no"
start
core_up
pptp slow --sessions 6 --tunnels 2 --max-loss 0 --up-pps 500 --down-pps 500 --size 28-1360 --duration 1
traffic_is_clean slow
numbers_are_right slow
at_least "$(sent slow up)" "$(path up slow)" "slow path upstream"
at_least "$(sent slow down)" "$(path down slow)" "slow path downstream"
expect 0 $(($(path up fast) + $(path up stack))) "other paths upstream"
at_most "$(tunnels_of slow .data.server_window)" "$(tunnels_of slow .data.in_flight)" "packets that were not acknowledged"

# Nothing flows back.
pptp up --sessions 2 --max-loss 0 --up-pps 1000 --duration 1
traffic_is_clean up
at_least 5 "$(tunnels_of up .data.acks_received)" "acknowledgements alone"
at_most "$(tunnels_of up .data.server_window)" "$(tunnels_of up .data.in_flight)" "up: packets that were not acknowledged"
pptp down --sessions 2 --max-loss 0 --down-pps 1000 --duration 1
traffic_is_clean down
numbers_are_right down

# A client that does not acknowledge stays up: what it did not take is lost.
pptp no-ack --sessions 2 --down-pps 500 --duration 2 --no-ack --echo-interval 0.5
at_least 1 "$(drops pptp-data-window)" "drops for want of acknowledgements"
expect 0 "$(report no-ack .traffic.wrong)" "no-ack: wrong packets"
expect 2 "$(report no-ack .up_at_end)" "no-ack: sessions at the end"
stop
