"""What may come in from outside, checked once for sockets and HTTP alike."""

from __future__ import annotations

import re
from typing import TypeVar

from kernel.permissions import Actor
from kernel.refusals import Refusal
from kernel.text import NETIZEN_BODY_MAX, STAFF_BODY_MAX, clean_text, is_blank
from rooms.model import Author

NOTE_MAX = 500
RULES = range(1, 9)

CID_MAX = 64
_REASON = re.compile(r"[a-z0-9_.\-]{1,32}")

T = TypeVar("T")


def author_of(actor: Actor) -> Author:
    if actor.id is None:
        raise Refusal("unauthenticated")
    return Author.of(actor)


def check_cid(cid: str) -> None:
    """1–64 printable characters, whatever the client likes to count with."""
    if not 1 <= len(cid) <= CID_MAX or not cid.isprintable():
        raise Refusal("bad_frame", field="cid")


def body_of(actor: Actor, raw: str) -> str:
    text = clean_text(raw)
    if is_blank(text):
        raise Refusal("bad_frame", field="body")
    if len(text) > (STAFF_BODY_MAX if actor.is_staff else NETIZEN_BODY_MAX):
        raise Refusal("too_large", field="body")
    return text


def check_version(ver: int) -> None:
    if ver < 1:
        raise Refusal("bad_frame", field="ver")


def reason_of(reason: str | int | None) -> str | None:
    if reason is None or (isinstance(reason, str) and _REASON.fullmatch(reason)):
        return reason
    if isinstance(reason, int) and not isinstance(reason, bool) and reason in RULES:
        return str(reason)
    raise Refusal("bad_frame", field="reason")


def note_of(raw: str | None, field: str) -> str | None:
    if raw is None:
        return None
    text = clean_text(raw)
    if len(text) > NOTE_MAX:
        raise Refusal("too_large", field=field)
    return None if is_blank(text) else text


def expect(kind: type[T], outcome: object) -> T:
    """The store answers each command with its own outcome; anything else is a fault of ours."""
    if not isinstance(outcome, kind):
        raise TypeError(f"{kind.__name__} expected, not {type(outcome).__name__}")
    return outcome
