/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The shape of npppd.conf(5) and of what xpppd adds. Which options a block knows stands in
 * option.c; words stay words here, so that every keyword can also be a name.
 */
%define api.pure full
%define api.prefix {conf_yy}
%define parse.error custom
%define parse.lac full
%expect 0
%param { void *scanner }
%parse-param { struct conf_parser *p }

%code requires {
#include "conf/build.h"
#include "conf/parser.h"
}

%union {
	struct conf_word *word;
	struct conf_words words;
}

%code {
int conf_yylex(CONF_YYSTYPE *value, void *scanner);
static void conf_yyerror(void *scanner, struct conf_parser *p, const char *message);
}

%token <word> STRING "a word" OPTION "an option"
%token <word> ACCOUNTING_SERVER "accounting-server" ADDRESS "address" ATTACH "attach"
%token <word> AUTHENTICATED "authenticated" AUTHENTICATION "authentication"
%token <word> AUTHENTICATION_SERVER "authentication-server" BIND "bind" BY "by"
%token <word> CLIENT "client" DAE "dae" FOR "for" FROM "from" INTERFACE "interface"
%token <word> IPCP "ipcp" LISTEN "listen" METRICS "metrics" MODE "mode" NAS_ID "nas-id" ON "on"
%token <word> POOL_ADDRESS "pool-address" PORT "port" PPPOE_CPUS "pppoe-cpus"
%token <word> PROTOCOL "protocol" RADIUS "radius"
%token <word> SECRET "secret" SET "set" TO "to" TUNNEL "tunnel" TYPE "type"
%token <word> MACRO "a macro" OPEN "{" CLOSE "}" COMMA ","
%token NEWLINE "end of line" YYEOF 0 "end of file"

%type <word> word port pool_kind mode
%type <words> words cpus

%%

file		: %empty
		| file NEWLINE				{ yyerrok; }
		| file statement NEWLINE		{ yyerrok; }
		;

statement	: SET OPTION words			{ conf_build_set(p, $2, &$3); }
		| SET METRICS LISTEN ON STRING port	{ conf_build_metrics_listen(p, $5, $6); }
		| RADIUS NAS_ID word			{ conf_build_nas_id(p, $3); }
		| RADIUS OPTION words			{ conf_build_radius(p, $2, &$3); }
		| RADIUS DAE LISTEN ON STRING port	{ conf_build_dae_listen(p, $5, $6); }
		| RADIUS DAE CLIENT STRING SECRET word	{ conf_build_dae_client(p, $4, $6); }
		| RADIUS DAE OPTION words		{ conf_build_dae(p, $3, &$4); }
		| TUNNEL word PROTOCOL word		{
								conf_build_tunnel(p, $2, $4);
								conf_build_close(p);
							}
		| INTERFACE word ADDRESS STRING IPCP word
							{ conf_build_interface(p, $2, $4, $6); }
		| BIND TUNNEL FROM word AUTHENTICATED BY word TO word
							{ conf_build_bind(p, $1, $4, $7, $9); }
		| ATTACH INTERFACE word mode cpus	{ conf_build_attach(p, $3, $4, &$5); }
		| MACRO word				{ conf_build_macro(p, $1, $2); }
		| statement_open block			{ conf_build_close(p); }
		| error
		;

statement_open	: TUNNEL word PROTOCOL word OPEN	{ conf_build_tunnel(p, $2, $4); }
		| IPCP word OPEN			{ conf_build_ipcp(p, $2); }
		| AUTHENTICATION word TYPE word OPEN	{ conf_build_auth(p, $2, $4); }
		| error OPEN				{ conf_build_skip(p); }
		;

block		: options CLOSE
		| options option CLOSE
		;

options		: %empty
		| options separator
		| options option separator
		;

separator	: NEWLINE				{ yyerrok; }
		| COMMA
		;

option		: OPTION words				{ conf_build_option(p, $1, &$2); }
		| LISTEN ON STRING port			{ conf_build_listen(p, $1, $3, $4); }
		| LISTEN ON INTERFACE word		{ conf_build_listen_on_interface(p, $1, $4); }
		| POOL_ADDRESS STRING pool_kind		{ conf_build_pool(p, $1, $2, $3); }
		| ADDRESS STRING port SECRET word	{ conf_build_server(p, $1, $2, $3, $5); }
		| ADDRESS STRING port			{ conf_build_server(p, $1, $2, $3, NULL); }
		| option_open block			{ conf_build_close(p); }
		| error
		;

option_open	: AUTHENTICATION_SERVER OPEN		{ conf_build_servers(p, $1); }
		| ACCOUNTING_SERVER OPEN		{ conf_build_servers(p, $1); }
		| error OPEN				{ conf_build_skip(p); }
		;

port		: %empty				{ $$ = NULL; }
		| PORT word				{ $$ = $2; }
		;

pool_kind	: %empty				{ $$ = NULL; }
		| FOR word				{ $$ = $2; }
		;

mode		: %empty				{ $$ = NULL; }
		| MODE word				{ $$ = $2; }
		;

cpus		: %empty				{ $$.first = $$.last = NULL; }
		| PPPOE_CPUS words			{ $$ = $2; }
		;

words		: word					{ $$.first = $$.last = $1; }
		| words word				{ $$ = $1; $$.last = $$.last->next = $2; }
		;

word		: STRING | OPTION | ACCOUNTING_SERVER | ADDRESS | ATTACH | AUTHENTICATED
		| AUTHENTICATION | AUTHENTICATION_SERVER | BIND | BY | CLIENT | DAE | FOR | FROM
		| INTERFACE | IPCP | LISTEN | METRICS | MODE | NAS_ID | ON | POOL_ADDRESS | PORT | PPPOE_CPUS
		| PROTOCOL | RADIUS | SECRET | SET | TO | TUNNEL | TYPE
		;

%%

static void conf_yyerror(void *scanner, struct conf_parser *p, const char *message)
{
	/* syntax errors go below; what is left is memory, and then *p says so */
	(void)scanner;
	(void)message;
	p->out_of_memory = true;
}

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner, struct conf_parser *p)
{
	yysymbol_kind_t expected[YYNTOKENS];
	const char *names[YYNTOKENS];
	int i, n = yypcontext_expected_tokens(context, expected, YYNTOKENS);

	(void)scanner;
	for (i = 0; i < n; i++)
		names[i] = yysymbol_name(expected[i]);
	conf_build_unexpected(p, names, n > 0 ? n : 0);
	return 0;
}
