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
