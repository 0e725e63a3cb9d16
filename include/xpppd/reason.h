/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Why a packet was dropped or punted: one list for the BPF programs, the agent
 * and the tools. Numbers index the `drops` map and appear in users' graphs, so
 * they are never renumbered or re-used; a reason that dies leaves its number.
 */
#ifndef XPPPD_REASON_H
#define XPPPD_REASON_H

/* X(number, SYMBOL, "name", "explanation") */
#define XP_REASONS(X)                                                                              \
	/* 1..31: the data plane drops the packet */                                               \
	X(1, PPPOE_HEADER, "pppoe-header", "PPPoE version, type or code is not 1/1/0")             \
	X(2, PPPOE_LENGTH, "pppoe-length", "PPPoE length is beyond the frame or too short")        \
	X(3, NO_SESSION, "no-session", "no session has this PPPoE session id")                     \
	X(4, WRONG_PEER, "wrong-peer", "session id is known, its device, VLAN or MAC is not")      \
	X(5, IP_HEADER, "ip-header", "IPv4 version or header length is wrong")                     \
	X(6, IP_LENGTH, "ip-length", "IPv4 length is beyond the PPP payload")                      \
	X(7, IP_CHECKSUM, "ip-checksum", "IPv4 header checksum is wrong")                          \
	X(8, SOURCE, "source", "source address is not the session's (ingress filter)")             \
	X(9, NO_ADDRESS, "no-address", "the concentrator interface got a packet for no session")   \
	X(10, HEADROOM, "headroom", "no room for the header in front of the packet")               \
	X(11, NOT_IPV4, "not-ipv4", "the concentrator interface got something that is not IPv4")   \
	X(12, TRUNCATED, "truncated", "the frame ends within a header")                            \
	X(13, TOO_BIG, "too-big", "the stack sent more than the session's MTU")                    \
	X(14, L2TP_LENGTH, "l2tp-length", "L2TP length or offset is beyond the UDP datagram")      \
	X(15, L2TP_PEER, "l2tp-peer", "tunnel and session id are known, their peer is another")    \
	X(16, L2TP_SEQUENCE, "l2tp-sequence", "L2TP sequence number is too old")                   \
	X(17, L2TP_CHECKSUM, "l2tp-checksum", "UDP over IPv6 without a checksum")                  \
	X(18, OUTER_MTU, "outer-mtu", "too big for the way to the L2TP peer (tc mode)")            \
	X(19, PPTP_LENGTH, "pptp-length", "GRE payload length is beyond the IP packet")            \
	X(20, PPTP_PEER, "pptp-peer", "call id is known, its peer is another")                     \
	X(21, PPTP_SEQUENCE, "pptp-sequence", "GRE sequence number is too old")                    \
	X(22, MPPE_CLEAR, "mppe-clear", "clear text, but the session's packets must be encrypted") \
	X(23, MPPE_HEADER, "mppe-header", "MPPE header bits or length are wrong")                  \
	X(24, MPPE_COUNT, "mppe-count", "MPPE coherency count is too old, or packets are missing") \
	X(25, MPPE_GARBAGE, "mppe-garbage", "decrypted to no IPv4 packet")                         \
	X(26, MPPE_BUSY, "mppe-busy", "another CPU held the session's keys for too long")          \
	X(27, NO_DEVICE, "no-device", "out of the stack: the session's device takes no frames")    \
	X(28, OUTER_ROUTE, "outer-route", "no route to the L2TP peer (tc mode)")                   \
	X(29, L2TP_LOOP, "l2tp-loop", "the way to the L2TP peer leads into its own session")       \
	X(30, L2TP_CLEAR, "l2tp-clear", "clear text for a session that came through ESP")          \
	X(31, MPPE_KEYS, "mppe-keys", "the session has no keys, or they were just replaced")       \
	/* 32..63: the data plane leaves the packet to a slower path */                            \
	X(32, P_CONTROL, "punt-control", "PPP control protocol, for the agent")                    \
	X(33, P_PPP_PROTOCOL, "punt-ppp-protocol", "unknown PPP protocol, for the agent")          \
	X(34, P_IPV6, "punt-ipv6", "IPv6 payload")                                                 \
	X(35, P_MPPE, "punt-mppe", "MPPE or compressed payload")                                   \
	X(36, P_SLOW, "punt-slow", "the session is configured for the slow path")                  \
	X(37, P_STACK, "punt-stack", "the session is configured for the stack path")               \
	X(38, P_IP_OPTIONS, "punt-ip-options", "IPv4 options")                                     \
	X(39, P_TTL, "punt-ttl", "TTL is over: the stack sends the ICMP error")                    \
	X(40, P_MTU, "punt-mtu", "too big: the stack fragments or sends the ICMP error")           \
	X(41, P_NO_ROUTE, "punt-no-route", "unreachable, prohibited or unusual route")             \
	X(42, P_LOCAL, "punt-local", "to this machine, multicast, broadcast, or without any route") \
	X(43, P_NO_NEIGHBOUR, "punt-no-neighbour", "the next hop is not resolved yet")             \
	X(44, P_NOT_ATTACHED, "punt-not-attached", "the way out is a device that is not attached") \
	X(45, P_FRAGMENT, "punt-fragment", "outer fragment, or outer IP options")                 \
	X(46, P_DISCOVERY, "punt-discovery", "PPPoE discovery, for the agent")                     \
	X(47, P_GSO, "punt-gso", "super-packet of the stack (tc mode)")                            \
	X(48, P_FORWARDING, "punt-forwarding", "forwarding is off on the concentrator interface")  \
	X(49, P_L2TP, "punt-l2tp", "L2TP control message or other version, for the agent")         \
	X(50, P_L2TP_SESSION, "punt-l2tp-session", "L2TP data message of no session, for the agent") \
	X(51, P_PEER, "punt-peer", "no attached device leads to the L2TP peer: the agent sends")   \
	X(52, P_PPTP, "punt-pptp", "GRE that is no call's of ours, for the agent")                 \
	X(53, P_MPPE_AHEAD, "punt-mppe-ahead", "MPPE coherency count far ahead, for the agent")    \
	X(54, P_CHECKSUM, "punt-checksum", "the stack makes the checksum before encryption")       \
	X(55, P_MARTIAN, "punt-martian", "source that no host can have: the stack drops it")       \
	/* 64..95: the agent drops a discovery frame or control message */                         \
	X(64, D_SHORT, "discovery-short", "discovery frame is shorter than its headers say")       \
	X(65, D_TAG, "discovery-tag", "malformed tag")                                             \
	X(66, D_CODE, "discovery-code", "unknown discovery code, or one that only a server sends") \
	X(67, D_NOT_FOR_US, "discovery-not-for-us", "destination MAC or VLAN is not served")       \
	X(68, D_SERVICE, "discovery-service", "service name is not offered")                       \
	X(69, D_NO_COOKIE, "discovery-no-cookie", "PADR without AC-Cookie")                        \
	X(70, D_COOKIE, "discovery-cookie", "forged AC-Cookie")                                    \
	X(71, D_COOKIE_OLD, "discovery-cookie-old", "AC-Cookie is too old")                        \
	X(72, D_RATE_MAC, "discovery-rate-mac", "PADI or PADR rate of one MAC exceeded")           \
	X(73, D_RATE_IF, "discovery-rate-interface", "PADI or PADR rate of the interface exceeded") \
	X(74, D_LIMIT, "discovery-limit", "session limit reached or no session id free")           \
	X(75, D_PADT, "discovery-padt", "PADT for no session of that peer")                        \
	X(76, D_SOURCE, "discovery-source", "source MAC is a group address or our own")            \
	X(77, L_HEADER, "l2tp-header", "L2TP header or version is wrong")                          \
	X(78, L_LENGTH, "l2tp-length", "L2TP length is beyond the datagram or too short")          \
	X(79, L_TUNNEL, "l2tp-tunnel", "control message for no tunnel")                            \
	X(80, L_PEER, "l2tp-peer", "control message from another address than the tunnel's")       \
	X(81, L_AVP, "l2tp-avp", "malformed AVP, or one that is missing")                          \
	X(82, L_AVP_UNKNOWN, "l2tp-avp-unknown", "unknown AVP that is mandatory")                  \
	X(83, L_AVP_HIDDEN, "l2tp-avp-hidden", "hidden AVP without a secret or random vector")     \
	X(84, L_WINDOW, "l2tp-window", "control message beyond the receive window")                \
	X(85, L_STATE, "l2tp-state", "control message does not fit the state")                     \
	X(86, L_RATE, "l2tp-rate", "rate of new tunnels of one address exceeded")                  \
	X(87, L_HALF_OPEN, "l2tp-half-open", "tunnel not yet established gave way to a newer one") \
	X(88, L_SECRET, "l2tp-secret", "peer refused: its secret is not ours, or there is none")   \
	X(89, L_IPSEC, "l2tp-ipsec", "peer refused: it did not come through IPsec")                \
	X(90, L_LIMIT, "l2tp-limit", "session limit reached or no id free")                        \
	X(91, L_CALL, "l2tp-call", "control message for no call of the tunnel")                    \
	X(92, L_OUTGOING, "l2tp-outgoing", "outgoing call refused")                                \
	X(93, L_SEND, "l2tp-send", "datagram that the network did not take")                       \
	/* 96..127: the agent drops a session frame or PPP packet */                               \
	X(96, S_SHORT, "session-short", "session frame is shorter than its headers say")           \
	X(97, S_UNKNOWN, "session-unknown", "session frame for no session")                        \
	X(98, S_PEER, "session-peer", "session frame from another MAC, VLAN or device")            \
	X(99, S_PROTOCOL, "ppp-protocol", "PPP protocol field is malformed")                       \
	X(100, S_LENGTH, "ppp-length", "PPP packet length is beyond the frame or too short")       \
	X(101, S_OPTION, "ppp-option", "PPP option length is wrong")                               \
	X(102, S_CODE, "ppp-code", "PPP packet code or its contents are wrong")                    \
	X(103, S_STATE, "ppp-state", "PPP packet does not fit the link's phase")                   \
	X(104, S_IDENT, "ppp-identifier", "PPP reply with another identifier")                     \
	X(105, S_IPV6, "ppp-ipv6", "IPv6 payload, not negotiated")                                 \
	X(106, S_MPPE, "ppp-mppe", "MPPE payload, not negotiated")                                 \
	X(107, S_IP, "ppp-ip", "slow path: malformed IPv4, or source not the session's")           \
	X(108, S_SEND, "session-send", "the device did not take the frame")                        \
	X(109, S_NO_ADDRESS, "slow-no-address", "slow path: no session has the destination")       \
	X(110, S_TOO_BIG, "slow-too-big", "slow path: packet is larger than the session's MTU")    \
	X(111, S_L2TP_UNKNOWN, "l2tp-data-unknown", "data message for no call")                    \
	X(112, S_L2TP_PEER, "l2tp-data-peer", "data message from another address or port")         \
	X(113, S_L2TP_LATE, "l2tp-data-late", "data message that came twice or far too late")      \
	X(114, S_L2TP_CLEAR, "l2tp-data-clear", "data message that did not come through IPsec")     \
	/* 128..143: the agent drops a PPTP control message or ends its connection */              \
	X(128, T_HEADER, "pptp-control-header", "no PPTP message: wrong magic cookie or kind")     \
	X(129, T_LENGTH, "pptp-control-length", "PPTP message of a length that it cannot have")    \
	X(130, T_STATE, "pptp-state", "PPTP message does not fit the state")                       \
	X(131, T_CALL, "pptp-call", "PPTP message for no call, or a call id that is in use")       \
	X(132, T_VERSION, "pptp-version", "peer refused: its version of PPTP is not ours")         \
	X(133, T_RATE, "pptp-rate", "rate of connections or calls of one address exceeded")        \
	X(134, T_IDLE, "pptp-idle", "connection without a call gave way to a newer one")           \
	X(135, T_SILENT, "pptp-silent", "connection closed: the peer did not say SCCRQ in time")   \
	X(136, T_LIMIT, "pptp-limit", "session limit reached or no id free")                       \
	X(137, T_INCOMING, "pptp-incoming", "incoming call refused")                               \
	X(138, T_UNREAD, "pptp-unread", "connection closed: the peer does not read")               \
	X(139, T_ACCEPT, "pptp-accept", "no file descriptor for a new connection")                 \
	/* 144..159: the agent drops a GRE packet of PPTP */                                       \
	X(144, T_DATA_HEADER, "pptp-data-header", "GRE header has bits that PPTP does not have")   \
	X(145, T_DATA_LENGTH, "pptp-data-length", "GRE packet is shorter than it says")            \
	X(146, T_DATA_UNKNOWN, "pptp-data-unknown", "GRE packet for no call")                      \
	X(147, T_DATA_PEER, "pptp-data-peer", "GRE packet from or to another address")             \
	X(148, T_DATA_LATE, "pptp-data-late", "GRE packet that came far too late")                 \
	X(149, T_DATA_UNNUMBERED, "pptp-data-unnumbered", "GRE payload without a sequence number") \
	X(150, T_DATA_WINDOW, "pptp-data-window", "slow path: the peer does not acknowledge")      \
	X(151, T_DATA_SEND, "pptp-data-send", "GRE packet that the network did not take")          \
	/* 160..167: the agent does not take a new dial at the moment */                           \
	X(160, A_BEHIND, "admission-behind", "new dial, and the agent is behind with its sessions") \
	X(161, A_HALF_OPEN, "admission-half-open", "new dial, and max-half-open are under way")    \
	X(162, A_PADO, "admission-pado", "PADI that pppoe-pado-delay leaves without an answer")     \
	X(163, A_PADO_QUEUE, "admission-pado-queue", "PADI, and too many delayed answers wait")    \
	/* 168..175: the data plane, or the agent on the slow path, drops the packet */            \
	X(168, RATE_UP, "rate-up", "from the subscriber, beyond the session's rate")               \
	X(169, RATE_DOWN, "rate-down", "to the subscriber, beyond the session's rate")             \
	X(170, SPREAD_FULL, "spread-full", "pppoe-cpus: the session's CPU did not keep up")        \
	/* 176..183: the agent ignores a RADIUS packet */                                          \
	X(176, RADIUS_REPLY, "radius-reply", "answer that is no RADIUS server's, or to no request") \
	X(177, DAE_CLIENT, "dae-client", "request of an address that is no radius dae client")     \
	X(178, DAE_FORM, "dae-form", "request of a dae client that is malformed")                  \
	X(179, DAE_AUTHENTICATOR, "dae-authenticator", "request without proof of the secret")      \
	X(180, DAE_TIMESTAMP, "dae-timestamp", "request that is too old, or does not say how old")

#define XP_REASON_MAX 192
#define XP_REASON_IS_DROP(r) (((r) > 0 && (r) < 32) || ((r) >= 168 && (r) < 176))
#define XP_REASON_IS_PUNT(r) ((r) >= 32 && (r) < 64)

enum xp_reason {
	XP_R_NONE = 0,
#define XP_REASON_ENUM(number, symbol, name, text) XP_R_##symbol = (number),
	XP_REASONS(XP_REASON_ENUM)
#undef XP_REASON_ENUM
};

#endif
