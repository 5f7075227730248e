"""A whole city in one thread: disk, bus, network, several nodes, those who watch, and the record of all they see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from random import Random
from typing import Any, TypeVar

from kernel.ids import CountingIds, RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from tests.history import History
from tests.simulation.bus import Air, BusEnd, Ether
from tests.simulation.database import Disk, SimDatabase, Weather
from tests.simulation.loop import Life, SimLoop
from tests.simulation.network import Lost, Network
from tests.simulation.node import Node
from tests.simulation.viewer import Viewer

T = TypeVar("T")
NODES = 3
DISK = Disk()


class City:
    """Everything outside the nodes; made inside the running loop. `mine` are the tasks of clients."""

    def __init__(self, loop: SimLoop, seed: int, rooms: tuple[RoomId, ...], *, tight: bool) -> None:
        self.loop = loop
        self.chance = Random(f"{seed} clients")
        self.history = History(loop.time)
        self.network = Network(loop, Random(f"{seed} network"))
        self.air = Air()
        self.weather = [Weather() for _ in range(NODES)]
        self.rooms = rooms
        self.nodes: list[Node | None] = [None] * NODES
        self.viewers: list[Viewer] = []
        self.epochs = DISK.epochs()
        self.lost: list[tuple[float, float]] = []
        self.mine: set[asyncio.Task[Any]] = set()
        self._seed = seed
        self._tight = tight
        self.ether = Ether(self.air, loop, Random(f"{seed} bus"))
        self._ids = CountingIds()
        self._ids._last = 1_000_000  # beyond what the first day took
        for place in range(NODES):
            self.start(place)

    # --- nodes ------------------------------------------------------------------------------------------------------

    def start(self, place: int) -> None:
        if self.nodes[place] is not None:
            return
        life = Life(f"node-{place}")
        life.on_death = lambda: self._died(place, life)
        end = BusEnd(self.ether, life)
        chance = Random(f"{self._seed} {life.name} {self.loop.time()}")
        database = SimDatabase(DISK, self.weather[place], chance)
        self.nodes[place] = life.context.run(Node, life, self.loop, database, end, self._ids, tight=self._tight)

    def crash(self, place: int, after_steps: int) -> None:
        """Between one of its steps and the next, and started again a little later."""
        if (node := self.nodes[place]) is not None:
            node.life.fuse = after_steps

    def _died(self, place: int, life: Life) -> None:
        self.nodes[place] = None
        self.ether.ends = [end for end in self.ether.ends if end.life is not life]
        self.network.broken(life)
        for viewer in self.viewers:
            if viewer.pipe is not None and viewer.pipe.node.life is life:
                viewer.cut()
        self.loop.call_later(self.chance.uniform(0.05, 0.8), self.start, place)

    def some_node(self) -> Node:
        """Any that lives; of a city whose nodes are all down, the first to be up again."""
        living = [node for node in self.nodes if node is not None]
        if not living:
            self.start(0)
            return self.some_node()
        return self.chance.choice(living)

    # --- clients ----------------------------------------------------------------------------------------------------

    def context(self) -> Context:
        return copy_context()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Something a client does; the city waits for all of it in the end."""
        task = spawn(work, name="client")
        self.mine.add(task)
        task.add_done_callback(self.mine.discard)

    def watch(self, viewer: Viewer) -> None:
        self.viewers.append(viewer)
        spawn(viewer.watch(), name=viewer.name)

    async def ask(
        self,
        process: str,
        op: str,
        fields: dict[str, Any],
        work: Callable[[Node], Awaitable[T]],
        told: Callable[[T], dict[str, Any]],
    ) -> T | Refusal | None:
        """The answer of some node, recorded; a `Refusal` is answered, not raised; None: nobody knows."""
        operation = self.history.invoke(process, op, **fields)
        try:
            answer = await self.network.call(self.some_node(), work)
        except Lost:
            self.history.unknown(operation)
            return None
        except Refusal as refusal:
            self.history.refused(operation, refusal.code.name)
            return None if operation.outcome == "unknown" else refusal
        self.history.ok(operation, **told(answer))
        return answer

    # --- the end ----------------------------------------------------------------------------------------------------

    async def calm(self, seconds: float) -> None:
        """Everything works again, everybody comes to an end, and the time for repair goes by."""
        self.network.slowest_s = 0.02
        self.air.lost = self.air.doubled = 0.0
        self.air.slowest_s, self.air.away = 0.01, False
        for place, weather in enumerate(self.weather):
            weather.away, weather.slowest_s = False, 0.02
            weather.refused = weather.unknown = weather.old_view = 0.0
            node = self.nodes[place]
            if node is not None:
                node.life.fuse = None
            self.start(place)
        for viewer in self.viewers:
            viewer.flow()
            viewer.wake()
        while self.mine:
            await asyncio.wait(self.mine)
        await asyncio.sleep(seconds)
