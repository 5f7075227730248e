"""A client written from the published contract alone: HTTP calls, one socket, positions, resume, resends.

It imports nothing of the server's. Tests, soak and fault runs use it to see what the outside sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import msgpack
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

Frame = dict[str, Any]


class Refused(Exception):
    """The server answered `err`, or HTTP problem+json."""

    def __init__(self, code: str, frame: Frame) -> None:
        super().__init__(code)
        self.code = code
        self.frame = frame


class Api:
    """The HTTP side, for one token."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self.base = base
        self.token = token
        headers = {"authorization": f"Bearer {token}"} if token else {}
        # Plain HTTP on loopback; loading the machine's certificates for it would take longer than most calls.
        self.http = httpx2.AsyncClient(base_url=base, headers=headers, timeout=30, trust_env=False, verify=False)

    async def call(self, method: str, path: str, body: object | None = None) -> Any:
        """The decoded answer; problem+json raises `Refused`."""
        reply = await self.http.request(method, "/api/v1" + path, json=body)
        if reply.status_code >= 400:
            problem = reply.json()
            raise Refused(problem["code"], problem)
        return reply.json() if reply.content else None

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def post(self, path: str, body: object | None = None) -> Any:
        return await self.call("POST", path, {} if body is None else body)

    async def close(self) -> None:
        await self.http.aclose()


async def sign_in(base: str, username: str, password: str = "wenzheng-demo") -> Api:
    anonymous = Api(base)
    try:
        granted = await anonymous.post("/session", {"username": username, "password": password})
    finally:
        await anonymous.close()
    return Api(base, granted["token"])


async def guest(base: str, name: str | None = None) -> Api:
    anonymous = Api(base)
    try:
        granted = await anonymous.post("/guests", {"name": name} if name else {})
    finally:
        await anonymous.close()
    return Api(base, granted["token"])


@dataclass
class LaneView:
    """One lane as this client has applied it, by the client rule of the contract."""

    ep: str | None = None
    seq: int = 0
    items: list[Frame] = field(default_factory=list)  # every applied event, in order
    snap: Frame | None = None
    snaps: int = 0
    resets: int = 0
    holes: int = 0
    dropped: int = 0

    def position(self) -> Frame | None:
        return {"ep": self.ep, "seq": self.seq} if self.ep is not None else None


@dataclass
class RoomView:
    lanes: dict[str, LaneView]
    tail: int = 50
    me: Frame | None = None
    tally: dict[str, list[int]] = field(default_factory=dict)
    hb: Frame | None = None
    joined: Frame | None = None


class Live:
    """One socket that comes back by itself. `seen` keeps the raw bytes of every message received, when asked to."""

    def __init__(self, base: str, *, codec: str = "json", token: str | None = None, keep_raw: bool = False) -> None:
        self.url = base.replace("http", "ws", 1) + "/ws"
        self.codec = codec
        self.token = token
        self.rooms: dict[str, RoomView] = {}
        self.raw: list[bytes] | None = [] if keep_raw else None
        self.welcome: Frame | None = None
        self.closes: list[tuple[int, str]] = []
        self.byes: list[Frame] = []
        self.stray: list[Frame] = []  # err frames without an id
        self.connects = 0
        self._socket: ClientConnection | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[str, tuple[asyncio.Future[Frame], Frame]] = {}
        self._changed = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self.final: str | None = None
        self.backoff_s = 0.5
        self.on_item: Callable[[str, str, Frame], None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> Live:
        self._runner = asyncio.get_running_loop().create_task(self._run(), name="client")
        await asyncio.wait_for(self._open.wait(), 20)
        return self

    async def stop(self) -> None:
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        if self._socket is not None:
            await self._socket.close()

    def cut(self) -> None:
        """Loses the network under the socket, without a word to the server."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def __aenter__(self) -> Live:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _run(self) -> None:
        failures = 0
        while self.final is None:
            floor_ms = 0
            try:
                await self._serve_once()
                failures = 0
            except InvalidStatus as refused:
                if refused.response.status_code not in (429, 502, 503):
                    self.final = f"http {refused.response.status_code}"
            except (OSError, TimeoutError, ConnectionClosed):
                pass
            self._open.clear()
            if self.closes and 4100 <= self.closes[-1][0] < 4200:
                for room in self.rooms.values():
                    for lane in room.lanes.values():
                        lane.ep = None
            if self.closes and 4400 <= self.closes[-1][0] < 4500:
                self.final = f"close {self.closes[-1][0]}"
            if self.byes:
                floor_ms = self.byes[-1].get("after_ms", 0)
            failures += 1
            self._changed.set()
            # Full jitter: a whole audience must not come back in one instant.
            await asyncio.sleep(floor_ms / 1000 + random.random() * min(30.0, self.backoff_s * 2 ** min(failures, 6)))

    async def _serve_once(self) -> None:
        async with connect(
            self.url,
            subprotocols=[cast(Subprotocol, f"wenzheng.v1.{self.codec}")],
            proxy=None,
            compression=None,
            max_size=2**24,
            ping_interval=None,
            open_timeout=10,
        ) as socket:
            self._socket = socket
            self.connects += 1
            self.byes.clear()
            try:
                hello: Frame = {"t": "hello", "id": "hello"}
                if self.token:
                    hello["token"] = self.token
                await self._write([hello])
                for room in list(self.rooms):
                    await self._write([self._join_frame(room)])
                for _, frame in list(self._waiting.values()):
                    if frame["t"] != "join":
                        await self._write([frame])
                async for message in socket:
                    self._receive(message)
            finally:
                if socket.close_code is not None:
                    self.closes.append((socket.close_code, socket.close_reason or ""))

    async def _write(self, frames: list[Frame]) -> None:
        assert self._socket is not None
        await self._socket.send(orjson.dumps(frames).decode() if self.codec == "json" else msgpack.packb(frames))

    # --- receiving --------------------------------------------------------------------------------------------------

    def _receive(self, message: str | bytes) -> None:
        raw = message.encode() if isinstance(message, str) else message
        assert isinstance(message, str) is (self.codec == "json"), "the codec decides the kind of message"
        if self.raw is not None:
            self.raw.append(raw)
        frames = self._decoded(raw)
        assert isinstance(frames, list), "every message is a list"
        for frame in frames:
            self._take(frame)
        self._changed.set()

    def _decoded(self, raw: bytes) -> Any:
        return orjson.loads(raw) if self.codec == "json" else msgpack.unpackb(raw)

    def _take(self, frame: Frame) -> None:
        kind = frame["t"]
        if kind in ("ok", "err", "welcome", "joined"):
            self._answer(kind, frame)
        elif kind == "snap":
            self._snap(frame)
        elif kind == "ev":
            self._events(frame)
        elif kind == "reset":
            if lane := self._lane(frame):
                lane.ep, lane.seq = frame["ep"], 0
                lane.resets += 1
                lane.items.clear()
        elif kind == "hb" and frame["r"] in self.rooms:
            self.rooms[frame["r"]].hb = frame
        elif kind == "tally" and frame["r"] in self.rooms:
            self.rooms[frame["r"]].tally.update(frame["x"])
        elif kind == "me" and frame["r"] in self.rooms:
            self.rooms[frame["r"]].me = frame
        elif kind == "bye":
            self.byes.append(frame)

    def _answer(self, kind: str, frame: Frame) -> None:
        if kind == "welcome":
            self.welcome = frame
            self._open.set()
        if kind == "joined" and frame["room"] in self.rooms:
            room = self.rooms[frame["room"]]
            room.joined, room.me = frame, frame.get("me")
        waiting = self._waiting.pop(str(frame.get("id")), None)
        if waiting is None:
            if kind == "err":
                self.stray.append(frame)
            return
        future, _ = waiting
        if future.done():
            return
        if kind == "err":
            future.set_exception(Refused(frame["code"], frame))
        else:
            future.set_result(frame)

    def _lane(self, frame: Frame) -> LaneView | None:
        room = self.rooms.get(frame["r"])
        return room.lanes.get(frame["l"]) if room else None

    def _snap(self, frame: Frame) -> None:
        if lane := self._lane(frame):
            lane.ep, lane.seq, lane.snap = frame["ep"], frame["head"], frame
            lane.snaps += 1

    def _events(self, frame: Frame) -> None:
        lane = self._lane(frame)
        if lane is None or frame["ep"] != lane.ep:
            return
        assert [item["s"] for item in frame["x"]] == list(range(frame["a"], frame["b"] + 1)), frame
        for item in frame["x"]:
            if item["s"] <= lane.seq:
                lane.dropped += 1
            elif item["s"] == lane.seq + 1:
                lane.seq = item["s"]
                lane.items.append(item)
                if self.on_item:
                    self.on_item(frame["r"], frame["l"], item)
            else:
                lane.holes += 1
                asyncio.get_running_loop().create_task(self._write([self._join_frame(frame["r"])]))
                return

    # --- asking -----------------------------------------------------------------------------------------------------

    def _join_frame(self, room: str) -> Frame:
        view = self.rooms[room]
        pos = {name: lane.position() for name, lane in view.lanes.items() if lane.ep is not None}
        frame: Frame = {"t": "join", "id": f"j{next(self._ids)}", "room": room, "lanes": list(view.lanes)}
        frame["tail"] = view.tail
        if pos:
            frame["pos"] = pos
        return frame

    async def ask(self, kind: str, /, **fields: Any) -> Frame:
        """Sends one command and waits for its answer; it is resent under the same id after a reconnect."""
        frame = {"t": kind, "id": str(next(self._ids)), **fields}
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[frame["id"]] = (future, frame)
        with contextlib.suppress(ConnectionClosed, AssertionError):
            await self._write([frame])
        return await asyncio.wait_for(future, 30)

    async def join(self, room: str, *lanes: str, pos: Frame | None = None, tail: int = 50) -> Frame:
        view = self.rooms[room] = RoomView({name: LaneView() for name in lanes or ("pub",)}, tail)
        for name, at in (pos or {}).items():
            view.lanes[name].ep, view.lanes[name].seq = at["ep"], at["seq"]
        frame = self._join_frame(room)
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[frame["id"]] = (future, frame)
        await self._write([frame])
        joined = await asyncio.wait_for(future, 30)
        await self.until(
            lambda: all(
                view.lanes[name].snaps if told["mode"] == "snapshot" else view.lanes[name].seq >= told["head"]
                for name, told in joined["lanes"].items()
            )
        )
        return joined

    async def post(self, room: str, cid: str, kind: str, body: str, reply_to: str | None = None) -> Frame:
        fields: Frame = {"room": room, "cid": cid, "kind": kind, "body": body}
        if reply_to is not None:
            fields["reply_to"] = reply_to
        return await self.ask("post", **fields)

    async def until(self, met: Callable[[], Any], timeout_s: float = 15.0) -> None:
        """Waits until what was received makes `met` true."""
        async with asyncio.timeout(timeout_s):
            while not met():
                self._changed.clear()
                await self._changed.wait()
