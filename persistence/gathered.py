"""Questions of one kind that come while one is under way are asked together, as commands are committed together.

Each is answered by a read that began after it was asked, so nobody sees less than by asking alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection

from kernel.refusals import Refusal
from kernel.tasks import spawn
from persistence.database import Database
from persistence.streams import GATHER_TURNS

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

TOGETHER_MAX = 64
# Different questions that may wait; beyond it `unavailable`.
WAITING_MAX = 2_048

_log = logging.getLogger(__name__)

Ask = Callable[[Connection, Sequence[K]], Mapping[K, V]]


class Gathered(Generic[K, V]):
    """One read at a time, by one task that lives only while there is something to ask."""

    def __init__(self, database: Database, ask: Ask[K, V], name: str) -> None:
        self._database = database
        self._ask = ask
        self._name = name
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V:
        """The answer to `key`, which `ask` must give for every key. Raises what the store raises."""
        answer = self._waiting.get(key)
        if answer is None:
            if len(self._waiting) >= WAITING_MAX:
                raise Refusal("unavailable")
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._reading is None:
            self._reading = spawn(self._read(), name=self._name)
        return await asyncio.shield(answer)

    async def _read(self) -> None:
        taken: dict[K, asyncio.Future[V]] = {}
        try:
            while self._waiting:
                # As with commits: who asks at one instant is read turn by turn.
                for _ in range(GATHER_TURNS):
                    await asyncio.sleep(0)
                keys = list(self._waiting)[:TOGETHER_MAX]
                taken = {key: self._waiting.pop(key) for key in keys}
                found = await self._database.read(self._asking(keys))
                for key, answer in taken.items():
                    answer.set_result(found[key])
        except Exception as failure:
            # Whoever asked meanwhile has waited as long as one may wait for a store that does not answer.
            refusal = failure if isinstance(failure, Refusal) else Refusal("internal")
            if refusal is not failure:
                _log.exception("%s failed", self._name)
            for answer in (*taken.values(), *self._waiting.values()):
                _refuse(answer, refusal)
            self._waiting.clear()
        finally:
            self._reading = None

    def _asking(self, keys: Sequence[K]) -> Callable[[Connection], Mapping[K, V]]:
        return lambda connection: self._ask(connection, keys)


def _refuse(answer: asyncio.Future[V], refusal: Refusal) -> None:
    if not answer.done():
        answer.set_exception(Refusal(refusal.code.name, retry_ms=refusal.retry_ms))
        answer.exception()  # whoever asked may be gone
