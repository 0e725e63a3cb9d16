/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "answer.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "print.h"

#define ANSWER_LINE_MAX (256 * 1024)

struct reader {
	int fd;
	char data[ANSWER_LINE_MAX];
	size_t start, end;
};

static enum control_status broken(const char *what)
{
	fprintf(stderr, "xpppctl: %s\n", what);
	return CONTROL_ERROR;
}

/* Waits for more bytes: their number, 0 at the end, -errno. */
static ssize_t reader_fill(struct reader *r)
{
	ssize_t n;

	if (r->start > 0) {
		memmove(r->data, r->data + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	if (r->end == sizeof(r->data))
		return -EMSGSIZE;
	do
		n = read(r->fd, r->data + r->end, sizeof(r->data) - r->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->end += (size_t)n;
	return n;
}

/* The next line without its end, NULL if there is none in the buffer. */
static char *reader_line(struct reader *r, size_t *len)
{
	char *line = r->data + r->start;
	char *end = memchr(line, '\n', r->end - r->start);

	if (!end)
		return NULL;
	*end = '\0';
	*len = (size_t)(end - line);
	r->start += *len + 1;
	return line;
}

static enum control_status read_end(const char *line)
{
	struct json_object *json = json_tokener_parse(line);
	struct json_object *end = NULL, *value = NULL;
	int status = CONTROL_ERROR;

	json_object_object_get_ex(json, "end", &end);
	if (json_object_object_get_ex(end, "status", &value))
		status = json_object_get_int(value);
	if (status != CONTROL_DONE && status != CONTROL_NO_MATCH) {
		status = CONTROL_ERROR;
		value = NULL;
		json_object_object_get_ex(end, "error", &value);
		fputs("xpppctl: ", stderr);
		print_escaped(stderr, value ? json_object_get_string(value) : "unknown error", 0);
		fputc('\n', stderr);
	}
	json_object_put(json);
	return (enum control_status)status;
}

/* What subscribers send and receive is nobody else's business. */
static FILE *create_private(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

/* The rest of the connection is the file. */
static enum control_status copy_pcap(struct reader *r, const struct answer_options *options)
{
	bool to_out = strcmp(options->capture_path, "-") == 0;
	FILE *to = to_out ? options->out : create_private(options->capture_path);
	ssize_t n = 1;
	int err = to ? 0 : errno;

	while (!err && n > 0) {
		size_t len = r->end - r->start;

		/* what is copied can be read by others while the capture goes on */
		if (fwrite(r->data + r->start, 1, len, to) != len || fflush(to) != 0)
			err = errno;
		r->start = r->end;
		n = reader_fill(r);
	}
	if (to && !to_out && fclose(to) != 0 && !err)
		err = errno;
	if (!err && n < 0)
		err = (int)-n;
	if (!err)
		return CONTROL_DONE;
	fprintf(stderr, "xpppctl: %s: %s\n", options->capture_path, strerror(err));
	return CONTROL_ERROR;
}

static bool begins_pcap(struct json_object *record)
{
	struct json_object *type = NULL;

	json_object_object_get_ex(record, "type", &type);
	return type && strcmp(json_object_get_string(type), "pcap") == 0;
}

static struct json_object *parse(struct json_tokener *tokener, const char *line, size_t len)
{
	struct json_object *record;

	json_tokener_reset(tokener);
	record = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_object_is_type(record, json_type_object))
		return record;
	json_object_put(record);
	return NULL;
}

/* ---- `top` ---- */

#define ROUND "{\"type\":\"round\""
#define SCREEN_CLEAR "\033[H\033[2J"

struct rounds {
	unsigned int over;
	bool rows; /* in the present one */
};

static void round_row(struct rounds *rounds, const struct answer_options *options)
{
	if (!rounds->rows && options->screen)
		fputs(SCREEN_CLEAR, options->out);
	rounds->rows = true;
}

/* The agent ends the answer when the last one wanted is over. */
static void round_over(struct rounds *rounds, struct reader *r, struct printer *printer,
		       const struct answer_options *options)
{
	if (!rounds->rows && !options->json) {
		round_row(rounds, options);
		fputs("no session has traffic\n", options->out);
	}
	if (!options->screen && !options->json)
		fputc('\n', options->out);
	fflush(options->out);
	printer->last = NULL; /* the next one has its own head */
	rounds->rows = false;
	if (++rounds->over == options->rounds)
		shutdown(r->fd, SHUT_WR);
}

/* Prints the lines up to the closing one. */
static enum control_status print_lines(struct reader *r, struct json_tokener *tokener,
				       const struct answer_options *options)
{
	struct printer printer = { .out = options->out, .view = options->view };
	struct rounds rounds = { 0 };
	struct json_object *record;
	size_t len;
	char *line;

	for (;;) {
		while (!(line = reader_line(r, &len))) {
			fflush(options->out);
			if (reader_fill(r) <= 0)
				return broken("the agent closed the connection before its answer "
					      "was complete");
		}
		if (strncmp(line, CONTROL_END, strlen(CONTROL_END)) == 0)
			return read_end(line);
		if (strncmp(line, ROUND, strlen(ROUND)) == 0)
			round_over(&rounds, r, &printer, options);
		if (options->json && !options->capture_path) {
			line[len] = '\n';
			fwrite(line, 1, len + 1, options->out);
			continue;
		}
		if (strncmp(line, ROUND, strlen(ROUND)) == 0)
			continue;
		round_row(&rounds, options);
		if (!options->capture_path && print_line(&printer, line, len))
			continue;
		record = parse(tokener, line, len);
		if (!record)
			return broken("the agent's answer is not JSON");
		if (options->capture_path && begins_pcap(record)) {
			json_object_put(record);
			return copy_pcap(r, options);
		}
		print_record(&printer, record);
		json_object_put(record);
	}
}

enum control_status answer_print(int fd, const struct answer_options *options)
{
	struct json_tokener *tokener = json_tokener_new();
	struct reader reader = { .fd = fd };
	enum control_status status;

	if (!tokener)
		return broken("out of memory");
	status = print_lines(&reader, tokener, options);
	json_tokener_free(tokener);
	if (fflush(options->out) != 0 || ferror(options->out))
		return broken("the output could not be written");
	return status;
}
