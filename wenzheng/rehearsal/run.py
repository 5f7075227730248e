"""The run itself: viewers arrive, netizens ask at a steady rate, a moderator approves, everybody sees."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from wenzheng.conformance.target import Target
from wenzheng.conformance.verdict import Refused, Unreachable
from wenzheng.rehearsal.arrival import COME_S, COMING_MAX, Arrival, in_time
from wenzheng.rehearsal.caller import Caller, Frame
from wenzheng.rehearsal.desk import Desk
from wenzheng.rehearsal.door import Door, find, make_room
from wenzheng.rehearsal.pages import read_page
from wenzheng.rehearsal.people import Accounts, Company, assemble, dismiss, head
from wenzheng.rehearsal.plan import Plan
from wenzheng.rehearsal.progress import Now
from wenzheng.rehearsal.report import Report
from wenzheng.rehearsal.screens import Screen

# Until what was asked last is answered, decided and on every screen.
SETTLE_S: Final = 10.0
PAGE_EVERY_S: Final = 0.5
TELL_EVERY_S: Final = 1.0

Show = Callable[[Now], None]


async def rehearse(target: Target, plan: Plan, accounts: Accounts, show: Show) -> Report:
    """Ends by itself; cancelled, as by Ctrl-C, it closes what it opened and says what it had. Raises `Unreachable`."""
    make_room(plan.viewers + plan.posters)
    door = await find(target)
    company = await assemble(target, plan, accounts, lambda guests: show(Now("guests", guests, plan.posters)))
    run = Rehearsal(target, plan, company, door, show)
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await run.run()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        run.close()
        await dismiss(company)


class Rehearsal:
    """One run in rooms that are there, with guests that have been let in."""

    def __init__(self, target: Target, plan: Plan, company: Company, door: Door, show: Show) -> None:
        self.report = Report(target.http, plan)
        self._target = target
        self._plan = plan
        self._door = door
        self._show = show
        self._screens = [Screen(room, self.report.join, self.report.screen) for room in company.rooms]
        self._posters = [Caller(door.request, token) for token in company.guests]
        self._moderator = Caller(door.request, company.moderator.token)
        self._desk = Desk(self._moderator, self.report.refusals)
        self._pending: set[asyncio.Future[Frame]] = set()
        self._heads: list[int] = []

    async def run(self) -> Report:
        began, cpu = time.monotonic(), time.process_time()
        try:
            await self._arrive()
            await self._meet()
            await self._load()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            self.report.interrupted = True
        self.report.busy = (time.process_time() - cpu) / (time.monotonic() - began)
        self._sum_up()
        return self.report

    def close(self) -> None:
        for who in (self._moderator, *self._posters, *(one for screen in self._screens for one in screen.viewers)):
            who.leave()

    # --- coming ------------------------------------------------------------------------------------------------------

    async def _arrive(self) -> None:
        arrival = Arrival(self._door, self._screens, self._plan.viewers)
        whole = self._plan.viewers
        await arrival.run(self._plan.arrivals, lambda: self._show(Now("viewers", whole - arrival.missing, whole)))

    async def _meet(self) -> None:
        """Those who speak are greeted."""
        speakers = (self._moderator, *self._posters)
        for some in (speakers[at : at + COMING_MAX] for at in range(0, len(speakers), COMING_MAX)):
            await asyncio.gather(*map(self._door.open, some))
            await asyncio.wait([one.welcomed for one in some], timeout=COME_S)
        if not _greeted(self._moderator):
            raise Unreachable("the moderator is not let in at the socket")
        self.report.refusals["not let in to ask"] += sum(not _greeted(one) for one in self._posters)

    # --- the load ----------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(work) for work in (self._desk.work(), self._read_pages(), self._tell(began))]
            await self._ask(began + self._plan.seconds)
            if not await in_time(self._everything_shown(), SETTLE_S):
                self.report.refusals["no answer to a question"] += len(self._pending)
            for task in beside:
                task.cancel()

    async def _ask(self, until: float) -> None:
        due = time.monotonic()
        for turn in itertools.count():
            number = turn % len(self._posters)
            poster, screen = self._posters[number], self._screens[number % len(self._screens)]
            body = f"演练第{turn + 1}问：{turn * 7919 % 104729}路公交怎么换乘地铁？"
            asked = {"t": "post", "room": screen.room, "cid": f"rehearsal-{turn}", "kind": "question", "body": body}
            (answer,) = poster.say(asked)
            answer.add_done_callback(partial(self._answered, screen, time.monotonic()))
            self.report.asked += 1
            self._pending.add(answer)
            due += 1 / self._plan.rate
            if due > until:
                await asyncio.sleep(max(until - time.monotonic(), 0))
                return
            await asyncio.sleep(max(due - time.monotonic(), 0))

    def _answered(self, screen: Screen, began: float, answer: asyncio.Future[Frame]) -> None:
        said = answer.result()
        self._pending.discard(answer)
        if said["t"] == "err":
            self.report.refusals[said["code"]] += 1
            return
        self.report.queued.add(time.monotonic() - began)
        if said.get("state") == "pending":
            self._desk.put(said["post"], screen)
        else:
            self.report.refusals[f"a question was {said.get('state')} at once"] += 1

    async def _everything_shown(self) -> None:
        if self._pending:
            await asyncio.wait(self._pending)
        await self._desk.all_decided()
        try:
            self._heads = [await head(self._target, screen.room) for screen in self._screens]
        except (Refused, Unreachable):
            self.report.refusals["where a room stands"] += 1
        while self._behind():  # noqa: ASYNC110 - a viewer has nothing that could tell
            await asyncio.sleep(0.01)

    def _behind(self) -> int:
        return sum(screen.behind(at) for screen, at in zip(self._screens, self._heads, strict=False))

    async def _read_pages(self) -> None:
        for screen in itertools.cycle(self._screens):
            began = time.monotonic()
            status = await read_page(self._target, screen.room)
            if status == 200:
                self.report.page.add(time.monotonic() - began)
            else:
                self.report.refusals[f"a page, with {status}"] += 1
            await asyncio.sleep(PAGE_EVERY_S)

    async def _tell(self, began: float) -> None:
        while True:
            p99 = self.report.screen.percentile(0.99)
            said = f"{self.report.asked:,} asked  {self._desk.published:,} published  screen p99 {p99} ms"
            self._show(Now("load", time.monotonic() - began, self._plan.seconds, said))
            await asyncio.sleep(TELL_EVERY_S)

    def _sum_up(self) -> None:
        report = self.report
        report.joined = report.join.count
        report.behind = self._behind()
        report.published = self._desk.published
        report.delivered = sum(screen.delivered for screen in self._screens)
        for screen in self._screens:
            report.troubles.update(screen.troubles)


def _greeted(caller: Caller) -> bool:
    return caller.welcomed.done() and caller.welcomed.result()["t"] == "welcome"
