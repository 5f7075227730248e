"""Rows to read, put straight into the tables: every state a post can be in, also those that no command makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from unittest import mock

from sqlalchemy import Connection, Table, func, insert, select, update

from kernel.ids import CountingIds, PostId, RoomId
from persistence import database_postgres, schema
from persistence.database import Database
from persistence.room_reads import RoomReads
from rooms.model import Lane, Policy, PostKind

T = TypeVar("T")
NOW = 1_446_339_600_000
PATIENCE_S = 120.0
EPOCH = {Lane.PUB: "a" * 16, Lane.DESK: "b" * 16, Lane.MOD: "c" * 16}
ASKER = "g:00000000000000000000000asker"
DEPARTMENTS = (("price", "市物价局", "价"), ("transport", "市交通运输委", "交"), ("metro", "市地铁公司", "铁"))


class HasDatabase(Protocol):
    database: Database


async def lay(store: HasDatabase, build: Callable[[Ground], T]) -> T:
    """Runs `build` on the tables in one transaction."""

    def work(connection: Connection) -> T:
        if connection.dialect.name == "postgresql":
            for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
        ground = Ground(connection)
        built = build(ground)
        ground.settle()
        return built

    # A thousand small statements on a busy machine take longer than the store lets one write take.
    with mock.patch.object(database_postgres, "WRITE_S", PATIENCE_S):
        return await store.database.write(work)


class Ground:
    """One transaction's worth of rows. `at` moves on by a second with each event and post."""

    _ids = CountingIds()

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.at = NOW + 1_000 * self._count(schema.event) + self._count(schema.post)

    def departments(self) -> None:
        if self._count(schema.department):
            return
        for slot, (key, name, mark) in enumerate(DEPARTMENTS, 1):
            self._insert(schema.department, id=key, name=name, name_en=key.title(), mark=mark, slot=slot)

    def account(self, key: str, role: str = "respondent", department: str | None = "price") -> str:
        self.departments()
        self._insert(
            schema.account,
            id=key,
            username=key,
            name=f"name of {key}",
            role=role,
            department_id=department,
            password_hash="x",
        )
        return key

    def room(self, *, state: str = "live", title: str = "首条地铁线票价怎么定", code: str | None = None) -> RoomId:
        self.departments()
        room = RoomId(self._ids())
        self._insert(
            schema.room,
            id=room,
            code=code or room[-6:],
            title=title,
            summary="",
            state=state,
            policy=Policy().to_wire(),
            created_by="host",
            created_at=NOW,
        )
        for position, (key, _, _) in enumerate(DEPARTMENTS):
            self._insert(
                schema.room_department, room_id=room, department_id=key, position=position, lead=key == "price"
            )
        for lane, epoch in EPOCH.items():
            self._insert(schema.lane, stream_id=room, lane=lane.value, epoch=epoch, head_seq=0)
        return room

    def post(
        self,
        room: RoomId,
        body: str = "起步价为什么是 3 元？",
        *,
        kind: PostKind = PostKind.QUESTION,
        by: str = ASKER,
        name: str = "小满",
        role: str = "netizen",
        department: str | None = None,
        reply_to: PostId | None = None,
        state: str = "published",
        cid: str | None = None,
        reasons: list[dict[str, Any]] | None = None,
    ) -> PostId:
        """A post with its first text; published unless told otherwise."""
        post = PostId(self._ids())
        self.at += 1
        question = self._thread(room, post, kind, by, reply_to)
        self._insert(
            schema.post,
            id=post,
            room_id=room,
            question_id=question,
            kind=kind.value,
            author_id=by,
            author_name=name,
            author_role=role,
            department_id=department,
            cid=cid or post,
            reply_to=reply_to,
            state="pending" if state == "published" else state,
            version=1,
            waiting=state == "pending",
            waiting_since=self.at,
            reasons=reasons or [],
            created_at=self.at,
        )
        self._text(post, 1, body, by)
        if state == "published":
            self.publish(post)
        return post

    def reply(self, room: RoomId, to: PostId, body: str, **changes: Any) -> PostId:
        return self.post(
            room,
            body,
            **{
                "kind": PostKind.REPLY,
                "by": "price1",
                "name": "陈立言",
                "role": "respondent",
                "department": "price",
                "reply_to": to,
                **changes,
            },
        )

    def publish(self, post: PostId) -> int:
        """The newest text becomes the shown one."""
        row = self._post(post)
        first = row.shown_version is None
        lane = PostKind(row.kind).lane
        seq = self.say(row.room_id, lane, "msg" if first else "edit", ref=post, version=row.version)
        self._set(post, shown_version=row.version, state="published", waiting=False)
        if first:
            self._set(post, seq=seq)
            if row.kind == "question":
                self._number(row)
        return seq

    def revise(self, post: PostId, body: str, *, publish: bool) -> None:
        row = self._post(post)
        self._text(post, row.version + 1, body, row.author_id)
        self._set(post, version=row.version + 1, waiting=not publish, waiting_since=self.at)
        if publish:
            self.publish(post)

    def hide(self, post: PostId, reason: str = "personal") -> int:
        return self._turn(post, reason, "redact", {"reason": reason}, None)

    def restore(self, post: PostId) -> int:
        return self._turn(post, None, "restore", {}, self._post(post).shown_version)

    def mark(self, post: PostId, kind: str, on: bool) -> int:
        """`kind` is `pin` or `stage`."""
        row = self._post(post)
        seq = self.say(row.room_id, PostKind(row.kind).lane, kind, ref=post, on=on)
        self._set(post, **{"pinned" if kind == "pin" else "staged": on, f"{kind}_seq": seq})
        return seq

    def rule(self, post: PostId, ruling: str, *, reason: str | None = None, note: str | None = None) -> None:
        row = self._post(post)
        self._insert(
            schema.ruling,
            post_id=post,
            version=row.version,
            ruling=ruling,
            moderator_id="moderator1",
            reason=reason,
            note=note,
            at=self.at,
        )
        self.at += 1
        if ruling == "publish":
            self.publish(post)
            return
        self._set(post, waiting=False, **({} if row.shown_version else {"state": "rejected"}))

    def say(
        self, room: str, lane: Lane, kind: str, *, ref: str | None = None, version: int | None = None, **meta: Any
    ) -> int:
        """The next event of a lane."""
        self.at += 1_000
        here = (schema.lane.c.stream_id == room, schema.lane.c.lane == lane.value)
        self.connection.execute(update(schema.lane).where(*here).values(head_seq=schema.lane.c.head_seq + 1))
        seq = self.connection.execute(select(schema.lane.c.head_seq).where(*here)).scalar_one()
        self._insert(
            schema.event,
            stream_id=room,
            lane=lane.value,
            seq=seq,
            kind=kind,
            ref=ref,
            version=version,
            meta=meta,
            at=self.at,
        )
        return int(seq)

    def put(self, table: Table, **values: Any) -> None:
        """A row as it is."""
        self._insert(table, **values)

    def change_post(self, post: PostId, **values: Any) -> None:
        self._set(post, **values)

    def change_event(self, room: str, lane: Lane, seq: int, **values: Any) -> None:
        event = schema.event.c
        here = (event.stream_id == room, event.lane == lane.value, event.seq == seq)
        self.connection.execute(update(schema.event).where(*here).values(**values))

    def _thread(self, room: RoomId, post: PostId, kind: PostKind, by: str, reply_to: PostId | None) -> str | None:
        if kind is PostKind.QUESTION:
            self._insert(
                schema.question,
                id=post,
                channel="room",
                room_id=room,
                asker_id=by,
                state="received",
                created_at=self.at,
            )
            return post
        return None if reply_to is None else self._post(reply_to).question_id

    def _number(self, row: Any) -> None:
        taken = select(func.coalesce(func.max(schema.question.c.number), 0)).where(
            schema.question.c.room_id == row.room_id
        )
        number = self.connection.execute(taken).scalar_one() + 1
        asked = update(schema.question).where(schema.question.c.id == row.question_id)
        self.connection.execute(asked.values(number=number, state="asked"))

    def _turn(self, post: PostId, hidden: str | None, kind: str, meta: dict[str, Any], version: int | None) -> int:
        row = self._post(post)
        seq = self.say(row.room_id, PostKind(row.kind).lane, kind, ref=post, version=version, **meta)
        told = {"by": {"name": "moderator", "id": "moderator1"}, "author": row.author_id}
        self.say(row.room_id, Lane.MOD, "hidden" if hidden else "shown", ref=post, **told)
        self._set(post, hidden=hidden, hidden_seq=seq)
        return seq

    def _text(self, post: str, version: int, body: str, by: str) -> None:
        self._insert(
            schema.post_version,
            post_id=post,
            version=version,
            body=body,
            salt=b"salt",
            created_by=by,
            created_at=self.at,
        )

    def _post(self, post: str) -> Any:
        return self.connection.execute(select(schema.post).where(schema.post.c.id == post)).one()

    def _set(self, post: str, **values: Any) -> None:
        self.connection.execute(update(schema.post).where(schema.post.c.id == post).values(**values))

    def _insert(self, table: Table, **values: Any) -> None:
        self.connection.execute(insert(table).values(**values))

    def settle(self) -> None:
        """What rooms say of their queues, once all of it is laid: to count after each row takes seconds."""
        theirs = select(func.count()).where(schema.post.c.waiting, schema.post.c.room_id == schema.room.c.id)
        self.connection.execute(update(schema.room).values(waiting=theirs.scalar_subquery()))

    def _count(self, table: Table) -> int:
        return self.connection.execute(select(func.count()).select_from(table)).scalar_one()


class Client:
    """What the contract asks of a client: a snapshot, and then each item in its turn."""

    def __init__(self, lane: Lane, state: dict[str, Any], items: list[dict[str, Any]], head: int) -> None:
        self.lane, self.head = lane, head
        self.state = dict(state)
        self.items = {item["id"]: item for item in items}
        self.marks: dict[str, list[str]] = {"pin": [], "stage": []}

    @classmethod
    async def joined(cls, store: RoomReads, room: RoomId, lane: Lane, tail: int = 200) -> Client:
        snapshot = await store.snapshot(room, lane, tail)
        client = cls(lane, snapshot.state, snapshot.items, snapshot.head)
        client.marks = {"pin": list(snapshot.pinned), "stage": list(snapshot.stage)}
        return client

    async def catch_up(self, store: RoomReads, room: RoomId) -> None:
        while True:
            page = await store.events(room, self.lane, self.head, 7)
            for item in page.items:
                self.apply(item)
            if self.head == page.head:
                return

    def apply(self, item: dict[str, Any]) -> None:
        assert item["s"] == self.head + 1
        self.head = item["s"]
        known = self.items.get(item["id"], {})
        match item["k"]:
            case "msg":
                self.items[item["id"]] = item
            case "edit" if known and not known.get("redacted") and not item.get("redacted"):
                self.items[item["id"]] = {**known, "ver": item["ver"], "body": item["body"]}
            case "redact" if known:
                self.items[item["id"]] = {**{key: known[key] for key in ("s", "k", "id", "at")}, "redacted": True}
            case "restore" if known and not item.get("redacted"):
                self.items[item["id"]] = {**item, **{key: known[key] for key in ("s", "k", "id", "at")}}
            case "askers" if known and not known.get("redacted"):
                rest = {key: value for key, value in known.items() if key != "askers"}
                self.items[item["id"]] = {**rest, **({"askers": item["askers"]} if item["askers"] > 1 else {})}
            case "pin" | "stage" as mark:
                self.marks[mark] = [post for post in self.marks[mark] if post != item["id"]]
                if item["on"]:
                    self.marks[mark].append(item["id"])
            case "state":
                self._step(item["state"], item["at"])
            case "set":
                self._set(item)
            case _:
                self._beside(item)

    def _beside(self, item: dict[str, Any]) -> None:
        """What the desk and the moderators are told."""
        match item["k"]:
            case "seat":
                self.state["seats"] = [*self.state["seats"], {"dept": item["dept"], "name": item["name"]}]
            case "queue":
                self.state["waiting"] = item["waiting"]
            case "verdict":
                self.state["waiting"] -= 1

    def _set(self, item: dict[str, Any]) -> None:
        self.state["policy"] = item.get("policy", self.state["policy"])
        self.state["frozen"] = item.get("freeze", self.state["frozen"])
        self.state["departments"] = item.get("departments", self.state["departments"])
        for name in "hold", "verified", "until":
            self.state[name] = item.get(name, self.state[name]) or (None if name == "until" else False)

    def _step(self, state: str, at: int) -> None:
        self.state["state"] = state
        if state == "live" and self.state["opened_at"] is None:
            self.state["opened_at"] = at
        if state == "closed":
            self.state["closed_at"] = at

    def view(self) -> tuple[Any, ...]:
        items = sorted(self.items.values(), key=lambda item: item["s"])
        return self.head, self.state, items, self.marks
