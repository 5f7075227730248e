"""The moderator of a rehearsal: approves what was asked in it, post by post, and nothing that others have asked."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Final, TypeAlias

from wenzheng.rehearsal.caller import Caller, Frame
from wenzheng.rehearsal.screens import Screen

# Taken together, in one message for each of the two steps.
BATCH: Final = 8
WAITING_MAX: Final = 1_000
ANSWER_S: Final = 10.0

Waiting: TypeAlias = tuple[str, Screen]


class Desk:
    """`refusals` counts by code; what does not fit into the queue is one of them."""

    def __init__(self, caller: Caller, refusals: Counter[str]) -> None:
        self.published = 0
        self._caller = caller
        self._refusals = refusals
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(WAITING_MAX)

    def put(self, post: str, screen: Screen) -> None:
        try:
            self._queue.put_nowait((post, screen))
        except asyncio.QueueFull:
            self._refusals["too many wait for the moderator"] += 1

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._decide(batch)
            for _ in batch:
                self._queue.task_done()

    async def all_decided(self) -> None:
        await self._queue.join()

    async def _decide(self, batch: list[Waiting]) -> None:
        screens = dict(batch)
        pulled = await self._answers([_pull(post, screen.room) for post, screen in batch])
        leased = [one for answer in pulled for one in answer.get("posts", ()) if one["post"] in screens]
        self._refusals["taken by another moderator"] += len(batch) - len(leased)
        now = time.monotonic()
        for one in leased:
            screens[one["post"]].approved[one["post"]] = now
        decided = await self._answers([_publish(one) for one in leased])
        self.published += sum(answer.get("state") == "published" for answer in decided)

    async def _answers(self, frames: list[Frame]) -> list[Frame]:
        """The good ones; the others are counted."""
        if not frames:
            return []
        said = self._caller.say(*frames)
        done, late = await asyncio.wait(said, timeout=ANSWER_S)
        self._refusals["the moderator had no answer"] += len(late)
        answers = [one.result() for one in said if one in done]
        self._refusals.update(answer["code"] for answer in answers if answer["t"] == "err")
        return [answer for answer in answers if answer["t"] == "ok"]


def _pull(post: str, room: str) -> Frame:
    return {"t": "mod.pull", "room": room, "post": post, "n": 1}


def _publish(leased: Frame) -> Frame:
    return {"t": "mod.decide", "post": leased["post"], "ver": leased["ver"], "verdict": "publish"}
