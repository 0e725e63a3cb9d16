#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
"""
ntlm_auth.py USERS USER CHALLENGE NT-RESPONSE
ntlm_auth.py USERS change

Stands behind FreeRADIUS where Samba's ntlm_auth does. A line of USERS is NAME:PASSWORD:STATE, the state "valid",
"expired", or "stubborn" (expired, and may not be changed). The second form takes one change of a password
from the standard input, as the peer encrypted it (RFC 2759 7).
"""
import os
import subprocess
import sys


def openssl(words, data):
    command = ["openssl", *words, "-provider", "legacy", "-provider", "default"]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def md4(data):
    return openssl(["dgst", "-md4", "-binary"], data)


def nt_hash(password):
    return md4(password.encode("utf-16-le"))


def des(key7, block):
    bits = int.from_bytes(key7, "big")
    key = bytes((bits >> (49 - 7 * i) & 0x7F) << 1 for i in range(8))
    return openssl(["enc", "-des-ecb", "-nopad", "-K", key.hex()], block)


def rc4(key, data):
    return openssl(["enc", "-rc4", "-K", key.hex()], data)


def read(path):
    with open(path, encoding="utf-8") as lines:
        return {name: [password, state] for name, password, state in
                (line.rstrip("\n").split(":") for line in lines)}


def write(path, users):
    with open(path + ".new", "w", encoding="utf-8") as out:
        for name, (password, state) in users.items():
            print(name, password, state, sep=":", file=out)
    os.rename(path + ".new", path)


def login(users, name, challenge, response):
    """RFC 2759 8.5, and what MS-CHAP2-Success and the keys are made of."""
    password, state = users.get(name, (None, None))
    if password is None:
        return "No such user (0xC0000064)"
    key = nt_hash(password)
    padded = key + bytes(5)
    if b"".join(des(padded[i:i + 7], challenge) for i in (0, 7, 14)) != response:
        return "Logon failure (0xC000006D)"
    if state != "valid":
        return "Password expired (0xC0000071)"
    return "NT_KEY: " + md4(key).hex().upper()


def new_password(old, blob, proof):
    """What the blob says (RFC 2759 8.9, 8.12); None if who made it did not know the old password."""
    old_hash = nt_hash(old)
    clear = rc4(old_hash, blob)
    length = int.from_bytes(clear[512:], "little")
    if length > 512:
        return None
    password = clear[512 - length:512].decode("utf-16-le")
    key = nt_hash(password)
    if des(key[:7], old_hash[:8]) + des(key[7:14], old_hash[8:]) != proof:
        return None
    return password


def change(path, lines):
    given = dict(line.strip().partition(": ")[::2] for line in iter(lines.readline, ".\n"))
    users, name = read(path), given["username"]
    blob, proof = (bytes.fromhex(given[key]) for key in ("new-nt-password-blob", "old-nt-hash-blob"))
    new = new_password(users[name][0], blob, proof)
    if new is None or users[name][1] == "stubborn":
        return "Password-Change: No\nPassword-Change-Error: no\n."
    users[name] = [new, "valid"]
    write(path, users)
    return "Password-Change: Yes\n."


if sys.argv[2:] == ["change"]:
    print(change(sys.argv[1], sys.stdin))
else:
    answer = login(read(sys.argv[1]), sys.argv[2], *map(bytes.fromhex, sys.argv[3:]))
    print(answer)
    sys.exit(not answer.startswith("NT_KEY"))
