"""Ids are types, sort by time as plain strings, and are minted from an injected source."""

from __future__ import annotations

import secrets
from typing import NewType, Protocol

from kernel.clock import Clock, SystemClock

RoomId = NewType("RoomId", str)
PostId = NewType("PostId", str)
QuestionId = NewType("QuestionId", str)
UserId = NewType("UserId", str)
DepartmentId = NewType("DepartmentId", str)
# A keyed digest of a device or of an address prefix; never the thing itself.
SourceKey = NewType("SourceKey", str)

ID_LENGTH = 26
# Crockford's alphabet in lower case: ordered as ASCII is, and no letter reads as a digit.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Two digits at a time, the first ones first.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_PLACES = range(10 * (ID_LENGTH // 2 - 1), -1, -10)
# Invitation and room codes are read aloud and typed by hand: no 0 O 1 I L.
_SPOKEN = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class IdSource(Protocol):
    """Mints ids that sort by the time of minting."""

    def __call__(self) -> str: ...


class MonotonicIds:
    """26-character ids (48 bits of milliseconds, 80 of chance), strictly increasing within one process."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._last = 0

    def __call__(self) -> str:
        fresh = self._clock.now_ms() << 80 | secrets.randbits(80)
        # The clock may stand still or step back: order within the process must not.
        self._last = fresh if fresh > self._last else self._last + 1
        return encode_id(self._last)


class CountingIds:
    """Predictable ids for tests: 1, 2, 3 … in the same 26-character shape."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        self._last += 1
        return encode_id(self._last)


def spoken_code(length: int) -> str:
    """A random code for reading aloud; 30.9 to the power of `length` possibilities."""
    return "".join(secrets.choice(_SPOKEN) for _ in range(length))


def encode_id(number: int) -> str:
    """The 26 characters of a number below 2^130."""
    return "".join([_PAIRS[number >> place & 1023] for place in _PLACES])
