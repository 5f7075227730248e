"""Sealed evidence: which texts were refused, hidden, covered or merged away, by whom and why, in one chain a room.

A seal holds no text. It is a salted digest over a version of a post, so that whoever opens the text later can be shown
that it is the one decided on, and so that erasing text and salt, where the law asks for it, leaves the record whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kernel.ids import PostId, RoomId, UserId


class Sealed(StrEnum):
    REFUSED = "refused"
    HIDDEN = "hidden"
    MASKED = "masked"
    MERGED = "merged"
    OPENED = "opened"  # somebody read it: the access log is in the chain too
    KEPT = "kept"  # not to be erased, for a dispute that goes on
    RELEASED = "released"
    ERASED = "erased"  # its time is over: text and salt are gone


# What puts a text under seal; everything else happens to one that is.
SEALING: Final = frozenset({Sealed.REFUSED, Sealed.HIDDEN, Sealed.MASKED, Sealed.MERGED})
FIRST: Final = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Seal:
    """One entry before it is chained; `by` None: the phases decided. `digest` is that of salt and text."""

    room: RoomId
    post: PostId
    version: int
    why: Sealed
    by: UserId | None
    reason: str | None
    digest: bytes
    at: int


def digest_of(salt: bytes, body: str) -> bytes:
    return hashlib.sha256(salt + body.encode()).digest()


def chained(before: bytes, number: int, entry: Mapping[str, Any]) -> bytes:
    """The chain's value after this entry: nothing before it can be changed, left out or put elsewhere unnoticed."""
    said = [number, *(entry[name] for name in ("room_id", "post_id", "version", "why", "by", "reason", "at"))]
    line = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(before + line + bytes(entry["digest"])).digest()
