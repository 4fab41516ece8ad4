#!/usr/bin/env python3
"""Writes crc32.jsonl: the keys of murmur2.jsonl, their CRC-32 by zlib, and the partition that librdkafka's `consistent` gives them."""

import json
import pathlib
import zlib

golden = pathlib.Path(__file__).resolve().parent.parent
PARTITION_COUNTS = [1, 2, 3, 7, 100, 1000]


def line(key_hex):
    crc = zlib.crc32(bytes.fromhex(key_hex))
    return {"key_hex": key_hex, "crc32": crc, "partitions": {str(count): crc % count for count in PARTITION_COUNTS}}


keys = [json.loads(text)["key_hex"] for text in (golden / "murmur2.jsonl").read_text().splitlines()]
(golden / "crc32.jsonl").write_text("".join(json.dumps(line(key), separators=(",", ":")) + "\n" for key in keys))
