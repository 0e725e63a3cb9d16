# shellcheck shell=bash disable=SC2154 # shared with tests/netns/lib.sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# For l2tp.sh: strongSwan, once for the concentrator and once for each client, with the connection of
# docs/operators-guide.md. Every daemon has its own control socket, `ipsec NAME WORD...` asks it.

# ipsec_daemon NAME [COMMAND...]: charon for NAME, started by COMMAND (nsenter ...)
ipsec_daemon() {
	local name=$1
	shift
	mkdir -p "/run/ipsec/$name"
	cat > "/run/ipsec/$name/strongswan.conf" <<-EOC
	charon-systemd {
		load_modular = yes
		plugins {
			include /etc/strongswan.d/charon/*.conf
			vici {
				socket = unix:///run/ipsec/$name/vici
			}
		}
		filelog {
			log {
				path = $work/charon-$name.log
				default = 1
				flush_line = yes
			}
		}
	}
	EOC
	STRONGSWAN_CONF=/run/ipsec/$name/strongswan.conf "$@" charon-systemd > /dev/null 2>&1 &
	echo $! > "/run/ipsec/$name/pid"
	wait_for 30 test -S "/run/ipsec/$name/vici" || fail "strongSwan of $name does not start"
}

ipsec_end() {
	local file
	for file in /run/ipsec/*/pid; do
		kill "$(cat "$file")"
	done
	rm -rf /run/ipsec
	ip xfrm state flush
	ip xfrm policy flush
	ip -n sub xfrm state flush
	ip -n sub xfrm policy flush
}

# ipsec NAME WORD...
ipsec() { swanctl "${@:2}" --uri "unix:///run/ipsec/$1/vici"; }

# ipsec_load NAME: what is in its swanctl.conf
ipsec_load() {
	ipsec "$1" --load-all --file "/run/ipsec/$1/swanctl.conf" > "$work/load-$1.log" 2>&1 ||
		fail "configuration of strongSwan of $1: $(cat "$work/load-$1.log")"
}

# ipsec_concentrator: the example of the operator's guide, as it stands there
ipsec_concentrator() {
	ipsec_daemon concentrator
	sed -n '/^<!-- swanctl.conf -->/,/^<!-- end -->/s/^    //p' "$top/docs/operators-guide.md" |
		sed 's/a long random text/preshared/' > /run/ipsec/concentrator/swanctl.conf
	grep -q preshared /run/ipsec/concentrator/swanctl.conf || fail "no example in the operator's guide"
	ipsec_load concentrator
}

# ipsec_client NAME PROPOSAL ESP_PROPOSAL KEY COMMAND...: a security association, or not
ipsec_client() {
	ipsec_daemon "$1" "${@:5}"
	ipsec_connect "${@:1:4}"
}

# ipsec_connect NAME PROPOSAL ESP_PROPOSAL KEY: by the daemon that is there
ipsec_connect() {
	cat > "/run/ipsec/$1/swanctl.conf" <<-EOC
	connections {
		l2tp {
			version = 1
			remote_addrs = $lns
			proposals = $2
			local {
				auth = psk
			}
			remote {
				auth = psk
			}
			children {
				l2tp {
					mode = transport
					local_ts = dynamic[udp/1701]
					remote_ts = dynamic[udp/1701]
					esp_proposals = $3
				}
			}
		}
	}
	secrets {
		ike {
			secret = "$4"
		}
	}
	EOC
	ipsec_load "$1"
	ipsec "$1" --initiate --child l2tp --timeout 40 > "$work/initiate-$1.log" 2>&1
}
