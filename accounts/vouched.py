"""Tokens of netizens the city vouches for: signed as a guest's are, void once the secret shared with it changes."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final

from accounts.assertions import decoded, encoded
from kernel.ids import ID_LENGTH, RoomId, UserId, encode_id
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal

VERSION: Final = "v1"
ID_PREFIX: Final = "v:"
_TOKEN_MAX = 400
_TOKENS = b"wenzheng vouched token 1"
_PEOPLE = b"wenzheng vouched person 1"
_ID_BITS = 5 * ID_LENGTH


@dataclass(frozen=True, slots=True)
class Vouched:
    """A netizen the city knows; `room` is the one room in which that counts, None: in all. Times in milliseconds."""

    id: UserId
    name: str
    expires_at: int
    room: RoomId | None = None

    def actor(self) -> Actor:
        return Actor(id=self.id, name=self.name, role=Role.NETIZEN, verified=True, verified_in=self.room)


class Pseudonyms:
    """From what the city calls somebody to what they are called here: always the same, and no way back."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PEOPLE, hashlib.sha256)

    def of(self, subject: str) -> UserId:
        digest = hmac.digest(self._key, subject.encode("utf-8", "replace"), hashlib.sha256)
        return UserId(ID_PREFIX + encode_id(int.from_bytes(digest) >> (256 - _ID_BITS)))


class VouchedTokens:
    """Makes and reads `v1.<payload>.<mac>`, without a store; whoever changes the shared secret ends all of them."""

    def __init__(self, secret: bytes, shared: str) -> None:
        self._key = hmac.digest(hmac.digest(secret, _TOKENS, hashlib.sha256), shared.encode(), hashlib.sha256)

    def sign(self, vouched: Vouched) -> str:
        said = [vouched.id, vouched.name, vouched.expires_at, vouched.room]
        payload = encoded(json.dumps(said, ensure_ascii=False).encode())
        return f"{VERSION}.{payload}.{self._mac(payload)}"

    def read(self, token: str, now: int) -> Vouched:
        """Refusal `unauthenticated` for anything not signed here, `expired` for what was and has run out."""
        _, _, rest = token.partition(".")
        payload, _, mac = rest.partition(".")
        if len(token) > _TOKEN_MAX or not token.isascii() or not hmac.compare_digest(mac, self._mac(payload)):
            raise Refusal("unauthenticated")
        # Signed with our key, so there is nothing to doubt in it.
        user, name, expires_at, room = json.loads(decoded(payload))
        if expires_at <= now:
            raise Refusal("expired")
        return Vouched(UserId(user), name, expires_at, None if room is None else RoomId(room))

    def _mac(self, payload: str) -> str:
        return encoded(hmac.digest(self._key, f"{VERSION}.{payload}".encode(), hashlib.sha256))
