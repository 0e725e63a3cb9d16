#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Junk, half messages and too long ones on the control socket are harmless.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
start
expect 660 "$(stat -c %a "$control")" "mode of the control socket"
dial held --sessions 3 --hangup silent
# say: stdin to the socket, its answer to stdout
say() { timeout 5 socat -t 2 - "UNIX-CONNECT:$control" 2> /dev/null || true; }

open_files() { find "/proc/$(agent_pid)/fd" -type l | wc -l; }
before=$(open_files)
for junk in '' '\n' '\0\0\0' '{' '{"version":1}\n' '{"version":99,"command":"session"}\n' '[[[[[[[[[[[[[]\n' 'null\n' \
	'{"version":1,"command":"reboot"}\n' '{"version":1,"command":"clear"}\n' \
	'{"version":1,"command":"session","view":"brief","filter":{"ppp-id":"x"}}\n' \
	'{"version":1,"command":"session","view":"brief"' '\xff\xfe{}\n'; do
	# shellcheck disable=SC2059 # escapes are wanted
	{ printf "$junk" || true; } | say > "$work/answer"
	has_control || fail "no answer after: $junk"
done
{ head -c 1000000 /dev/urandom || true; } | say > /dev/null
{ head -c 100000 /dev/zero | tr '\0' '{' || true; } | say > /dev/null
has_control || fail "no answer after a long message"

# Many that say nothing, and one that does not read a long answer.
silent=()
for _ in $(seq 1 100); do
	socat -u "EXEC:sleep 20" "UNIX-CONNECT:$control" 2> /dev/null &
	silent+=($!)
done
sleep 0.5
has_control || fail "no answer while a hundred are connected"
expect 3 "$(established)" "sessions after all that"
kill "${silent[@]}" 2> /dev/null || true
sleep 0.5
at_most $((before + 10)) "$(open_files)" "open files of the agent"
wait_for 5 established_is 3 || fail "sessions were lost"
! agent_ended || fail "the agent ended"

# A group of its own, so that operators need not be root.
sed -i '1i set control-group daemon' "$work/xpppd.conf"
ctl reload > /dev/null || fail "reload"
expect daemon "$(stat -c %G "$control")" "group of the control socket"
stop
