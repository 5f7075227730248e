"""A code is for guests, easily read and typed, and stored as nothing that opens anything."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from accounts.lookups import KEPT_MS, LETTERS, Lookups, letters_of
from kernel.clock import FrozenClock
from kernel.ids import UserId
from kernel.permissions import VISITOR, Actor, Role
from kernel.refusals import Refusal

pytestmark = pytest.mark.anyio

GUEST = Actor(UserId("g:" + "1" * 26), "小满", Role.NETIZEN, guest=True)


@dataclass
class LookupsInMemory:
    kept: dict[UserId, tuple[str, int]] = field(default_factory=dict)

    async def put_lookup(self, user: UserId, code_hash: str, at: int, forgotten: int) -> None:
        self.kept[user] = (code_hash, at)

    async def lookup(self, code_hash: str, forgotten: int) -> UserId | None:
        return next((user for user, (kept, at) in self.kept.items() if kept == code_hash and at >= forgotten), None)


@pytest.fixture
def store() -> LookupsInMemory:
    return LookupsInMemory()


@pytest.fixture
def lookups(store: LookupsInMemory, clock: FrozenClock) -> Lookups:
    return Lookups(store, clock)


async def unknown(lookups: Lookups, typed: str) -> bool:
    with pytest.raises(Refusal, match="no_lookup"):
        await lookups.whose(typed)
    return True


async def test_five_groups_of_four_that_nobody_guesses_and_nobody_stores(
    lookups: Lookups, store: LookupsInMemory
) -> None:
    codes = {await lookups.make(GUEST) for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert re.fullmatch(r"([A-HJ-NP-Z2-9]{4}-){4}[A-HJ-NP-Z2-9]{4}", code)
        assert code not in repr(store.kept)
        assert letters_of(code) not in repr(store.kept)
    assert 31**LETTERS > 2**80


async def test_it_is_taken_however_it_is_typed_and_only_the_newest(lookups: Lookups) -> None:
    before = await lookups.make(GUEST)
    code = await lookups.make(GUEST)
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != "-" else " " for letter in code)
    for typed in (code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' – ')}  ", wide):
        assert await lookups.whose(typed) == GUEST.id, typed
    for other in (before, "", code[:-1], code + "A", "A" * 20, "\ud800" * 20, "x" * 100_000):
        assert await unknown(lookups, other)


async def test_after_a_year_it_is_over(lookups: Lookups, clock: FrozenClock) -> None:
    code = await lookups.make(GUEST)
    clock.advance(KEPT_MS)
    assert await lookups.whose(code) == GUEST.id
    clock.advance(1)
    assert await unknown(lookups, code)


@pytest.mark.parametrize(
    "actor",
    [
        VISITOR,
        Actor(UserId("1" * 26), "主持人", Role.HOST),
        Actor(UserId("v:" + "1" * 26), "王先生", Role.NETIZEN, verified=True),
    ],
    ids=["visitor", "staff", "verified"],
)
async def test_who_signs_in_needs_none_and_gets_none(lookups: Lookups, actor: Actor) -> None:
    with pytest.raises(Refusal) as refusal:
        await lookups.make(actor)
    assert refusal.value.code.name in {"unauthenticated", "forbidden"}
