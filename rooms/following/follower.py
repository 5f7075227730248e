"""One consumer on one node: finds where it is behind, takes places nobody works at, and works them off a few at a time.

Any number of nodes do the same for the same consumer; the cursors in the store keep them apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping

from kernel.ids import IdSource
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.following.pace import Pace
from rooms.following.ports import CONSUMER_MAX, Behind, Consumer, Cursors, Place
from rooms.following.waiting import Waiting
from rooms.following.work import Lost, Work
from rooms.ports import Hint
from rooms.timers import Scheduler, wait

PAGE = 500  # places of one query
_COUNTED = ("events", "failures", "epochs", "lost")
HINTED_MAX = 500  # streams that hints have named; beyond it everything is looked at

_log = logging.getLogger(__name__)


class Follower:
    """`run` until cancelled, then `close`. `look` and `settled` are its steps, for whoever drives it by hand."""

    def __init__(
        self, consumer: Consumer, cursors: Cursors, scheduler: Scheduler, ids: IdSource, pace: Pace | None = None
    ) -> None:
        if not 0 < len(consumer.name) <= CONSUMER_MAX:
            raise ValueError(f"a consumer's name has 1 to {CONSUMER_MAX} characters, not {consumer.name!r}")
        self.consumer = consumer
        self.pace = pace or Pace()
        self.counts: Counter[str] = Counter()
        self._cursors = cursors
        self._scheduler = scheduler
        self._ids = ids
        self._waiting = Waiting(scheduler.now, self.pace)
        self._slots = asyncio.Semaphore(self.pace.workers)
        self._busy: set[Place] = set()  # at most one for each slot
        self._again: set[Place] = set()  # of the busy ones: something came while they were
        self._working: dict[str, Work] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._hinted: set[str] = set()
        self._sweep = True
        self._swept_at = 0.0
        self._wake = asyncio.Event()
        self.rests = False  # waits for a hint or the next look at everything
        self._behind = self._stuck = 0

    def notice(self, hint: Hint) -> None:
        """A commit somewhere: worth a look, soon."""
        if hint.items and hint.lane in self.consumer.lanes:
            self._hint(hint.room)

    def doubt(self) -> None:
        """Hints may have been lost: everything is looked at, soon."""
        self._sweep = True
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; a store that does not answer is asked again."""
        keeping = spawn(self._keep_for_ever(), name=f"keep-{self.consumer.name}")
        try:
            while True:
                await self._turn()
        finally:
            keeping.cancel()

    async def close(self, seconds: float = 5.0) -> None:
        """Lets work under way end, then stops it, and gives back what is held: the next node need not wait."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def look(self, streams: set[str] | None = None) -> None:
        """Starts work wherever there is some and nobody is at it; None: everywhere. Waits while all hands are busy."""
        after: Place | None = None
        seen: set[Place] = set()
        stuck = 0
        while True:
            page = await self._cursors.behind(
                self.consumer.name, self.consumer.lanes, streams=streams, after=after, limit=PAGE
            )
            for one in page:
                seen.add(one.place)
                stuck += one.failures > 0
                await self._consider(one)
            if len(page) < PAGE:
                break
            after = page[-1].place
        if streams is None:
            self._behind, self._stuck = len(seen), stuck
            self._waiting.keep(seen)
        else:
            for place in [place for place in self._waiting.due() if place.stream in streams and place not in seen]:
                self._waiting.forget(place)

    async def settled(self) -> None:
        """When no work is under way; raises what ended a worker that nobody expected."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def keep(self) -> None:
        """Tells the store that this node lives, and learns what it has lost."""
        working = list(self._working.values())
        if not working:
            return
        asked_at = self._scheduler.now()
        standing = await self._cursors.keep(self.consumer.name, [work.held for work in working])
        for work in working:
            if work.held.claim in standing:
                work.renewed_at = max(work.renewed_at, asked_at)
            else:
                # It may have been given back meanwhile; then there is nothing left to lose.
                work.lost = True

    def measures(self) -> Mapping[str, float]:
        """`behind` and `stuck` count places, as of the last look at everything."""
        prefix = f"cursor_{self.consumer.name}_"
        counted = {
            f"{prefix}{name}_total": float(self.counts[name]) for name in ("events", "failures", "epochs", "lost")
        }
        gauges = {"behind": self._behind, "stuck": self._stuck, "working": len(self._working)}
        return {**counted, **{prefix + name: float(value) for name, value in gauges.items()}}

    # --- looking ----------------------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        self._wake.clear()
        now = self._scheduler.now()
        hinted, self._hinted = self._hinted | {place.stream for place in self._waiting.due()}, set()
        everything = self._sweep or len(hinted) > HINTED_MAX or now - self._swept_at >= self.pace.sweep_s
        self._sweep = False
        try:
            if everything:
                self._swept_at = now
                await self.look()
            elif hinted:
                await self.look(hinted)
        except Exception as failure:
            self._sweep = True
            if not isinstance(failure, Refusal):
                _log.exception("consumer %s cannot look", self.consumer.name)
        await wait(self._scheduler, self.pace.look_s)
        pause_s = self._swept_at + self.pace.sweep_s - self._scheduler.now()
        due_s = self._waiting.next_s()
        self.rests = True
        # Not `wait_for`: before Python 3.12 it loses a cancellation that comes with the hint, and nobody ends.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, pause_s if due_s is None else min(pause_s, due_s))):
                await self._wake.wait()
        self.rests = False

    def _hint(self, stream: str) -> None:
        if len(self._hinted) <= HINTED_MAX:
            self._hinted.add(stream)
        self._wake.set()

    async def _consider(self, one: Behind) -> None:
        if one.place in self._busy:
            self._again.add(one.place)
            return
        if not self._waiting.ripe(one):
            return
        await self._slots.acquire()
        self._busy.add(one.place)
        task = spawn(self._work(one), name=f"follow-{self.consumer.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- working ----------------------------------------------------------------------------------------------------

    async def _work(self, one: Behind) -> None:
        claim = self._ids()
        try:
            asked_at = self._scheduler.now()
            held = await self._cursors.claim(self.consumer.name, one, claim)
            if held is None:
                self._again.add(one.place)
                return
            self._waiting.forget(one.place)
            work = Work(self.consumer, self._cursors, held, self._scheduler.now, self.pace, self.counts, asked_at)
            self._working[claim] = work
            await self._work_off(work)
        except Refusal:
            # The store does not answer: the cursor stands where it stands.
            self._sweep = True
        finally:
            self._working.pop(claim, None)
            self._busy.discard(one.place)
            self._slots.release()
            if one.place in self._again:
                self._again.discard(one.place)
                self._hint(one.place.stream)

    async def _work_off(self, work: Work) -> None:
        try:
            await work.run()
        except Lost:
            self.counts["lost"] += 1
        except (Refusal, asyncio.CancelledError):
            # What we hold is worth nothing to us any more; without this the others would wait for the lease.
            with contextlib.suppress(Refusal):
                await self._cursors.give_back(work.held, failed=False)
            raise
        if work.unfinished:
            # To be looked at now: to go on, or to begin counting the pause before the next try.
            self._again.add(work.held.place)

    async def _keep_for_ever(self) -> None:
        while True:
            await wait(self._scheduler, self.pace.lease_s / 3)
            try:
                await self.keep()
            except Exception as failure:
                if not isinstance(failure, Refusal):
                    _log.exception("consumer %s cannot keep what it holds", self.consumer.name)
