"""Devices and addresses of guests as keyed digests: nothing else of them is ever stored, sent or printed.

A browser keeps a random id, signed, in a cookie. A guest's token carries one digest of it, and what is stored is a
digest of that: so who reads a token learns nothing that stands in the store.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from functools import lru_cache
from typing import Final

from kernel.ids import SourceKey

# Addresses come again and again; a digest costs more than finding the one made before.
ADDRESSES_KEPT: Final = 8_192
_ID: Final = re.compile(r"d1\.([0-9a-f]{32})\.([0-9a-f]{32})")
_CLAIM: Final = re.compile(r"[0-9a-f]{32}")


class Sources:
    """The keys are derived from the deployment's secret, each for one use alone."""

    def __init__(self, secret: bytes) -> None:
        signing, claiming, storing = (
            hmac.digest(secret, f"wenzheng {use} 1".encode(), hashlib.sha256)
            for use in ("device cookie", "device claim", "source digest")
        )
        self._signing, self._claiming, self._storing = signing, claiming, storing
        self.address = lru_cache(ADDRESSES_KEPT)(self._address)

    def new_cookie(self) -> str:
        """For a browser that has none: a random id, signed, so that nobody chooses one or takes another's."""
        chance = secrets.token_hex(16)
        return f"d1.{chance}.{_digest(self._signing, chance)}"

    def claim(self, cookie: str) -> str | None:
        """What a token carries of a device; None of a cookie that was not signed here."""
        read = _ID.fullmatch(cookie)
        if read is None or not hmac.compare_digest(read[2], _digest(self._signing, read[1])):
            return None
        return _digest(self._claiming, read[1])

    def device(self, claim: str) -> SourceKey:
        return SourceKey("d:" + _digest(self._storing, "d" + claim))

    def _address(self, prefix: str) -> SourceKey:
        """Of an IPv4 address or the /64 of an IPv6 one, as the gateway counts them."""
        return SourceKey("a:" + _digest(self._storing, "a" + prefix))


def is_claim(text: object) -> bool:
    return isinstance(text, str) and _CLAIM.fullmatch(text) is not None


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()
