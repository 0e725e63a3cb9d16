/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/veth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

static void veth_parse(void *arg, const struct nlmsghdr *h)
{
	const struct ifinfomsg *info = (const struct ifinfomsg *)(h + 1);
	const struct rtattr *attrs[IFLA_LINK_NETNSID + 1], *kind[IFLA_INFO_KIND + 1];
	struct veth *veth = arg;

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return;
	nl_msg_attrs(h, sizeof(*info), attrs, IFLA_LINK_NETNSID);
	veth->ifindex = (uint32_t)info->ifi_index;
	/* a peer elsewhere has an index of elsewhere */
	if (!attrs[IFLA_LINK_NETNSID])
		veth->peer = nl_attr_u32(attrs[IFLA_LINK]);
	if (attrs[IFLA_ADDRESS] && RTA_PAYLOAD(attrs[IFLA_ADDRESS]) == sizeof(veth->mac))
		memcpy(veth->mac, RTA_DATA(attrs[IFLA_ADDRESS]), sizeof(veth->mac));
	if (!attrs[IFLA_LINKINFO])
		return;
	nl_attrs(RTA_DATA(attrs[IFLA_LINKINFO]), RTA_PAYLOAD(attrs[IFLA_LINKINFO]), kind,
		 IFLA_INFO_KIND);
	veth->is_veth = kind[IFLA_INFO_KIND] && !strncmp(RTA_DATA(kind[IFLA_INFO_KIND]), "veth",
							 RTA_PAYLOAD(kind[IFLA_INFO_KIND]));
}

int veth_find(const char *name, struct veth *veth)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg m;
	int r;

	memset(veth, 0, sizeof(*veth));
	nl_begin(&m, RTM_GETLINK, 0, &info, sizeof(info));
	nl_put_str(&m, IFLA_IFNAME, name);
	r = nl_talk(&m, veth_parse, veth);
	return r == 0 && !veth->ifindex ? -ENODEV : r;
}

int veth_create(const char *name, const char *peer)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	size_t link_info, data, other;
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	nl_put_str(&m, IFLA_IFNAME, name);
	/* a CPU that redirects packets to it puts them into a queue of its own, and does the stack's
	 * work on them as well; from a single queue one CPU would take those of all */
	nl_put_u32(&m, IFLA_NUM_RX_QUEUES, (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
	link_info = nl_nest_begin(&m, IFLA_LINKINFO);
	nl_put_str(&m, IFLA_INFO_KIND, "veth");
	data = nl_nest_begin(&m, IFLA_INFO_DATA);
	other = nl_nest_begin(&m, VETH_INFO_PEER);
	nl_put_raw(&m, &info, sizeof(info));
	nl_put_str(&m, IFLA_IFNAME, peer);
	nl_nest_end(&m, other);
	nl_nest_end(&m, data);
	nl_nest_end(&m, link_info);
	return nl_talk(&m, NULL, NULL);
}

int veth_delete(uint32_t ifindex)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg m;

	nl_begin(&m, RTM_DELLINK, 0, &info, sizeof(info));
	return nl_talk(&m, NULL, NULL);
}

/* What else would be written below /proc/sys, which a service may find read-only. */
static void put_inet_conf(struct nl_msg *m, bool forwarding)
{
	size_t spec = nl_nest_begin(m, IFLA_AF_SPEC);
	size_t inet = nl_nest_begin(m, AF_INET);
	size_t conf = nl_nest_begin(m, IFLA_INET_CONF);

	nl_put_u32(m, IPV4_DEVCONF_FORWARDING, forwarding);
	nl_put_u32(m, IPV4_DEVCONF_SEND_REDIRECTS, 0);
	nl_put_u32(m, IPV4_DEVCONF_ACCEPT_REDIRECTS, 0);
	/* the ingress filter checks sources, for each session as configured */
	nl_put_u32(m, IPV4_DEVCONF_RP_FILTER, 0);
	nl_nest_end(m, conf);
	nl_nest_end(m, inet);
	nl_nest_end(m, spec);
}

/* Without an address of its own IPv6 stays silent. A kernel without IPv6 refuses, and is right. */
static void ipv6_off(uint32_t ifindex)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	uint8_t none = IN6_ADDR_GEN_MODE_NONE;
	size_t spec, inet6;
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	spec = nl_nest_begin(&m, IFLA_AF_SPEC);
	inet6 = nl_nest_begin(&m, AF_INET6);
	nl_put(&m, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
	nl_nest_end(&m, inet6);
	nl_nest_end(&m, spec);
	nl_talk(&m, NULL, NULL);
}

int veth_setup(uint32_t ifindex, const struct veth_setup *setup)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)ifindex,
		.ifi_flags = IFF_NOARP,
		.ifi_change = IFF_NOARP | IFF_UP,
	};
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	nl_put_u32(&m, IFLA_MTU, setup->mtu);
	put_inet_conf(&m, setup->forwarding);
	ipv6_off(ifindex);
	return nl_talk(&m, NULL, NULL);
}

int veth_up(uint32_t ifindex)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)ifindex,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	return nl_talk(&m, NULL, NULL);
}

int veth_forward_ipv6(const char *name)
{
	char path[64 + IFNAMSIZ];
	int r = 0, fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/forwarding", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "1", 1) != 1)
		r = -errno;
	close(fd);
	return r;
}

int veth_set_mtu(uint32_t ifindex, uint16_t mtu)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	nl_put_u32(&m, IFLA_MTU, mtu);
	return nl_talk(&m, NULL, NULL);
}

/* ---- addresses */

#define OLD_ADDRESSES 16

struct old_addresses {
	uint32_t ifindex;
	unsigned int n;
	struct {
		struct in_addr addr;
		uint8_t len;
	} list[OLD_ADDRESSES];
};

static void old_address(void *arg, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *info = (const struct ifaddrmsg *)(h + 1);
	const struct rtattr *attrs[IFA_LOCAL + 1];
	struct old_addresses *old = arg;

	if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) ||
	    info->ifa_index != old->ifindex || old->n == OLD_ADDRESSES)
		return;
	nl_msg_attrs(h, sizeof(*info), attrs, IFA_LOCAL);
	old->list[old->n].addr.s_addr = nl_attr_u32(attrs[IFA_LOCAL]);
	old->list[old->n].len = info->ifa_prefixlen;
	old->n++;
}

static int address_change(uint16_t type, uint32_t ifindex, struct in_addr addr, uint8_t len)
{
	struct ifaddrmsg info = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = len,
		.ifa_index = ifindex,
	};
	struct nl_msg m;

	nl_begin(&m, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0, &info,
		 sizeof(info));
	nl_put_u32(&m, IFA_LOCAL, addr.s_addr);
	return nl_talk(&m, NULL, NULL);
}

int veth_address(uint32_t ifindex, struct in_addr addr)
{
	struct ifaddrmsg info = { .ifa_family = AF_INET };
	struct old_addresses old = { .ifindex = ifindex };
	struct nl_msg m;
	int r;

	nl_begin(&m, RTM_GETADDR, NLM_F_DUMP, &info, sizeof(info));
	r = nl_talk(&m, old_address, &old);
	/* the new one first: routes go with a device's last address */
	if (r == 0 && addr.s_addr)
		r = address_change(RTM_NEWADDR, ifindex, addr, 32);
	for (unsigned int i = 0; r == 0 && i < old.n; i++)
		if (old.list[i].addr.s_addr != addr.s_addr || old.list[i].len != 32)
			r = address_change(RTM_DELADDR, ifindex, old.list[i].addr, old.list[i].len);
	return r;
}
