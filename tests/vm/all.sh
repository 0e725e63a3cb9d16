#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# all.sh SCRIPT...: runs these scripts one after the other, in the guest. A result's name begins with its
# script's.
cd "$(dirname "$0")/../.." || exit
status=0
for script; do
	export XPPPD_PREFIX=$script/ XPPPD_WORK=/tmp/work/$script
	mkdir -p "/guest/out/$script"
	"tests/vm/$script.sh" || status=1
done
exit $status
