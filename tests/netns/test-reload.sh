#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# A bad file changes nothing; a good one drops no session that it still allows.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"

network_up
write_conf
start
core_up
hold held 6 --vlan none,7,100.7 --up-pps 500 --down-pps 500 --duration 60
before=$(ctl -j session all | jq -s 'map(.. | objects | select(.type == "session")."ppp-id")')

cp "$work/xpppd.conf" "$work/good.conf"
echo 'tunnel NONSENSE protocol pppoe { no-such-option yes }' >> "$work/xpppd.conf"
status=0
ctl reload > "$work/reload" 2>&1 || status=$?
expect 2 $status "status of a reload of a bad file"
grep -qE "xpppd.conf:[0-9]+: " "$work/reload" || fail "no file and line: $(cat "$work/reload")"
kill -HUP "$(agent_pid)"
sleep 0.5
expect 6 "$(established)" "sessions after the bad file"

sed 's|dns-servers .*|dns-servers 192.0.2.99|; s|pppoe-vlan any|pppoe-vlan any\n\tidle-timeout 3600|' \
	"$work/good.conf" > "$work/xpppd.conf"
ctl reload > "$work/reload" 2>&1 || fail "a good file: $(cat "$work/reload")"
kill -HUP "$(agent_pid)"
sleep 0.5
expect "$before" "$(ctl -j session all | jq -s 'map(.. | objects | select(.type == "session")."ppp-id")')" \
	"sessions after a good file"
# New sessions get what the new file says.
dial new --first 20 --sessions-file "$work/new.sessions"
grep -q 192.0.2.99 "$work/new.sessions" || fail "a new session has the old DNS server: $(cat "$work/new.sessions")"

hang_up held
expect 0 "$(lost held up)" "lost upstream over all reloads"
expect 0 "$(lost held down)" "lost downstream over all reloads"

# VLAN sessions are not allowed any more: they end, the untagged one stays.
hold mixed 3 --first 51 --vlan none,7,100.7
untagged=$(ctl -j session all username u51 | jq -s 'map(.. | objects | select(.type == "session")."ppp-id")')
sed -i 's|pppoe-vlan any|pppoe-vlan none|' "$work/xpppd.conf"
ctl reload > /dev/null
sleep 0.5
expect "$untagged" "$(ctl -j session all | jq -s 'map(.. | objects | select(.type == "session")."ppp-id")')" \
	"sessions that the new file still serves"
dial untagged --first 30
in_sub "$dialer" dial --interface s0 --first 40 --vlan 7 --tries 2 --report "$work/tagged.json" \
	> /dev/null 2>&1 && fail "a VLAN that the new file does not serve was served"
cp "$work/good.conf" "$work/xpppd.conf"
ctl reload > /dev/null
hang_up mixed

# What the maps have no room for is said, and changes nothing else.
{
	echo 'tunnel L2TP protocol l2tp { listen on 127.0.0.1 }'
	echo 'bind tunnel from L2TP authenticated by LOCAL to pppac0'
} >> "$work/xpppd.conf"
ctl reload > "$work/reload" 2>&1 || fail "a file with L2TP: $(cat "$work/reload")"
grep -q "L2TP sessions need a restart" "$work/reload" || fail "nothing of a restart: $(cat "$work/reload")"
dial after --first 60
cp "$work/good.conf" "$work/xpppd.conf"
ctl reload > "$work/reload"
grep -q restart "$work/reload" && fail "a restart for nothing: $(cat "$work/reload")"
stop
