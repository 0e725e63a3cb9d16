#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
"""delay.py ADDRESS PORT TO_ADDRESS TO_PORT MS: passes datagrams on, and their answers back after MS."""
import collections
import select
import socket
import sys
import time


def bound(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
    s.setblocking(False)
    s.bind((address, port))
    return s


def received(s):
    while True:
        try:
            yield s.recvfrom(4096)
        except BlockingIOError:
            return


def main():
    address, port, to, delay = sys.argv[1], int(sys.argv[2]), (sys.argv[3], int(sys.argv[4])), float(sys.argv[5]) / 1000
    front = bound(address, port)
    poll = select.poll()
    poll.register(front, select.POLLIN)
    there, back = {}, {front.fileno(): None}  # client → socket, descriptor → (socket, client)
    due = collections.deque()
    while True:
        wait = max(0, (due[0][0] - time.monotonic()) * 1000) if due else None
        for fd, _ in poll.poll(wait):
            if fd == front.fileno():
                for packet, client in received(front):
                    if client not in there:
                        there[client] = bound("0.0.0.0", 0)
                        back[there[client].fileno()] = there[client], client
                        poll.register(there[client], select.POLLIN)
                    there[client].sendto(packet, to)
                continue
            s, client = back[fd]
            at = time.monotonic() + delay
            due.extend((at, packet, client) for packet, _ in received(s))
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, packet, client = due.popleft()
            front.sendto(packet, client)


main()
