#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Many sessions end at once: because an operator says so, with their device, with the agent. They do so
# in slices, and who has nothing to do with it loses nothing.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/metrics.sh
. "$(dirname "$0")/metrics.sh"

few=20
per_slice=64

network_up
link_pair sub s1 access1
write_conf "listen on interface access1" "$metrics_conf
set max-half-open 0"
cat >> "$work/xpppd.conf" <<-EOC
	interface pppac1 address 10.64.0.2 ipcp IPCP
	authentication MANY type local {
		username-suffix "@many"
		strip-atmark-realm yes
		users-file "$work/npppd-users"
	}
	bind tunnel from PPPOE authenticated by MANY to pppac1
EOC
write_users 2000
start
core_up
hold few $few --up-pps 100 --down-pps 100 --duration 60

# hold_many NAME COUNT: over a device of their own
hold_many() {
	local access=(dial --interface s1) traffic=()
	hold "$1" "$2" --user u%d@many --auth chap
	scrape "$1"
}

# ended_in_slices NAME COUNT: so many since the scrape of this name
ended_in_slices() {
	local slices steps
	wait_for 10 sessions_are $few || fail "$1: $(ctl -j show status | jq .sessions) sessions are left"
	scrape "$1-after"
	slices=$(($(metric "$1-after" xpppd_work_slices_total) - $(metric "$1" xpppd_work_slices_total)))
	steps=$(($(metric "$1-after" xpppd_work_steps_total) - $(metric "$1" xpppd_work_steps_total)))
	at_least "$2" "$steps" "$1: steps"
	at_least $(($2 / per_slice)) "$slices" "$1: slices"
	established_is $few || fail "$1: others ended, too"
	let_go "$1" || true
}

# told NAME: how many clients heard a good-bye
told() { report "$1" '[.terminated_by_server[], .padt_by_server[]] | add'; }

hold_many cleared 2000
ctl clear interface pppac1 > "$work/clear.txt" || fail "clear: status $?"
grep -qw 2000 "$work/clear.txt" || fail "clear: $(cat "$work/clear.txt")"
ended_in_slices cleared 2000
expect 2000 "$(told cleared)" "clients that heard of the clear"

hold_many cut 300
ip link del access1
ended_in_slices cut 300
hang_up few
traffic_is_clean few

link_pair sub s1 access1
hold_many stopped 200
stop
let_go stopped || true
expect 200 "$(told stopped)" "clients that heard of the stop"
