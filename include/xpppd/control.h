/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The control protocol, between the agent and xpppctl: a Unix stream socket, one
 * request per connection.
 *
 * The request is one line of JSON:
 *   {"version":1,"command":"session","view":"brief","filter":{"username":"anna"}}
 * Members beside version and command:
 *   view    what to tell of sessions: "brief", "packets", "all"
 *   filter  object of CONTROL_FILTERS; all values are strings but ppp-id's
 *   all     true: `clear` and `monitor` without filter; `drops` with the zero ones too
 *   count   `capture`: packets after which it ends; `top`: sessions to tell of in a round
 *   interval `top`: milliseconds between rounds
 *   tunnel  `clear`: id of an L2TP tunnel or a PPTP connection that ends with all its sessions
 *
 * The answer is a line of JSON per record, each an object whose member "type" says
 * what it is, and a closing line that begins with CONTROL_END:
 *   {"end":{"status":0,"matched":1,"error":"…"}}
 * error is there only with status 2. The answer to `capture` is instead the line
 * {"type":"pcap",…}, then a pcap file until the connection ends.
 *
 * `monitor`, `top` and `capture` end when the client closes its sending side.
 */
#ifndef XPPPD_CONTROL_H
#define XPPPD_CONTROL_H

#define CONTROL_VERSION 1
#define CONTROL_PATH "/run/xpppd/control"
#define CONTROL_REQUEST_MAX 4096 /* bytes, with the line's end */
#define CONTROL_REQUEST_DEPTH 4
#define CONTROL_END "{\"end\":"

/* clang-format off */

/* X(SYMBOL, "name") */
#define CONTROL_COMMANDS(X)                                                                        \
	X(SESSION, "session")                                                                      \
	X(CLEAR, "clear")                                                                          \
	X(MONITOR, "monitor")                                                                      \
	X(STATUS, "status")                                                                        \
	X(POOLS, "pools")                                                                          \
	X(DROPS, "drops")                                                                          \
	X(DATAPLANE, "dataplane")                                                                  \
	X(TUNNELS, "tunnels")                                                                      \
	X(RADIUS, "radius")                                                                        \
	X(RELOAD, "reload")                                                                        \
	X(CAPTURE, "capture")                                                                      \
	X(TOP, "top")

enum control_command {
#define CONTROL_COMMAND_ENUM(symbol, name) CONTROL_##symbol,
	CONTROL_COMMANDS(CONTROL_COMMAND_ENUM)
#undef CONTROL_COMMAND_ENUM
	CONTROL_COMMAND_MAX
};

/* X(SYMBOL, "name") */
#define CONTROL_VIEWS(X)                                                                           \
	X(BRIEF, "brief")                                                                          \
	X(PACKETS, "packets")                                                                      \
	X(ALL, "all")

enum control_view {
#define CONTROL_VIEW_ENUM(symbol, name) CONTROL_VIEW_##symbol,
	CONTROL_VIEWS(CONTROL_VIEW_ENUM)
#undef CONTROL_VIEW_ENUM
	CONTROL_VIEW_MAX
};

/* X(SYMBOL, "name", "what a value looks like") */
#define CONTROL_FILTERS(X)                                                                         \
	X(PPP_ID, "ppp-id", "a number from 1 to 4294967295")                                       \
	X(ADDRESS, "address", "an IPv4 address")                                                   \
	X(INTERFACE, "interface", "a concentrator interface")                                      \
	X(PROTOCOL, "protocol", "pppoe, l2tp or pptp")                                             \
	X(REALM, "realm", "the name of an authentication statement")                               \
	X(USERNAME, "username", "a user name")                                                     \
	X(PEER, "peer", "a MAC address like 02:00:00:00:00:01, or an IP address")                  \
	X(SESSION_ID, "session-id", "an Acct-Session-Id")                                          \
	X(CALLING, "calling-station", "a Calling-Station-Id")                                      \
	X(PORT_ID, "nas-port-id", "a NAS-Port-Id")

enum control_filter {
#define CONTROL_FILTER_ENUM(symbol, name, text) CONTROL_FILTER_##symbol,
	CONTROL_FILTERS(CONTROL_FILTER_ENUM)
#undef CONTROL_FILTER_ENUM
	CONTROL_FILTER_MAX
};

/* clang-format on */

/* closing line, and xpppctl's exit status */
enum control_status {
	CONTROL_DONE = 0,
	CONTROL_NO_MATCH = 1, /* nothing matched the filter */
	CONTROL_ERROR = 2,
};

#endif
