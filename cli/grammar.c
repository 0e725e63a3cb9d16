/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "grammar.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <netinet/ether.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpppd/control.h>

enum token_kind {
	TOKEN_END,    /* of the table; not a word */
	TOKEN_STOP,   /* the command may end here */
	TOKEN_WORD,   /* sets the member `key`, if any, to the string `value`, or to true */
	TOKEN_FILTER, /* takes a value, of the kind that `check` knows, into the filter */
	TOKEN_VALUE,  /* likewise, into the member `key` */
};

struct token {
	enum token_kind kind;
	const char *word;
	const struct token *next;
	const char *key, *value;                        /* TOKEN_WORD, TOKEN_VALUE: key */
	struct json_object *(*check)(const char *text); /* of a value; NULL: not valid */
	const char *expected;
};

static struct json_object *check_number(const char *text)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return NULL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n < 1 || n > UINT32_MAX)
		return NULL;
	return json_object_new_int64((int64_t)n);
}

static struct json_object *check_address(const char *text)
{
	struct in_addr addr;

	return inet_pton(AF_INET, text, &addr) == 1 ? json_object_new_string(text) : NULL;
}

static struct json_object *check_peer(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	struct ether_addr mac;

	if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, address) == 1)
		return json_object_new_string(text);
	return strlen(text) <= 17 && ether_aton_r(text, &mac) ? json_object_new_string(text) : NULL;
}

static struct json_object *check_text(const char *text)
{
	return *text ? json_object_new_string(text) : NULL;
}

#define check_PPP_ID check_number
#define check_ADDRESS check_address
#define check_INTERFACE check_text
#define check_PROTOCOL check_text
#define check_REALM check_text
#define check_USERNAME check_text
#define check_PEER check_peer
#define check_SESSION_ID check_text
#define check_CALLING check_text
#define check_PORT_ID check_text

/* clang-format off */

static const struct token t_filters[];
#define FILTER_TOKEN(symbol, name, text) \
	{ TOKEN_FILTER, name, t_filters, NULL, NULL, check_##symbol, text },
#define WORD(name, next, key, value) { TOKEN_WORD, name, next, key, value, NULL, NULL }
#define STOP { TOKEN_STOP, NULL, NULL, NULL, NULL, NULL, NULL }
#define END { TOKEN_END, NULL, NULL, NULL, NULL, NULL, NULL }

static const struct token t_stop[] = { STOP, END };

static const struct token t_filters[] = { CONTROL_FILTERS(FILTER_TOKEN) STOP, END };

static const struct token t_one_filter[] = { CONTROL_FILTERS(FILTER_TOKEN) END };

static const struct token t_selection[] = {
	WORD("all", t_stop, "all", NULL),
	CONTROL_FILTERS(FILTER_TOKEN)
	END,
};

static const struct token t_clear[] = {
	WORD("all", t_stop, "all", NULL),
	CONTROL_FILTERS(FILTER_TOKEN)
	{ TOKEN_VALUE, "tunnel", t_stop, "tunnel", NULL, check_number, "the id of a tunnel" },
	END,
};

static const struct token t_session[] = {
	WORD("brief", t_filters, "view", "brief"),
	WORD("packets", t_filters, "view", "packets"),
	WORD("all", t_filters, "view", "all"),
	END,
};

static const struct token t_drops[] = {
	WORD("all", t_stop, "all", NULL),
	STOP,
	END,
};

static const struct token t_show[] = {
	WORD("status", t_stop, "command", "status"),
	WORD("pools", t_stop, "command", "pools"),
	WORD("drops", t_drops, "command", "drops"),
	WORD("dataplane", t_stop, "command", "dataplane"),
	WORD("tunnels", t_stop, "command", "tunnels"),
	WORD("radius", t_stop, "command", "radius"),
	END,
};

static const struct token t_command[] = {
	WORD("session", t_session, "command", "session"),
	WORD("clear", t_clear, "command", "clear"),
	WORD("monitor", t_selection, "command", "monitor"),
	WORD("show", t_show, NULL, NULL),
	WORD("reload", t_stop, "command", "reload"),
	WORD("capture", t_one_filter, "command", "capture"),
	WORD("top", t_filters, "command", "top"),
	END,
};

/* clang-format on */

/* ---- errors ---- */

static void list_expected(const struct token *table, const char *shortened, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (; table->kind != TOKEN_END; table++) {
		const char *word = table->kind == TOKEN_STOP ? "nothing more" : table->word;
		int more;

		if (table->kind == TOKEN_STOP ? *shortened != '\0'
					      : strncmp(word, shortened, strlen(shortened)) != 0)
			continue;
		more = snprintf(out + n, size - n, "%s%s", n ? ", " : "", word);
		if (more < 0 || (size_t)more >= size - n)
			return;
		n += (size_t)more;
	}
}

/* word: what stands there instead, NULL at the end of the line. */
static int refuse(const struct token *table, const char *word, bool ambiguous, char *error,
		  size_t size)
{
	char list[256];

	list_expected(table, ambiguous ? word : "", list, sizeof(list));
	if (!word)
		snprintf(error, size, "the command is not complete, expected: %s", list);
	else if (ambiguous)
		snprintf(error, size, "\"%s\" is ambiguous: %s", word, list);
	else
		snprintf(error, size, "unexpected \"%s\", expected: %s", word, list);
	return -EINVAL;
}

/* ---- parsing ---- */

static bool may_stop(const struct token *table)
{
	for (; table->kind != TOKEN_END; table++)
		if (table->kind == TOKEN_STOP)
			return true;
	return false;
}

/* A word that is written out wins over those that it begins. */
static const struct token *find(const struct token *table, const char *word, bool *ambiguous)
{
	const struct token *found = NULL;

	*ambiguous = false;
	for (; table->kind != TOKEN_END; table++) {
		if (table->kind == TOKEN_STOP || strncmp(table->word, word, strlen(word)) != 0)
			continue;
		if (strcmp(table->word, word) == 0) {
			*ambiguous = false;
			return table;
		}
		*ambiguous = found != NULL;
		found = table;
	}
	return *ambiguous || *word == '\0' ? NULL : found;
}

static int set(struct json_object *object, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(object, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static int set_filter(struct json_object *request, const struct token *token, const char *text,
		      char *error, size_t size)
{
	struct json_object *filter, *value;

	if (!text || !(value = token->check(text))) {
		snprintf(error, size, "%s: expected %s", token->word, token->expected);
		return -EINVAL;
	}
	if (!json_object_object_get_ex(request, "filter", &filter)) {
		filter = json_object_new_object();
		if (set(request, "filter", filter)) {
			json_object_put(value);
			return -ENOMEM;
		}
	}
	if (json_object_object_get_ex(filter, token->word, NULL)) {
		json_object_put(value);
		snprintf(error, size, "%s is given twice", token->word);
		return -EINVAL;
	}
	return set(filter, token->word, value);
}

static int set_value(struct json_object *request, const struct token *token, const char *text,
		     char *error, size_t size)
{
	struct json_object *value = text ? token->check(text) : NULL;

	if (value)
		return set(request, token->key, value);
	snprintf(error, size, "%s: expected %s", token->word, token->expected);
	return -EINVAL;
}

static int parse(struct json_object *request, char *const words[], int n, char *error, size_t size)
{
	const struct token *table = t_command;
	const struct token *token;
	bool ambiguous;
	int err = 0;

	for (int i = 0; i < n; i++) {
		token = find(table, words[i], &ambiguous);
		if (!token)
			return refuse(table, words[i], ambiguous, error, size);
		if (token->kind == TOKEN_FILTER) {
			i++;
			err = set_filter(request, token, i < n ? words[i] : NULL, error, size);
		} else if (token->kind == TOKEN_VALUE) {
			i++;
			err = set_value(request, token, i < n ? words[i] : NULL, error, size);
		} else if (token->key) {
			err = set(request, token->key,
				  token->value ? json_object_new_string(token->value)
					       : json_object_new_boolean(true));
		}
		if (err)
			return err;
		table = token->next;
	}
	return may_stop(table) ? 0 : refuse(table, NULL, false, error, size);
}

int grammar_parse(char *const words[], int n, struct json_object **request, char *error,
		  size_t error_size)
{
	struct json_object *r = json_object_new_object();
	int err = -ENOMEM;

	snprintf(error, error_size, "out of memory");
	if (r)
		err = set(r, "version", json_object_new_int(CONTROL_VERSION));
	if (!err)
		err = parse(r, words, n, error, error_size);
	if (err) {
		json_object_put(r);
		return err;
	}
	*request = r;
	return 0;
}
