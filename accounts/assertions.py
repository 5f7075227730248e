"""What the city's portal says of somebody who signed in there: a compact JWT under a shared secret (HS256)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from kernel.ids import RoomId
from kernel.refusals import Refusal

SECRET_MIN: Final = 32
# An assertion is kept in mind until it runs out, so that it counts once: none may live long.
LIFE_MAX_MS: Final = 600_000
ASSERTION_MAX: Final = 2_000
_SUBJECT_MAX = 200
_STATE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_ROOM = re.compile(r"[0-9a-z]{26}")


@dataclass(frozen=True, slots=True)
class Assertion:
    """One statement of the portal. `mark` tells it from every other one; `state` is that of the browser it is for."""

    mark: str
    subject: str
    expires_at: int
    name: str | None
    room: RoomId | None
    state: str | None


class Assertions:
    """Reads what the portal signed; `secret` is shared with it and with nobody else."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SECRET_MIN:
            raise ValueError(f"shorter than {SECRET_MIN} characters")
        self._key = secret.encode()

    def read(self, token: str, now: int) -> Assertion:
        """Refusal `bad_assertion` for what the portal did not sign or may not say, `expired` for what has run out."""
        said, _, mac = token.rpartition(".")
        if len(token) > ASSERTION_MAX or not token.isascii() or said.count(".") != 1:
            raise Refusal("bad_assertion")
        signed = hmac.digest(self._key, said.encode(), hashlib.sha256)
        # Compared as text: a signature spelled in another way would make a second assertion of one that was used.
        if not hmac.compare_digest(mac, encoded(signed)):
            raise Refusal("bad_assertion")
        head, _, payload = said.partition(".")
        if _fields(head).get("alg") != "HS256":
            raise Refusal("bad_assertion", field="alg")
        found = _assertion(hashlib.sha256(said.encode()).hexdigest(), _fields(payload))
        if found.expires_at <= now:
            raise Refusal("expired")
        if found.expires_at > now + LIFE_MAX_MS:
            raise Refusal("bad_assertion", field="exp")
        return found


def _assertion(mark: str, said: dict[str, Any]) -> Assertion:
    subject, ends, name, room, state = (said.get(field) for field in ("sub", "exp", "name", "room", "state"))
    if not (isinstance(subject, str) and subject.strip() and subject.isprintable() and len(subject) <= _SUBJECT_MAX):
        raise Refusal("bad_assertion", field="sub")
    # Seconds, as everywhere in JWTs. `True` is an int too.
    if not isinstance(ends, int) or isinstance(ends, bool):
        raise Refusal("bad_assertion", field="exp")
    if not (name is None or isinstance(name, str)):
        raise Refusal("bad_assertion", field="name")
    if not (room is None or (isinstance(room, str) and _ROOM.fullmatch(room))):
        raise Refusal("bad_assertion", field="room")
    if not (state is None or (isinstance(state, str) and _STATE.fullmatch(state))):
        raise Refusal("bad_assertion", field="state")
    return Assertion(mark, subject, ends * 1000, name, None if room is None else RoomId(room), state)


def _fields(part: str) -> dict[str, Any]:
    try:
        said = json.loads(decoded(part))
    except (binascii.Error, ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refusal("bad_assertion")
    return said


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes:
    """`binascii.Error` for what is no base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
