"""One socket, frame by frame, and the lanes that come over it by the rule of the protocol."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from wenzheng.conformance.codecs import decode, encode
from wenzheng.conformance.target import Target
from wenzheng.conformance.verdict import Broken, Frame, Refused, equal, require

WAIT_S = 8.0
FRAMES_MAX = 20_000  # of one socket; a server that says more in one check is broken
MESSAGE_MAX = 16 * 2**20


class LaneView:
    """One lane as a client holds it. Raises `Broken` for a hole, a repetition within one frame, another epoch."""

    def __init__(self, ep: str, seq: int) -> None:
        self.ep = ep
        self.seq = seq
        self.items: list[Frame] = []
        self.snap: Frame | None = None

    def take_snap(self, frame: Frame) -> None:
        equal(frame["ep"], self.ep, "the epoch of a snapshot")
        self.snap, self.seq = frame, frame["head"]

    def take_events(self, frame: Frame) -> None:
        equal(frame["ep"], self.ep, "the epoch of events")
        equal([item["s"] for item in frame["x"]], list(range(frame["a"], frame["b"] + 1)), "the numbers of one ev")
        for item in frame["x"]:
            if item["s"] <= self.seq:
                continue
            require(item["s"] == self.seq + 1, f"a hole: {item['s']} came after {self.seq}")
            self.seq = item["s"]
            self.items.append(item)


class Wire:
    """Keeps every frame received, in order; whoever waits for one reads on until it comes."""

    def __init__(self, socket: ClientConnection, codec: str) -> None:
        self.socket = socket
        self.codec = codec
        self.frames: list[Frame] = []
        self.raw: list[str | bytes] = []
        self.lanes: dict[tuple[str, str], LaneView] = {}
        self._ids = itertools.count(1)

    async def send(self, *frames: Frame) -> None:
        await self.say(encode(self.codec, list(frames)))

    async def say(self, message: str | bytes, *, text: bool | None = None) -> None:
        """A message as it is; `text` forces its kind."""
        await self.socket.send(message, text=text)

    async def ask(self, t: str, /, **asked: Any) -> Frame:
        """Sends one command and waits for its answer; `err` raises `Refused`."""
        number = next(self._ids)
        await self.send({"t": t, "id": number, **asked})
        return await self.answer(number)

    async def answer(self, number: object) -> Frame:
        found = await self.until(lambda frame: frame["t"] in _ANSWERS and frame.get("id") == number)
        if found["t"] == "err":
            require(isinstance(found.get("temporary"), bool), "an err without `temporary`")
            raise Refused(found["code"], found)
        return found

    async def refusal(self, t: str, /, **asked: Any) -> str:
        """The code with which a command is refused."""
        try:
            answered = await self.ask(t, **asked)
        except Refused as refused:
            return refused.code
        raise Broken(f"{t} was not refused, but answered with {answered['t']}")

    async def until(self, met: Callable[[Frame], object], *, since: int = 0) -> Frame:
        """The first frame for which `met` is true, of those received from place `since` on or still to come."""
        place = since
        async with asyncio.timeout(WAIT_S):
            while True:
                while place < len(self.frames):
                    if met(self.frames[place]):
                        return self.frames[place]
                    place += 1
                await self.receive()

    async def reaches(self, room: str, seq: int, lane: str = "pub") -> LaneView:
        """The lane once it stands at `seq`."""
        view = self.lanes[room, lane]
        async with asyncio.timeout(WAIT_S):
            while view.seq < seq:
                await self.receive()
        return view

    async def join(self, room: str, *lanes: str, **asked: Any) -> Frame:
        """`joined`, once each lane stands where it says; positions are taken over from `pos`."""
        joined = await self.ask("join", room=room, lanes=list(lanes or ("pub",)), **asked)
        for name, told in joined["lanes"].items():
            replayed = told["mode"] == "replay"
            self.lanes[room, name] = LaneView(told["ep"], asked["pos"][name]["seq"] if replayed else -1)
        place = self.frames.index(joined)
        for frame in self.frames[place + 1 :]:
            self._follow(frame)
        for name, told in joined["lanes"].items():
            await self.reaches(room, told["head"], name)
        return joined

    async def closed(self) -> int:
        """The code with which the server closes; frames that still come are kept."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    await self.receive()
        except ConnectionClosed:
            return self.socket.close_code or 1006

    async def receive(self) -> None:
        """One message."""
        message = await self.socket.recv()
        self.raw.append(message)
        for frame in decode(self.codec, message):
            self.frames.append(frame)
            self._follow(frame)
        require(len(self.frames) <= FRAMES_MAX, "more frames than one check can have asked for")

    def said(self, text: str) -> bool:
        """Whether the text has come over this socket, in whatever frame."""
        return any(_holds(frame, text) for frame in self.frames)

    def _follow(self, frame: Frame) -> None:
        view = self.lanes.get((str(frame.get("r")), str(frame.get("l"))))
        if view is None:
            return
        if frame["t"] == "snap":
            view.take_snap(frame)
        elif frame["t"] == "ev":
            view.take_events(frame)


_ANSWERS = frozenset({"ok", "err", "welcome", "joined"})


@asynccontextmanager
async def opened(target: Target, codec: str, *, token: str | None = None, greet: bool = True) -> AsyncIterator[Wire]:
    """A socket that has been welcomed; `greet=False`: one that has not said a word."""
    async with connect(
        target.ws,
        subprotocols=[Subprotocol(f"wenzheng.v1.{codec}")],
        proxy=None,
        compression=None,
        max_size=MESSAGE_MAX,
        open_timeout=WAIT_S,
        close_timeout=2,
    ) as socket:
        wire = Wire(socket, codec)
        if greet:
            welcome = await wire.ask("hello", **({"token": token} if token else {}))
            equal(welcome["t"], "welcome", "the answer to hello")
        yield wire


def _holds(value: object, text: str) -> bool:
    if isinstance(value, str):
        return text in value
    if isinstance(value, dict):
        return any(_holds(one, text) for one in value.values())
    return isinstance(value, list) and any(_holds(one, text) for one in value)
