/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "print.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "row.h"

enum form {
	FORM_TEXT,
	FORM_NUMBER,
	FORM_PERCENT,
	FORM_SECONDS, /* as days and hours */
	FORM_TIME,    /* wall clock */
	FORM_MEMORY,  /* bytes, as MiB */
	FORM_YES_NO,  /* a boolean */
	FORM_COUNTS,  /* an object of numbers; one line each. Not in tables */
	FORM_LIST,    /* an array of strings. Not in tables */
};

struct column {
	const char *key, *title;
	enum form form;
	int width; /* in tables; the last column's is free */
};

struct layout {
	const char *type;
	bool table;       /* else a block of "title: value" lines */
	const char *head; /* before each block, with the first column's value */
	const struct column *columns;
};

/* clang-format off */

static const struct column session_brief[] = {
	{ "ppp-id", "Ppp Id", FORM_NUMBER, 10 },
	{ "address", "Assigned IPv4", FORM_TEXT, 15 },
	{ "username", "Username", FORM_TEXT, 20 },
	{ "protocol", "Proto", FORM_TEXT, 6 },
	{ "peer", "Tunnel From", FORM_TEXT, 17 },
	{ "device", "", FORM_TEXT, 0 },
	{ 0 },
};

static const struct column session_packets[] = {
	{ "ppp-id", "Ppp Id", FORM_NUMBER, 10 },
	{ "username", "Username", FORM_TEXT, 20 },
	{ "up-packets", "In Packets", FORM_NUMBER, 14 },
	{ "up-bytes", "In Bytes", FORM_NUMBER, 16 },
	{ "down-packets", "Out Packets", FORM_NUMBER, 14 },
	{ "down-bytes", "Out Bytes", FORM_NUMBER, 16 },
	{ "drops", "Drops", FORM_NUMBER, 10 },
	{ 0 },
};

static const struct column session_all[] = {
	{ "ppp-id", "Ppp Id", FORM_NUMBER, 0 },
	{ "username", "Username", FORM_TEXT, 0 },
	{ "realm", "Realm Name", FORM_TEXT, 0 },
	{ "interface", "Concentrated Interface", FORM_TEXT, 0 },
	{ "address", "Assigned IPv4 Address", FORM_TEXT, 0 },
	{ "mtu", "MTU", FORM_NUMBER, 0 },
	{ "encryption", "Encryption", FORM_TEXT, 0 },
	{ "auth", "Authenticated by", FORM_TEXT, 0 },
	{ "phase", "Phase", FORM_TEXT, 0 },
	{ "path", "Forwarding Path", FORM_TEXT, 0 },
	{ "tunnel", "Tunnel", FORM_TEXT, 0 },
	{ "protocol", "Tunnel Protocol", FORM_TEXT, 0 },
	{ "peer", "Tunnel From", FORM_TEXT, 0 },
	{ "device", "Device", FORM_TEXT, 0 },
	{ "carrier-id", "Tunnel Session Id", FORM_NUMBER, 0 },
	{ "service", "Service Name", FORM_TEXT, 0 },
	{ "circuit-id", "Circuit Id", FORM_TEXT, 0 },
	{ "remote-id", "Remote Id", FORM_TEXT, 0 },
	{ "tunnel-id", "Tunnel Id", FORM_NUMBER, 0 },
	{ "peer-name", "Tunnel Peer Name", FORM_TEXT, 0 },
	{ "called", "Called Number", FORM_TEXT, 0 },
	{ "calling", "Calling Number", FORM_TEXT, 0 },
	{ "slot", "Slot", FORM_NUMBER, 0 },
	{ "session-id", "Accounting Session Id", FORM_TEXT, 0 },
	{ "started", "Start Time", FORM_TIME, 0 },
	{ "duration", "Duration", FORM_SECONDS, 0 },
	{ "idle", "Idle", FORM_SECONDS, 0 },
	{ "pool", "Address Pool", FORM_TEXT, 0 },
	{ "session-timeout", "Session Timeout", FORM_SECONDS, 0 },
	{ "session-left", "Session Time left", FORM_SECONDS, 0 },
	{ "idle-timeout", "Idle Timeout", FORM_SECONDS, 0 },
	{ "port-limit", "Sessions of the User", FORM_NUMBER, 0 },
	{ "rate-up", "Input Bit/s at most", FORM_NUMBER, 0 },
	{ "rate-up-burst", "Input Burst Bytes", FORM_NUMBER, 0 },
	{ "rate-up-drops", "Input beyond Rate", FORM_NUMBER, 0 },
	{ "rate-down", "Output Bit/s at most", FORM_NUMBER, 0 },
	{ "rate-down-burst", "Output Burst Bytes", FORM_NUMBER, 0 },
	{ "rate-down-drops", "Output beyond Rate", FORM_NUMBER, 0 },
	{ "routes", "Routes", FORM_LIST, 0 },
	{ "filters", "Filters", FORM_LIST, 0 },
	{ "classes", "Classes", FORM_NUMBER, 0 },
	{ "up-packets", "Input Packets", FORM_NUMBER, 0 },
	{ "up-bytes", "Input Bytes", FORM_NUMBER, 0 },
	{ "down-packets", "Output Packets", FORM_NUMBER, 0 },
	{ "down-bytes", "Output Bytes", FORM_NUMBER, 0 },
	{ "drops", "Dropped Packets", FORM_NUMBER, 0 },
	{ 0 },
};

static const struct column event[] = {
	{ "time", "Time", FORM_TIME, 19 },
	{ "event", "Event", FORM_TEXT, 11 },
	{ "ppp-id", "Ppp Id", FORM_NUMBER, 10 },
	{ "username", "Username", FORM_TEXT, 20 },
	{ "address", "Assigned IPv4", FORM_TEXT, 15 },
	{ "peer", "Tunnel From", FORM_TEXT, 17 },
	{ "device", "", FORM_TEXT, 15 },
	{ "cause", "Cause", FORM_TEXT, 0 },
	{ 0 },
};

static const struct column status[] = {
	{ "version", "Version", FORM_TEXT, 0 },
	{ "pid", "Process", FORM_NUMBER, 0 },
	{ "started", "Started", FORM_TIME, 0 },
	{ "uptime", "Uptime", FORM_SECONDS, 0 },
	{ "memory", "Memory", FORM_MEMORY, 0 },
	{ "sessions", "Sessions", FORM_NUMBER, 0 },
	{ "sessions-established", "Established", FORM_NUMBER, 0 },
	{ "sessions-half-open", "Half-open", FORM_NUMBER, 0 },
	{ "sessions-max", "Limit", FORM_NUMBER, 0 },
	{ "phases", "Sessions by Phase", FORM_COUNTS, 0 },
	{ "started-total", "Started since the Start", FORM_NUMBER, 0 },
	{ "ended-total", "Ended since the Start", FORM_NUMBER, 0 },
	{ "ended-by", "Ended by Cause", FORM_COUNTS, 0 },
	{ "auth-accepted", "Logins accepted", FORM_NUMBER, 0 },
	{ "auth-rejected", "Logins rejected", FORM_NUMBER, 0 },
	{ "discovery", "PPPoE Discovery", FORM_COUNTS, 0 },
	{ "l2tp", "L2TP", FORM_COUNTS, 0 },
	{ "pptp", "PPTP", FORM_COUNTS, 0 },
	{ 0 },
};

static const struct column busy[] = {
	{ "ppp-id", "Ppp Id", FORM_NUMBER, 10 },
	{ "address", "Assigned IPv4", FORM_TEXT, 15 },
	{ "username", "Username", FORM_TEXT, 20 },
	{ "up-bps", "In Bit/s", FORM_NUMBER, 13 },
	{ "down-bps", "Out Bit/s", FORM_NUMBER, 13 },
	{ "up-pps", "In Packets/s", FORM_NUMBER, 12 },
	{ "down-pps", "Out Packets/s", FORM_NUMBER, 13 },
	{ "peer", "Tunnel From", FORM_TEXT, 0 },
	{ 0 },
};

static const struct column tunnel[] = {
	{ "tunnel-id", "Id", FORM_NUMBER, 6 },
	{ "protocol", "Kind", FORM_TEXT, 4 },
	{ "peer-tunnel-id", "Peer's", FORM_NUMBER, 6 },
	{ "tunnel", "Tunnel", FORM_TEXT, 12 },
	{ "local", "Local", FORM_TEXT, 21 },
	{ "peer", "Peer", FORM_TEXT, 21 },
	{ "hostname", "Name", FORM_TEXT, 16 },
	{ "state", "State", FORM_TEXT, 11 },
	{ "sessions", "Sessions", FORM_NUMBER, 8 },
	{ "window", "Window", FORM_NUMBER, 6 },
	{ "queued", "Queued", FORM_NUMBER, 6 },
	{ "retransmits", "Resent", FORM_NUMBER, 8 },
	{ "ipsec", "IPsec", FORM_YES_NO, 5 },
	{ "echoes", "Echoes", FORM_NUMBER, 8 },
	{ "silence", "Silence", FORM_SECONDS, 8 },
	{ "duration", "Duration", FORM_SECONDS, 0 },
	{ 0 },
};

static const struct column pool[] = {
	{ "name", "Pool", FORM_TEXT, 16 },
	{ "dynamic-used", "Dynamic used", FORM_NUMBER, 12 },
	{ "dynamic-size", "of", FORM_NUMBER, 10 },
	{ "static-used", "Static used", FORM_NUMBER, 12 },
	{ "static-size", "of", FORM_NUMBER, 10 },
	{ "outside-used", "Outside used", FORM_NUMBER, 12 },
	{ 0 },
};

static const struct column radius[] = {
	{ "server", "Server", FORM_TEXT, 0 },
	{ "kind", "Kind", FORM_TEXT, 0 },
	{ "transport", "Transport", FORM_TEXT, 0 },
	{ "state", "State", FORM_TEXT, 0 },
	{ "state-time", "In State for", FORM_SECONDS, 0 },
	{ "outstanding", "Requests under way", FORM_NUMBER, 0 },
	{ "window", "Window", FORM_NUMBER, 0 },
	{ "sockets", "Sockets", FORM_NUMBER, 0 },
	{ "waiting", "Requests that wait", FORM_NUMBER, 0 },
	{ "queue", "Queue Size", FORM_NUMBER, 0 },
	{ "waiting-ms", "Oldest waits ms", FORM_NUMBER, 0 },
	{ "wait-mean-us", "Wait us, mean", FORM_NUMBER, 0 },
	{ "rtt-min-us", "Round Trip us, least", FORM_NUMBER, 0 },
	{ "rtt-mean-us", "Round Trip us, mean", FORM_NUMBER, 0 },
	{ "rtt-max-us", "Round Trip us, most", FORM_NUMBER, 0 },
	{ "requests", "Requests", FORM_NUMBER, 0 },
	{ "retransmits", "Requests sent again", FORM_NUMBER, 0 },
	{ "accepts", "Access-Accept", FORM_NUMBER, 0 },
	{ "rejects", "Access-Reject", FORM_NUMBER, 0 },
	{ "challenges", "Access-Challenge", FORM_NUMBER, 0 },
	{ "responses", "Accounting-Response", FORM_NUMBER, 0 },
	{ "timeouts", "Timeouts", FORM_NUMBER, 0 },
	{ "failovers", "Failovers", FORM_NUMBER, 0 },
	{ "refused", "Queue was full", FORM_NUMBER, 0 },
	{ "unreachable", "Unreachable", FORM_NUMBER, 0 },
	{ "deaths", "Times dead", FORM_NUMBER, 0 },
	{ "bad", "Replies ignored", FORM_COUNTS, 0 },
	{ 0 },
};

static const struct column dae[] = {
	{ "client", "Client", FORM_TEXT, 0 },
	{ "disconnect-requests", "Disconnect-Request", FORM_NUMBER, 0 },
	{ "disconnect-acks", "Disconnect-ACK", FORM_NUMBER, 0 },
	{ "disconnect-naks", "Disconnect-NAK", FORM_NUMBER, 0 },
	{ "coa-requests", "CoA-Request", FORM_NUMBER, 0 },
	{ "coa-acks", "CoA-ACK", FORM_NUMBER, 0 },
	{ "coa-naks", "CoA-NAK", FORM_NUMBER, 0 },
	{ "duplicates", "Requests that came again", FORM_NUMBER, 0 },
	{ "replies-kept", "Replies that are kept", FORM_NUMBER, 0 },
	{ "error-causes", "Error-Cause", FORM_COUNTS, 0 },
	{ "ignored", "Requests ignored", FORM_COUNTS, 0 },
	{ 0 },
};

static const struct column accounting[] = {
	{ "spool", "Accounting Spool", FORM_TEXT, 0 },
	{ "failing", "Cannot be written", FORM_YES_NO, 0 },
	{ "sessions", "Sessions", FORM_NUMBER, 0 },
	{ "waiting", "Records that wait", FORM_NUMBER, 0 },
	{ "oldest", "Oldest waits for", FORM_SECONDS, 0 },
	{ "records", "Records kept", FORM_NUMBER, 0 },
	{ "bytes", "Bytes", FORM_NUMBER, 0 },
	{ "bytes-max", "Bytes, at most", FORM_NUMBER, 0 },
	{ "starts", "Starts told", FORM_NUMBER, 0 },
	{ "interims", "Interim Updates told", FORM_NUMBER, 0 },
	{ "stops", "Stops told", FORM_NUMBER, 0 },
	{ "others", "Others told", FORM_NUMBER, 0 },
	{ "recovered", "Sessions of a run that died", FORM_NUMBER, 0 },
	{ "refused", "Sessions without a record", FORM_NUMBER, 0 },
	{ "dropped", "Interim Updates dropped", FORM_NUMBER, 0 },
	{ "ignored", "Ignored by servers", FORM_NUMBER, 0 },
	{ "lost", "Stops lost", FORM_NUMBER, 0 },
	{ "commits", "Commits", FORM_NUMBER, 0 },
	{ "commit-max-us", "Commit us, most", FORM_NUMBER, 0 },
	{ 0 },
};

static const struct column drop[] = {
	{ "number", "No", FORM_NUMBER, 3 },
	{ "name", "Reason", FORM_TEXT, 24 },
	{ "packets", "Packets", FORM_NUMBER, 14 },
	{ "dataplane", "Data plane", FORM_NUMBER, 14 },
	{ "agent", "Agent", FORM_NUMBER, 14 },
	{ "text", "Meaning", FORM_TEXT, 0 },
	{ 0 },
};

static const struct column dataplane[] = {
	{ "name", "Data Plane", FORM_TEXT, 0 },
	{ "map-version", "Map Version", FORM_NUMBER, 0 },
	{ "sessions", "Sessions", FORM_NUMBER, 0 },
	{ "sessions-size", "Session Slots", FORM_NUMBER, 0 },
	{ "encrypted", "Encrypted", FORM_NUMBER, 0 },
	{ "mppe", "MPPE Home", FORM_TEXT, 0 },
	{ "mppe-why", "MPPE Home Why", FORM_TEXT, 0 },
	{ 0 },
};

static const struct column path[] = {
	{ "direction", "Direction", FORM_TEXT, 9 },
	{ "path", "Path", FORM_TEXT, 8 },
	{ "packets", "Packets", FORM_NUMBER, 16 },
	{ "bytes", "Bytes", FORM_NUMBER, 18 },
	{ "percent", "Share", FORM_PERCENT, 8 },
	{ 0 },
};

static const struct column device[] = {
	{ "name", "Device", FORM_TEXT, 15 },
	{ "role", "Role", FORM_TEXT, 12 },
	{ "mode", "Mode", FORM_TEXT, 8 },
	{ "state", "State", FORM_TEXT, 9 },
	{ "detail", "Detail", FORM_TEXT, 0 },
	{ 0 },
};

static const struct column cpu[] = {
	{ "cpu", "CPU", FORM_NUMBER, 4 },
	{ "sessions", "Sessions", FORM_NUMBER, 10 },
	{ "given", "Given to others", FORM_NUMBER, 18 },
	{ "taken", "Taken", FORM_NUMBER, 18 },
	{ 0 },
};

static const struct column program[] = {
	{ "name", "Program", FORM_TEXT, 16 },
	{ "kind", "Kind", FORM_TEXT, 8 },
	{ "id", "Id", FORM_NUMBER, 8 },
	{ "instructions", "Instructions", FORM_NUMBER, 12 },
	{ 0 },
};

static const struct column map[] = {
	{ "name", "Map", FORM_TEXT, 16 },
	{ "used", "Used", FORM_NUMBER, 10 },
	{ "size", "of", FORM_NUMBER, 10 },
	{ 0 },
};

static const struct column lost[] = { { "events", "Events lost", FORM_NUMBER, 0 }, { 0 } };
static const struct column clear[] = { { "cleared", "Sessions cleared", FORM_NUMBER, 0 }, { 0 } };
static const struct column clear_tunnel[] = {
	{ "cleared", "Tunnels cleared", FORM_NUMBER, 0 },
	{ 0 },
};
static const struct column reload[] = { { "message", "Reload", FORM_TEXT, 0 }, { 0 } };

static const struct layout session_layouts[CONTROL_VIEW_MAX] = {
	[CONTROL_VIEW_BRIEF] = { "session", true, NULL, session_brief },
	[CONTROL_VIEW_PACKETS] = { "session", true, NULL, session_packets },
	[CONTROL_VIEW_ALL] = { "session", false, "Ppp Id = ", session_all },
};

static const struct layout layouts[] = {
	{ "event", true, NULL, event },
	{ "lost", false, NULL, lost },
	{ "status", false, NULL, status },
	{ "busy", true, NULL, busy },
	{ "tunnel", true, NULL, tunnel },
	{ "pool", true, NULL, pool },
	{ "radius", false, "Server = ", radius },
	{ "dae", false, "Client = ", dae },
	{ "accounting", false, NULL, accounting },
	{ "drop", true, NULL, drop },
	{ "dataplane", false, NULL, dataplane },
	{ "path", true, NULL, path },
	{ "device", true, NULL, device },
	{ "cpu", true, NULL, cpu },
	{ "program", true, NULL, program },
	{ "map", true, NULL, map },
	{ "clear", false, NULL, clear },
	{ "clear-tunnel", false, NULL, clear_tunnel },
	{ "reload", false, NULL, reload },
};

/* clang-format on */

#define TITLE_WIDTH 26

/* ---- values ---- */

void print_escaped(FILE *out, const char *text, int width)
{
	int n = 0;

	for (const unsigned char *b = (const unsigned char *)text; *b; b++) {
		if (*b >= 0x20 && *b < 0x7f)
			n += fputc(*b, out) != EOF;
		else
			n += fprintf(out, "\\x%02x", *b);
	}
	if (n < width)
		fprintf(out, "%*s", width - n, "");
}

static void format_seconds(char *text, size_t size, int64_t s)
{
	if (s >= 86400)
		snprintf(text, size, "%" PRId64 "d %02d:%02d:%02d", s / 86400, (int)(s / 3600 % 24),
			 (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(text, size, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60),
			 (int)(s % 60));
}

static void format_time(char *text, size_t size, int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (!localtime_r(&t, &tm) || strftime(text, size, "%F %T", &tm) == 0)
		snprintf(text, size, "%" PRId64, s);
}

static bool right_aligned(enum form form)
{
	return form == FORM_NUMBER || form == FORM_PERCENT;
}

static void print_value(FILE *out, const struct column *column, struct json_object *value,
			int width)
{
	int64_t n = json_object_get_int64(value);
	const char *s;
	char text[64];

	switch (column->form) {
	case FORM_NUMBER:
		snprintf(text, sizeof(text), "%" PRIu64, json_object_get_uint64(value));
		break;
	case FORM_PERCENT:
		snprintf(text, sizeof(text), "%.2f%%", json_object_get_double(value));
		break;
	case FORM_SECONDS:
		format_seconds(text, sizeof(text), n);
		break;
	case FORM_TIME:
		format_time(text, sizeof(text), n);
		break;
	case FORM_YES_NO:
		snprintf(text, sizeof(text), "%s", json_object_get_boolean(value) ? "yes" : "no");
		break;
	case FORM_MEMORY:
		snprintf(text, sizeof(text), "%.1f MiB", (double)n / (1 << 20));
		break;
	default:
		s = json_object_get_string(value);
		print_escaped(out, s && *s ? s : "-", width);
		return;
	}
	fprintf(out, "%*s", right_aligned(column->form) ? width : -width, text);
}

/* ---- layouts ---- */

static void print_head(FILE *out, const struct layout *layout)
{
	const struct column *c;

	for (c = layout->columns; c->key; c++) {
		int width = right_aligned(c->form) ? c->width : -c->width;

		fprintf(out, "%*s%s", width, c->title, c[1].key ? " " : "\n");
	}
	for (c = layout->columns; c->key; c++) {
		for (int i = 0; i < (c->width ? c->width : 16); i++)
			fputc('-', out);
		fputs(c[1].key ? " " : "\n", out);
	}
}

static void print_row(FILE *out, const struct layout *layout, struct json_object *record)
{
	for (const struct column *c = layout->columns; c->key; c++) {
		struct json_object *value = NULL;
		bool last = !c[1].key;

		int width = last && !right_aligned(c->form) ? 0 : c->width;

		if (json_object_object_get_ex(record, c->key, &value))
			print_value(out, c, value, width);
		else
			fprintf(out, "%*s", right_aligned(c->form) ? width : -width, "-");
		fputs(last ? "\n" : " ", out);
	}
}

static void print_counts(FILE *out, const struct column *column, struct json_object *counts)
{
	fprintf(out, "%-*s:\n", TITLE_WIDTH, column->title);
	json_object_object_foreach(counts, name, value)
	{
		fputs("    ", out);
		print_escaped(out, name, TITLE_WIDTH - 4);
		fprintf(out, ": %" PRIu64 "\n", json_object_get_uint64(value));
	}
}

static void print_list(FILE *out, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *s = json_object_get_string(json_object_array_get_idx(list, i));

		if (i)
			fputs(", ", out);
		print_escaped(out, s ? s : "-", 0);
	}
}

static void print_block(FILE *out, const struct layout *layout, struct json_object *record)
{
	const char *indent = layout->head ? "    " : "";
	struct json_object *value = NULL;

	if (layout->head) {
		json_object_object_get_ex(record, layout->columns[0].key, &value);
		fputs(layout->head, out);
		print_value(out, &layout->columns[0], value, 0);
		fputc('\n', out);
	}
	for (const struct column *c = layout->columns; c->key; c++) {
		if (!json_object_object_get_ex(record, c->key, &value))
			continue;
		if (c->form == FORM_COUNTS && json_object_is_type(value, json_type_object)) {
			print_counts(out, c, value);
			continue;
		}
		fprintf(out, "%s%-*s: ", indent, TITLE_WIDTH, c->title);
		if (c->form == FORM_LIST && json_object_is_type(value, json_type_array))
			print_list(out, value);
		else
			print_value(out, c, value, 0);
		fputc('\n', out);
	}
}

static const struct layout *find_layout(const struct printer *printer, const char *type, size_t len)
{
	if (len == strlen("session") && memcmp(type, "session", len) == 0)
		return &session_layouts[printer->view];
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (strlen(layouts[i].type) == len && memcmp(layouts[i].type, type, len) == 0)
			return &layouts[i];
	return NULL;
}

static const struct layout *record_layout(const struct printer *printer, struct json_object *record)
{
	struct json_object *value = NULL;
	const char *type;

	json_object_object_get_ex(record, "type", &value);
	type = json_object_get_string(value);
	return type ? find_layout(printer, type, strlen(type)) : NULL;
}

/* The head of a table, and a gap after what was before. */
static void turn_to(struct printer *printer, const struct layout *layout)
{
	if (layout == printer->last)
		return;
	if (printer->last)
		fputc('\n', printer->out);
	if (layout && layout->table)
		print_head(printer->out, layout);
	printer->last = layout;
}

/* ---- lines as they come ---- */

/* Can its columns be printed as they stand in the line? */
static bool is_plain(const struct layout *layout)
{
	if (!layout || !layout->table)
		return false;
	for (const struct column *c = layout->columns; c->key; c++)
		if (c->form != FORM_TEXT && c->form != FORM_NUMBER)
			return false;
	return true;
}

static bool is_printable(char c)
{
	return c >= 0x20 && c < 0x7f;
}

static void put_spaces(FILE *out, int n)
{
	while (n-- > 0)
		putc_unlocked(' ', out);
}

static void put_cell(FILE *out, const struct column *column, const struct row_member *m, int width)
{
	static const struct row_text none = { "-", 1 };
	const struct row_text *text = m && m->value.len > 0 ? &m->value : &none;
	bool right = right_aligned(column->form);
	int len = (int)text->len;

	for (size_t i = 0; i < text->len; i++)
		len += is_printable(text->at[i]) ? 0 : 3; /* as \xNN */
	if (right)
		put_spaces(out, width - len);
	for (size_t i = 0; i < text->len; i++) {
		if (is_printable(text->at[i]))
			putc_unlocked(text->at[i], out);
		else
			fprintf(out, "\\x%02x", (unsigned char)text->at[i]);
	}
	if (!right)
		put_spaces(out, width - len);
}

bool print_line(struct printer *printer, const char *line, size_t len)
{
	const struct row_member *type;
	const struct layout *layout;
	struct row row;

	if (!row_read(&row, line, len))
		return false;
	type = row_get(&row, "type");
	layout =
		type && type->string ? find_layout(printer, type->value.at, type->value.len) : NULL;
	if (!is_plain(layout))
		return false;
	turn_to(printer, layout);
	for (const struct column *c = layout->columns; c->key; c++) {
		bool last = !c[1].key;

		put_cell(printer->out, c, row_get(&row, c->key),
			 last && !right_aligned(c->form) ? 0 : c->width);
		putc_unlocked(last ? '\n' : ' ', printer->out);
	}
	return true;
}

/* ---- records ---- */

void print_record(struct printer *printer, struct json_object *record)
{
	const struct layout *layout = record_layout(printer, record);

	turn_to(printer, layout);
	if (!layout)
		fprintf(printer->out, "%s\n", json_object_to_json_string(record));
	else if (layout->table)
		print_row(printer->out, layout, record);
	else
		print_block(printer->out, layout, record);
}
