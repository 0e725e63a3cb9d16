#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
"""A small access concentrator to test the dialer against, and to lie to it.

It answers PADI and PADR, negotiates LCP, authentication and IPCP in the simplest way, and
moves IP packets between its sessions and a TUN device. --fault makes it do one thing wrong.
"""
import argparse
import ctypes
import fcntl
import hashlib
import os
import select
import signal
import socket
import struct
import sys
import time

ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA = 3, 263, 8
DISCOVERY, SESSION = 0x8863, 0x8864
PADI, PADO, PADR, PADS, PADT = 0x09, 0x07, 0x19, 0x65, 0xA7
LCP, IPCP, PAP, CHAP, IP = 0xC021, 0x8021, 0xC023, 0xC223, 0x0021
METHODS = {"pap": b"\xc0\x23", "chap": b"\xc2\x23\x05", "mschapv2": b"\xc2\x23\x81"}


def md4(data):
    """RFC 1320."""
    def rotate(v, n):
        v &= 0xFFFFFFFF
        return (v << n | v >> (32 - n)) & 0xFFFFFFFF

    rounds = (
        (lambda x, y, z: x & y | ~x & z, 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: x & y | x & z | y & z, 0x5A827999,
         [i // 4 + i % 4 * 4 for i in range(16)], (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1,
         (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
    )
    bits = len(data) * 8
    data += b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", bits)
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    for at in range(0, len(data), 64):
        x = struct.unpack("<16I", data[at:at + 64])
        a, b, c, d = state
        for fn, constant, order, shifts in rounds:
            for i, k in enumerate(order):
                a = rotate(a + fn(b, c, d) + x[k] + constant, shifts[i % 4])
                a, b, c, d = d, a, b, c
        state = [(s + v) & 0xFFFFFFFF for s, v in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def proof(password, response, server, peer, user):
    """RFC 2759 8.7: what an MS-CHAPv2 server answers."""
    hash_hash = md4(md4(password.encode("utf-16-le")))
    challenge = hashlib.sha1(peer + server + user).digest()[:8]
    first = hashlib.sha1(hash_hash + response + b"Magic server to client signing constant")
    return hashlib.sha1(first.digest() + challenge +
                        b"Pad to make it do more than one iteration").hexdigest().upper()


def tags_of(data):
    out = []
    while len(data) >= 4:
        kind, length = struct.unpack(">HH", data[:4])
        out.append((kind, data[4:4 + length]))
        data = data[4 + length:]
    return out


def options_of(data):
    out = []
    while len(data) >= 2 and data[1] >= 2:
        out.append((data[0], data[2:data[1]]))
        data = data[data[1]:]
    return out


def option(kind, value):
    return bytes([kind, len(value) + 2]) + value


class Peer:
    """One session."""

    def __init__(self, mac, vlans, sid, addr):
        self.mac, self.vlans, self.sid, self.addr = mac, vlans, sid, addr
        self.lcp_asked = self.lcp_acked = self.lcp_ack_sent = self.ipcp_acked = self.ipcp_ack_sent = False
        self.up = self.authenticated = False
        self.ident = 0
        self.tries = 0
        self.challenge = os.urandom(16)
        self.method = None


class Concentrator:
    def __init__(self, args):
        self.args = args
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.setsockopt(SOL_PACKET, 23, 1)  # PACKET_IGNORE_OUTGOING
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind((args.interface, 0))
        self.mac = self.sock.getsockname()[4]
        self.by_sid, self.by_mac, self.by_addr = {}, {}, {}
        self.next_sid = 1
        self.packets = 0
        self.tun = self.open_tun(args.tun) if args.tun else None

    @staticmethod
    def open_tun(name):
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH", name.encode(), 0x1001))
        return fd

    # ---- sending

    def frame(self, mac, vlans, kind, code, sid, payload):
        data = mac + self.mac
        for tpid, vid in vlans:
            data += struct.pack(">HH", tpid, vid)
        data += struct.pack(">HBBHH", kind, 0x11, code, sid, len(payload)) + payload
        self.sock.send(data.ljust(60, b"\0"))

    def ppp(self, peer, proto, payload):
        self.frame(peer.mac, peer.vlans, SESSION, 0, peer.sid, struct.pack(">H", proto) + payload)

    def control(self, peer, proto, code, ident, data=b""):
        self.ppp(peer, proto, struct.pack(">BBH", code, ident, len(data) + 4) + data)

    # ---- receiving

    def receive(self):
        data, ancillary, _, _ = self.sock.recvmsg(65536, 256)
        vlans = []
        for level, kind, value in ancillary:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", value[:20])
                if status & 0x10:
                    vlans.append((tpid, tci & 0xFFF))
        mac, at = data[6:12], 12
        kind = struct.unpack(">H", data[at:at + 2])[0]
        while kind in (0x8100, 0x88A8, 0x9100):
            vlans.append((kind, struct.unpack(">H", data[at + 2:at + 4])[0] & 0xFFF))
            at += 4
            kind = struct.unpack(">H", data[at:at + 2])[0]
        if kind not in (DISCOVERY, SESSION):
            return
        _, code, sid, length = struct.unpack(">BBHH", data[at + 2:at + 8])
        payload = data[at + 8:at + 8 + length]
        if kind == DISCOVERY:
            self.discovery(mac, vlans, code, sid, payload)
        else:
            self.session(mac, vlans, sid, payload)

    def discovery(self, mac, vlans, code, sid, payload):
        tags = tags_of(payload)
        echoed = b"".join(struct.pack(">HH", k, len(v)) + v for k, v in tags
                          if k in (0x0101, 0x0103, 0x0110, 0x0120))
        fault = self.args.fault
        if code == PADI and fault != "no-pado":
            cookie = hashlib.md5(mac).digest()
            name = self.args.name.encode()
            self.frame(mac, vlans, DISCOVERY, PADO, 0, echoed +
                       struct.pack(">HH", 0x0102, len(name)) + name +
                       struct.pack(">HH", 0x0104, 16) + cookie)
        elif code == PADR:
            if (0x0104, hashlib.md5(mac).digest()) not in tags:
                return
            if fault == "service-error":
                self.frame(mac, vlans, DISCOVERY, PADS, 0, echoed + b"\x02\x01\x00\x00")
                return
            peer = self.by_mac.get(mac)
            if peer is None or fault == "second-session":
                peer = Peer(mac, vlans, self.next_sid, self.args.pool + self.next_sid)
                self.next_sid += 1
                if fault == "address-conflict":
                    peer.addr = self.args.pool + 1
                self.by_sid[peer.sid] = self.by_mac[mac] = self.by_addr[peer.addr] = peer
            self.frame(mac, vlans, DISCOVERY, PADS, peer.sid, echoed)
        elif code == PADT and self.by_sid.get(sid) is not None:
            self.forget(self.by_sid[sid])

    def forget(self, peer):
        self.by_sid.pop(peer.sid, None)
        self.by_mac.pop(peer.mac, None)
        self.by_addr.pop(peer.addr, None)

    def session(self, mac, vlans, sid, payload):
        peer = self.by_sid.get(sid)
        if peer is None or peer.mac != mac or peer.vlans != vlans:
            print(f"stray frame sid {sid}", file=sys.stderr)
            return
        if payload[0] & 1:
            proto, payload = payload[0], payload[1:]
        else:
            proto, payload = struct.unpack(">H", payload[:2])[0], payload[2:]
        if proto == IP:
            self.upstream(peer, payload)
            return
        code, ident, length = struct.unpack(">BBH", payload[:4])
        data = payload[4:length]
        if proto == LCP:
            self.lcp(peer, code, ident, data)
        elif proto in (PAP, CHAP):
            self.auth(peer, proto, code, ident, data)
        elif proto == IPCP:
            self.ipcp(peer, code, ident, data)

    # ---- negotiation

    def lcp_request(self, peer):
        peer.ident += 1
        data = option(1, struct.pack(">H", 1492)) + option(5, b"fake")
        method = peer.method
        if method:
            data = option(3, METHODS[method]) + data
        self.control(peer, LCP, 1, peer.ident, data)

    def lcp(self, peer, code, ident, data):
        if code == 1:
            if not peer.lcp_asked:
                peer.method = None if self.args.auth == "none" else self.args.auth
                self.lcp_request(peer)
            if self.args.fault == "reject-magic" and b"\x05\x06" in data:
                self.control(peer, LCP, 4, ident, b"".join(
                    option(k, v) for k, v in options_of(data) if k == 5))
                peer.lcp_asked = True
                return
            peer.lcp_asked = peer.lcp_ack_sent = True
            self.control(peer, LCP, 2, ident, data)
            self.challenge(peer)
        elif code == 2:
            peer.lcp_acked = True
            self.challenge(peer)
        elif code == 3:
            for kind, value in options_of(data):
                if kind == 3:
                    peer.method = [m for m, v in METHODS.items() if v == value][0]
            self.lcp_request(peer)
        elif code == 5:
            self.control(peer, LCP, 6, ident)
        elif code == 6:
            self.frame(peer.mac, peer.vlans, DISCOVERY, PADT, peer.sid, b"")
            self.forget(peer)
        elif code == 9:
            self.control(peer, LCP, 10, ident, b"fake" + data[4:])

    def challenge(self, peer):
        if peer.lcp_acked and peer.lcp_ack_sent and peer.method in ("chap", "mschapv2"):
            self.control(peer, CHAP, 1, 7, b"\x10" + peer.challenge + b"fake")

    def auth(self, peer, proto, code, ident, data):
        if proto == PAP:
            user = data[1:1 + data[0]]
            password = data[2 + data[0]:]
            good = password == self.password(user)
            self.control(peer, PAP, 2 if good else 3, ident, b"\x00")
        elif code == 2:
            value, user = data[1:1 + data[0]], data[1 + data[0]:]
            if peer.method == "chap":
                good = value == hashlib.md5(bytes([ident]) + self.password(user) +
                                            peer.challenge).digest()
                self.control(peer, CHAP, 3 if good else 4, ident, b"hello")
            else:
                good = self.mschap(peer, ident, value, user)
        else:
            return
        if good:
            peer.authenticated = True

    def mschap(self, peer, ident, value, user):
        peer.tries += 1
        if self.args.fault == "mschap-retry" and peer.tries == 1:
            peer.challenge = os.urandom(16)
            self.control(peer, CHAP, 4, ident, b"E=691 R=1 C=" +
                         peer.challenge.hex().upper().encode() + b" V=3 M=again")
            return False
        if self.args.fault == "mschap-retry" and ident != 8:
            return False
        text = proof(self.password(user).decode(), value[24:48], peer.challenge, value[:16], user)
        if self.args.fault == "bad-proof":
            text = "0" * 40
        self.control(peer, CHAP, 3, ident, b"S=" + text.encode() + b" M=welcome")
        return True

    @staticmethod
    def password(user):
        return b"p" + user[1:]

    def ipcp(self, peer, code, ident, data):
        if not peer.authenticated and peer.method:
            return
        if code == 1:
            if not peer.ipcp_ack_sent:
                self.control(peer, IPCP, 1, 1, option(3, self.args.local.to_bytes(4, "big")))
            wanted = {3: peer.addr.to_bytes(4, "big"), 129: b"\x09\x09\x09\x09"}
            reject = [(k, v) for k, v in options_of(data) if k not in wanted]
            nak = [(k, wanted[k]) for k, v in options_of(data) if k in wanted and v != wanted[k]]
            for reply, pairs in ((4, reject), (3, nak)):
                if pairs:
                    self.control(peer, IPCP, reply, ident, b"".join(option(*p) for p in pairs))
                    break
            else:
                self.control(peer, IPCP, 2, ident, data)
            peer.ipcp_ack_sent = True
        elif code == 2:
            peer.up = True

    # ---- IP

    def upstream(self, peer, packet):
        to = self.by_addr.get(int.from_bytes(packet[16:20], "big"))
        if to is not None:
            self.ppp(to, IP, packet)
        elif self.tun is not None:
            os.write(self.tun, packet)

    def downstream(self):
        packet = os.read(self.tun, 65536)
        peer = self.by_addr.get(int.from_bytes(packet[16:20], "big"))
        if packet[0] >> 4 != 4 or peer is None:
            return
        self.packets += 1
        fault = self.args.fault
        if self.packets % 10 == 0:
            if fault == "lose":
                return
            if fault == "duplicate":
                self.ppp(peer, IP, packet)
            if fault == "corrupt":
                packet = packet[:-1] + bytes([packet[-1] ^ 1])
            if fault == "misdeliver":
                peer = self.by_sid.get(peer.sid % len(self.by_sid) + 1, peer)
            if fault == "wrong-sid":
                peer = Peer(peer.mac, peer.vlans, peer.sid + 1000, 0)
            if fault == "wrong-vlan":
                peer = Peer(peer.mac, [(0x8100, 77)], peer.sid, 0)
        self.ppp(peer, IP, packet)

    def end(self, how):
        for peer in list(self.by_sid.values()):
            if how == "terminate":
                self.control(peer, LCP, 5, 99)
            else:
                self.frame(peer.mac, peer.vlans, DISCOVERY, PADT, peer.sid, b"")
                self.forget(peer)

    def run(self):
        begun, ended = time.monotonic(), False
        watched = [self.sock] + ([self.tun] if self.tun is not None else [])
        while True:
            ready, _, _ = select.select(watched, [], [], 0.1)
            if self.sock in ready:
                self.receive()
            if self.tun is not None and self.tun in ready:
                self.downstream()
            if self.args.end and not ended and time.monotonic() - begun > self.args.end_after:
                ended = True
                self.end(self.args.end)


def address(text):
    return int.from_bytes(socket.inet_aton(text), "big")


def main():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # go when the test goes
    parser = argparse.ArgumentParser()
    parser.add_argument("--interface", required=True)
    parser.add_argument("--name", default="fake")
    parser.add_argument("--auth", default="mschapv2", choices=[*METHODS, "none"])
    parser.add_argument("--tun")
    parser.add_argument("--pool", type=address, default=address("10.99.0.0"))
    parser.add_argument("--local", type=address, default=address("10.98.0.1"))
    parser.add_argument("--fault", default="none")
    parser.add_argument("--end", choices=["terminate", "padt"])
    parser.add_argument("--end-after", type=float, default=2)
    Concentrator(parser.parse_args()).run()


if __name__ == "__main__":
    main()
