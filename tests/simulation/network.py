"""Between clients and nodes: calls that may never be answered, and pipes that keep order until they break."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from random import Random
from typing import Any, TypeVar

from kernel.refusals import Refusal
from kernel.tasks import spawn
from tests.simulation.loop import LIFE, Life, SimLoop
from tests.simulation.node import Node

T = TypeVar("T")
PATIENCE_S = 3.0


class Lost(Exception):
    """No answer came; whether the node did what it was asked nobody knows."""


class Network:
    """`slowest_s` is the longest a message is on its way, one way."""

    def __init__(self, loop: SimLoop, chance: Random) -> None:
        self.slowest_s = 0.02
        self._loop = loop
        self._chance = chance
        self._waiting: dict[asyncio.Future[Any], Life] = {}

    def later_s(self) -> float:
        return self._chance.uniform(0, self.slowest_s)

    async def call(self, node: Node, work: Callable[[Node], Awaitable[T]]) -> T:
        """What the node answers, or the `Refusal` it answers with; `Lost` when it dies or takes too long."""
        answer: asyncio.Future[T] = self._loop.create_future()
        caller = _context()

        async def serve() -> None:
            outcome: T | Refusal
            try:
                outcome = await work(node)
            except Refusal as refusal:
                outcome = refusal
            self._loop.call_later(self.later_s(), _settle, answer, outcome, context=caller)

        self._loop.call_later(self.later_s(), lambda: spawn(serve(), name="request"), context=node.life.context)
        self._waiting[answer] = node.life
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        except TimeoutError:
            raise Lost from None
        finally:
            self._waiting.pop(answer, None)

    def broken(self, life: Life) -> None:
        """The process is gone: its sockets say so at once."""
        for answer in [answer for answer, served in self._waiting.items() if served is life]:
            if not answer.done():
                answer.set_exception(Lost())


def _settle(answer: asyncio.Future[T], outcome: T | Refusal) -> None:
    if answer.done():
        return
    if isinstance(outcome, Refusal):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)


def _context() -> Context:
    context = copy_context()
    assert context.get(LIFE) is None, "only clients call nodes"
    return context


class Pipe:
    """The node's side of a socket (`rooms.audience.Sink`): bytes arrive in order, or not at all."""

    def __init__(self, node: Node, network: Network, loop: SimLoop, deliver: Callable[[Pipe, bytes], None]) -> None:
        self.codec = "json"
        self.node = node
        self.unsent = 0
        self.open = True
        self._stuck: list[bytes] | None = None
        self._network = network
        self._loop = loop
        self._deliver = deliver
        self._context = _context()
        self._arrival = 0.0

    @property
    def writable(self) -> bool:
        return self.unsent == 0

    def write(self, framed: bytes, /) -> None:
        if self._stuck is not None:
            self._stuck.append(framed)
            self.unsent += len(framed)
        elif self.open:
            # Strictly later: timers of one instant come in no particular order.
            self._arrival = max(self._arrival + 1e-6, self._loop.time() + self._network.later_s())
            self._loop.call_at(self._arrival, self._arrive, framed, context=self._context)

    def _arrive(self, framed: bytes) -> None:
        if self.open:
            self._deliver(self, framed)

    def close(self, code: int, reason: str = "") -> None:
        """The node gives up on this viewer."""
        self._deliver(self, b"")

    def stick(self) -> None:
        """From now on the viewer's line takes nothing."""
        if self._stuck is None:
            self._stuck = []

    def flow(self) -> list[bytes]:
        """It takes everything again; what was held goes out first."""
        held, self._stuck, self.unsent = self._stuck or [], None, 0
        for framed in held:
            self.write(framed)
        return held
