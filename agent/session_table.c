/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Where sessions are found. By age and ppp-id: an array sorted by sequence number, so that
 * a cursor survives the end of the session it stands on. By user name, peer, address and what
 * RADIUS calls it: hash indexes. Address look-ups try the prefix lengths in use, longest first.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session_private.h"

#define INDEXES 8

static void all_indexes(struct sessions *t, struct index *all[INDEXES])
{
	struct index *indexes[INDEXES] = {
		&t->by_user,  &t->by_account, &t->by_addr, &t->by_peer,
		&t->by_alias, &t->by_calling, &t->by_port, &t->by_port_id
	};

	memcpy(all, indexes, sizeof(indexes));
}

int session_table_init(struct sessions *t)
{
	struct index *all[INDEXES];
	int r = 0;

	all_indexes(t, all);
	for (int i = 0; i < INDEXES && r == 0; i++)
		r = index_init(all[i]);
	if (r == 0)
		r = census_init(&t->addresses);
	t->nothing = profile_new();
	return r == 0 && !t->nothing ? -ENOMEM : r;
}

void session_table_fini(struct sessions *t)
{
	struct index *all[INDEXES];

	all_indexes(t, all);
	free(t->order);
	for (int i = 0; i < INDEXES; i++)
		index_fini(all[i]);
	census_fini(&t->addresses);
	profile_free(t->nothing);
}

/* ---- by age ---- */

/* Position of the first entry with a sequence number of at least seq. */
static size_t order_find(const struct sessions *t, uint64_t seq)
{
	size_t lo = 0, hi = t->order_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->order[mid].seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void order_compact(struct sessions *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->order_len; i++)
		if (t->order[i].session)
			t->order[n++] = t->order[i];
	t->order_len = n;
}

static int order_reserve(struct sessions *t)
{
	struct session_order_entry *order;
	size_t cap = t->order_cap ? t->order_cap * 2 : 64;

	if (t->order_len < t->order_cap)
		return 0;
	order = realloc(t->order, cap * sizeof(*order));
	if (!order)
		return -ENOMEM;
	t->order = order;
	t->order_cap = cap;
	return 0;
}

int session_table_add(struct sessions *t, struct session *s)
{
	int r = order_reserve(t);

	if (r < 0)
		return r;
	t->last_seq++;
	if ((uint32_t)t->last_seq == 0) /* 0 is no ppp-id */
		t->last_seq++;
	s->seq = t->last_seq;
	t->order[t->order_len++] = (struct session_order_entry){ s->seq, s };
	t->totals.sessions++;
	return 0;
}

static void order_del(struct sessions *t, const struct session *s)
{
	size_t at = order_find(t, s->seq);

	if (at == t->order_len || t->order[at].session != s)
		return;
	t->order[at].session = NULL;
	t->totals.sessions--;
	if (t->order_len > 64 && t->totals.sessions < t->order_len / 2)
		order_compact(t);
}

static struct session *order_after(const struct sessions *t, uint64_t seq)
{
	for (size_t i = order_find(t, seq + 1); i < t->order_len; i++)
		if (t->order[i].session)
			return t->order[i].session;
	return NULL;
}

static struct session *by_ppp_id(const struct sessions *t, uint32_t ppp_id)
{
	uint64_t epoch = t->last_seq & ~(uint64_t)UINT32_MAX;

	/* ids wrap at 32 bits: this epoch's, or a survivor of the one before */
	for (int back = 0; back < 2; back++, epoch -= (uint64_t)UINT32_MAX + 1) {
		size_t at = order_find(t, epoch | ppp_id);

		if (at < t->order_len && t->order[at].seq == (epoch | ppp_id))
			return t->order[at].session;
		if (epoch == 0)
			break;
	}
	return NULL;
}

/* ---- by user, peer, address ---- */

static uint64_t text_hash(const struct index *index, const char *text)
{
	return index_hash(index, text, strlen(text));
}

static uint64_t user_hash(const struct sessions *t, const char *username)
{
	return index_hash(&t->by_user, username, strlen(username));
}

static uint64_t account_hash(const struct sessions *t, const struct session_account *account)
{
	return index_hash(&t->by_account, account->name, strlen(account->name));
}

void session_account_of(struct session_account *account, const struct conf_auth *auth,
			const char *username)
{
	account->auth = auth;
	aaa_account(auth, username, account->name);
}

void session_table_clear_user(struct sessions *t, struct session *s)
{
	index_del(&t->by_user, &s->by_user);
	index_del(&t->by_account, &s->by_account);
	index_del(&t->by_alias, &s->by_alias);
}

/* What a server has named its user; NULL: it has not. */
static const char *alias_of(const struct session *s)
{
	return s->profile ? s->profile->username : NULL;
}

void session_table_set_user(struct sessions *t, struct session *s)
{
	const char *username = ppp_username(&s->ppp);
	struct session_account account;

	session_table_clear_user(t, s);
	session_account_of(&account, s->bind->auth, username);
	index_add(&t->by_user, &s->by_user, user_hash(t, username));
	index_add(&t->by_account, &s->by_account, account_hash(t, &account));
	if (alias_of(s))
		index_add(&t->by_alias, &s->by_alias, text_hash(&t->by_alias, alias_of(s)));
}

static uint64_t peer_hash(const struct sessions *t, const char *peer)
{
	char lower[sizeof(((struct carrier_info *)0)->peer)];
	size_t n = 0;

	for (; n < sizeof(lower) && peer[n]; n++)
		lower[n] = (char)tolower((unsigned char)peer[n]);
	return index_hash(&t->by_peer, lower, n);
}

/* The slot, which is its carrier's from the start. */
static uint32_t port_of(const struct session *s)
{
	struct dp_session desc = { 0 };

	s->carrier.base.ops->describe(&s->carrier.base, &desc);
	return desc.slot;
}

static uint64_t port_hash(const struct sessions *t, uint32_t port)
{
	return index_hash(&t->by_port, &port, sizeof(port));
}

static void clear_carrier(struct sessions *t, struct session *s)
{
	index_del(&t->by_peer, &s->by_peer);
	index_del(&t->by_calling, &s->by_calling);
	index_del(&t->by_port, &s->by_port);
	index_del(&t->by_port_id, &s->by_port_id);
}

void session_table_set_carrier(struct sessions *t, struct session *s)
{
	const struct carrier *c = &s->carrier.base;
	char text[SUBJECT_TEXT_MAX + 1];
	struct carrier_info info;

	clear_carrier(t, s);
	c->ops->info(c, &info);
	index_add(&t->by_peer, &s->by_peer, peer_hash(t, info.peer));
	subject_calling(&info, text);
	index_add(&t->by_calling, &s->by_calling, text_hash(&t->by_calling, text));
	subject_nas_port_id(&info, c->ops->name, text);
	index_add(&t->by_port_id, &s->by_port_id, text_hash(&t->by_port_id, text));
	index_add(&t->by_port, &s->by_port, port_hash(t, port_of(s)));
}

struct addr_key {
	uint32_t net; /* network order, host bits cleared */
	uint32_t prefix;
};

static struct addr_key addr_key(uint32_t addr, unsigned int prefix)
{
	uint32_t mask = prefix ? htonl(UINT32_MAX << (32 - prefix)) : 0;

	return (struct addr_key){ addr & mask, prefix };
}

static unsigned int prefix_of(const struct session *s)
{
	return (unsigned int)__builtin_popcount(s->state.netmask);
}

static uint64_t addr_hash(const struct sessions *t, struct addr_key key)
{
	return index_hash(&t->by_addr, &key, sizeof(key));
}

void session_table_set_addr(struct sessions *t, struct session *s)
{
	struct addr_key key = addr_key(s->state.addr, prefix_of(s));

	index_add(&t->by_addr, &s->by_addr, addr_hash(t, key));
	t->prefixes[key.prefix]++;
}

void session_table_clear_addr(struct sessions *t, struct session *s)
{
	if (!s->by_addr.link)
		return;
	index_del(&t->by_addr, &s->by_addr);
	t->prefixes[prefix_of(s)]--;
}

static struct session *by_prefix(const struct sessions *t, uint32_t addr, unsigned int prefix)
{
	struct addr_key key = addr_key(addr, prefix);
	struct index_node *n = index_first(&t->by_addr, addr_hash(t, key));

	for (; n; n = index_next(n)) {
		struct session *s = INDEX_ENTRY(n, struct session, by_addr);

		if (prefix_of(s) == prefix && addr_key(s->state.addr, prefix).net == key.net)
			return s;
	}
	return NULL;
}

struct session *session_table_by_addr(const struct sessions *t, struct in_addr addr)
{
	struct session *s = NULL;

	for (int prefix = 32; prefix >= 0 && !s; prefix--)
		if (t->prefixes[prefix])
			s = by_prefix(t, addr.s_addr, (unsigned int)prefix);
	return s;
}

static bool is_account(const struct session *s, const struct session_account *account)
{
	struct session_account own;

	session_account_of(&own, s->bind->auth, ppp_username(&s->ppp));
	return strcmp(own.name, account->name) == 0 &&
	       strcmp(own.auth->name, account->auth->name) == 0;
}

unsigned int session_table_count(const struct sessions *t, const struct session_account *account,
				 unsigned int limit)
{
	struct index_node *n = index_first(&t->by_account, account_hash(t, account));
	unsigned int count = 0;

	for (; n && count < limit; n = index_next(n))
		count += is_account(INDEX_ENTRY(n, struct session, by_account), account);
	return count;
}

static bool same_peer(const struct session *a, const struct session *b)
{
	struct carrier_info x, y;

	a->carrier.base.ops->info(&a->carrier.base, &x);
	b->carrier.base.ops->info(&b->carrier.base, &y);
	return strcmp(x.peer, y.peer) == 0 && strcmp(x.device, y.device) == 0;
}

struct session *session_table_older(const struct sessions *t, const struct session_account *account,
				    const struct session *s)
{
	struct index_node *n = index_first(&t->by_account, account_hash(t, account));
	struct session *oldest = NULL;

	for (; n; n = index_next(n)) {
		struct session *other = INDEX_ENTRY(n, struct session, by_account);

		if (other->seq < s->seq && (!oldest || other->seq < oldest->seq) &&
		    is_account(other, account) && same_peer(other, s))
			oldest = other;
	}
	return oldest;
}

void session_table_del(struct sessions *t, struct session *s)
{
	order_del(t, s);
	session_table_clear_addr(t, s);
	session_table_clear_user(t, s);
	clear_carrier(t, s);
}

/* ---- cursor ---- */

static bool name_matches(const char *wanted, const char *name)
{
	return !wanted || strcmp(wanted, name) == 0;
}

/* By one of the names that he has: as he writes it, as the realm does, or as his server does. */
static bool account_matches(const char *wanted, const struct session *s)
{
	const char *username = ppp_username(&s->ppp), *alias = alias_of(s);
	struct session_account account;

	if (name_matches(wanted, username) || (alias && name_matches(wanted, alias)))
		return true;
	if (!s->bind)
		return false;
	session_account_of(&account, s->bind->auth, username);
	return name_matches(wanted, account.name);
}

static bool carrier_matches(const struct session_filter *f, const struct session *s)
{
	char calling[SUBJECT_TEXT_MAX + 1] = "", port_id[SUBJECT_TEXT_MAX + 1] = "";
	struct carrier_info info;

	if (!f->peer && !f->calling && !f->called && !f->port_id)
		return true;
	s->carrier.base.ops->info(&s->carrier.base, &info);
	if (f->calling)
		subject_calling(&info, calling);
	if (f->port_id)
		subject_nas_port_id(&info, s->carrier.base.ops->name, port_id);
	return (!f->peer || strcasecmp(f->peer, info.peer) == 0) &&
	       name_matches(f->calling, calling) && name_matches(f->port_id, port_id) &&
	       name_matches(f->called, subject_called(&info, s->carrier.base.tunnel));
}

/* The ppp-id in an Acct-Session-Id; 0, which is none, if it is not of this start of the agent. */
static uint32_t session_id_ppp_id(const struct sessions *t, const char *text)
{
	uint32_t start, ppp_id;

	if (subject_session_id_parse(text, strlen(text), &start, &ppp_id) < 0 || start != t->start)
		return 0;
	return ppp_id;
}

static bool filter_matches(const struct session_filter *f, const struct session *s)
{
	if (f->by_ppp_id && f->ppp_id != (uint32_t)s->seq)
		return false;
	if (f->session_id && session_id_ppp_id(s->table, f->session_id) != (uint32_t)s->seq)
		return false;
	if (f->by_address && f->address.s_addr != s->state.addr)
		return false;
	if (!name_matches(f->username, ppp_username(&s->ppp)) ||
	    !name_matches(f->realm, session_realm(s)))
		return false;
	if (!name_matches(f->protocol, s->carrier.base.ops->name) ||
	    !name_matches(f->interface, s->bind ? s->bind->interface->name : ""))
		return false;
	if ((f->by_port && f->port != port_of(s)) || !account_matches(f->account, s))
		return false;
	return carrier_matches(f, s);
}

/* A chain is walked once per step. Many sessions of one user are cheaper to find in one
 * walk over all sessions. */
#define CHAIN_MAX 64

/* The oldest session of an index chain that is younger than `after`. */
static struct session *oldest_after(const struct session_filter *f, struct index_node *n,
				    size_t offset, uint64_t after)
{
	struct session *found = NULL;

	for (; n; n = index_next(n)) {
		struct session *s = (struct session *)((char *)n - offset);

		if (s->seq > after && (!found || s->seq < found->seq) && filter_matches(f, s))
			found = s;
	}
	return found;
}

static bool chain_is_short(const struct index_node *n)
{
	unsigned int len = 0;

	for (; n && len <= CHAIN_MAX; n = index_next(n))
		len++;
	return len <= CHAIN_MAX;
}

/* Where no index helps all are looked at, LOOK_MAX in one go. */
#define LOOK_MAX 16

static struct session *next_in_order(const struct sessions *t, struct session_cursor *c, bool *more)
{
	struct session *s = order_after(t, c->after);

	for (unsigned int n = 0; s && !filter_matches(&c->filter, s); n++) {
		c->after = s->seq;
		*more = n == LOOK_MAX;
		if (*more)
			return NULL;
		s = order_after(t, s->seq);
	}
	return s;
}

static struct session *next_in_chain(const struct sessions *t, struct session_cursor *c,
				     struct index_node *n, size_t offset, bool *more)
{
	return chain_is_short(n) ? oldest_after(&c->filter, n, offset, c->after)
				 : next_in_order(t, c, more);
}

static struct session *by_port(const struct sessions *t, uint32_t port)
{
	struct index_node *n = index_first(&t->by_port, port_hash(t, port));

	for (; n; n = index_next(n)) {
		struct session *s = INDEX_ENTRY(n, struct session, by_port);

		if (port_of(s) == port)
			return s;
	}
	return NULL;
}

/* Sessions that an index has under one key. */
struct chain {
	struct index_node *first;
	size_t offset;
};

#define CHAIN(index, hash, member)                                                                 \
	((struct chain){ index_first(index, hash), offsetof(struct session, member) })
#define CHAINS 7
#define CHAINS_ACCOUNT 3 /* the last ones */

/* One for each text of the filter that there is an index of, for its account all that there are.
 * Returns how many. */
static unsigned int chains_of(const struct sessions *t, const struct session_filter *f,
			      struct chain out[CHAINS])
{
	unsigned int n = 0;

	if (f->peer)
		out[n++] = CHAIN(&t->by_peer, peer_hash(t, f->peer), by_peer);
	if (f->calling)
		out[n++] = CHAIN(&t->by_calling, text_hash(&t->by_calling, f->calling), by_calling);
	if (f->username)
		out[n++] = CHAIN(&t->by_user, user_hash(t, f->username), by_user);
	if (f->port_id)
		out[n++] = CHAIN(&t->by_port_id, text_hash(&t->by_port_id, f->port_id), by_port_id);
	if (f->account) {
		out[n++] = CHAIN(&t->by_account, text_hash(&t->by_account, f->account), by_account);
		out[n++] = CHAIN(&t->by_user, user_hash(t, f->account), by_user);
		out[n++] = CHAIN(&t->by_alias, text_hash(&t->by_alias, f->account), by_alias);
	}
	return n;
}

static struct session *next_single(const struct session_cursor *c, struct session *s)
{
	return s && s->seq > c->after && filter_matches(&c->filter, s) ? s : NULL;
}

struct session *session_next_soon(struct sessions *t, struct session_cursor *cursor, bool *more)
{
	const struct session_filter *f = &cursor->filter;
	struct chain chains[CHAINS];
	struct session *s;

	*more = false;
	if (f->by_ppp_id)
		s = next_single(cursor, by_ppp_id(t, f->ppp_id));
	else if (f->by_address)
		s = next_single(cursor, session_table_by_addr(t, f->address));
	else if (f->session_id)
		s = next_single(cursor, by_ppp_id(t, session_id_ppp_id(t, f->session_id)));
	else if (f->by_port)
		s = next_single(cursor, by_port(t, f->port));
	else if (chains_of(t, f, chains) > (f->account ? CHAINS_ACCOUNT : 0))
		s = next_in_chain(t, cursor, chains[0].first, chains[0].offset, more);
	else
		s = next_in_order(t, cursor, more);
	if (s)
		cursor->after = s->seq;
	return s;
}

struct session *session_next(struct sessions *t, struct session_cursor *cursor)
{
	struct session *s;
	bool more;

	do
		s = session_next_soon(t, cursor, &more);
	while (more);
	return s;
}

/* ---- all that match ---- */

struct findings {
	const struct session_filter *filter;
	struct session **found;
	unsigned int n, max;
};

/* Once. False: there is no room. */
static bool add_finding(struct findings *f, struct session *s)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->found[i] == s)
			return true;
	if (f->n == f->max)
		return false;
	f->found[f->n++] = s;
	return true;
}

static int find_in_chain(struct findings *f, const struct chain *chain)
{
	if (!chain_is_short(chain->first))
		return -E2BIG;
	for (struct index_node *n = chain->first; n; n = index_next(n)) {
		struct session *s = (struct session *)((char *)n - chain->offset);

		if (filter_matches(f->filter, s) && !add_finding(f, s))
			return -E2BIG;
	}
	return 0;
}

static int find_single(struct findings *f, struct session *s)
{
	return s && filter_matches(f->filter, s) && !add_finding(f, s) ? -E2BIG : 0;
}

/* By the first text that few enough sessions have; at last by the account, which is in more places
 * than one. */
static int find_by_text(const struct sessions *t, struct findings *f)
{
	struct chain chains[CHAINS];
	unsigned int n = chains_of(t, f->filter, chains);
	unsigned int one = f->filter->account ? n - CHAINS_ACCOUNT : n;
	int r = -E2BIG;

	for (unsigned int i = 0; i < one && r < 0; i++) {
		f->n = 0;
		r = find_in_chain(f, &chains[i]);
	}
	if (r == 0 || one == n)
		return r;
	f->n = 0;
	r = 0;
	for (unsigned int i = one; i < n && r == 0; i++)
		r = find_in_chain(f, &chains[i]);
	return r;
}

int sessions_find(struct sessions *t, const struct session_filter *filter, struct session **found,
		  unsigned int max)
{
	struct findings f = { filter, found, 0, max };
	int r;

	if (filter->by_ppp_id)
		r = find_single(&f, by_ppp_id(t, filter->ppp_id));
	else if (filter->session_id)
		r = find_single(&f, by_ppp_id(t, session_id_ppp_id(t, filter->session_id)));
	else if (filter->by_port)
		r = find_single(&f, by_port(t, filter->port));
	else if (filter->by_address)
		r = find_single(&f, session_table_by_addr(t, filter->address));
	else
		r = find_by_text(t, &f);
	return r < 0 ? r : (int)f.n;
}
