"""The desk's alarms, one row a kind: the `AlarmStore` of `moderation/alarms.py`."""

from __future__ import annotations

from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, not_, select, update

from moderation.alarms import Alarm, AlarmRow
from persistence.account_rows import insert_unless_there
from persistence.reader import Reader
from persistence.schema_watch import alarm as table


class AlarmRows(Reader):
    """Every change is a compare-and-set on the row: of several nodes one moves it."""

    async def alarms(self) -> list[AlarmRow]:
        return await self.database.read(_alarms)

    async def turn_alarm(self, alarm: Alarm, *, raised: bool, at: int) -> None:
        await self.database.write(partial(_turn, alarm=alarm, raised=raised, at=at))

    async def claim_alarm(self, row: AlarmRow, now: int, next_at: int) -> bool:
        return await self.database.write(partial(_claim, row=row, now=now, next_at=next_at))

    async def settle_alarm(self, row: AlarmRow) -> None:
        settled = update(table).where(_as_it_stood(row)).values(told=True)
        await self.database.write(lambda connection: connection.execute(settled))


def _alarms(connection: Connection) -> list[AlarmRow]:
    known = [one.value for one in Alarm]
    rows = connection.execute(select(table).where(table.c.alarm.in_(known)).order_by(table.c.alarm))
    return [AlarmRow(Alarm(row.alarm), row.raised, row.since, row.told, row.tries, row.next_at) for row in rows]


def _turn(connection: Connection, alarm: Alarm, raised: bool, at: int) -> None:
    calm = {"alarm": alarm.value, "raised": False, "since": at, "told": True, "tries": 0, "next_at": 0}
    connection.execute(insert_unless_there(connection, table).values(calm))
    # Of an alarm that nobody was told, nor was about to be, nobody needs to hear the end.
    unheard = and_(not_(table.c.told), table.c.tries == 0)
    turned = {"raised": raised, "since": at, "told": False if raised else unheard, "tries": 0, "next_at": 0}
    where = and_(table.c.alarm == alarm.value, table.c.raised == (not raised))
    connection.execute(update(table).where(where).values(turned))


def _claim(connection: Connection, row: AlarmRow, now: int, next_at: int) -> bool:
    free = and_(_as_it_stood(row), not_(table.c.told), table.c.tries == row.tries, table.c.next_at <= now)
    claimed = update(table).where(free).values(tries=table.c.tries + 1, next_at=next_at)
    return connection.execute(claimed).rowcount == 1


def _as_it_stood(row: AlarmRow) -> ColumnElement[bool]:
    return and_(table.c.alarm == row.alarm.value, table.c.raised == row.raised, table.c.since == row.since)
