"""The store: every read and every write of the application over one database, SQLite or PostgreSQL."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import make_url

from kernel.clock import Clock, SystemClock
from kernel.ids import IdSource, MonotonicIds, PostId, RoomId
from kernel.refusals import Refusal
from moderation.commands import Command, Outcome
from persistence.account_rows import AccountRows
from persistence.alarm_rows import AlarmRows
from persistence.audit_reads import AuditReads
from persistence.cursors import CursorRows
from persistence.database import Database
from persistence.database_sqlite import SqliteDatabase, sqlite_path
from persistence.group_commit import GroupCommit, Listener
from persistence.known_heads import KnownHeads
from persistence.lookup_rows import LookupRows
from persistence.migrate import current_revision
from persistence.migrations import HEAD
from persistence.overview_reads import OverviewReads
from persistence.review_reads import ReviewReads
from persistence.room_reads import RoomReads
from persistence.shift_rows import ShiftRows
from persistence.sighting_rows import SightingRows
from persistence.single_server import ServerLock
from persistence.streams import Streams
from persistence.trust_rows import TrustRows
from persistence.voucher_rows import VoucherRows
from persistence.word_list_rows import WordListRows
from rooms.commands import PostReceipt
from rooms.model import Lane
from rooms.ports import Head, Hint

POSTGRES_WORKERS = 3
REMEMBERED_POSTS = 20_000


class SchemaOutdated(RuntimeError):
    """The database is not at the schema this version needs."""


class Store(
    RoomReads,
    OverviewReads,
    ReviewReads,
    AccountRows,
    VoucherRows,
    LookupRows,
    CursorRows,
    WordListRows,
    TrustRows,
    ShiftRows,
    AlarmRows,
    SightingRows,
    AuditReads,
):
    """Every store that the domains ask for in one, made by `open_store`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        *,
        single_stream: bool,
        streams: Streams | None = None,
        lock: ServerLock | None = None,
    ) -> None:
        super().__init__(database, clock)
        self._single_stream = single_stream
        self._lock = lock
        self._listeners: list[Listener] = []
        # Which room a post belongs to never changes, and every command on a post asks.
        self._rooms_of: OrderedDict[PostId, RoomId] = OrderedDict()
        self._known_heads = KnownHeads()
        workers = 1 if single_stream else POSTGRES_WORKERS
        self._group_commit = GroupCommit(
            database, clock, ids, self._tell, workers=workers, streams=streams, known=self._known_heads
        )

    def on_commit(self, listener: Listener) -> Callable[[], None]:
        """Has `listener` told of every commit, on the event loop, before who asked for it is answered."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def commit(self, command: Command) -> Outcome:
        outcome = await self._group_commit.commit(await self._stream(command), command)
        if isinstance(outcome, PostReceipt):
            self._remember(outcome.post, outcome.room)
        return outcome

    async def heads(self, rooms: Sequence[RoomId]) -> dict[tuple[RoomId, Lane], Head]:
        heads = await super().heads(rooms)
        for (room, lane), head in heads.items():
            self._known_heads.note(room, lane, head)
        return heads

    def seen(self, room: RoomId, lane: Lane, head: Head) -> None:
        """This node has seen the lane there, by whatever way: never again is a lower number given in that epoch."""
        self._known_heads.note(room, lane, head)

    async def post_room(self, post: PostId) -> RoomId | None:
        known = self._rooms_of.get(post)
        if known is not None:
            return known
        room = await super().post_room(post)
        if room is not None:
            self._remember(post, room)
        return room

    async def ping(self) -> None:
        """`Refusal("unavailable")` unless the database answers."""
        await self.database.ping()

    async def close(self) -> None:
        """Commits what was accepted, then lets go of the database."""
        try:
            await self._group_commit.close()
        finally:
            await self.database.close()
            if self._lock is not None:
                self._lock.release()

    async def _stream(self, command: Command) -> str:
        """The room whose lanes a command extends; commands of one stream are committed together.

        SQLite has one writer, and so one stream. What belongs to no room, or to one that is not known here, goes into
        a stream of its own: the locks keep order, streams only save waiting for them.
        """
        if self._single_stream:
            return ""
        room: RoomId | None = getattr(command, "room", None)
        post: PostId | None = getattr(command, "post", None)
        if room is None and post is not None:
            room = await self.post_room(post)
            if room is None:
                raise Refusal("no_post")
        return room if room is not None else str(getattr(command, "id", ""))

    def _remember(self, post: PostId, room: RoomId) -> None:
        self._rooms_of[post] = room
        if len(self._rooms_of) > REMEMBERED_POSTS:
            self._rooms_of.popitem(last=False)

    def _tell(self, hints: list[Hint]) -> None:
        self._known_heads.note_hints(hints)
        for listener in tuple(self._listeners):
            listener(hints)


async def open_store(
    url: str,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    on_commit: Listener | None = None,
    server: bool = False,
    streams: Streams | None = None,
) -> Store:
    """Opens a migrated database. `server`: claims a SQLite file for this process (`AlreadyServed` if it is another's).

    Raises `SchemaOutdated` when `wenzheng migrate` is due, `Refusal("unavailable")` when the database does not answer.
    """
    clock = clock or SystemClock()
    sqlite = make_url(url).get_backend_name() == "sqlite"
    lock = ServerLock(sqlite_path(url)) if sqlite and server else None
    database = _database(url, sqlite=sqlite)
    try:
        await _require_current(database)
    except BaseException:
        await database.close()
        if lock is not None:
            lock.release()
        raise
    store = Store(database, clock, ids or MonotonicIds(clock), single_stream=sqlite, streams=streams, lock=lock)
    if on_commit is not None:
        store.on_commit(on_commit)
    return store


def _database(url: str, *, sqlite: bool) -> Database:
    if sqlite:
        return SqliteDatabase(url)
    from persistence.database_postgres import PostgresDatabase

    return PostgresDatabase(url)


async def _require_current(database: Database) -> None:
    revision: Any = await database.read(current_revision)
    if revision != HEAD:
        raise SchemaOutdated(
            f"the database is at schema {revision or 'none'}, this version needs {HEAD}: run `wenzheng migrate`"
        )
