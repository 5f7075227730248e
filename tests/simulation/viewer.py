"""One who watches: comes, goes, comes back to another node with the positions it holds, and records all it sees."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from kernel.ids import RoomId
from kernel.refusals import Refusal
from rooms.audience import Listener
from rooms.entrance import enter, prepare
from rooms.model import Lane
from rooms.ports import Head
from tests.simulation.network import Lost, Pipe
from tests.simulation.node import Node

if TYPE_CHECKING:
    from tests.simulation.city import City

LANES: dict[str, tuple[Lane, ...]] = {
    "public": (Lane.PUB,),
    "desk": (Lane.DESK, Lane.PUB),
    "mod": (Lane.MOD, Lane.PUB),
}


class Viewer:
    """Runs until it is told to rest; `held` is its position on each lane."""

    def __init__(self, city: City, name: str, room: RoomId, role: str, tail: int) -> None:
        self.city = city
        self.name = name
        self.room = room
        self.lanes = LANES[role]
        self.tail = tail
        self.held: dict[Lane, Head] = {}
        self.pipe: Pipe | None = None
        self.listener: Listener | None = None
        self.home: Node | None = None  # where it goes, if it is still up; elsewhere any
        self._cut = asyncio.Event()
        self._awake = asyncio.Event()
        self._asleep_s = 0.0

    async def watch(self) -> None:
        """Connects over and over; a node that dies or closes only makes it come back."""
        while True:
            self._cut.clear()
            await self._connect(self.home or self.city.some_node())
            await self._cut.wait()
            await asyncio.sleep(self.city.chance.uniform(0.01, 0.3))
            if self._asleep_s:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._asleep_s):
                        await self._awake.wait()
                self._asleep_s = 0.0

    async def _connect(self, node: Node) -> None:
        city = self.city
        pipe = self.pipe = Pipe(node, city.network, city.loop, self._receive)
        listener = self.listener = Listener(pipe)
        positions = dict(self.held)
        for lane in self.lanes:
            held = positions.get(lane)
            if held is None:
                city.history.opens(self.name, lane, room=self.room)
            else:
                city.history.opens(self.name, lane, room=self.room, epoch=held.epoch, seq=held.seq)

        async def join(node: Node) -> None:
            async with node.hub.hosting(self.room) as hosted:
                if node.hub.stale():
                    raise Refusal("unavailable")
                entrances = await prepare(node.hub, hosted, listener, self.lanes, self.tail, positions)
                if pipe.open:
                    enter(node.hub, hosted, listener, entrances)

        try:
            await city.network.call(node, join)
        except (Refusal, Lost):
            self.cut()

    def cut(self) -> None:
        """The connection is gone; the node hears of it a little later."""
        pipe, listener = self.pipe, self.listener
        if pipe is None or listener is None or not pipe.open:
            return
        pipe.open = False
        node = pipe.node
        self.city.loop.call_later(self.city.network.later_s(), node.hub.drop, listener, context=node.life.context)
        for lane in self.lanes:
            self.city.history.closes(self.name, lane, room=self.room)
        self._cut.set()

    def sleep(self, seconds: float) -> None:
        """The lid is shut; the positions stay."""
        self._asleep_s = seconds
        self._awake.clear()
        self.cut()

    def wake(self) -> None:
        """Before its time: the day is over, and everybody looks once more."""
        self._awake.set()

    def stick(self) -> None:
        if self.pipe is not None:
            self.pipe.stick()

    def flow(self) -> None:
        pipe, listener = self.pipe, self.listener
        if pipe is not None and listener is not None:
            pipe.flow()
            self.city.loop.call_soon(pipe.node.hub.resumed, listener, context=pipe.node.life.context)

    # --- what arrives -----------------------------------------------------------------------------------------------

    def _receive(self, pipe: Pipe, message: bytes) -> None:
        if pipe is not self.pipe or not pipe.open:
            return
        if not message:
            self.city.loop.call_soon(self.cut, context=self.city.context())
            return
        for frame in json.loads(message):
            if frame["t"] in ("snap", "ev", "reset"):
                self._take(frame, Lane(frame["l"]))

    def _take(self, frame: dict[str, Any], lane: Lane) -> None:
        history, epoch = self.city.history, frame["ep"]
        if frame["t"] == "reset":
            history.reset(self.name, lane, epoch, frame["why"], room=self.room)
            self.held.pop(lane, None)
        elif frame["t"] == "snap":
            history.snap(self.name, lane, epoch, frame["head"], frame["x"], room=self.room)
            self.held[lane] = Head(epoch, frame["head"])
        else:
            for item in frame["x"]:
                history.saw(self.name, lane, epoch, item, room=self.room)
            self.held[lane] = Head(epoch, frame["b"])
