/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/users.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/attribute.h"
#include "aaa/dictionary.h"
#include "aaa/profile.h"
#include "conf/conf.h"
#include "conf/file.h"
#include "conf/init.h"
#include "conf/text.h"
#include "log.h"

#define SIZE_MAX_USERS (64U << 20)
#define VALUE_MAX 255
#define NAME_MAX_USERS 63 /* of attributes */
#define ERRORS_MAX 50

struct users {
	struct index index;
	struct user *all, **end; /* in the order of the file */
};

/* A run over a file. A record's lines stay as they are; their ends are skipped when its
 * fields are read, so that errors have their own line. */
struct reader {
	const char *p, *end; /* the rest of the text; within a record, of that */
	const char *name;
	FILE *errors;
	const struct dictionary *dictionary;
	unsigned int line, n_errors;
	uint64_t seen; /* attributes of this record: bits by enum attribute_id */
	struct users *users;
};

static void reader_error(struct reader *r, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void reader_error(struct reader *r, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	if (++r->n_errors > ERRORS_MAX)
		return;
	fprintf(r->errors, "%s:%u: ", r->name, line);
	va_start(ap, fmt);
	vfprintf(r->errors, fmt, ap);
	va_end(ap);
	fputs("\n", r->errors);
}

static void errors_end(const struct reader *r)
{
	if (r->n_errors > ERRORS_MAX)
		fprintf(r->errors, "%s: %u more errors\n", r->name, r->n_errors - ERRORS_MAX);
}

/* ---- fields ---- */

/* Splits off what stands before the next colon that no backslash takes; raw: before any. */
static struct reader field(struct reader *r, bool raw)
{
	struct reader f = *r;

	while (r->p < r->end && *r->p != ':') {
		if (!raw && *r->p == '\\' && r->p + 1 < r->end)
			r->p++;
		r->line += *r->p == '\n';
		r->p++;
	}
	f.end = r->p;
	if (r->p < r->end)
		r->p++;
	return f;
}

/* Blanks, and ends of lines with or without their backslash. */
static void skip_blanks(struct reader *r)
{
	for (; r->p < r->end; r->p++) {
		if (*r->p == '\n')
			r->line++;
		else if (*r->p == '\\' && r->p + 1 < r->end && (r->p[1] == '\n' || r->p[1] == '\r'))
			continue;
		else if (!strchr(" \t\r", *r->p) || !*r->p)
			return;
	}
}

/* What a backslash makes of the characters after it: getcap(3). */
static int unescape(struct reader *r)
{
	static const char letters[] = "bB\bfF\fnN\nrR\rtT\teE\033cC:";
	char c = *r->p++;
	const char *l;
	int n, value;

	for (l = letters; *l; l += 3)
		if (c == l[0] || c == l[1])
			return l[2];
	if (c < '0' || c > '7')
		return (unsigned char)c;
	for (n = 1, value = c - '0'; n < 3 && r->p < r->end && *r->p >= '0' && *r->p <= '7'; n++)
		value = value * 8 + *r->p++ - '0';
	return value & 0xff;
}

/* The rest of a field as a string. -EINVAL: empty, too long, or with a NUL. */
static int value(struct reader *r, char out[VALUE_MAX + 1])
{
	size_t n = 0;

	while (r->p < r->end) {
		int c = (unsigned char)*r->p++;

		if (c == '\\' && r->p < r->end) {
			if (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n')
				r->p++;
			if (*r->p == '\n') {
				r->p++;
				continue;
			}
			c = unescape(r);
		} else if (c == '^' && r->p < r->end) {
			c = *r->p++ & 0x1f;
		}
		if (c == '\0' || n == VALUE_MAX)
			return -EINVAL;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return n ? 0 : -EINVAL;
}

/* ---- records ---- */

static void user_free(struct user *u)
{
	conf_secret_free(u->password);
	free(u->calling_number);
	profile_free(u->profile);
	free(u);
}

static int set_string(char **string, const char *text)
{
	if (*string)
		return -EEXIST;
	*string = strdup(text);
	return *string ? 0 : -ENOMEM;
}

static int set_password(struct user *u, const char *text)
{
	return set_string(&u->password, text);
}

static int set_calling_number(struct user *u, const char *text)
{
	return set_string(&u->calling_number, text);
}

/* What is no attribute of RADIUS. */
static const struct own {
	const char *name;
	int (*set)(struct user *u, const char *text);
} owns[] = {
	{ "password", set_password },
	{ "calling-number", set_calling_number },
};

static const struct own *own_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(owns) / sizeof(owns[0]); i++)
		if (strcmp(owns[i].name, name) == 0)
			return &owns[i];
	return NULL;
}

static int set_own(struct reader *f, const struct own *own, struct user *u, const char *text)
{
	int r = own->set(u, text);

	if (r == -EEXIST)
		reader_error(f, f->line, "%s is given twice, expected once", own->name);
	return r;
}

/* By our name of it, or by another that an operator's dictionary has for its number. */
static const struct attribute *granted(const struct reader *f, const char *name)
{
	const struct attribute *a = attribute_by_name(name);
	struct dictionary_attr known;

	if (!a && f->dictionary && dictionary_find(f->dictionary, name, &known))
		a = attribute_find(known.vendor, known.type);
	return a && attribute_grants(a) ? a : NULL;
}

/* Integers may be written as what the dictionary calls them. */
static void replace_name(const struct reader *f, const struct attribute *a,
			 char text[VALUE_MAX + 1])
{
	uint32_t number;

	if (a->kind == ATTRIBUTE_INTEGER && f->dictionary &&
	    dictionary_value(f->dictionary, a->name, text, &number))
		snprintf(text, VALUE_MAX + 1, "%u", number);
}

static int set_attribute(struct reader *f, const char *name, const struct attribute *a,
			 struct user *u, char text[VALUE_MAX + 1])
{
	uint64_t bit = 1ULL << attribute_id(a);
	const char *why = "";
	int r;

	if (!a->many && (f->seen & bit)) {
		reader_error(f, f->line, "%s is given twice, expected once", name);
		return -EEXIST;
	}
	f->seen |= bit;
	replace_name(f, a, text);
	r = attribute_read_text(a, text, u->profile, &why);
	if (r == -EINVAL)
		reader_error(f, f->line, "%s: wrong value, %s", name, why);
	return r;
}

/* The text before the equals sign, or all of it. */
static bool take_name(struct reader *f, char name[NAME_MAX_USERS + 1])
{
	const char *equals = memchr(f->p, '=', (size_t)(f->end - f->p));
	size_t n = (size_t)((equals ? equals : f->end) - f->p);
	bool fits = n <= NAME_MAX_USERS && !memchr(f->p, '\0', n);
	char shown[80];

	if (fits) {
		memcpy(name, f->p, n);
		name[n] = '\0';
	} else {
		reader_error(f, f->line, "unknown attribute \"%s\"",
			     log_escape(shown, sizeof(shown), f->p, n));
	}
	f->p = equals ? equals + 1 : f->end;
	return fits;
}

static int unknown(struct reader *f, const char *name)
{
	char shown[80];

	reader_error(
		f, f->line,
		"unknown attribute \"%s\", expected password, calling-number, or what a RADIUS "
		"server may grant, as Framed-IP-Address",
		log_escape(shown, sizeof(shown), name, strlen(name)));
	return -ENOENT;
}

/* One field of a record. Values never go into messages: they may be passwords. */
static int attribute(struct reader *f, struct user *u)
{
	char name[NAME_MAX_USERS + 1], text[VALUE_MAX + 1];
	const struct attribute *a;
	const struct own *own;
	int r;

	if (!take_name(f, name))
		return -ENOENT;
	own = own_find(name);
	a = own ? NULL : granted(f, name);
	if (!own && !a)
		return unknown(f, name);
	r = value(f, text);
	if (r < 0)
		reader_error(f, f->line, "%s: wrong value, expected text of 1 to 255 characters",
			     name);
	else
		r = own ? set_own(f, own, u, text) : set_attribute(f, name, a, u, text);
	explicit_bzero(text, sizeof(text));
	return r;
}

static struct user *user_new(const struct reader *name)
{
	size_t n = (size_t)(name->end - name->p);
	struct user *u = calloc(1, sizeof(*u) + n + 1);

	if (!u)
		return NULL;
	memcpy(u->name, name->p, n);
	u->line = name->line;
	u->profile = profile_new();
	if (!u->profile) {
		free(u);
		return NULL;
	}
	return u;
}

static bool name_ok(struct reader *r, const struct reader *name)
{
	size_t n = (size_t)(name->end - name->p);
	char shown[80];

	if (n >= 1 && n <= VALUE_MAX && !strchr(" \t", *name->p) && !memchr(name->p, '|', n) &&
	    !memchr(name->p, '\n', n) && !memchr(name->p, '\0', n))
		return true;
	reader_error(r, name->line, "wrong user name \"%s\", expected NAME: at the begin of a line",
		     log_escape(shown, sizeof(shown), name->p, n));
	return false;
}

static void user_add(struct reader *r, struct user *u)
{
	const struct user *other = users_find(r->users, u->name);
	char shown[80];

	log_escape(shown, sizeof(shown), u->name, strlen(u->name));
	if (other) {
		reader_error(r, u->line, "user \"%s\" is in line %u already, expected another name",
			     shown, other->line);
	} else if (!u->password) {
		reader_error(r, u->line,
			     "user \"%s\" has no password, expected :password=...:", shown);
	} else {
		*r->users->end = u;
		r->users->end = &u->next;
		index_add(&r->users->index, &u->node,
			  index_hash(&r->users->index, u->name, strlen(u->name)));
		return;
	}
	user_free(u);
}

/* One record, from its name to its last field. */
static int record(struct reader *r)
{
	struct reader name = field(r, true), f;
	struct user *u;
	bool ok = true;
	int e;

	if (!name_ok(r, &name))
		return 0;
	u = user_new(&name);
	if (!u)
		return -ENOMEM;
	r->seen = 0;
	while (r->p < r->end) {
		f = field(r, false);
		skip_blanks(&f);
		if (f.p == f.end)
			continue;
		e = attribute(&f, u);
		r->n_errors = f.n_errors;
		r->seen = f.seen;
		if (e == -ENOMEM) {
			user_free(u);
			return e;
		}
		ok = ok && e == 0;
	}
	if (ok)
		user_add(r, u);
	else
		user_free(u);
	return 0;
}

/* ---- files ---- */

/* The end of the record that begins at p: the first end of line without a backslash. */
static const char *record_end(const char *p, const char *end)
{
	const char *s = p;

	while ((s = memchr(s, '\n', (size_t)(end - s)))) {
		const char *last = s > p && s[-1] == '\r' ? s - 1 : s;

		if (last == p || last[-1] != '\\')
			return last;
		s++;
	}
	return end;
}

static bool is_blank(struct reader line)
{
	skip_blanks(&line);
	return line.p == line.end;
}

static void advance(struct reader *r, const char *to)
{
	for (; r->p < to; r->p++)
		r->line += *r->p == '\n';
}

static int read_records(struct reader *r)
{
	const char *end = r->end;
	int e = 0;

	while (r->p < end && e == 0) {
		struct reader one = *r;
		const char *next;

		if (*r->p == '#') {
			next = memchr(r->p, '\n', (size_t)(end - r->p));
			advance(r, next ? next + 1 : end);
			continue;
		}
		one.end = record_end(r->p, end);
		next = one.end + (one.end < end && *one.end == '\r');
		if (!is_blank(one))
			e = record(&one);
		r->n_errors = one.n_errors;
		advance(r, next < end ? next + 1 : end);
	}
	return e;
}

int users_parse(const char *text, size_t len, const char *name, const struct dictionary *dictionary,
		FILE *errors, struct users **users)
{
	struct reader r = {
		.dictionary = dictionary,
		.p = text,
		.end = text + len,
		.name = name,
		.errors = errors,
		.line = 1,
	};
	int e;

	r.users = calloc(1, sizeof(*r.users));
	if (!r.users)
		return -ENOMEM;
	r.users->end = &r.users->all;
	e = index_init(&r.users->index);
	if (e == 0)
		e = read_records(&r);
	errors_end(&r);
	if (e == 0 && r.n_errors)
		e = -EINVAL;
	if (e < 0) {
		users_free(r.users);
		return e;
	}
	*users = r.users;
	return 0;
}

int users_read(const char *path, const struct dictionary *dictionary, FILE *errors,
	       struct users **users)
{
	struct stat st;
	size_t len;
	char *text;
	int r;

	r = conf_file_read(path, SIZE_MAX_USERS, errors, &text, &len, &st);
	if (r < 0)
		return r;
	if (st.st_mode & S_IRWXO) {
		fprintf(errors,
			"%s: others may access it (mode %04o), expected mode 0640 or less\n", path,
			st.st_mode & 07777);
		r = -EACCES;
	} else {
		r = users_parse(text, len, path, dictionary, errors, users);
	}
	explicit_bzero(text, len);
	free(text);
	return r;
}

/* ---- users in a configuration ---- */

static bool net_takes(const struct user *u, uint32_t addr)
{
	const struct profile *p = u->profile;

	return ((addr ^ ntohl(p->framed_ip.s_addr)) & ntohl(p->framed_netmask.s_addr)) == 0;
}

/* Any of these but the user's own address? */
static bool net_takes_any(const struct user *u, uint32_t first, uint32_t last)
{
	uint32_t own = ntohl(u->profile->framed_ip.s_addr);
	uint32_t mask = ntohl(u->profile->framed_netmask.s_addr);
	uint32_t from = own & mask, to = own | ~mask;

	from = from < first ? first : from;
	to = to > last ? last : to;
	return from <= to && !(from == own && to == own);
}

/* What the user's net takes from others of this interface; NULL: nothing. */
static const char *net_conflict(const struct user *u, const struct conf_interface *interface)
{
	const struct conf_range *range;

	if (net_takes(u, ntohl(interface->address.s_addr)))
		return "the address";
	STAILQ_FOREACH(range, &interface->ipcp->ranges, entry)
		if (!range->is_static && net_takes_any(u, range->first, range->last))
			return "addresses of the pool";
	return NULL;
}

static void net_check(struct reader *r, const struct user *u, const struct conf *conf)
{
	const struct conf_interface *interface;
	const char *what;
	char shown[80];

	STAILQ_FOREACH(interface, &conf->interfaces, entry) {
		what = net_conflict(u, interface);
		if (!what)
			continue;
		reader_error(r, u->line,
			     "user \"%s\": framed-ip-netmask takes in %s of interface %s, "
			     "expected a net that nobody else is in",
			     log_escape(shown, sizeof(shown), u->name, strlen(u->name)), what,
			     interface->name);
		return;
	}
}

int users_check(const struct users *users, const struct conf *conf, const char *name, FILE *errors)
{
	struct reader r = { .name = name, .errors = errors };
	const struct user *u;

	for (u = users->all; u; u = u->next)
		if (profile_own_ip(u->profile).s_addr &&
		    u->profile->framed_netmask.s_addr != INADDR_BROADCAST)
			net_check(&r, u, conf);
	errors_end(&r);
	return r.n_errors ? -EINVAL : 0;
}

void users_free(struct users *users)
{
	struct user *u, *next;

	if (!users)
		return;
	for (u = users->all; u; u = next) {
		next = u->next;
		user_free(u);
	}
	index_fini(&users->index);
	free(users);
}

const struct user *users_find(const struct users *users, const char *name)
{
	uint64_t hash = index_hash(&users->index, name, strlen(name));
	struct index_node *node;

	for (node = index_first(&users->index, hash); node; node = index_next(node)) {
		struct user *u = INDEX_ENTRY(node, struct user, node);

		if (strcmp(u->name, name) == 0)
			return u;
	}
	return NULL;
}

size_t users_count(const struct users *users)
{
	return users->index.count;
}
