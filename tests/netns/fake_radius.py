#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
"""A RADIUS server that can be told to answer wrongly.

fake_radius.py ADDRESS SECRET MANNER_FILE [DELAY_MS [PORT]]

It accepts everybody at ADDRESS:1812 (or PORT), in the manner that the file names and only so long:
answers, silent, wrong-secret, unsigned, missigned, truncated, oversized, elsewhere (from another
port), twice, late (after 2.5 seconds), status-only (answers nothing but Status-Server).
Answers come after DELAY_MS. Each request is a line on standard output: code, id, port.
"""
import hashlib
import heapq
import hmac
import os
import select
import socket
import struct
import sys
import time

ACCEPT = {1: 2, 4: 5, 12: 2}
STATUS = 12
MESSAGE_AUTHENTICATOR = 80


def sign(reply, secret, request):
    """The reply with its authenticators, which are over the request's."""
    reply = reply[:4] + request[4:20] + reply[20:]
    if reply[20:22] == bytes([MESSAGE_AUTHENTICATOR, 18]):
        digest = hmac.new(secret, reply, hashlib.md5).digest()
        reply = reply[:22] + digest + reply[38:]
    return reply[:4] + hashlib.md5(reply + secret).digest() + reply[20:]


def answer(request, secret, manner):
    attributes = bytes([MESSAGE_AUTHENTICATOR, 18]) + bytes(16)
    if manner == "unsigned":
        attributes = b""
    attributes += bytes([18, 4]) + b"ok"
    reply = bytes([ACCEPT[request[0]], request[1]]) + struct.pack("!H", 20 + len(attributes))
    reply += bytes(16) + attributes
    if manner == "wrong-secret":
        return sign(reply, b"not " + secret, request)
    if manner == "missigned":
        reply = reply[:4] + request[4:20] + reply[20:22] + bytes(range(16)) + reply[38:]
        return reply[:4] + hashlib.md5(reply + secret).digest() + reply[20:]
    reply = sign(reply, secret, request)
    if manner == "truncated":
        return reply[:-1]
    if manner == "oversized":
        return reply + bytes(4097)
    return reply


class Manner:
    """What the file says, read again when it has changed."""

    def __init__(self, path):
        self.path, self.stamp, self.word = path, None, "answers"

    def now(self):
        stamp = os.stat(self.path).st_mtime_ns
        if stamp != self.stamp:
            with open(self.path, encoding="ascii") as f:
                self.word = f.read().strip()
            self.stamp = stamp
        return self.word


def main():
    address, secret, manner = sys.argv[1], sys.argv[2].encode(), Manner(sys.argv[3])
    delay = float(sys.argv[4]) / 1000 if len(sys.argv) > 4 else 0
    port = int(sys.argv[5]) if len(sys.argv) > 5 else 1812
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
    server.bind((address, port))
    elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elsewhere.bind((address, 0))
    due, number = [], 0
    while True:
        wait = max(0, due[0][0] - time.monotonic()) if due else None
        ready, _, _ = select.select([server], [], [], wait)
        if ready:
            request, peer = server.recvfrom(4096)
            if not delay:
                print(request[0], request[1], peer[1], flush=True)
            word = manner.now()
            if word == "silent" or (word == "status-only" and request[0] != STATUS):
                continue
            at = time.monotonic() + (2.5 if word == "late" else delay)
            reply = answer(request, secret, word)
            for _ in range(2 if word == "twice" else 1):
                number += 1
                heapq.heappush(due, (at, number, word, reply, peer))
        while due and due[0][0] <= time.monotonic():
            _, _, word, reply, peer = heapq.heappop(due)
            (elsewhere if word == "elsewhere" else server).sendto(reply, peer)


main()
