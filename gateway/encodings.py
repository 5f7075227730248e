"""Which compressed forms of an answer a browser takes, and pages compressed once for all who get the same bytes."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b

# A page below this fits into one packet anyway.
LEAST_BYTES = 1_000
_HEADER_MAX = 400
_LEVEL = 6
# Long pages are compressed lightly: it is done on the event loop, and the first level takes a third of the time.
_LONG_BYTES = 256 * 1024
_LONG_LEVEL = 1


def accepted(header: str, offered: tuple[str, ...]) -> str | None:
    """The first of `offered`, best first, that an Accept-Encoding header allows."""
    weights = dict(_weights(header[:_HEADER_MAX]))
    for name in offered:
        if weights.get(name, weights.get("*", 0.0)) > 0:
            return name
    return None


def _weights(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.strip().lower().removeprefix("q=")
        try:
            yield name.strip().lower(), float(weight) if weight else 1.0
        except ValueError:
            yield name.strip().lower(), 0.0


class Compressed:
    """The gzip form of recent pages by what they say; forgotten oldest first once they take more than `most_bytes`."""

    def __init__(self, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, plain: bytes) -> bytes:
        key = blake2b(plain, digest_size=16).digest()
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        made = gzip.compress(plain, _LEVEL if len(plain) < _LONG_BYTES else _LONG_LEVEL, mtime=0)
        self._kept[key] = made
        self._bytes += len(made)
        while self._bytes > self._most_bytes and self._kept:
            self._bytes -= len(self._kept.popitem(last=False)[1])
        return made
