#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# PPTP logins and forwarding, programs attached in mode tc.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/pptp.sh
. "$(dirname "$0")/pptp.sh"

# shellcheck source=tests/netns/pptp_forward.sh
. "$(dirname "$0")/pptp_forward.sh"

pptp_forward_test tc
