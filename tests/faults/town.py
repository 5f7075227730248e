"""A room under load: people who ask without a pause, moderators who publish, viewers who watch; all of it is judged."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Any

from persistence.store import open_store
from tests.client import Api, LaneView, Live, Refused, guest, sign_in
from tests.faults.witness import Witness
from tests.history import History, LaneTruth, Operation, Violation, check, read_truth

# Everybody asks as fast as answers come: their pace is not what is tested. Leases are short, so that no test waits.
SETTINGS = {
    "WENZHENG_MODERATION__PACE_BURST": "1000000",
    "WENZHENG_LIMITS__COMMANDS_NETIZEN": "[10000, 10000]",
    "WENZHENG_TIMES__LEASE_S": "2",
    "WENZHENG_TIMES__HEARTBEAT_S": "3",
    "WENZHENG_LOG__REQUESTS": "false",
}
LEASE_S = 2.0
MODERATORS = ("moderator1", "moderator2")
PAUSE_S = 0.02


class Town:
    """Clients go from node to node of `bases`. `async with` it, do harm, `judge`."""

    def __init__(
        self,
        bases: Sequence[str],
        *,
        posters: int = 6,
        moderators: int = 2,
        viewers: int = 4,
        followers: int = 0,
        pause_s: float = PAUSE_S,
    ) -> None:
        """`followers` watch as viewers do and are only asked in the end whether they have everything.

        `pause_s`: between one person's posts.
        """
        self.bases = list(bases)
        self.history = History()
        self.pause_s = pause_s
        self.room = ""
        self.host: Api | None = None
        self.acked = 0
        self.published = 0
        self.viewers: list[Witness] = []
        self.followers: list[Witness] = []
        self._sizes = (posters, moderators, viewers, followers)
        self._apis: list[Api] = []
        self._witnesses: list[Witness] = []
        self._work: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._stopping = False

    async def __aenter__(self) -> Town:
        posters, moderators, viewers, followers = self._sizes
        self.host = await self._api(sign_in(self.bases[0], "host"))
        asked = {"title": "faults", "departments": ["price"], "open": True}
        self.room = (await self.host.post("/rooms", asked))["id"]
        for n in range(viewers):
            self.viewers.append(await self._witness(f"viewer-{n}", None, n))
        for n in range(followers):
            self.followers.append(await self._witness(f"follower-{n}", None, n, keep=False))
        await asyncio.gather(*(viewer.watch(self.room) for viewer in (*self.viewers, *self.followers)))
        for n in range(posters):
            api = await self._api(guest(self.bases[0], f"网民{n}"))
            poster = await self._witness(f"asker-{n}", api.token, n)
            self._go(self._ask(poster, (await api.get("/me"))["id"]))
        for name in MODERATORS[:moderators]:
            api = await self._api(sign_in(self.bases[0], name))
            moderator = await self._witness(name, api.token, len(self._witnesses))
            self._go(self._publish(moderator, (await api.get("/me"))["id"]))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stopping = True
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await asyncio.gather(*(witness.stop() for witness in self._witnesses), return_exceptions=True)
        for api in self._apis:
            await api.close()

    # --- what a test waits for --------------------------------------------------------------------------------------

    async def until_more(self, *, acked: int = 0, published: int = 0, timeout_s: float = 40.0) -> None:
        """So many posts more are acknowledged, so many more published."""
        wanted = (self.acked + acked, self.published + published)
        async with asyncio.timeout(timeout_s):
            while self.acked < wanted[0] or self.published < wanted[1]:
                self._changed.clear()
                for task in self._work:
                    if task.done():
                        task.result()
                await self._changed.wait()

    async def until(self, met: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Looks whenever somebody is answered or some time has passed."""
        async with asyncio.timeout(timeout_s):
            while not met():
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), PAUSE_S * 5)

    async def until_refused(self) -> float:
        """Somebody's post, sent from now on, was refused because the store is away; how long that took, in seconds."""
        since = self.history.now()

        def took() -> list[float]:
            posts = (one for one in self._answered(since, float("inf")) if one.op == "post")
            return [one.ended - one.invoked for one in posts if _unavailable(one)]

        await self.until(lambda: bool(took()))
        return max(took())

    async def until_a_newcomer_is_refused(self) -> float:
        """Somebody who comes anew is told that there is nothing to be had; how long that took, in seconds."""
        began = self.history.now()
        async with Live(self.bases[0]) as newcomer:
            while True:
                try:
                    await newcomer.join(self.room)
                except Refused as refused:
                    _expect(refused, "unavailable")
                    return self.history.now() - began
                await newcomer.ask("leave", room=self.room)

    async def judge(
        self,
        store_url: str,
        *,
        lost: Sequence[tuple[float, float]] = (),
        lease_s: float | None = LEASE_S,
        rest_s: float = 15.0,
    ) -> list[Violation]:
        """Everybody ends what is under way, viewers get time to have the whole lane; then the record is judged."""
        self._stopping = True
        async with asyncio.timeout(rest_s + 15):
            await asyncio.gather(*self._work)
        store = await open_store(store_url)
        try:
            truth = await read_truth(store, lost=lost)
        finally:
            await store.close()
        held = truth.lanes[self.room, "pub"]
        for viewer in self.viewers:
            lane = viewer.rooms[self.room].lanes["pub"]
            await viewer.until(partial(_has, lane, held), rest_s)
            self.history.rests(viewer.name, "pub", room=self.room)
        for follower in self.followers:
            lane = follower.rooms[self.room].lanes["pub"]
            await follower.until(partial(_has, lane, held), rest_s)
        # How many watch is told by nodes to each other over the bus, which is what fails here.
        return check(self.history, truth, lease_s=lease_s, calm_s=float("inf"))

    def delays(self, since: float = 0.0, until: float = float("inf")) -> list[float]:
        """For each publication and viewer, seconds from the moment it was acknowledged to the moment it was seen."""
        asked = {
            one.answer["seq"]: one.ended or 0.0
            for one in self.history.operations
            if one.op == "mod.decide" and one.answer.get("seq") and since <= one.invoked and (one.ended or 0.0) <= until
        }
        return [
            max(0.0, sight.at - asked[sight.seq])
            for sight in self.history.sights
            if sight.what == "item" and sight.lane == "pub" and sight.seq in asked
        ]

    def refused(self, since: float, until: float) -> float:
        """The longest that anybody who asked then waited for `unavailable`, in seconds; 0 if nobody was refused."""
        return max((one.ended - one.invoked for one in self._answered(since, until) if _unavailable(one)), default=0.0)

    def back(self, since: float) -> float:
        """Seconds until a post that was asked for after `since` was acknowledged."""
        acked = (one for one in self._answered(since, float("inf")) if one.op == "post" and one.outcome == "ok")
        return min((one.ended - since for one in acked), default=float("inf"))

    def _answered(self, since: float, until: float) -> Iterator[Any]:
        return (one for one in self.history.operations if one.ended is not None and since <= one.invoked <= until)

    # --- what people do ---------------------------------------------------------------------------------------------

    async def _ask(self, client: Witness, author: str) -> None:
        n = 0
        while not self._stopping:
            body = f"{client.name} 的第 {n} 问：{n * 7919 % 104729} 路公交怎么换乘地铁；"
            await client.posts(self.room, author, f"{client.name}-{n}", "question", body)
            n += 1
            self.acked += 1
            self._changed.set()
            await asyncio.sleep(self.pause_s)

    async def _publish(self, client: Witness, moderator: str) -> None:
        while not self._stopping:
            pull = self.history.invoke(client.name, "mod.pull", moderator=moderator)
            pulled = await client.does("mod.pull", pull, room=self.room, n=3)
            for waiting in pulled["posts"] if pulled else ():
                await self._decide(client, moderator, waiting)
            if not pulled or not pulled["posts"]:
                await asyncio.sleep(PAUSE_S)

    async def _decide(self, client: Witness, moderator: str, waiting: dict[str, Any]) -> None:
        post, ver = waiting["post"], waiting["ver"]
        while True:
            ruled = self.history.invoke(
                client.name, "mod.decide", moderator=moderator, post=post, ver=ver, verdict="publish"
            )
            try:
                decided = await client.does("mod.decide", ruled, post=post, ver=ver, verdict="publish")
            except Refused as refused:
                _expect(refused, "lease_lost", "stale_version", "no_post")
                return
            if decided is not None:
                self.published += 1
                self._changed.set()
                return

    # --- people -----------------------------------------------------------------------------------------------------

    def _go(self, work: Any) -> None:
        self._work.append(asyncio.get_running_loop().create_task(work))

    async def _api(self, coming: Any) -> Api:
        api: Api = await coming
        self._apis.append(api)
        return api

    async def _witness(self, name: str, token: str | None, n: int, *, keep: bool = True) -> Witness:
        first = n % len(self.bases)
        bases = [*self.bases[first:], *self.bases[:first]]
        codec = ("json", "msgpack")[n % 2]
        witness = Witness(bases, self.history if keep else None, name, token=token, codec=codec)
        self._witnesses.append(witness)
        await witness.start()
        return witness


def _unavailable(one: Operation) -> bool:
    return bool(one.answer.get("code") == "unavailable")


def _expect(refused: Refused, *codes: str) -> None:
    if refused.code not in codes:
        raise refused


def _has(lane: LaneView, held: LaneTruth) -> bool:
    return lane.ep == held.epoch and lane.seq >= held.head


def percentile(values: Sequence[float], share: float) -> float:
    """Of at least one value."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
