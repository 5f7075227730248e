"""A node with its sockets held in the hand: real sessions over the listed store, handlers that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgpack
import orjson
from pydantic import Discriminator, TypeAdapter
from websockets.frames import Opcode

from accounts.handlers import Verified
from accounts.model import Account, Session
from gateway.live.framing import Framing
from gateway.live.node import Live
from gateway.live.peer import LivePeer
from gateway.options import GatewayOptions
from gateway.server_frames import ServerFrame
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, DepartmentId, PostId, RoomId, SourceKey, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.commands import WaitingPost
from rooms.commands import Done, PostReceipt, RoomChanged, Voted
from rooms.handlers import Rooms
from rooms.hub import Hub, HubOptions
from rooms.model import Author, Policy, PostKind, PostState, Room, RoomDepartment, RoomState
from tests.rooms.world import ROOM, Frame, HandBus, HandScheduler, ListStore, settle

HOUR_MS = 3_600_000
_SERVER_FRAME: TypeAdapter[Any] = TypeAdapter(Annotated[ServerFrame, Discriminator("t")])


def person(name: str, role: Role, department: str | None = None) -> Actor:
    return Actor(UserId(name), name, role, DepartmentId(department) if department else None)


PEOPLE = {
    "netizen": Actor(UserId("g:1"), "小满", Role.NETIZEN, guest=True),
    "netizen2": Actor(UserId("g:2"), "小雪", Role.NETIZEN, guest=True),
    "price1": person("price1", Role.RESPONDENT, "price"),
    "price2": person("price2", Role.RESPONDENT, "price"),
    "metro1": person("metro1", Role.RESPONDENT, "metro"),
    "host": person("host", Role.HOST),
    "host2": person("host2", Role.HOST),
    "moderator1": person("moderator1", Role.MODERATOR),
    "inspector1": person("inspector1", Role.INSPECTOR),
}


_OWN = {"cid": "c1", "kind": "question", "ver": 1, "waiting": False, "body": "", "at": 1_000, "q": "p1"}


class LiveStore(ListStore):
    """The listed lanes, one room, and staff sign-ins that can be ended."""

    def __init__(self) -> None:
        super().__init__()
        department = RoomDepartment(DepartmentId("price"), "市物价局", "Price Bureau", "价", 1, True)
        self.room_row = Room(ROOM, "ABC123", "票价", "", RoomState.LIVE, Policy(), (department,), UserId("host"), 1_000)
        self.ended: set[str] = set()
        self.roles: dict[str, Role] = {}
        self.mine: dict[str, list[dict[str, Any]]] = {}
        self.votes: dict[str, dict[str, int]] = {}
        self.mutes: dict[str, dict[str, Any]] = {}
        self.committed: list[Any] = []

    async def room(self, room: RoomId) -> Room | None:
        known = any(hosted == room for hosted, _ in self.epochs)
        return await self._answer("room", replace(self.room_row, id=room) if known else None)  # type: ignore[no-any-return]

    async def post_room(self, post: PostId) -> RoomId | None:
        return ROOM if post.startswith("p") else None

    async def thread_of(self, post: PostId) -> tuple[RoomId, PostId] | None:
        """Public posts are `p` and a digit; `p0` is the question all of them belong to."""
        found = (ROOM, PostId("p0")) if post in {f"p{n}" for n in range(10)} else None
        return await self._answer("thread_of", found)  # type: ignore[no-any-return]

    async def commit(self, command: Any) -> Any:
        self.committed.append(command)
        name = type(command).__name__
        return {"Vote": Voted(ROOM, 3, 1), "SetRoom": RoomChanged(ROOM, 9, RoomState.LIVE)}.get(name, Done(8))

    async def my(self, room: RoomId, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        posts = [{**_OWN, **post} for post in self.mine.get(user, [])]
        mine = {"posts": posts, "mute": self.mutes.get(user), "votes": self.votes.get(user, {}), "wait_p50_s": None}
        return await self._answer("my", mine)  # type: ignore[no-any-return]

    async def session_account(self, token_hash: str, now: int) -> tuple[Session, Account] | None:
        name = token_hash.removeprefix("hash-")
        actor = PEOPLE[name]
        assert actor.id is not None
        role = self.roles.get(name, actor.role)
        account = Account(actor.id, name, actor.name, role, actor.department, "")
        found = None if token_hash in self.ended else (Session(token_hash, actor.id, 0, now + HOUR_MS), account)
        return await self._answer("session", found)  # type: ignore[no-any-return]


class HandAccounts:
    """A token is a name; `expired` and anything unknown are refused."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.tickets = {"ticket": "price1"}

    async def verify(self, token: str) -> Verified:
        if token == "expired":
            raise Refusal("expired")
        if token not in PEOPLE:
            raise Refusal("unauthenticated")
        actor = PEOPLE[token]
        expires_at = self._house.clock.now_ms() + HOUR_MS
        return Verified(actor, expires_at, f"hash-{token}" if actor.is_staff else None)

    def at(self, actor: Actor, prefix: str | None) -> Actor:
        return replace(actor, sources=(SourceKey(f"a:{prefix}"),)) if actor.guest and prefix else actor

    async def redeem(self, ticket: str) -> Verified:
        return await self.verify(self.tickets.pop(ticket, ""))


class Script:
    """Handlers that note what they were asked and do what the story says."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}
        self.hold: dict[str, asyncio.Event] = {}

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def handler(*arguments: Any, **named: Any) -> Any:
            self.asked.append((name, arguments, named))
            if name in self.hold:
                await self.hold[name].wait()
            answer = self.answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer(*arguments, **named) if callable(answer) else answer

        return handler


class HandSocket:
    """What the engine would hand over: takes frames, gives back what was decoded from the bytes."""

    def __init__(self, codec: str = "json", address: str = "127.0.0.1") -> None:
        self.codec = self.form = codec
        self.address = address
        self.raw: list[bytes] = []
        self.limits: list[int] = []
        self.closed: tuple[int, str] | None = None
        self.unsent = 0
        self.stuck = False
        self.arrived = asyncio.Event()

    @property
    def writable(self) -> bool:
        return self.unsent == 0

    def write(self, framed: bytes, /) -> None:
        if self.closed is not None:
            return
        size = framed[1] & 127
        start = 2 + {126: 2, 127: 8}.get(size, 0)
        assert framed[0] == 0x80 | (Opcode.TEXT if self.codec == "json" else Opcode.BINARY)
        self._take(framed[start:])

    def send(self, payload: bytes) -> None:
        if self.closed is None:
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        self.raw.append(payload)
        self.arrived.set()
        if self.stuck:
            self.unsent += len(payload)

    def close(self, code: int, reason: str = "") -> None:
        self.closed = self.closed or (code, reason)

    def limit(self, message_bytes: int) -> None:
        self.limits.append(message_bytes)


class Client:
    """The far end of one socket."""

    def __init__(self, live: Live, codec: str = "json") -> None:
        self.live = live
        self.socket = HandSocket(codec)
        self.peer: LivePeer = live.peers(self.socket)
        self._ids = 0

    @property
    def frames(self) -> list[Frame]:
        """Everything received; each message is a list of frames of the contract."""
        decode = orjson.loads if self.socket.codec == "json" else msgpack.unpackb
        frames = [frame for payload in self.socket.raw for frame in decode(payload)]
        for frame in frames:
            _SERVER_FRAME.validate_python(frame)
        return frames

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["t"] == kind]

    def send(self, *frames: Any) -> None:
        self.send_raw(orjson.dumps(frames) if self.socket.codec == "json" else msgpack.packb(frames))

    def send_raw(self, payload: bytes, *, binary: bool | None = None) -> None:
        self.peer.received(payload, self.socket.codec != "json" if binary is None else binary)

    async def ask(self, kind: str, /, **fields: Any) -> Frame:
        """One command, and the frame that answers it."""
        self._ids += 1
        number = self._ids
        self.send({"t": kind, "id": number, **fields})
        await settle()
        await self.until(lambda: any(frame.get("id") == number for frame in self.frames))
        return next(frame for frame in self.frames if frame.get("id") == number)

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until what has arrived makes `met` true."""
        async with asyncio.timeout(10):
            while not met():
                self.socket.arrived.clear()
                await self.socket.arrived.wait()

    def items(self, lane: str = "pub") -> list[Frame]:
        """Every event of the lane that arrived, each number once and none left out."""
        found = [item for frame in self.of("ev") if frame["l"] == lane for item in frame["x"]]
        numbers = [item["s"] for item in found]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
        return found

    async def hello(self, token: str | None = None, **fields: Any) -> Client:
        answer = await self.ask("hello", **({"token": token} if token else {}), **fields)
        assert answer["t"] == "welcome", answer
        return self

    async def join(self, *lanes: str, room: str = ROOM, **fields: Any) -> Frame:
        return await self.ask("join", room=room, lanes=list(lanes or ("pub",)), **fields)

    def forget(self) -> None:
        self.socket.raw.clear()

    def hang_up(self) -> None:
        self.peer.closed()


class House:
    """One node over hand-made parts."""

    def __init__(self, **options: Any) -> None:
        self.store = LiveStore()
        self.bus = HandBus()
        self.scheduler = HandScheduler()
        self.clock = FrozenClock()
        self.posting = Script()
        self.review = Script()
        self.accounts = HandAccounts(self)
        self.options = GatewayOptions(**options)
        hub = Hub(self.store, self.bus, Framing(), self.clock, self.scheduler, HubOptions())  # type: ignore[arg-type]
        self.bus.subscribe(hub.receive, hub.missed)
        self.live = Live(
            hub,
            self.store,  # type: ignore[arg-type]
            self.accounts,  # type: ignore[arg-type]
            Rooms(self.store, self.clock, CountingIds()),  # type: ignore[arg-type]
            self.posting,  # type: ignore[arg-type]
            self.review,  # type: ignore[arg-type]
            self.options,
            self.clock,
            self.scheduler,
            lambda lang, code: f"{lang}:{code}",
        )
        hub.watch(self.live.own.applied)

    def client(self, codec: str = "json") -> Client:
        return Client(self.live, codec)

    async def enter(self, token: str | None = None, *lanes: str, codec: str = "json") -> Client:
        """Someone who has said hello and joined the room."""
        client = await self.client(codec).hello(token)
        joined = await client.join(*lanes)
        assert joined["t"] == "joined", joined
        return client

    def publish(self, post: str, body: str, **fields: Any) -> None:
        self.bus.publish(self.store.message(post, body, **fields))
        self.scheduler.advance(0.3)

    async def pass_time(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / 0.5))):
            self.clock.advance(500)
            self.scheduler.advance(0.5)
            await self.live.hub.probe.once()
            self.live.hub.tick()
            self.live.tick()
            await settle()


def receipt(state: PostState, **fields: Any) -> PostReceipt:
    return PostReceipt(PostId("p1"), ROOM, state, 1, **fields)


def waiting(body: str) -> WaitingPost:
    author = Author(UserId("g:1"), "小满", Role.NETIZEN)
    return WaitingPost(
        PostId("p1"), 1, ROOM, PostKind.QUESTION, body, author, 1_000, (), "leased", UserId("moderator1"), 31_000,
        PostState.PENDING, None,
    )  # fmt: skip
