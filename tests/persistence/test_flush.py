"""What was decided on a sanction that another node has changed meanwhile: the other's change stays."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select, update

from kernel.clock import FrozenClock
from kernel.ids import CountingIds, UserId
from moderation.commands import Acknowledge, Command, LiftSanction, Sanction
from moderation.decide import decide
from persistence.flush import LostRace, flush
from persistence.known_heads import KnownHeads
from persistence.loading import load
from persistence.schema import sanction
from persistence.store import Store
from tests.factories import MODERATOR, guest

pytestmark = pytest.mark.anyio
USER = UserId(str(guest().id))


class Late:
    """Decides a command, and writes it after another node has lifted every sanction."""

    def __init__(self, command: Command, now: int) -> None:
        self.command, self.now = command, now

    def __call__(self, connection: Connection) -> tuple[int | None, int | None]:
        ws = load(connection, [self.command], self.now)
        decide(ws, self.command)
        connection.execute(update(sanction).values(lifted_at=self.now - 1))
        ws.close()
        flush(connection, ws, CountingIds(), KnownHeads())
        found = connection.execute(select(sanction.c.lifted_at, sanction.c.acknowledged_at)).one()
        return found.lifted_at, found.acknowledged_at


async def sanctioned(store: Store, clock: FrozenClock, ids: CountingIds) -> str:
    number, now = ids(), clock.now_ms()
    await store.commit(Sanction(number, USER, None, now + 60_000, "spam", 3, MODERATOR, now))
    return number


async def test_what_was_lifted_stays_lifted_when_it_is_acknowledged(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    number, now = await sanctioned(store, clock, ids), clock.now_ms()
    acknowledging = Acknowledge(number, None, guest(), now)
    assert await store.database.write(Late(acknowledging, now)) == (now - 1, now)


async def test_who_lifts_what_was_lifted_meanwhile_decides_again(
    store: Store, clock: FrozenClock, ids: CountingIds
) -> None:
    await sanctioned(store, clock, ids)
    with pytest.raises(LostRace):
        await store.database.write(Late(LiftSanction(USER, None, MODERATOR, clock.now_ms()), clock.now_ms()))
