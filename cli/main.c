/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* xpppctl: looks into and steers a running xpppd. See xpppctl(8). */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "answer.h"
#include "grammar.h"

struct options {
	const char *socket_path;
	const char *capture_path;
	uint32_t count;
	uint32_t shown, rounds, interval_ms; /* top; 0: as usual */
	bool json;
};

/* For the signal handler only. */
static int interrupted_fd = -1;

static const char usage[] =
	"usage: xpppctl [-j] [-s socket] command\n"
	"\n"
	"  session brief|packets|all [filter ...]\n"
	"  clear all | filter ...\n"
	"  monitor all | filter ...\n"
	"  capture [-c count] -w file filter ...\n"
	"  top [-n sessions] [-i seconds] [-b count] [filter ...]\n"
	"  show status|pools|drops [all]|dataplane|tunnels|radius\n"
	"  reload\n"
	"\n"
	"filters: ppp-id N, address A, interface IF, protocol P, realm R, username U, peer MAC.\n"
	"Words may be shortened as long as they are unique.\n";

/* Tells the agent to end `monitor`, `capture` or `top`; the next signal kills. */
static void on_interrupt(int signal_number)
{
	(void)signal_number;
	shutdown(interrupted_fd, SHUT_WR);
}

static int error(const char *text)
{
	fprintf(stderr, "xpppctl: %s\n", text);
	return -EINVAL;
}

static int read_count(const char *text, uint32_t *count, const char *message)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || n < 1 || n > UINT32_MAX)
		return error(message);
	*count = (uint32_t)n;
	return 0;
}

static int read_seconds(const char *text, uint32_t *ms)
{
	char *end;
	double s;

	errno = 0;
	s = strtod(text, &end);
	if (errno || *end || end == text || !(s >= 0.1 && s <= 3600.))
		return error("-i: expected a number of seconds from 0.1 to 3600");
	*ms = (uint32_t)(s * 1000.);
	return 0;
}

static int read_options(int argc, char *argv[], struct options *options)
{
	int opt;

	while ((opt = getopt(argc, argv, "b:c:hi:jn:s:w:")) != -1) {
		switch (opt) {
		case 'b':
			if (read_count(optarg, &options->rounds, "-b: expected a number of rounds"))
				return -EINVAL;
			break;
		case 'c':
			if (read_count(optarg, &options->count, "-c: expected a number of packets"))
				return -EINVAL;
			break;
		case 'i':
			if (read_seconds(optarg, &options->interval_ms))
				return -EINVAL;
			break;
		case 'n':
			if (read_count(optarg, &options->shown,
				       "-n: expected a number of sessions"))
				return -EINVAL;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(CONTROL_DONE);
		case 'j':
			options->json = true;
			break;
		case 's':
			options->socket_path = optarg;
			break;
		case 'w':
			options->capture_path = optarg;
			break;
		default:
			fputs(usage, stderr);
			return -EINVAL;
		}
	}
	if (optind < argc)
		return 0;
	fputs(usage, stderr);
	return -EINVAL;
}

static const char *member(struct json_object *request, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(request, name, &value);
	return value ? json_object_get_string(value) : "";
}

/* The options that belong to `capture`. */
static int check_capture(struct json_object *request, const struct options *options)
{
	bool capture = strcmp(member(request, "command"), "capture") == 0;

	if (!capture && (options->capture_path || options->count))
		return error("-w and -c belong to capture");
	if (capture && !options->capture_path)
		return error("capture: expected -w file");
	if (capture && strcmp(options->capture_path, "-") == 0 && isatty(STDOUT_FILENO))
		return error("capture: a pcap file is not for a terminal");
	if (options->count)
		json_object_object_add(request, "count", json_object_new_int64(options->count));
	return 0;
}

/* Those of `top`. */
static int check_top(struct json_object *request, const struct options *options)
{
	bool top = strcmp(member(request, "command"), "top") == 0;

	if (!top && (options->shown || options->rounds || options->interval_ms))
		return error("-n, -i and -b belong to top");
	if (options->shown)
		json_object_object_add(request, "count", json_object_new_int64(options->shown));
	if (options->interval_ms)
		json_object_object_add(request, "interval",
				       json_object_new_int64(options->interval_ms));
	return 0;
}

static int connect_agent(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static void connect_error(const char *path, int err)
{
	const char *hint = "";

	if (err == -ENOENT || err == -ECONNREFUSED)
		hint = " (is xpppd running?)";
	else if (err == -EACCES)
		hint = " (the socket is for root and its group)";
	fprintf(stderr, "xpppctl: %s: %s%s\n", path, strerror(-err), hint);
}

/* An agent that has already answered and closed, with an error, is read all the same. */
static void send_request(int fd, struct json_object *request)
{
	const char *text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		text += n;
		len -= (size_t)n;
	}
	send(fd, "\n", 1, MSG_NOSIGNAL);
}

static enum control_view view_of(struct json_object *request)
{
	static const char *const names[CONTROL_VIEW_MAX] = {
#define VIEW_NAME(symbol, name) [CONTROL_VIEW_##symbol] = (name),
		CONTROL_VIEWS(VIEW_NAME)
#undef VIEW_NAME
	};

	for (int i = 0; i < CONTROL_VIEW_MAX; i++)
		if (strcmp(member(request, "view"), names[i]) == 0)
			return (enum control_view)i;
	return CONTROL_VIEW_ALL;
}

static int ask(struct json_object *request, const struct options *options)
{
	struct sigaction action = { .sa_handler = on_interrupt,
				    .sa_flags = SA_RESTART | SA_RESETHAND };
	struct answer_options answer = {
		.json = options->json,
		.view = view_of(request),
		.capture_path = options->capture_path,
		.rounds = options->rounds,
		.screen = !options->rounds && !options->json && isatty(STDOUT_FILENO) &&
			  strcmp(member(request, "command"), "top") == 0,
		.out = stdout,
	};
	int fd = connect_agent(options->socket_path);
	enum control_status status;

	if (fd < 0) {
		connect_error(options->socket_path, fd);
		return CONTROL_ERROR;
	}
	interrupted_fd = fd;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	send_request(fd, request);
	status = answer_print(fd, &answer);
	close(fd);
	return status;
}

int main(int argc, char *argv[])
{
	struct options options = { .socket_path = CONTROL_PATH };
	struct json_object *request = NULL;
	char message[512];
	int status = CONTROL_ERROR;

	if (read_options(argc, argv, &options))
		return CONTROL_ERROR;
	if (grammar_parse(argv + optind, argc - optind, &request, message, sizeof(message)))
		error(message);
	else if (check_capture(request, &options) == 0 && check_top(request, &options) == 0)
		status = ask(request, &options);
	json_object_put(request);
	return status;
}
