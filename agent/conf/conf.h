/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The configuration: text → fresh struct conf → check → used by reference. A conf is
 * immutable once read and counted by reference: sessions keep the one they were
 * negotiated with. Printing and parsing again gives the same.
 */
#ifndef XPPPD_CONF_H
#define XPPPD_CONF_H

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "ppp/ppp_conf.h"

#define CONF_PATH "/etc/xpppd/xpppd.conf"
#define CONF_CONTROL_PATH "/run/xpppd/control"
#define CONF_SPOOL "/var/lib/xpppd/accounting"
#define CONF_SPOOL_MB 256
#define CONF_SPOOL_MB_MAX 65536
#define CONF_DICTIONARY_DIRECTORY "/etc/xpppd/dictionary.d"

#define CONF_MAX_SESSION 10000        /* unless set */
#define CONF_MAX_SESSION_ALL 100000   /* set max-session 0: what one machine is made for */
#define CONF_MAX_SESSION_MOST 1000000 /* tables are sized by it */
#define CONF_MAX_HALF_OPEN 5000       /* unless set */

enum conf_protocol {
	CONF_PPPOE,
	CONF_L2TP,
	CONF_PPTP,
};

enum conf_mode {
	CONF_MODE_AUTO,
	CONF_MODE_NATIVE,
	CONF_MODE_GENERIC,
	CONF_MODE_TC,
};

/* a name in a list: listen interfaces, users' names and the like */
struct conf_name {
	STAILQ_ENTRY(conf_name) entry;
	char *name;
};
STAILQ_HEAD(conf_names, conf_name);

struct conf_addr { /* listen on ADDR [port P]; servers; dae clients */
	STAILQ_ENTRY(conf_addr) entry;
	struct sockaddr_storage addr;
	char *secret;
};
STAILQ_HEAD(conf_addrs, conf_addr);

struct conf_range { /* pool-address, host byte order, inclusive */
	STAILQ_ENTRY(conf_range) entry;
	unsigned int line;
	uint32_t first;
	uint32_t last;
	bool cidr; /* written as a prefix: first and last are net and broadcast (unless /31, /32) */
	bool is_static;
};
STAILQ_HEAD(conf_ranges, conf_range);

struct conf_vlan_range {
	uint16_t outer_first, outer_last; /* 0,0: no tag */
	uint16_t inner_first, inner_last; /* 0,0: one tag only */
};

struct conf_vlans { /* pppoe-vlan any|none|LIST of none, VID or OUTER.INNER, ranges allowed */
	enum { CONF_VLAN_ANY, CONF_VLAN_NONE, CONF_VLAN_LIST } kind;
	struct conf_vlan_range *list;
	unsigned int n;
};

#define CONF_DELAYS 16
#define CONF_DELAY_MAX_MS 5000 /* an AC-Cookie lives longer */
#define CONF_DELAY_REFUSE (-1)
struct conf_delay {
	int ms;            /* or CONF_DELAY_REFUSE */
	unsigned int from; /* so many sessions */
	bool half_open;    /* that are not established yet */
};
struct conf_delays { /* pppoe-pado-delay DELAY[:SESSIONS] ... */
	struct conf_delay step[CONF_DELAYS];
	unsigned int n;
};

struct conf_pppoe {
	struct conf_names interfaces;
	struct conf_names services; /* pppoe-service-name; none: the unnamed service */
	bool accept_any_service;
	char *ac_name; /* NULL: the host name */
	struct conf_vlans vlans;
	unsigned int max_payload; /* pppoe-max-payload N: RFC 4638; 0: not offered */
	struct conf_delays pado_delay;
	unsigned int padi_rate; /* per second and interface; 0: no limit */
};

struct conf_l2tp_secret { /* l2tp-secret STR [for ADDR[/LEN]] */
	STAILQ_ENTRY(conf_l2tp_secret) entry;
	struct sockaddr_storage net; /* AF_UNSPEC: of all peers that have no other */
	unsigned int prefix;
	char *secret;
};
STAILQ_HEAD(conf_l2tp_secrets, conf_l2tp_secret);

struct conf_l2tp {
	struct conf_addrs listen;
	char *hostname, *vendor_name;
	struct conf_l2tp_secrets secrets;
	unsigned int hello_interval, hello_timeout;
	bool accept_dialin, lcp_renegotiation, force_lcp_renegotiation, data_use_seq, require_ipsec;
};

struct conf_pptp {
	struct conf_addrs listen;
	char *hostname, *vendor_name;
	unsigned int echo_interval, echo_timeout;
};

/* debug-dump-pktin/out and the *-pktdump switches: a set of these */
enum conf_dump {
	CONF_DUMP_IP = 1 << 0,
	CONF_DUMP_LCP = 1 << 1,
	CONF_DUMP_PAP = 1 << 2,
	CONF_DUMP_CHAP = 1 << 3,
	CONF_DUMP_EAP = 1 << 4,
	CONF_DUMP_MPPE = 1 << 5,
	CONF_DUMP_CCP = 1 << 6,
	CONF_DUMP_IPCP = 1 << 7,
};

struct conf_tunnel {
	STAILQ_ENTRY(conf_tunnel) entry;
	unsigned int line;
	struct conf *conf; /* the one it belongs to */
	char *name;
	bool bound; /* a bind names it; a tunnel without one is kept but not served */
	enum conf_protocol protocol;
	struct ppp_conf ppp;
	unsigned int idle_timeout; /* seconds, 0: none */
	bool tcp_mss_adjust, ingress_filter, pipex, callnum_check;
	bool forward_stack; /* forward stack */
	unsigned int dump_in, dump_out;
	bool ctrl_in_pktdump, ctrl_out_pktdump, data_in_pktdump, data_out_pktdump;
	struct conf_pppoe pppoe;
	struct conf_l2tp l2tp;
	struct conf_pptp pptp;
};
STAILQ_HEAD(conf_tunnels, conf_tunnel);

struct conf_ipcp {
	STAILQ_ENTRY(conf_ipcp) entry;
	unsigned int line;
	char *name;
	struct conf_ranges ranges;
	struct in_addr dns[2];
	bool dns_resolver; /* dns-servers resolver: dns is what resolv.conf(5) says */
	struct in_addr nbns[2];
	bool allow_user_selected_address;
	unsigned int max_session; /* 0: no limit */
};
STAILQ_HEAD(conf_ipcps, conf_ipcp);

#define CONF_DP_SUFFIX "-dp" /* the name of its data plane end has it */
struct conf_interface {
	STAILQ_ENTRY(conf_interface) entry;
	unsigned int line;
	char name[IFNAMSIZ]; /* at most 12 characters, so that "-dp" fits */
	struct in_addr address;
	struct conf_ipcp *ipcp;
};
STAILQ_HEAD(conf_interfaces, conf_interface);

enum conf_auth_type {
	CONF_AUTH_LOCAL,
	CONF_AUTH_RADIUS,
};

struct conf_servers { /* authentication-server, accounting-server */
	struct conf_addrs servers;
	unsigned int timeout; /* seconds, of all tries of one server together */
	unsigned int max_tries, max_failovers;
	unsigned int dead_time;         /* seconds until a silent server is tried again */
	unsigned int queue;             /* requests that may wait for a server */
	struct sockaddr_storage source; /* of requests; AF_UNSPEC: the kernel chooses */
	bool require_message_authenticator;
	bool tls;                        /* transport tls: RFC 6614 */
	char *ca_file;                   /* PEM; what signs the servers' certificates */
	char *certificate, *private_key; /* PEM; NULL: the agent shows none */
	char *server_name;               /* in the certificate; NULL: its address must be */
};

struct conf_auth {
	STAILQ_ENTRY(conf_auth) entry;
	unsigned int line;
	char *name;
	enum conf_auth_type type;
	char *username_suffix;   /* "" by default */
	char *username_prefix;   /* "" by default; must match as well */
	bool eap_capable;        /* its servers are; default yes */
	bool strip_nt_domain;    /* DOMAIN\user → user; default yes */
	bool strip_atmark_realm; /* user@realm → user; default no */
	char *users_file;
	unsigned int user_max_session; /* 0: the global one */
	struct conf_servers authentication, accounting;
	unsigned int interim_interval;   /* seconds, unless a server says it; 0: none */
	bool tunnel_accounting;          /* also of tunnels and their links, RFC 2867; default no */
	char *fallback;                  /* who decides while all servers are dead; NULL: nobody */
	struct conf_auth *fallback_auth; /* that one; local */
};
STAILQ_HEAD(conf_auths, conf_auth);

struct conf_bind { /* bind tunnel from T authenticated by A to IF */
	STAILQ_ENTRY(conf_bind) entry;
	unsigned int line;
	struct conf_tunnel *tunnel;
	struct conf_auth *auth;
	struct conf_interface *interface;
};
STAILQ_HEAD(conf_binds, conf_bind);

struct conf_attach { /* attach interface IF [mode …] [pppoe-cpus …] */
	STAILQ_ENTRY(conf_attach) entry;
	unsigned int line;
	char name[IFNAMSIZ];
	enum conf_mode mode;
	cpu_set_t pppoe_cpus; /* empty: PPPoE stays where it comes in */
};
STAILQ_HEAD(conf_attaches, conf_attach);

struct conf_dae {                            /* radius dae NAME VALUE */
	unsigned int event_timestamp_window; /* seconds, both ways; 0: not looked at */
	bool require_event_timestamp, require_message_authenticator;
};

struct conf_spool {           /* radius spool FILE [size N] */
	char *file;           /* NULL: CONF_SPOOL */
	unsigned int size_mb; /* that it may take; 0: CONF_SPOOL_MB */
};

struct conf {
	unsigned int refs;
	unsigned int max_session;      /* set max-session; never 0 */
	unsigned int max_half_open;    /* set max-half-open; 0: no limit */
	unsigned int user_max_session; /* 0: no limit */
	char *nas_id;
	struct sockaddr_storage nas_address; /* AF_UNSPEC: that which the server is reached from */
	char *dictionary_directory;          /* NULL: CONF_DICTIONARY_DIRECTORY */
	struct conf_spool spool;
	struct conf_addrs dae_listen, dae_clients;
	struct conf_dae dae;
	struct conf_addrs metrics_listen; /* set metrics listen on */
	char *control_group;              /* set control-group NAME: group of the control socket */
	struct conf_tunnels tunnels;
	struct conf_ipcps ipcps;
	struct conf_interfaces interfaces;
	struct conf_auths auths;
	struct conf_binds binds;
	struct conf_attaches attaches;
};

/*
 * Reads and checks a file. Errors are written to `errors`, one line each as
 * "FILE:LINE: what is wrong, what was expected". 0, or -EINVAL, -ENOENT, -EACCES; *conf
 * untouched on failure. The result has one reference.
 */
int conf_read(const char *path, FILE *errors, struct conf **conf);
/* The same from memory; `name` stands for the file in messages (tests, fuzz). */
int conf_parse(const char *text, size_t len, const char *name, FILE *errors, struct conf **conf);
struct conf *conf_ref(struct conf *conf);
void conf_unref(struct conf *conf); /* NULL is fine; secrets are wiped */
/* Canonical form; secrets are printed as they are only if show_secrets. */
void conf_print(const struct conf *conf, FILE *out, bool show_secrets);

const char *conf_protocol_name(enum conf_protocol protocol); /* "pppoe" */
const char *conf_mode_name(enum conf_mode mode);
/* What a PADO waits at this load, in milliseconds; CONF_DELAY_REFUSE: there is none. */
int conf_delay(const struct conf_delays *delays, unsigned int sessions, unsigned int half_open);
/* May users that authenticate by EAP be its? */
bool conf_auth_takes_eap(const struct conf_auth *auth);
/* The tunnel's PPPoE VLAN rule. */
bool conf_vlan_allowed(const struct conf_vlans *vlans, uint16_t outer, uint16_t inner);

#endif
