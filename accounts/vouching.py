"""The door for netizens the city vouches for: an assertion counts once, and makes a session under a pseudonym."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from accounts.assertions import Assertion, Assertions
from accounts.guests import guest_name
from accounts.handlers import Verified
from accounts.vouched import Pseudonyms, Vouched, VouchedTokens
from kernel.clock import Clock
from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal

CODE_MS: Final = 60_000
_CODE_MAX = 100


@dataclass(frozen=True, slots=True)
class Voucher:
    """An assertion that was taken, by its `mark`; nothing the city knows somebody by.

    With `code_hash` it waits until `code_until` for the one browser whose state has `state_hash`; without, it was used
    as it came. Hashes are SHA-256 in hexadecimal.
    """

    mark: str
    person: UserId
    name: str
    room: RoomId | None
    expires_at: int
    code_hash: str | None = None
    state_hash: str | None = None
    code_until: int = 0


class VoucherStore(Protocol):
    async def add_voucher(self, voucher: Voucher) -> None:
        """Refusal `assertion_used` if its mark is there: of many at once one is added. Those run out long ago go."""
        ...

    async def take_voucher(self, code_hash: str, now: int) -> Voucher | None:
        """Whom the code stood for; exactly one of many callers gets an answer, nobody from `code_until` on."""
        ...


class Vouching:
    """`session_ms` is how long such a netizen stays signed in; coming again, it is the same person as before."""

    def __init__(
        self,
        store: VoucherStore,
        clock: Clock,
        assertions: Assertions,
        pseudonyms: Pseudonyms,
        tokens: VouchedTokens,
        session_ms: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._assertions = assertions
        self._pseudonyms = pseudonyms
        self._tokens = tokens
        self._session_ms = session_ms

    async def accept(self, assertion: str, room: RoomId | None = None) -> tuple[str, Verified]:
        """The token of whom the assertion speaks of; `room` is where they mean to write.

        Refusals: `bad_assertion`, `expired`, `wrong_room`, `assertion_used`.
        """
        found = self._assertions.read(assertion, self._clock.now_ms())
        if found.state is not None:
            # Made for a browser on its way back: it comes by a code, and by nothing that others could send.
            raise Refusal("bad_assertion", field="state")
        _require_room(found.room, room)
        voucher = self._voucher(found)
        await self._store.add_voucher(voucher)
        return self._signed_in(voucher)

    async def deposit(self, assertion: str) -> tuple[str, int]:
        """The portal's own call: a code that the browser with the assertion's `state` may use once, and its end."""
        now = self._clock.now_ms()
        found = self._assertions.read(assertion, now)
        if found.state is None:
            raise Refusal("bad_assertion", field="state")
        code = secrets.token_urlsafe(24)
        until = min(found.expires_at, now + CODE_MS)
        await self._store.add_voucher(self._voucher(found, _hash(code), _hash(found.state), until))
        return code, until

    async def redeem(self, code: str, state: str, room: RoomId | None) -> tuple[str, Verified]:
        """For the browser that began with `state`, in `room` or nowhere in particular.

        `no_voucher` for a code that is unknown, used, run out or another browser's; `wrong_room`.
        """
        if len(code) > _CODE_MAX:
            raise Refusal("no_voucher")
        # Taken before the state is looked at: who tries a stolen code spoils it.
        found = await self._store.take_voucher(_hash(code), self._clock.now_ms())
        if found is None or not secrets.compare_digest(found.state_hash or "", _hash(state)):
            raise Refusal("no_voucher")
        _require_room(found.room, room)
        return self._signed_in(found)

    def _voucher(
        self, said: Assertion, code_hash: str | None = None, state_hash: str | None = None, code_until: int = 0
    ) -> Voucher:
        person = self._pseudonyms.of(said.subject)
        name = guest_name(said.name) if said.name and said.name.strip() else _number_of(person)
        return Voucher(said.mark, person, name, said.room, said.expires_at, code_hash, state_hash, code_until)

    def _signed_in(self, voucher: Voucher) -> tuple[str, Verified]:
        ends = self._clock.now_ms() + self._session_ms
        vouched = Vouched(voucher.person, voucher.name, ends, voucher.room)
        return self._tokens.sign(vouched), Verified(vouched.actor(), ends, None)


def _require_room(vouched: RoomId | None, wanted: RoomId | None) -> None:
    if vouched is not None and wanted is not None and vouched != wanted:
        raise Refusal("wrong_room")


def _number_of(person: UserId) -> str:
    """As a guest without a name is called, the same each time."""
    return f"网民{int(_hash(person)[:8], 16) % 10_000:04d}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
