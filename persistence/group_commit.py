"""Group commit: what waits for a stream is made durable together, each command with its own outcome.

A worker takes what is there and never waits for more, so a lone post pays nothing and a burst shares its commits. The
workers belong to no caller: whoever stops waiting for an outcome stops nothing that has begun.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from kernel.clock import Clock
from kernel.ids import IdSource
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.commands import Command, Outcome
from persistence.database import Database
from persistence.flush import LostRace
from persistence.known_heads import KnownHeads
from persistence.streams import Streams, Waiting
from persistence.transaction import Answer, execute
from rooms.ports import Hint

TRIES = 8
# Longer than another node that is frozen may keep a lock (`database_postgres`), shorter than people wait.
PATIENCE_S = 4.0

_log = logging.getLogger(__name__)

Listener = Callable[[list[Hint]], None]


class GroupCommit:
    """The one door for changes; `tell` hears of every commit before those who wait for it do."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        tell: Listener,
        *,
        workers: int,
        streams: Streams | None = None,
        known: KnownHeads | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._tell = tell
        self._streams = streams or Streams()
        self._known = known or KnownHeads()
        self._workers = [spawn(self._work(), name=f"group-commit-{n}") for n in range(workers)]

    async def commit(self, stream: str, command: Command) -> Outcome:
        """The outcome, after the durable commit. `unavailable`: nobody knows; the same command may be sent again."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(command, loop.create_future())
        self._streams.put(stream, waiting)
        patience = loop.call_later(PATIENCE_S, _give_up, waiting)
        try:
            return await waiting.answer
        finally:
            patience.cancel()

    async def close(self) -> None:
        """Ends after everything accepted has been committed or refused."""
        await self._streams.drain(len(self._workers))
        await asyncio.gather(*self._workers)

    async def _work(self) -> None:
        while (taken := await self._streams.take()) is not None:
            stream, batch = taken
            try:
                await self._settle(batch)
            finally:
                self._streams.done(stream)

    async def _settle(self, taken: Sequence[Waiting]) -> None:
        # Who was told `unavailable` sends again: what has not begun by then must not be done behind their back.
        batch = [one for one in taken if not one.given_up]
        if not batch:
            return
        try:
            answers, hints = await self._transact([one.command for one in batch])
        except Refusal as refusal:
            for one in batch:
                _give(one, Refusal(refusal.code.name, retry_ms=refusal.retry_ms))
        except Exception:
            await self._settle_apart(batch)
        else:
            self._announce(hints)
            for one, answer in zip(batch, answers, strict=True):
                _give(one, answer)

    async def _settle_apart(self, batch: Sequence[Waiting]) -> None:
        """The database took the batch as a whole amiss: a bad command must not fail its neighbours."""
        if len(batch) > 1:
            for one in batch:
                await self._settle([one])
            return
        _log.exception("command %s failed", type(batch[0].command).__name__)
        _give(batch[0], Refusal("internal"))

    async def _transact(self, commands: list[Command]) -> tuple[list[Answer], list[Hint]]:
        for n in range(TRIES):
            work = partial(execute, batch=commands, now=self._clock.now_ms(), ids=self._ids, known=self._known)
            try:
                return await self._database.write(work)
            except LostRace:
                if n == TRIES - 1 and len(commands) > 1:
                    raise  # one of them keeps losing: the others need not
        raise Refusal("unavailable")

    def _announce(self, hints: list[Hint]) -> None:
        if not hints:
            return
        try:
            self._tell(hints)
        except Exception:
            # What is stored is stored: the listeners' feeds find it at the next probe.
            _log.exception("telling of a commit failed")


def _give_up(one: Waiting) -> None:
    if not one.answer.done():
        one.given_up = True
        one.answer.set_exception(Refusal("unavailable"))


def _give(one: Waiting, answer: Answer) -> None:
    if one.answer.done():
        return
    if isinstance(answer, Refusal):
        one.answer.set_exception(answer)
    else:
        one.answer.set_result(answer)
