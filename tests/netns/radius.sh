# shellcheck shell=bash disable=SC2034 # who sources this uses the variables
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Debian's FreeRADIUS on the core side, every file of it written here; sourced after lib.sh. A
# server has a name, `main` unless said, and its files lie in $servers/NAME:
#
#   log        what it says        requests    each Access-Request with its attributes
#   users      `radius_user`       accounting  each Accounting-Request likewise
#
# Before `radius_up`, a test may set what the server is to have more of: radius_modules (text of
# modules), radius_mschap (more options of that module), radius_listen (`listen` sections), radius_global
# (what stands outside of all),
# radius_authorize, radius_authenticate, radius_accounting, radius_postauth (names of them or other lines,
# in the order of processing).

radius_secret="the server's secret"
servers=${work:?}/radius
rm -rf "$servers" "$work"/spool*
radius_modules=
radius_mschap=
radius_listen=
radius_global=
radius_recorder=requests # empty: Access-Requests are not recorded
radius_authorize=
radius_authenticate=
radius_accounting=
radius_postauth=

# radius_user NAME CHECK [REPLY...]: in the server's users file, before it starts. u0, u1, ... with the
# passwords p0, p1, ... are known always. For another server than main, set radius=NAME.
radius_user() {
	local file=$servers/${radius:-main}/users reply end=
	mkdir -p "$(dirname "$file")"
	{
		printf '%s %s' "$1" "$2"
		for reply in "${@:3}"; do
			printf '%s\n\t%s' "$end" "$reply"
			end=,
		done
		printf '\n'
	} >> "$file"
}

# radius_up [NAME [ADDRESS]]: returns when it answers. Called again it starts a server that was ended,
# with the users of now; what it wrote before stays.
radius_up() {
	local name=${1:-main} address=${2:-$core_address}
	radius_write "$name" "$address"
	nsenter --net=/run/netns/core freeradius -f -d "$servers/$name/raddb" -n radiusd \
		-l "$servers/$name/log" > "$servers/$name/out" 2>&1 &
	echo $! > "$servers/$name/pid"
	echo "$address" > "$servers/$name/address"
	wait_for 30 radius_answers "$name" || {
		cat "$servers/$name/out" "$servers/$name/log"
		fail "freeradius $name does not start"
	}
}

# It asks itself. Status-Server (RFC 5997) leaves no trace in the files.
radius_answers() {
	echo "Message-Authenticator = 0x00" |
		in_core radclient -q -r 1 -t 1 "$(cat "$servers/$1/address"):1812" status "$radius_secret"
}

# radius_down [NAME]: as if its machine had lost its power
radius_down() {
	local pid
	pid=$(cat "$servers/${1:-main}/pid")
	kill -KILL "$pid" 2> /dev/null || true
	wait "$pid" 2> /dev/null || true
}

# radius_write NAME ADDRESS
radius_write() {
	local dir=$servers/$1
	mkdir -p "$dir/raddb"
	touch "$dir/users"
	cat > "$dir/raddb/radiusd.conf" <<-EOC
	prefix = /usr
	name = radiusd
	logdir = $dir
	raddbdir = $dir/raddb
	run_dir = $dir
	libdir = /usr/lib/freeradius
	pidfile = $dir/freeradius.pid
	max_request_time = 30
	cleanup_delay = 2
	max_requests = 65536
	hostname_lookups = no
	proxy_requests = no
	log {
		destination = files
		file = $dir/log
		auth = no
	}
	security {
		allow_core_dumps = no
		max_attributes = 200
		reject_delay = 0
		status_server = yes
	}
	thread pool {
		start_servers = 2
		max_servers = 4
		min_spare_servers = 1
		max_spare_servers = 3
		max_requests_per_server = 0
	}
	client any {
		ipaddr = *
		secret = "$radius_secret"
		require_message_authenticator = yes
	}
	modules {
		pap {
		}
		chap {
		}
		mschap {
			use_mppe = yes
			require_encryption = no
			require_strong = yes
			$radius_mschap
		}
		always ok {
			rcode = ok
		}
		files {
			filename = $dir/users
			key = "%{User-Name}"
		}
		detail requests {
			filename = $dir/requests
			header = "%t"
			suppress {
				User-Password
			}
		}
		detail accounting {
			filename = $dir/accounting
			header = "%t"
		}
		$radius_modules
	}
	$radius_global
	server default {
		listen {
			type = auth
			ipaddr = $2
			port = 1812
		}
		listen {
			type = acct
			ipaddr = $2
			port = 1813
		}
		$radius_listen
		authorize {
			$radius_recorder
			if (&User-Name =~ /^u([0-9]+)\$/) {
				update control {
					&Cleartext-Password := "p%{1}"
				}
			}
			$radius_authorize
			chap
			mschap
			files
			pap
		}
		authenticate {
			pap
			chap
			mschap
			$radius_authenticate
		}
		preacct {
			ok
		}
		accounting {
			accounting
			$radius_accounting
		}
		# Debian 12's signs replies only if it is told so.
		post-auth {
			update reply {
				&Message-Authenticator := 0x00
			}
			$radius_postauth
			Post-Auth-Type REJECT {
				update reply {
					&Message-Authenticator := 0x00
				}
			}
			Post-Auth-Type Challenge {
				update reply {
					&Message-Authenticator := 0x00
				}
			}
		}
	}
	EOC
	echo "\$INCLUDE /usr/share/freeradius/dictionary" > "$dir/raddb/dictionary"
}

# radius_statement [OPTION...]: adds to the configuration an `authentication RADIUS` statement that asks the server
# main, with these options, and accounts there if radius_accounts=yes. With bound=RADIUS `serve` binds to it.
radius_accounts=
radius_statement() {
	cat >> "$work/xpppd.conf" <<-EOC
	radius spool "$work/spool"
	authentication RADIUS type radius {
		$(printf '%s\n' "$@")
		authentication-server {
			address $core_address secret "$radius_secret"
			timeout 2
		}
		${radius_accounts:+accounting-server {
			address $core_address secret \"$radius_secret\"
			timeout 2
		\}}
	}
	EOC
}

# radius_requests [NAME]: Access-Requests so far
radius_requests() { grep -c '^	Packet-Type = Access-Request' "$servers/${1:-main}/requests" || true; }

# radius_sent ATTRIBUTE [NAME]: its values in the last Access-Request, one a line
radius_sent() { radius_last "$servers/${2:-main}/requests" "$1"; }

# radius_last FILE ATTRIBUTE: in the last record of a detail file, without quotes
radius_last() {
	awk -v RS= 'END { print }' "$1" | sed -n "s/^	$2\(:[0-9]*\)\? = //p" | sed 's/^"\(.*\)"$/\1/'
}

# acct_records TYPE [NAME]: how many Start, Stop, Interim-Update ...
acct_records() {
	grep -c "^	Acct-Status-Type = $1\$" "$servers/${2:-main}/accounting" || true
}

# acct_last TYPE ATTRIBUTE [NAME]: values in the last record of that type
acct_last() {
	awk -v RS= -v type="	Acct-Status-Type = $1\n" 'index($0 "\n", type) { last = $0 } END { print last }' \
		"$servers/${3:-main}/accounting" | sed -n "s/^	$2\(:[0-9]*\)\? = //p" | sed 's/^"\(.*\)"$/\1/'
}

# acct_sum ATTRIBUTE [NAME]: over all Stops
acct_sum() {
	awk -v RS= '/\tAcct-Status-Type = Stop\n/' "$servers/${2:-main}/accounting" |
		awk -v name="$1" '$1 == name { sum += $3 } END { printf "%d\n", sum }'
}

# acct_ids TYPE [NAME]: the sessions that records of that type are about, one a line, as often as they are
acct_ids() {
	awk -v RS= -v type="	Acct-Status-Type = $1\n" 'index($0 "\n", type)' \
		"$servers/${2:-main}/accounting" | sed -n 's/^	Acct-Session-Id = "\(.*\)"$/\1/p'
}

# acct_stops COUNT [NAME]: so many sessions have their Stop
acct_stops() { [ "$(acct_ids Stop "${2:-main}" | sort -u | wc -l)" -ge "$1" ]; }

# forwarded up|down 1|2: packets or bytes, the sum of the log's last words on each session: what its
# lines in the data plane counted
forwarded() {
	sed -n "s/.* ended: .* $1 \([0-9]*\) packets \([0-9]*\) bytes.*/\1 \2/p" "$work/xpppd.log" |
		awk "{ sum += \$$2 } END { printf \"%d\", sum }"
}

# acct_first_stops ATTRIBUTE [NAME]: the sum over the first Stop of each session
acct_first_stops() {
	awk -v RS= '/\tAcct-Status-Type = Stop\n/ && match($0, /Acct-Session-Id = "[^"]*"/) &&
		!seen[substr($0, RSTART, RLENGTH)]++' "$servers/${2:-main}/accounting" |
		awk -v name="$1" '$1 == name { sum += $3 } END { printf "%d\n", sum }'
}
