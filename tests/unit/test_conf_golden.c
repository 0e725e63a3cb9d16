/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * tests/conf: every good/NAME.conf prints as NAME.out, which parses and prints the same
 * again; every bad/NAME.conf is refused with the messages of NAME.err; and every message
 * that the sources can give is in some NAME.err. Run with the repository's root as
 * current directory. GOLDEN_WRITE=1 writes the expectations anew.
 */
#include <dirent.h>
#include <errno.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"

#define ROOT "tests/conf/"

static char *slurp(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (!in)
		return strdup("");
	n = getdelim(&text, &size, EOF, in);
	fclose(in);
	if (n < 0) {
		free(text);
		return strdup("");
	}
	return text;
}

/* Text against the file; or, on demand, into it. */
static void expect(const char *path, const char *text)
{
	char *wanted;

	if (getenv("GOLDEN_WRITE")) {
		FILE *out = fopen(path, "w");

		assert_non_null(out);
		fputs(text, out);
		fclose(out);
	}
	wanted = slurp(path);
	if (strcmp(text, wanted) != 0)
		print_error("%s: expected\n%s\nfound\n%s\n", path, wanted, text);
	assert_string_equal(text, wanted);
	free(wanted);
}

static int parse(const char *text, const char *name, char **errors, struct conf **conf)
{
	size_t size;
	FILE *out = open_memstream(errors, &size);
	int r;

	assert_non_null(out);
	r = conf_parse(text, strlen(text), name, out, conf);
	fclose(out);
	return r;
}

static char *print(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	conf_print(conf, out, true);
	fclose(out);
	return text;
}

static void check_good(const char *conf_path, const char *out_path, const char *name)
{
	char *text = slurp(conf_path), *printed, *again, *errors;
	struct conf *conf = NULL, *second = NULL;
	int r = parse(text, name, &errors, &conf);

	if (r < 0)
		print_error("%s", errors);
	assert_int_equal(r, 0);
	assert_string_equal(errors, "");
	free(errors);
	printed = print(conf);
	expect(out_path, printed);
	r = parse(printed, name, &errors, &second);
	if (r < 0)
		print_error("printed %s", errors);
	assert_int_equal(r, 0);
	again = print(second);
	assert_string_equal(printed, again);
	free(errors);
	free(printed);
	free(again);
	free(text);
	conf_unref(conf);
	conf_unref(second);
}

static void check_bad(const char *conf_path, const char *err_path, const char *name)
{
	struct conf *conf = (void *)"untouched";
	char *text = slurp(conf_path), *errors;

	assert_int_equal(parse(text, name, &errors, &conf), -EINVAL);
	assert_string_equal((const char *)(void *)conf, "untouched");
	expect(err_path, errors);
	free(errors);
	free(text);
}

static void each(const char *dir, const char *suffix,
		 void (*fn)(const char *conf, const char *expected, const char *name))
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned int n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char conf[512], expected[512], *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".conf") != 0)
			continue;
		snprintf(conf, sizeof(conf), "%s/%s", dir, e->d_name);
		snprintf(expected, sizeof(expected), "%s/%.*s%s", dir, (int)(dot - e->d_name),
			 e->d_name, suffix);
		fn(conf, expected, e->d_name);
		n++;
	}
	closedir(d);
	assert_true(n > 0);
}

static void good(void **state)
{
	(void)state;
	each(ROOT "good", ".out", check_good);
}

static void bad(void **state)
{
	(void)state;
	each(ROOT "bad", ".err", check_bad);
}

/* ---- completeness ---- */

static char *all_errors;

static void collect(const char *conf, const char *expected, const char *name)
{
	char *text = slurp(expected), *both;

	(void)conf;
	(void)name;
	assert_true(asprintf(&both, "%s%s", all_errors, text) >= 0);
	free(all_errors);
	free(text);
	all_errors = both;
}

/* The format's text as a pattern: conversions match anything. */
static void to_pattern(const char *fmt, char *out)
{
	out += sprintf(out, ":[0-9]+: ");
	for (; *fmt; fmt++) {
		if (*fmt == '%') {
			fmt += strspn(fmt + 1, "0123456789z.") + 1;
			out += sprintf(out, ".*");
		} else {
			if (strchr(".[]()*+?^$|\\{}", *fmt))
				*out++ = '\\';
			*out++ = *fmt;
		}
	}
	strcpy(out, "\n");
}

/* Joins the string literals of the call at `s`; returns how many there were. */
static unsigned int literal(const char *s, char *out, size_t size)
{
	unsigned int n = 0;
	size_t len = 0;

	s += strcspn(s, "\";");
	while (*s == '"') {
		for (s++; *s && *s != '"' && len + 1 < size; s++)
			out[len++] = *s == '\\' ? *++s : *s;
		n++;
		s++;
		s += strspn(s, " \t\n");
	}
	out[len] = '\0';
	return n;
}

static void check_source(const char *path)
{
	char *text = slurp(path), fmt[512], pattern[2048];
	const char *s = text;
	regex_t re;

	while ((s = strstr(s, "conf_error("))) {
		s += strlen("conf_error(");
		if (!literal(s, fmt, sizeof(fmt)))
			continue;
		to_pattern(fmt, pattern);
		assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE), 0);
		if (regexec(&re, all_errors, 0, NULL, 0) != 0)
			fail_msg("%s: no case in tests/conf/bad for \"%s\"", path, fmt);
		regfree(&re);
	}
	free(text);
}

static void every_message_has_a_case(void **state)
{
	(void)state;
	all_errors = strdup("");
	each(ROOT "bad", ".err", collect);
	check_source("agent/conf/build.c");
	check_source("agent/conf/check.c");
	check_source("agent/conf/option.c");
	check_source("agent/conf/lexer.l");
	free(all_errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
		cmocka_unit_test(every_message_has_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
