/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pppoe/pppoe_tx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tunnel/pppoe/pppoe_socket.h"

#define BATCH 32
#define FRAME_MAX 512 /* of control packets; longer ones are others' data */

struct pppoe_tx {
	struct ev_loop *loop;
	struct ev_prepare turn_over;
	struct pppoe_socket *socket; /* that all of it is for */
	unsigned int n;
	struct mmsghdr message[BATCH];
	struct iovec iov[BATCH];
	uint8_t frame[BATCH][FRAME_MAX];
};

static void on_turn_over(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
	(void)loop;
	(void)revents;
	pppoe_tx_flush(w->data);
}

int pppoe_tx_new(struct ev_loop *loop, struct pppoe_tx **out)
{
	struct pppoe_tx *tx = calloc(1, sizeof(*tx));

	if (!tx)
		return -ENOMEM;
	tx->loop = loop;
	for (int i = 0; i < BATCH; i++) {
		tx->iov[i].iov_base = tx->frame[i];
		tx->message[i].msg_hdr = (struct msghdr){ .msg_iov = &tx->iov[i], .msg_iovlen = 1 };
	}
	/* after all others that run at the end of a turn, which may have something to say; always active,
	 * because one that they start does not run before the loop has slept */
	ev_prepare_init(&tx->turn_over, on_turn_over);
	ev_set_priority(&tx->turn_over, EV_MINPRI);
	tx->turn_over.data = tx;
	ev_prepare_start(loop, &tx->turn_over);
	ev_unref(loop);
	*out = tx;
	return 0;
}

void pppoe_tx_free(struct pppoe_tx *tx)
{
	if (!tx)
		return;
	ev_ref(tx->loop);
	ev_prepare_stop(tx->loop, &tx->turn_over);
	free(tx);
}

/* One that fails is left out. */
void pppoe_tx_flush(struct pppoe_tx *tx)
{
	struct pppoe_socket *s = tx->socket;
	unsigned int sent = 0, n = tx->n;

	tx->n = 0;
	while (sent < n) {
		int r = sendmmsg(s->io.fd, tx->message + sent, n - sent, MSG_DONTWAIT);

		if (r > 0) {
			sent += (unsigned int)r;
			continue;
		}
		if (s->failed)
			s->failed(s->arg, tx->iov[sent].iov_len, r < 0 ? -errno : -EIO);
		sent++;
	}
}

int pppoe_tx_post(struct pppoe_tx *tx, struct pppoe_socket *s, const uint8_t *frame, size_t len)
{
	if (!s->open)
		return -ENETDOWN;
	if (tx->n == BATCH || (tx->n > 0 && (tx->socket != s || len > FRAME_MAX)))
		pppoe_tx_flush(tx);
	if (len > FRAME_MAX)
		return pppoe_socket_send(s, frame, len);
	tx->socket = s;
	memcpy(tx->frame[tx->n], frame, len);
	tx->iov[tx->n++].iov_len = len;
	return 0;
}
