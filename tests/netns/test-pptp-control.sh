#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Control connections and logins over PPTP: several calls on one connection, what operators see and
# clear, echo, reload.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pptp.sh"

pptp_up
write_pptp_conf
start
core_up
pptp one
expect 1 "$(established_by one)" "sessions established"
