#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Answers that prove nothing are counted and ignored, and do not end the login: the right one that
# comes later does. Duplicates and late ones do no harm.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/fake_radius.sh
. "$(dirname "$0")/fake_radius.sh"
# shellcheck source=tests/netns/metrics.sh
. "$(dirname "$0")/metrics.sh"

network_up
bound=FAKE
write_conf "" "$metrics_conf"
fake_statement "address $core_address secret \"$fake_secret\"" "timeout 10" "max-tries 10"
fake_up fake $core_address
start

hold calm 1
expect 1 "$(server_says $core_address .accepts)" "logins"
hang_up calm

# wrong_first MANNER REASON: a login that is answered so at first
wrong_first() {
	local name=wrong-$1 seen
	seen=$(server_says $core_address ".bad.\"$2\"")
	fake_is fake "$1"
	nsenter --net=/run/netns/sub "$dialer" "${access[@]}" --report "$work/$name.json" --hold forever \
		> "$work/$name.log" 2>&1 &
	echo $! > "$work/$name.pid"
	wait_for 10 has_seen $core_address "$2" $((seen + 2)) || fail "$1: not counted as $2"
	expect 0 "$(established)" "$1: sessions by an answer that proves nothing"
	fake_is fake answers
	wait_for 10 established_is 1 || fail "$1: the login does not end by the right answer"
	hang_up "$name"
	wait_for 10 sessions_are 0 || fail "$1: the session stays"
}
wrong_first wrong-secret bad-authenticator
wrong_first unsigned no-message-authenticator
wrong_first missigned bad-message-authenticator
wrong_first truncated bad-length
wrong_first oversized bad-length
wrong_first elsewhere bad-address

fake_is fake twice
hold twice 5
hang_up twice
has_seen $core_address unasked 5 || fail "duplicates are not counted"
expect 12 "$(server_says $core_address .accepts)" "logins, each once"

# each answer comes after the request was sent again twice; those to the copies are too many
fake_is fake late
unasked=$(server_says $core_address .bad.unasked)
hold late 3
fake_is fake answers
wait_for 10 has_seen $core_address unasked $((unasked + 3)) || fail "late answers are not counted"
expect 3 "$(established)" "sessions"
expect 15 "$(server_says $core_address .accepts)" "logins, each once"
hang_up late

scrape full
expect 15 "$(metric full xpppd_radius_replies_total code=accept)" "accepts in the metrics"
expect 1 "$(metric full xpppd_radius_up "server=$core_address:1812" kind=authentication)" "state in the metrics"
expect "$(server_says $core_address '.bad."bad-length"')" \
	"$(metric full xpppd_radius_bad_replies_total reason=bad-length)" "truncated and oversized in the metrics"
at_least 10 "$(drops radius-reply)" "drops"
ctl show radius | grep -q "Access-Accept *: 15" || fail "not in the text of show radius"
! grep -qF "$fake_secret" "$work/xpppd.log" || fail "the secret is in the log"
stop
