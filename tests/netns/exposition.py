#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
"""Checks Prometheus' text exposition format 0.0.4 on standard input and prints the samples as JSON:
{"NAME": [{"labels": {...}, "value": N}, ...]}. Stricter than a server: what is only usual is a must."""
import json
import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"')
NUMBER = re.compile(r"\+Inf|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
ESCAPES = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}


def fail(number, line, why):
    sys.exit(f"line {number}: {why}: {line!r}")


def labels_of(text):
    """The labels between braces and what follows; None: malformed."""
    labels, at = {}, 1
    while text[at] != "}":
        found = LABEL.match(text, at)
        if not found or found[1] in labels:
            return None, ""
        labels[found[1]] = re.sub(r'\\[\\n"]', lambda m: ESCAPES[m[0]], found[2])
        at = found.end()
        if text[at] == ",":
            at += 1
        elif text[at] != "}":
            return None, ""
    return labels, text[at + 1:]


def sample(text):
    name = NAME.match(text)
    if not name:
        return None
    rest, labels = text[name.end():], {}
    if rest.startswith("{"):
        labels, rest = labels_of(rest)
    if labels is None or not rest.startswith(" ") or not NUMBER.fullmatch(rest[1:]):
        return None
    return name[0], labels, float(rest[1:])


def belongs(name, family, kind):
    if kind == "histogram":
        return name in (family + "_bucket", family + "_sum", family + "_count")
    return name == family


def check_histograms(samples, families):
    for family, kind in families.items():
        if kind != "histogram":
            continue
        series = {}
        for s in samples.get(family + "_bucket", []):
            key = json.dumps({k: v for k, v in s["labels"].items() if k != "le"}, sort_keys=True)
            series.setdefault(key, []).append((float(s["labels"]["le"]), s["value"]))
        counts = {json.dumps(s["labels"], sort_keys=True): s["value"] for s in samples.get(family + "_count", [])}
        for key, buckets in series.items():
            if buckets != sorted(buckets) or [n for _, n in buckets] != sorted(n for _, n in buckets):
                sys.exit(f"{family} {key}: buckets do not ascend")
            if buckets[-1][0] != float("inf") or buckets[-1][1] != counts.get(key):
                sys.exit(f"{family} {key}: +Inf is not the count")


def main():
    data = sys.stdin.buffer.read()
    if not data.endswith(b"\n"):
        sys.exit("the last line has no end")
    samples, families, family, seen = {}, {}, None, set()
    for number, line in enumerate(data.decode("utf-8").split("\n")[:-1], 1):
        if line.startswith("# HELP "):
            family = line.split(" ", 3)[2]
            if family in families:
                fail(number, line, "second time")
            families[family] = None
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name != family or kind not in ("counter", "gauge", "histogram"):
                fail(number, line, "TYPE")
            if (kind == "counter") != name.endswith("_total"):
                fail(number, line, "counters, and only they, end in _total")
            families[family] = kind
        else:
            found = sample(line)
            if not found or not families.get(family) or not belongs(found[0], family, families[family]):
                fail(number, line, "sample")
            key = (found[0], tuple(sorted(found[1].items())))
            if key in seen:
                fail(number, line, "second time")
            seen.add(key)
            samples.setdefault(found[0], []).append({"labels": found[1], "value": found[2]})
    check_histograms(samples, families)
    json.dump(samples, sys.stdout)


main()
