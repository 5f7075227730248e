"""Guest tokens: signed, carrying their own name and end, checked without asking any store."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field

from accounts.sources import is_claim
from kernel.ids import ID_LENGTH, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from kernel.text import clean_text, is_blank

VERSION = "g1"
ID_PREFIX = "g:"
NAME_MAX = 24
_TOKEN_MAX = 400
_PURPOSE = b"wenzheng guest token 1"


@dataclass(frozen=True, slots=True)
class Guest:
    """What a guest token says; `expires_at` in milliseconds, `device` what is claimed of it (`accounts/sources.py`)."""

    id: UserId
    name: str
    expires_at: int
    device: str | None = field(default=None, repr=False)

    def actor(self) -> Actor:
        return Actor(id=self.id, name=self.name, role=Role.NETIZEN, guest=True)


class GuestTokens:
    """Makes and reads `g1.<payload>.<mac>`; the key is derived from the deployment's secret for this use alone."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the deployment secret is too short to sign with")
        self._key = hmac.digest(secret, _PURPOSE, hashlib.sha256)

    def sign(self, guest: Guest) -> str:
        said = [guest.id, guest.name, guest.expires_at, *([guest.device] if guest.device is not None else [])]
        payload = _encode(json.dumps(said, ensure_ascii=False).encode())
        return f"{VERSION}.{payload}.{self._mac(payload)}"

    def read(self, token: str, now: int) -> Guest:
        """Refusal `unauthenticated` for anything not signed here, `expired` for what was and has run out."""
        version, _, rest = token.partition(".")
        payload, _, mac = rest.partition(".")
        if len(token) > _TOKEN_MAX or version != VERSION or not token.isascii():
            raise Refusal("unauthenticated")
        # Compared as text: decoding first would let several spellings of one signature pass.
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise Refusal("unauthenticated")
        guest = _guest(payload)
        if guest.expires_at <= now:
            raise Refusal("expired")
        return guest

    def _mac(self, payload: str) -> str:
        return _encode(hmac.digest(self._key, f"{VERSION}.{payload}".encode(), hashlib.sha256))


def guest_name(wanted: str | None) -> str:
    """The name a guest goes by: the wanted one on one line, or 网民 and four digits."""
    name = " ".join(clean_text(wanted or "").split())
    if is_blank(name):
        return f"网民{secrets.randbelow(10_000):04d}"
    if len(name) > NAME_MAX:
        raise Refusal("bad_request", field="name")
    return name


def _guest(payload: str) -> Guest:
    try:
        user, name, expires_at, *device = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, TypeError) as unreadable:
        raise Refusal("unauthenticated") from unreadable
    # Signed with our key, so this only guards against a payload of another version of ourselves.
    if not (isinstance(user, str) and len(user) == len(ID_PREFIX) + ID_LENGTH and isinstance(expires_at, int)):
        raise Refusal("unauthenticated")
    return Guest(UserId(user), str(name), expires_at, device[0] if device and is_claim(device[0]) else None)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
