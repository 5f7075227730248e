"""A small world to tell stories in: a store that is only lists, time that moves by hand, sockets that can get stuck."""

from __future__ import annotations

import asyncio
import heapq
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernel.clock import FrozenClock
from kernel.ids import PostId, RoomId, SourceKey, UserId
from kernel.refusals import Refusal
from rooms.audience import Listener
from rooms.entrance import enter, prepare
from rooms.hub import Hub, HubOptions
from rooms.model import Lane
from rooms.ports import Head, Hint, Item, Slice, Snapshot

ROOM = RoomId("room1")
Frame = dict[str, Any]


async def settle(turns: int = 20) -> None:
    """Lets tasks that are ready go on until they wait for something."""
    for _ in range(turns):
        await asyncio.sleep(0)


class HandTimer:
    def __init__(self, act: Callable[[], None]) -> None:
        self.act: Callable[[], None] | None = act

    def cancel(self) -> None:
        self.act = None


class HandScheduler:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._due: list[tuple[float, int, HandTimer]] = []
        self._count = 0

    def now(self) -> float:
        return self._now

    def call_soon(self, act: Callable[[], None]) -> HandTimer:
        return self.call_later(0.0, act)

    def call_later(self, seconds: float, act: Callable[[], None]) -> HandTimer:
        timer = HandTimer(act)
        self._count += 1
        heapq.heappush(self._due, (self._now + seconds, self._count, timer))
        return timer

    def turn(self) -> None:
        """One loop turn: what is due now, and nothing that it asks for in its place."""
        due = []
        while self._due and self._due[0][0] <= self._now:
            due.append(heapq.heappop(self._due)[2])
        for timer in due:
            if timer.act is not None:
                timer.act()

    def advance(self, seconds: float = 0.0) -> None:
        until = self._now + seconds
        while self._due and self._due[0][0] <= until:
            at, _, timer = heapq.heappop(self._due)
            self._now = max(self._now, at)
            if timer.act is not None:
                timer.act()
        self._now = until


class ListStore:
    """Lanes as lists. What is hidden is joined away when read, as every store must."""

    def __init__(self) -> None:
        self.epochs: dict[tuple[RoomId, Lane], str] = {}
        self.logs: dict[tuple[RoomId, Lane], list[Item]] = {}
        self.hidden: set[str] = set()
        self.away = False
        self.writable = True
        self.reads: Counter[str] = Counter()
        # While set, reads have looked already but their answers are still on the way.
        self.delay: asyncio.Event | None = None
        self.open_room(ROOM)

    def open_room(self, room: RoomId) -> None:
        for lane in Lane:
            self.epochs[room, lane] = "ep1"
            self.logs[room, lane] = []

    def append(self, event: str, post: str, lane: Lane = Lane.PUB, room: RoomId = ROOM, **fields: Any) -> Hint:
        """Appends one event and answers the hint a node would send."""
        log = self.logs[room, lane]
        if event in ("redact", "restore"):
            (self.hidden.add if event == "redact" else self.hidden.discard)(post)
        log.append({"s": len(log) + 1, "k": event, "id": post, "at": 1_000 + len(log), **fields})
        number = len(log)
        return Hint(room, lane, self.epochs[room, lane], number, number, [self._joined(log[-1])])

    def message(self, post: str, body: str = "", **fields: Any) -> Hint:
        return self.append("msg", post, body=body or f"text of {post}", **fields)

    def rewind(self, to: int, epoch: str, lane: Lane = Lane.PUB) -> None:
        """A backup was restored."""
        del self.logs[ROOM, lane][to:]
        self.epochs[ROOM, lane] = epoch

    def _joined(self, event: Item) -> Item:
        if event["k"] in ("msg", "edit", "restore") and event["id"] in self.hidden:
            return {"s": event["s"], "k": event["k"], "id": event["id"], "at": event["at"], "redacted": True}
        return dict(event)

    async def _answer(self, what: str, answer: Any) -> Any:
        self.reads[what] += 1
        if self.delay is not None:
            await self.delay.wait()
        if self.away:
            raise Refusal("unavailable")
        return answer

    async def heads(self, rooms: Sequence[RoomId]) -> dict[tuple[RoomId, Lane], Head]:
        found = {
            (room, lane): Head(epoch, len(self.logs[room, lane]))
            for (room, lane), epoch in self.epochs.items()
            if room in rooms
        }
        return await self._answer("heads", found)  # type: ignore[no-any-return]

    async def renew_epoch(self, room: RoomId, lane: Lane, epoch: str) -> Head:
        if not self.writable:
            raise Refusal("unavailable")
        if self.epochs[room, lane] == epoch:
            self.epochs[room, lane] = f"{epoch}+"
        head = Head(self.epochs[room, lane], len(self.logs[room, lane]))
        return await self._answer("renewals", head)  # type: ignore[no-any-return]

    async def events(self, room: RoomId, lane: Lane, after: int, limit: int) -> Slice:
        log = self.logs[room, lane]
        items = [self._joined(event) for event in log[after : after + limit]]
        return await self._answer("events", Slice(self.epochs[room, lane], len(log), items))  # type: ignore[no-any-return]

    async def snapshot(self, room: RoomId, lane: Lane, tail: int) -> Snapshot:
        log = self.logs[room, lane]
        items = [self._joined(event) for event in log if event["k"] == "msg"][-tail:]
        shot = Snapshot(self.epochs[room, lane], len(log), {"state": "live"}, items, [], [], {}, len(log) > tail)
        return await self._answer("snapshot", shot)  # type: ignore[no-any-return]

    async def my(self, room: RoomId, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        return await self._answer("my", {"posts": [], "mute": None, "votes": {}, "wait_p50_s": None})  # type: ignore[no-any-return]


class HandBus:
    """Hints arrive when the story says so: not at all, twice, or in another order."""

    def __init__(self) -> None:
        self.receivers: list[Callable[[Hint], None]] = []
        self.followed: set[RoomId] = set()
        self.healthy = True
        self.gap: Callable[[], None] = lambda: None

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    def publish(self, hint: Hint) -> None:
        for receive in self.receivers:
            receive(hint)

    def subscribe(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        self.receivers.append(receive)
        self.gap = on_gap
        return lambda: self.receivers.remove(receive)

    def follow(self, room: RoomId) -> None:
        self.followed.add(room)

    def forget(self, room: RoomId) -> None:
        self.followed.discard(room)


class PlainWire:
    """Messages as plain JSON; counts how often something is built."""

    def __init__(self) -> None:
        self.built: Counter[str] = Counter()

    def item(self, codec: str, item: Item) -> bytes:
        self.built["item"] += 1
        return json.dumps(item).encode()

    def ev(
        self, form: str, room: RoomId, lane: Lane, epoch: str, first: int, last: int, items: Sequence[bytes]
    ) -> bytes:
        self.built["ev"] += 1
        self.built[f"ev {form}"] += 1
        head = {"t": "ev", "r": room, "l": lane, "ep": epoch, "a": first, "b": last}
        return json.dumps([{**head, "x": [json.loads(item) for item in items]}]).encode()

    def codec(self, form: str) -> str:
        return form.partition("+")[0]

    def snap(self, form: str, lane: Lane, frame: Mapping[str, object]) -> bytes:
        self.built[f"snap {form}"] += 1
        return self.message(form, frame)

    def message(self, codec: str, *frames: Mapping[str, object]) -> bytes:
        self.built[str(frames[0]["t"])] += 1
        return json.dumps(frames).encode()


class HandSink:
    """A socket that takes everything, until it gets stuck."""

    def __init__(self, codec: str = "json") -> None:
        self.codec = codec
        self.written: list[bytes] = []
        self.stuck = False
        self.unsent = 0
        self.closed: int | None = None

    @property
    def writable(self) -> bool:
        return self.unsent == 0

    def write(self, framed: bytes, /) -> None:
        self.written.append(framed)
        if self.stuck:
            self.unsent += len(framed)

    def close(self, code: int, reason: str = "") -> None:
        self.closed = code


class Viewer:
    """One who watches `ROOM` and applies the client rule of the contract, refusing every hole and repetition."""

    def __init__(self, world: World, codec: str = "json", *, counted: bool = True, form: str = "") -> None:
        self.world = world
        self.sink = HandSink(codec)
        self.listener = Listener(self.sink, counted=counted, form=form)
        self.mode: dict[Lane, str] = {}

    async def join(self, *lanes: Lane, pos: dict[Lane, Head] | None = None, tail: int = 50) -> Viewer:
        hub = self.world.hub
        async with hub.hosting(ROOM) as hosted:
            entrances = await prepare(hub, hosted, self.listener, lanes or (Lane.PUB,), tail, pos or {})
            self.mode = {entrance.view.fanout.feed.lane: str(entrance.to_wire()["mode"]) for entrance in entrances}
            enter(hub, hosted, self.listener, entrances)
        return self

    def stick(self) -> None:
        """From now on the network takes nothing."""
        self.sink.stuck = True

    def flow(self) -> None:
        """The network takes everything again, and the engine says so."""
        self.sink.stuck = False
        self.sink.unsent = 0
        self.world.hub.resumed(self.listener)

    @property
    def frames(self) -> list[Frame]:
        return [frame for message in self.sink.written for frame in json.loads(message)]

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["t"] == kind]

    def items(self, lane: Lane = Lane.PUB) -> list[Item]:
        """What the client holds: the snapshot's messages, then every event after it, each number once."""
        return self._applied(lane)[0]

    def position(self, lane: Lane = Lane.PUB) -> int | None:
        """Up to where it holds everything; None for one that has been told nothing."""
        return self._applied(lane)[1]

    def _applied(self, lane: Lane) -> tuple[list[Item], int | None]:
        held: list[Item] = []
        seq: int | None = None
        for frame in self.frames:
            if frame.get("l") != lane:
                continue
            if frame["t"] == "snap":
                held, seq = list(frame["x"]), frame["head"]
            elif frame["t"] == "ev":
                for item in frame["x"]:
                    assert seq is None or item["s"] == seq + 1, f"{item['s']} after {seq}"
                    seq = item["s"]
                    held.append(item)
                seq = frame["b"]
        return held, seq

    def seqs(self, lane: Lane = Lane.PUB) -> list[int]:
        return [item["s"] for item in self.items(lane)]

    def raw(self) -> bytes:
        return b"\n".join(self.sink.written)


class World:
    """One node, its store and its bus."""

    def __init__(self, **options: Any) -> None:
        self.store = ListStore()
        self.bus = HandBus()
        self.wire = PlainWire()
        self.scheduler = HandScheduler()
        self.clock = FrozenClock()
        self.hub = Hub(self.store, self.bus, self.wire, self.clock, self.scheduler, HubOptions(**options))  # type: ignore[arg-type]
        self.bus.subscribe(self.hub.receive, self.hub.missed)

    def viewer(self, codec: str = "json", *, counted: bool = True, form: str = "") -> Viewer:
        return Viewer(self, codec, counted=counted, form=form)

    def say(self, post: str, body: str = "", **fields: Any) -> Hint:
        """A post is published, and the hint of it arrives."""
        hint = self.store.message(post, body, **fields)
        self.bus.publish(hint)
        return hint

    def do(self, kind: str, post: str, **fields: Any) -> Hint:
        hint = self.store.append(kind, post, **fields)
        self.bus.publish(hint)
        return hint

    def vote(self, post: str, up: int, down: int) -> None:
        self.bus.publish(Hint(ROOM, Lane.PUB, "ep1", 0, 0, [], {PostId(post): (up, down)}))

    async def probe(self) -> None:
        await self.hub.probe.once()
        await settle()

    async def pass_time(self, seconds: float) -> None:
        """Time goes by in probes and ticks, as in a running node."""
        steps = max(1, round(seconds / 0.5))
        for _ in range(steps):
            self.scheduler.advance(seconds / steps)
            await self.hub.probe.once()
            self.hub.tick()
            await settle()
            self.scheduler.advance()
