"""Passwords as argon2id hashes, made and checked on a few threads of their own so that the event loop never waits."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kernel.refusals import Refusal

T = TypeVar("T")

# Each check takes about 64 MiB and a sixth of a second: two at once keep a small machine alive under a flood.
_THREADS = 2
_WAITING_MAX = 64
_RETRY_MS = 2_000
PASSWORD_MAX = 256

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106 for machines without memory to spare


def hash_password(password: str, hasher: PasswordHasher = _hasher) -> str:
    """The encoded hash to store; takes a sixth of a second. For commands and seeds outside the event loop."""
    return hasher.hash(_prepared(password))


class Passwords:
    """Checks passwords; every check costs the same, whether or not there is such a user."""

    def __init__(self, hasher: PasswordHasher = _hasher, threads: int = _THREADS) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._waiting = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(partial(self._hash, password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`. None stands for an unknown user, and is never matched."""
        return await self._run(partial(self._matches, stored, password))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING_MAX:
            raise Refusal("rate", retry_ms=_RETRY_MS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return hash_password(password, self._hasher)

    def _matches(self, stored: str | None, password: str) -> bool:
        if self._decoy is None:
            # Made on the first check of anybody, so that it does not betray the first unknown user.
            self._decoy = self._hash("nobody's password")
        try:
            self._hasher.verify(stored or self._decoy, _prepared(password))
        except (Argon2Error, InvalidHashError):
            return False
        return stored is not None


def _prepared(password: str) -> str:
    # The same characters may be typed composed or decomposed; a lone surrogate cannot be encoded at all.
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode("utf-8"))
