#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# What `make install` installs: every file, a unit that systemd accepts and finds tight, a
# configuration that the agent accepts and a second installation leaves alone.
set -euo pipefail

root=$XPPPD_WORK/root
fail() {
	echo "FAIL: $*"
	exit 1
}

for _ in 1 2; do
	make --no-print-directory -s install DESTDIR="$root" PREFIX=/usr
	for file in usr/sbin/xpppd usr/sbin/xpppctl usr/lib/systemd/system/xpppd.service \
		usr/lib/sysusers.d/xpppd.conf usr/lib/tmpfiles.d/xpppd.conf etc/xpppd/xpppd.conf \
		etc/xpppd/npppd-users usr/share/man/man8/xpppd.8 usr/share/man/man8/xpppctl.8 \
		usr/share/man/man5/xpppd.conf.5 usr/share/doc/xpppd/operators-guide.md; do
		[ -s "$root/$file" ] || fail "$file is not installed"
	done
	! grep -q '^# kept' "$root/etc/xpppd/xpppd.conf" || kept=yes
	echo '# kept' >> "$root/etc/xpppd/xpppd.conf"
done
[ "$(stat -c %a "$root/etc/xpppd")" = 750 ] || fail "others may look into /etc/xpppd"
[ "${kept:-}" = yes ] || fail "a second installation overwrote the configuration"
[ -z "$(find "$root" -perm /022 -not -type l)" ] || fail "group or world may write"
(cd "$root/etc/xpppd" && "$root/usr/sbin/xpppd" -n -f xpppd.conf > /dev/null) ||
	fail "the agent refuses the shipped configuration"

unit=$root/usr/lib/systemd/system/xpppd.service
grep -q '^ExecStart=/usr/sbin/xpppd' "$unit" || fail "ExecStart does not follow PREFIX"
# systemd looks for the programs and pages of a unit on this system.
mkdir "$XPPPD_WORK/unit"
sed "s|=/usr/sbin/|=$root/usr/sbin/|" "$unit" > "$XPPPD_WORK/unit/xpppd.service"
messages=$(MANPATH=$root/usr/share/man systemd-analyze verify --man=no "$XPPPD_WORK/unit/xpppd.service" 2>&1) ||
	fail "systemd-analyze verify: $messages"
# It also says what it thinks of the system's own units.
! grep -F xpppd <<< "$messages" || fail "systemd-analyze verify"
systemd-analyze security --offline=true --no-pager --threshold=29 "$unit" ||
	fail "exposure is not below 3.0"
systemd-sysusers --root="$root" "$root/usr/lib/sysusers.d/xpppd.conf"
grep -q '^xpppd:' "$root/etc/passwd" || fail "no user xpppd"
# bpffs cannot be had below a root directory: what remains is that the lines are understood.
systemd-tmpfiles --root="$root" --create "$root/usr/lib/tmpfiles.d/xpppd.conf" ||
	fail "systemd-tmpfiles"
[ "$(stat -c %a "$root/etc/xpppd/npppd-users")" = 640 ] || fail "users file is open"
