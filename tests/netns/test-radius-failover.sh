#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A server falls silent: logins under way go on to the second, later ones go there at once, and
# when the first is back they go there again. A server that was never there is no endless loop, a reload
# keeps what is known of servers.
#
# shellcheck disable=SC2119 # what functions take is optional
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/fake_radius.sh
. "$(dirname "$0")/fake_radius.sh"

second=198.51.100.3
network_up
ip -n core addr add $second/24 dev c0
bound=FAKE
write_conf
fake_statement "address $core_address secret \"$fake_secret\"" "address $second secret \"$fake_secret\"" \
	"timeout 2" "max-tries 2" "dead-time 2"
fake_up first $core_address
fake_up second $second
start

hold calm 3
expect 3 "$(fake_asked first)" "requests to the first"
expect 0 "$(fake_asked second)" "requests to the second"
hang_up calm

# ---- silence

fake_is first silent
hold moved 20
expect 20 "$(server_says $second .accepts)" "logins at the second"
expect dead "$(server_says $core_address .state)" "state of the first"
expect 1 "$(server_says $core_address .deaths)" "deaths of the first"
asked=$(fake_asked first)
hold later 20 --first 100
expect "$asked" "$(fake_asked first)" "requests to the dead server"
expect 40 "$(server_says $second .accepts)" "logins at the second"

ctl reload > /dev/null || fail "reload"
expect 1 "$(server_says $core_address .deaths)" "deaths of the first after a reload"
expect 40 "$(server_says $second .accepts)" "logins at the second after a reload"

# ---- return, without a login being risked

fake_is first status-only
wait_for 10 server_is $core_address alive || fail "the first does not come back by Status-Server"
expect "$asked" "$(fake_asked first)" "requests to the server that is back"
fake_is first answers
hold back 5 --first 200
expect 5 "$(($(fake_asked first) - asked))" "requests to the server that is back"
for name in moved later back; do
	hang_up $name
done

# ---- both are gone, the machine says that nobody listens

fake_down first
fake_down second
used=$(awk '{ print $14 + $15 }' "/proc/$(agent_pid)/stat")
nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --report "$work/gone.json" --sessions 10 --hold forever \
	--tries 20 --redials 20 > "$work/gone.log" 2>&1 &
echo $! > "$work/gone.pid"
wait_for 20 server_is $second dead || fail "the second is not dead"
at_least 1 "$(server_says $second .unreachable)" "ICMP errors"
at_most 100 "$(($(awk '{ print $14 + $15 }' "/proc/$(agent_pid)/stat") - used))" "ticks of CPU time"
fake_up second $second
wait_for 30 established_is 10 || fail "no login after a server is back"
hang_up gone
stop
