/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define IO_BATCH 128
#define IO_SEND_TRIES 5
#define IO_BLOCK (1 << 18)

struct io {
	int fd;
	uint8_t mac[WIRE_MAC];
	uint32_t mtu;

	uint8_t *ring;
	size_t ring_bytes;
	uint32_t slot_size, slots;
	uint32_t head;
	bool held; /* the slot at head is in the caller's hands */

	uint8_t *out;
	size_t out_size;
	unsigned int queued;
	struct wr writer;
	struct mmsghdr message[IO_BATCH];
	struct iovec vec[IO_BATCH];
	struct io_counters counters;
};

/* The kernel takes the outer VLAN tag out before the filter runs, and a NIC may leave
 * it in: the EtherType is looked for behind zero, one and two tags. */
static int set_filter(int fd, const uint8_t *prefix)
{
	struct sock_filter code[32];
	unsigned short n = 0;
	const unsigned int tags = 3, per_tag = 7;

	if (prefix) {
		code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 wire_get16(prefix), 1, 0);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	}
	for (unsigned int i = 0; i < tags; i++) {
		unsigned int accept = (tags - i) * per_tag - 1;

		code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12 + 4 * i);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 WIRE_TYPE_SESSION, accept, 0);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 WIRE_TYPE_DISCOVERY, accept - 1, 0);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x8100, 3, 0);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88a8, 2, 0);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x9100, 1, 0);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0x40000);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &(struct sock_fprog){ n, code },
			  sizeof(struct sock_fprog));
}

static int get_device(struct io *io, const char *name, int *ifindex)
{
	struct ifreq ifr = { 0 };

	if (strlen(name) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	strcpy(ifr.ifr_name, name);
	if (ioctl(io->fd, SIOCGIFINDEX, &ifr) < 0)
		return -errno;
	*ifindex = ifr.ifr_ifindex;
	if (ioctl(io->fd, SIOCGIFHWADDR, &ifr) < 0)
		return -errno;
	memcpy(io->mac, ifr.ifr_hwaddr.sa_data, WIRE_MAC);
	if (ioctl(io->fd, SIOCGIFMTU, &ifr) < 0)
		return -errno;
	io->mtu = ifr.ifr_mtu;
	return 0;
}

static int make_ring(struct io *io, uint32_t megabytes)
{
	int version = TPACKET_V2, reserve = 0;
	struct tpacket_req req = { .tp_block_size = IO_BLOCK };

	for (io->slot_size = 2048; io->slot_size < io->mtu + 256;)
		io->slot_size *= 2;
	if (io->slot_size > IO_BLOCK)
		return -EMSGSIZE;
	req.tp_frame_size = io->slot_size;
	req.tp_block_nr = (size_t)megabytes * 1024 * 1024 / IO_BLOCK;
	req.tp_frame_nr = req.tp_block_nr * (IO_BLOCK / io->slot_size);
	if (setsockopt(io->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(io->fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof(reserve)) < 0 ||
	    setsockopt(io->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) < 0)
		return -errno;
	io->ring_bytes = (size_t)req.tp_block_nr * IO_BLOCK;
	io->slots = req.tp_frame_nr;
	io->ring = mmap(NULL, io->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, io->fd, 0);
	if (io->ring == MAP_FAILED) {
		io->ring = NULL;
		return -errno;
	}
	return 0;
}

static int make_out(struct io *io)
{
	io->out_size = (io->mtu + 64 + 63) / 64 * 64;
	if (io->out_size < 2048)
		io->out_size = 2048;
	io->out = malloc(IO_BATCH * io->out_size);
	if (!io->out)
		return -ENOMEM;
	for (unsigned int i = 0; i < IO_BATCH; i++) {
		io->vec[i].iov_base = io->out + i * io->out_size;
		io->message[i].msg_hdr.msg_iov = &io->vec[i];
		io->message[i].msg_hdr.msg_iovlen = 1;
	}
	return 0;
}

static int attach(struct io *io, int ifindex, const uint8_t *prefix)
{
	struct packet_mreq promiscuous = { .mr_ifindex = ifindex, .mr_type = PACKET_MR_PROMISC };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = ifindex };
	int on = 1, bytes = 8 << 20;

	if (set_filter(io->fd, prefix) < 0 ||
	    setsockopt(io->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    setsockopt(io->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
		       sizeof(promiscuous)) < 0 ||
	    bind(io->fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		return -errno;
	if (setsockopt(io->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		return -errno;
	return 0;
}

int io_open(struct io **out, const struct io_config *config, const char **what)
{
	struct io *io = calloc(1, sizeof(*io));
	int ifindex = 0, ret = -ENOMEM;

	*what = "memory";
	if (!io)
		return ret;
	*what = "packet socket";
	/* protocol 0: nothing comes in before filter and ring are there */
	io->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (io->fd < 0) {
		ret = -errno;
		goto fail;
	}
	*what = config->interface;
	ret = get_device(io, config->interface, &ifindex);
	if (ret < 0)
		goto fail;
	*what = "receive ring";
	ret = make_ring(io, config->ring_mb);
	if (ret < 0)
		goto fail;
	*what = "send buffers";
	ret = make_out(io);
	if (ret < 0)
		goto fail;
	*what = "packet socket's options";
	ret = attach(io, ifindex, config->mac_prefix);
	if (ret < 0)
		goto fail;
	*out = io;
	return 0;
fail:
	io_close(io);
	return ret;
}

void io_close(struct io *io)
{
	if (!io)
		return;
	if (io->ring)
		munmap(io->ring, io->ring_bytes);
	if (io->fd >= 0)
		close(io->fd);
	free(io->out);
	free(io);
}

int io_fd(const struct io *io)
{
	return io->fd;
}

const uint8_t *io_mac(const struct io *io)
{
	return io->mac;
}

static struct tpacket2_hdr *slot_at(const struct io *io, uint32_t n)
{
	return (struct tpacket2_hdr *)(io->ring + (size_t)n * io->slot_size);
}

bool io_next(struct io *io, struct frame *f)
{
	struct tpacket2_hdr *h;
	struct vlan_tag tag;
	uint32_t status;
	bool parsed;

	do {
		if (io->held) {
			__atomic_store_n(&slot_at(io, io->head)->tp_status, TP_STATUS_KERNEL,
					 __ATOMIC_RELEASE);
			io->head = (io->head + 1) % io->slots;
			io->held = false;
		}
		h = slot_at(io, io->head);
		status = __atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE);
		if (!(status & TP_STATUS_USER))
			return false;
		io->held = true;
		io->counters.received++;
		tag.vid = h->tp_vlan_tci & 0xfff;
		tag.tpid = status & TP_STATUS_VLAN_TPID_VALID ? h->tp_vlan_tpid : 0x8100;
		parsed = wire_parse((uint8_t *)h + h->tp_mac, h->tp_snaplen,
				    status & TP_STATUS_VLAN_VALID ? &tag : NULL, f);
	} while (!parsed);
	return true;
}

struct wr *io_frame(struct io *io)
{
	io->writer = (struct wr){ io->vec[io->queued].iov_base, 0, io->out_size, false };
	return &io->writer;
}

void io_queue(struct io *io)
{
	if (io->writer.full) {
		io->counters.send_errors++;
		return;
	}
	io->vec[io->queued++].iov_len = io->writer.len;
	if (io->queued == IO_BATCH)
		io_flush(io);
}

void io_flush(struct io *io)
{
	unsigned int done = 0, tries = 0;
	int n;

	while (done < io->queued) {
		n = sendmmsg(io->fd, io->message + done, io->queued - done, 0);
		if (n > 0) {
			done += n;
			io->counters.sent += n;
			tries = 0;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == ENOBUFS && ++tries < IO_SEND_TRIES) {
			sched_yield();
			continue;
		}
		io->counters.send_errors++;
		done++;
		tries = 0;
	}
	io->queued = 0;
}

void io_counters(struct io *io, struct io_counters *out)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	/* reading clears the kernel's count */
	if (getsockopt(io->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		io->counters.ring_drops += stats.tp_drops;
	*out = io->counters;
}
