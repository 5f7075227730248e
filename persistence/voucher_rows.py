"""Assertions of the city's portal that were taken, as `accounts/vouching.py: VoucherStore` asks for them."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, and_, delete, update

from accounts.vouching import Voucher
from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal
from persistence.account_rows import insert_unless_there
from persistence.reader import Reader
from persistence.schema_netizens import voucher

# Longer than any assertion may live and the clocks of nodes differ: what is forgotten here counts nowhere any more.
KEPT_MS = 3_600_000


class VoucherRows(Reader):
    """Written when somebody comes from the portal, through `Database.write`."""

    async def add_voucher(self, voucher: Voucher) -> None:
        await self.database.write(partial(_add, added=voucher))

    async def take_voucher(self, code_hash: str, now: int) -> Voucher | None:
        return await self.database.write(partial(_take, code_hash=code_hash, now=now))


def _add(connection: Connection, added: Voucher) -> None:
    connection.execute(delete(voucher).where(voucher.c.expires_at < added.expires_at - KEPT_MS))
    values = {
        "mark": added.mark,
        "person_id": added.person,
        "name": added.name,
        "room_id": added.room,
        "expires_at": added.expires_at,
        "code_hash": added.code_hash,
        "state_hash": added.state_hash,
        "code_until": added.code_until,
    }
    # The key decides between callers at the same time.
    statement = insert_unless_there(connection, voucher).values(values).returning(voucher.c.mark)
    if connection.execute(statement).one_or_none() is None:
        raise Refusal("assertion_used")


def _take(connection: Connection, code_hash: str, now: int) -> Voucher | None:
    # Clearing the code is the decision: of callers at the same time one finds it. The mark stays.
    taken = connection.execute(
        update(voucher)
        .where(and_(voucher.c.code_hash == code_hash, voucher.c.code_until > now))
        .values(code_hash=None)
        .returning(voucher)
    ).one_or_none()
    if taken is None:
        return None
    room = None if taken.room_id is None else RoomId(taken.room_id)
    return Voucher(
        taken.mark,
        UserId(taken.person_id),
        taken.name,
        room,
        taken.expires_at,
        None,
        taken.state_hash,
        taken.code_until,
    )
