/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Packets of PPP in the log, without the passwords in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dump.h"
#include "log.h"
#include "ppp/ppp.h"
#include "stderr_text.h"

static void dump(uint16_t proto, const void *packet, size_t len, struct stderr_text *text)
{
	struct log *log = log_new(1, LOG_DEBUG);

	stderr_begin(text);
	dump_ppp(log, 7, DUMP_ALL, "in", proto, buf_of(packet, len));
	stderr_end(text);
	log_free(log);
}

static void pap_is_shown_by_length(void **state)
{
	struct stderr_text text;

	(void)state;
	dump(PPP_PROTO_PAP, "\1\1\0\14\3joe\3foo", 12, &text);
	assert_non_null(strstr(text.text, "in 0xc023, 12 bytes ..."));
	assert_null(strstr(text.text, "666f6f"));
}

static void eap_is_shown(void **state)
{
	struct stderr_text text;

	(void)state;
	dump(PPP_PROTO_EAP, "\2\1\0\10\1joe", 8, &text);
	assert_non_null(strstr(text.text, "in 0xc227, 8 bytes 02010008016a6f65"));
	/* what the server asks for the password with */
	dump(PPP_PROTO_EAP, "\1\2\0\10\6Pw:", 8, &text);
	assert_non_null(strstr(text.text, "010200080650773a"));
}

/* One-time passwords and Generic Token Card, RFC 3748 5.5 and 5.6. */
static void passwords_in_eap_are_not_shown(void **state)
{
	struct stderr_text text;

	(void)state;
	dump(PPP_PROTO_EAP, "\2\2\0\10\6foo", 8, &text);
	assert_non_null(strstr(text.text, "8 bytes 0202000806..."));
	dump(PPP_PROTO_EAP, "\2\2\0\10\5foo", 8, &text);
	assert_non_null(strstr(text.text, "8 bytes 0202000805..."));
	assert_null(strstr(text.text, "666f6f"));
	dump(PPP_PROTO_EAP, "\2\2\0", 3, &text);
	assert_non_null(strstr(text.text, "3 bytes 020200"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pap_is_shown_by_length),
		cmocka_unit_test(eap_is_shown),
		cmocka_unit_test(passwords_in_eap_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
