"""The simulated crowd of `make run`: invented netizens who ask, follow up and vote at human pace in live demo rooms.

What they write waits for a moderator like everybody's; a demo moderator can be switched on. They use the handlers that
everybody uses, hold nothing that cannot be dropped, and stop when their task is cancelled.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from accounts.ports import AccountStore
from kernel.clock import Clock
from kernel.ids import RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.handlers import Posting, Review
from moderation.ports import ModerationStore
from rooms.handlers import Rooms
from rooms.model import RoomState
from wenzheng.crowd_bank import LANGUAGES, Bank, load_bank
from wenzheng.crowd_scene import Scene

Sleep = Callable[[float], Awaitable[object]]

# How long after a refusal, and after a fault of ours, the same is tried again.
_REFUSED_S = 20.0
_FAILED_S = 60.0
# How often rooms that have opened or closed are looked for, and how many are looked at.
_LOOK_S = 30.0
_ROOMS_LOOKED_AT = 100

_log = logging.getLogger(__name__)


class CrowdStore(AccountStore, ModerationStore, Protocol):
    """What the crowd reads; it writes through handlers only."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the crowd works with: what any client reaches through the edge."""

    store: CrowdStore
    rooms: Rooms
    posting: Posting
    review: Review
    clock: Clock


# Something done now and again: answers after how many seconds it is due again, None for never.
Act = Callable[[], Awaitable[float | None]]


class Crowd:
    """One loop over what is due; the same seed over the same store does the same things in the same order."""

    def __init__(
        self,
        tools: Tools,
        *,
        crowd: bool = True,
        moderator: bool = False,
        seed: int | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._tools = tools
        self._crowd = crowd
        self._moderator = moderator
        self._random = random.Random(tools.clock.now_ms() if seed is None else seed)  # noqa: S311  # no secret
        self._sleep = sleep
        self._due: list[tuple[float, int, Act]] = []
        self._turn = count()
        self._scenes: dict[RoomId, Scene] = {}
        self._banks = {bank.room: bank for bank in map(load_bank, LANGUAGES)}
        self._now = 0.0
        self._later(0, self._look)

    async def run(self) -> None:
        """Until cancelled."""
        while self._due:
            due, _, act = heapq.heappop(self._due)
            if due > self._now:
                await self._sleep(due - self._now)
                self._now = due
            again = await self._guarded(act)
            if again is not None:
                self._later(again, act)

    def _later(self, seconds: float, act: Act) -> None:
        heapq.heappush(self._due, (self._now + seconds, next(self._turn), act))

    async def _guarded(self, act: Act) -> float | None:
        """A refusal is part of life; a fault must not end the server it runs in."""
        try:
            return await act()
        except Refusal as refusal:
            _log.debug("the crowd was refused: %s", refusal.code.name)
            return max(_REFUSED_S, (refusal.retry_ms or 0) / 1000)
        except Exception as fault:  # not its message: it may quote a post
            _log.warning("the crowd stumbled over %s", type(fault).__name__)
            return _FAILED_S

    async def _look(self) -> float:
        """The demo's own rooms have a crowd while they are live."""
        live, _ = await self._tools.store.rooms(RoomState.LIVE, None, _ROOMS_LOOKED_AT)
        wanted = {room.id: self._banks[room.title] for room in live if room.title in self._banks}
        for gone in set(self._scenes) - set(wanted):
            self._scenes.pop(gone).over = True
        for room, bank in wanted.items():
            if room not in self._scenes:
                await self._enter(room, bank)
        return _LOOK_S

    async def _enter(self, room: RoomId, bank: Bank) -> None:
        staff: dict[str, Actor] = {}
        for username in (*bank.staff.values(), "moderator2"):
            account = await self._tools.store.account_by_username(username)
            if account is not None:
                staff[username] = account.actor()
        scene = Scene(self._tools, room, bank, staff, self._random)
        self._scenes[room] = scene
        acts: list[tuple[float, Act]] = []
        if self._crowd:
            acts += [
                (self._random.uniform(4, 12), scene.ask),
                (self._random.uniform(40, 80), scene.follow_up),
                (self._random.uniform(2, 6), scene.vote),
                (self._random.uniform(20, 30), scene.answer),
            ]
        if self._moderator:
            acts.append((self._random.uniform(3, 6), scene.moderate))
        for first, act in acts:
            self._later(first, act)
