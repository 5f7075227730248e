"""The chains of sealed evidence: written in the transaction that seals, read by auditors, checked from end to end."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, String, and_, func, literal, select, tuple_, update

from kernel.ids import PostId, RoomId
from kernel.refusals import Refusal
from moderation.evidence import ChainReport, SealPlace
from persistence.bulk import insert_rows
from persistence.needs import Needs
from persistence.prepared import Prepared
from persistence.reader import page, storable
from persistence.schema import account, post_version
from persistence.schema_redress import seal
from rooms.sealing import FIRST, SEALING, Seal, Sealed, chained, digest_of
from rooms.working_set import Text, WorkingSet

_SEALED = Prepared(lambda among: select(seal).where(among(seal.c.post_id, "posts")).order_by(seal.c.n))
_LAST = Prepared(
    lambda among: (
        select(seal.c.room_id, func.max(seal.c.n).label("n"))
        .where(among(seal.c.room_id, "rooms"))
        .group_by(seal.c.room_id)
    )
)
_FAULTS_MAX = 20


def load_seals(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    """The digests of what is to be opened, and the texts, which may be older than any that decisions look at."""
    if not needs.evidence:
        return
    for row in _SEALED(connection, posts={one for one, _ in needs.evidence}):
        key, why = (PostId(row.post_id), row.version), Sealed(row.why)
        ws.sealed[key] = row.digest
        if why in SEALING:
            ws.sealed_at[key] = row.at
        elif why is Sealed.KEPT:
            ws.kept.add(key)
        elif why is Sealed.RELEASED:
            ws.kept.discard(key)
    wanted = tuple_(post_version.c.post_id, post_version.c.version).in_(sorted(needs.evidence))
    for row in connection.execute(select(post_version).where(wanted)):
        found = Text(PostId(row.post_id), row.version, row.body, row.salt, row.created_by, row.created_at)
        ws.texts.load((found.post, found.version), found)


def write_seals(connection: Connection, ws: WorkingSet) -> tuple[int, int]:
    """How many were written, and how many should have been. The room's lock keeps a chain to one batch at a time."""
    if not ws.seals:
        return 0, 0
    rooms = {one.room for one in ws.seals}
    last = {row.room_id: row.n for row in _LAST(connection, rooms=rooms)}
    heads = {}
    if last:
        ends = tuple_(seal.c.room_id, seal.c.n).in_(sorted(last.items()))
        heads = {row.room_id: row.chain for row in connection.execute(select(seal).where(ends))}
    rows = []
    for one in ws.seals:
        number, before = last.get(one.room, 0) + 1, heads.get(one.room, FIRST)
        entry = _row(one)
        entry |= {"n": number, "chain": chained(before, number, entry)}
        last[one.room], heads[one.room] = number, entry["chain"]
        rows.append(entry)
    return insert_rows(connection, seal, rows, unless=("room_id", "n")), len(rows)


def write_erased(connection: Connection, ws: WorkingSet) -> None:
    """Of what a batch erased nothing is left but the digest in the chain. The room's lock keeps others away."""
    if ws.erased:
        gone = tuple_(post_version.c.post_id, post_version.c.version).in_(sorted(ws.erased))
        connection.execute(update(post_version).where(gone).values(body="", salt=b""))


def read_due(
    connection: Connection, before: int, after: SealPlace | None, limit: int
) -> tuple[list[tuple[PostId, int]], SealPlace | None]:
    """Sealed texts that are still there, of seals older than `before`; where the next page begins, None at the end.

    By the time of the seal: whether a text may go is decided on each, under its room's lock.
    """
    order = (seal.c.at, seal.c.room_id, seal.c.n)
    page = select(*order, seal.c.post_id, seal.c.version, func.length(post_version.c.salt).label("salted"))
    said = and_(post_version.c.post_id == seal.c.post_id, post_version.c.version == seal.c.version)
    query = page.outerjoin(post_version, said).where(seal.c.at < before).order_by(*order).limit(limit)
    query = query.where(seal.c.why.in_([one.value for one in SEALING]))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*(literal(one) for one in after)))
    rows = connection.execute(query).all()
    there = dict.fromkeys((PostId(row.post_id), int(row.version)) for row in rows if row.salted)
    last = rows[-1] if len(rows) == limit else None
    return list(there), None if last is None else (last.at, last.room_id, last.n)


def _row(one: Seal) -> dict[str, Any]:
    return {
        "room_id": one.room,
        "post_id": one.post,
        "version": one.version,
        "why": one.why.value,
        "by": one.by,
        "reason": one.reason,
        "digest": one.digest,
        "at": one.at,
    }


def read_seals(
    connection: Connection, room: RoomId | None, cursor: str | None, limit: int, post: PostId | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page, newest first; the cursor is time, room and number of the last."""
    size = page(limit)
    order = (seal.c.at, seal.c.room_id, seal.c.n)
    query = (
        select(seal, account.c.name)
        .outerjoin(account, account.c.id == seal.c.by)
        .order_by(*(column.desc() for column in order))
        .limit(size + 1)
    )
    if post is not None:
        query = query.where(seal.c.post_id == post)
    if room is not None:
        query = query.where(seal.c.room_id == room)
    if cursor is not None:
        query = query.where(tuple_(*order) < _position(cursor))
    rows = connection.execute(query).all()
    shown = [
        {
            "room": row.room_id,
            "n": row.n,
            "post": row.post_id,
            "ver": row.version,
            "why": row.why,
            "by": row.by,
            "by_name": row.name,
            "reason": row.reason,
            "at": row.at,
            "chain": row.chain.hex(),
        }
        for row in rows[:size]
    ]
    last = rows[size - 1] if len(rows) > size else None
    return shown, None if last is None else f"{last.at}.{last.room_id}.{last.n}"


def _position(cursor: str) -> Any:
    at, _, rest = cursor.partition(".")
    where, _, n = rest.rpartition(".")
    # As many digits as the databases' own numbers hold for sure.
    numbers = (at + n).isascii() and at.isdigit() and n.isdigit() and len(at) <= 16 and len(n) <= 9
    if not (numbers and where and len(cursor) <= 64 and storable(where)):
        raise Refusal("bad_request", field="cursor")
    return tuple_(literal(int(at), BigInteger), literal(where, String), literal(int(n), Integer))


def check_seals(connection: Connection) -> ChainReport:
    """Every chain from its first entry, and every text that is still there against its seal. One row in memory."""
    said = and_(post_version.c.post_id == seal.c.post_id, post_version.c.version == seal.c.version)
    query = (
        select(seal, post_version.c.body, post_version.c.salt)
        .outerjoin(post_version, said)
        .order_by(seal.c.room_id, seal.c.n)
    )
    rooms = entries = erased = 0
    faults: list[str] = []
    for where, rows in groupby(connection.execution_options(yield_per=500).execute(query), lambda row: row.room_id):
        rooms += 1
        before, number = FIRST, 0
        for row in rows:
            entries, number = entries + 1, number + 1
            entry = {column.name: getattr(row, column.name) for column in seal.c}
            if row.n != number or chained(before, row.n, entry) != row.chain:
                faults.append(f"room {where}: the chain breaks at entry {row.n}")
            before, number = row.chain, row.n
            if row.body is None or not row.salt:
                erased += Sealed(row.why) in SEALING
            elif row.why == Sealed.ERASED:
                faults.append(f"room {where}: the text of entry {row.n} is there, and was to be gone")
            elif digest_of(row.salt, row.body) != row.digest:
                faults.append(f"room {where}: the text of entry {row.n} is not the one sealed")
    return ChainReport(rooms, entries, erased, tuple(faults[:_FAULTS_MAX]))
