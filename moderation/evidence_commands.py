"""What can be asked of sealed evidence."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import PostId
from kernel.permissions import Actor


@dataclass(frozen=True, slots=True)
class OpenSeal:
    """Reads a sealed version, and records who did and why. Outcome: `SealOpened`. Refused: `no_post` (not sealed, or
    a note of a lane that the reader may not read).
    """

    post: PostId
    ver: int
    reason: str
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class SealOpened:
    """`body` is "" where it was erased since; `digest` is hexadecimal, over salt and text."""

    post: PostId
    ver: int
    body: str
    digest: str


@dataclass(frozen=True, slots=True)
class KeepSeal:
    """Has a sealed text outlive its time, or no longer. Outcome: `SealKept`; said again it changes nothing.

    Refused: `no_post` (not sealed), `bad_state` (erased by now).
    """

    post: PostId
    ver: int
    on: bool
    reason: str
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class SealKept:
    post: PostId
    ver: int
    kept: bool


@dataclass(frozen=True, slots=True)
class EraseSealed:
    """Erases a text whose newest seal, an opening and the like apart, is older than `before`. Outcome: `SealErased`.

    What is public, waits, is appealed against or is kept stays, and nothing is recorded.
    """

    post: PostId
    ver: int
    before: int
    at: int


@dataclass(frozen=True, slots=True)
class SealErased:
    """`erased`: by this command."""

    post: PostId
    ver: int
    erased: bool
