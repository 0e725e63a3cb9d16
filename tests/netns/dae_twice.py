#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
"""dae_twice.py ADDRESS PORT SECRET USER: sends one CoA-Request three times, from one socket, and fails unless
the same acknowledgement comes back each time."""
import hashlib
import hmac
import socket
import struct
import sys
import time

COA_REQUEST, COA_ACK = 43, 44


def attribute(kind, value):
    return bytes([kind, len(value) + 2]) + value


def request(secret, user):
    attributes = (
        attribute(1, user)
        + attribute(27, struct.pack(">I", 1234))
        + attribute(55, struct.pack(">I", int(time.time())))
    )
    head = bytes([COA_REQUEST, 77]) + struct.pack(">H", 20 + len(attributes) + 18)
    unsigned = head + bytes(16) + attributes + attribute(80, bytes(16))
    signature = hmac.new(secret, unsigned, hashlib.md5).digest()
    body = attributes + attribute(80, signature)
    authenticator = hashlib.md5(head + bytes(16) + body + secret).digest()
    return head + authenticator + body


address, port, secret, user = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), sys.argv[4].encode()
sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(5)
datagram = request(secret, user)
replies = set()
for _ in range(3):
    sock.sendto(datagram, (address, port))
    replies.add(sock.recv(4096))
    time.sleep(0.2)
if len(replies) != 1 or next(iter(replies))[0] != COA_ACK:
    sys.exit(f"got {[reply.hex() for reply in replies]}")
