"""Codes by which a guest who loses the cookie still learns what became of the own posts; they open nothing else."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.ids import UserId, spoken_code
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal

# Twenty of 31 letters are 99 bits: not guessed at any pace, and five groups of four are read out in a breath.
LETTERS: Final = 20
_GROUP = 4
_TYPED_MAX = 100
# A guest's own token lasts a month; whoever asks after a year is told that it is over.
KEPT_MS: Final = 366 * 24 * 3_600_000


class LookupStore(Protocol):
    async def put_lookup(self, user: UserId, code_hash: str, at: int, forgotten: int) -> None:
        """The one code of this user from now on; codes of everybody made before `forgotten` go."""
        ...

    async def lookup(self, code_hash: str, forgotten: int) -> UserId | None:
        """Whose code it is, unless it was made before `forgotten`."""
        ...


class Lookups:
    """Of a code only the SHA-256 is stored: who reads the table can look nothing up."""

    def __init__(self, store: LookupStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def make(self, actor: Actor) -> str:
        """A new code, shown this once; the one before is void. Guests only: who signs in needs none."""
        require(actor, Action.LOOKUP_MAKE, author=actor.id)
        if actor.id is None or not actor.guest:
            raise Refusal("forbidden")
        code = spoken_code(LETTERS)
        now = self._clock.now_ms()
        await self._store.put_lookup(actor.id, _hash(code), now, now - KEPT_MS)
        return grouped(code)

    async def whose(self, typed: str) -> UserId:
        """Whose posts may be read, by the code as somebody typed it; `no_lookup` for any other."""
        code = letters_of(typed)
        found = None
        if len(code) == LETTERS:
            found = await self._store.lookup(_hash(code), self._clock.now_ms() - KEPT_MS)
        if found is None:
            raise Refusal("no_lookup")
        return found


def grouped(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def letters_of(typed: str) -> str:
    """Small letters, full width, spaces and dashes of any kind are as good."""
    wide = unicodedata.normalize("NFKC", typed[:_TYPED_MAX]).upper()
    return "".join(letter for letter in wide if letter.isalnum())


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
