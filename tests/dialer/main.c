/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * dialer: a PPPoE, L2TP and PPTP client that makes load, and tells what came of it.
 *
 *   dialer [dial] --interface IF --sessions N …
 *     N sessions from this one process, each with its own MAC (and VLANs), through discovery,
 *     LCP, authentication and IPCP; then traffic and --hold; then it hangs up and reports.
 *     The exit status is 0 if every session came up and nothing arrived wrong.
 *   dialer l2tp --lns A --tunnels N --sessions M …
 *     The same over L2TP, as an access concentrator (LAC) with its clients behind it: M
 *     sessions in N control connections, each from a UDP port of its own.
 *   dialer pptp --pac A --tunnels N --sessions M …
 *     The same over PPTP, as clients do (PNS): M calls in N control connections.
 *   dialer core --listen A:P --control PATH
 *     The other end of the traffic, on the core side. A dialer that is given the same path
 *     (--core-control) directs it and puts its counts into its own report.
 *   dialer flood padi|padr-forged|session-unknown|wrong-mac --interface IF --count N --rate R
 *     Frames that no session stands behind, from random MACs, and what came back for them.
 *   dialer flood sccrq|stopccn|cdn|l2tp-data --lns A [--spoof A] --count N --rate R
 *     The same with L2TP, from random ports.
 *   dialer flood pptp-silent|pptp-garbage|… --pac A --count N --rate R
 *     Control connections that PPTP cannot be made of; `gre` data of calls that are not there.
 *   dialer raw --interface IF
 *     Sends each line of stdin (hex, from the destination MAC on) as a frame, then prints
 *     the PPPoE frames that come in during --wait in the same form.
 *   dialer discover --interface IF
 *     One PADI; prints the offers as JSON. Exit status 1 if there are none.
 *
 * A frame finds its session by its destination MAC, which is a number: base + session. Everything
 * else about the frame (VLAN tags, the server's MAC, session id, inner address, the packet's
 * own words) is then checked against that session, so that a packet that strayed is counted.
 *
 * The negotiation is written for this program alone, sequentially and without an automaton,
 * and shares nothing with the agent: an error there must not hide behind the same error here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "core.h"
#include "flood.h"
#include "options.h"
#include "report.h"

static int dial_run(const struct options *opt)
{
	struct client *client = calloc(1, sizeof(*client));
	int ret = 1;

	if (!client)
		return 1;
	if (client_init(client, opt) == 0) {
		client_run(client);
		ret = client_verdict(client);
		if (report_write(report_client(client), opt->report) < 0)
			ret = 1;
	}
	client_free(client);
	free(client);
	return ret;
}

static int flood(const struct options *opt)
{
	if (opt->flood == FLOOD_GRE)
		return flood_gre_run(opt);
	if (opt->flood >= FLOOD_PPTP_SILENT)
		return flood_pptp_run(opt);
	return opt->flood >= FLOOD_SCCRQ ? flood_l2tp_run(opt) : flood_run(opt);
}

int main(int argc, char **argv)
{
	struct options opt;
	int ret = options_parse(&opt, argc, argv);

	if (ret)
		return ret < 0 ? 2 : 0;
	switch (opt.mode) {
	case MODE_CORE:
		return core_run(&opt);
	case MODE_FLOOD:
		return flood(&opt);
	case MODE_RAW:
		return raw_run(&opt);
	case MODE_DISCOVER:
		return discover_run(&opt);
	default:
		return dial_run(&opt);
	}
}
