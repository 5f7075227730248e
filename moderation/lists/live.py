"""The lists in force on this node: compared with the store every second, built beside the posts, swapped whole."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from kernel.ids import RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.lists.layers import Layers, Pieces, advance, build
from moderation.lists.model import CITY, NOTHING, ListHead, ListVersion, read_written
from moderation.lists.ports import WordListStore
from moderation.wordlist import Hit

POLL_S: Final = 1.0
# Lists of rooms kept ready, the newest changes first; any other is fetched when somebody posts there.
ROOM_LISTS_MAX: Final = 200
# After a fault of the store so many polls pass before it is asked again.
_FAULT_POLLS: Final = 5
# A list that could not be built is tried again after so long, then after twice that: memory may be had again.
RETRY_S: Final = 5.0
_RETRY_MAX_S: Final = 300.0
# Nobody posted for so long: time to build in one piece what was built in several.
QUIET_S: Final = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """`hit` comes from version `number` of the city's list, or of the room's own."""

    hit: Hit
    number: int
    city: bool


class NotLoaded(Exception):
    """There is a list that this node does not hold; whoever is judged meanwhile waits for a person.

    `found` is what the city's list finds, if that is here: the room's own might add to it, and excuse some of it.
    """

    def __init__(self, found: Sequence[Found] = ()) -> None:
        super().__init__()
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class _InForce:
    head: ListHead
    layers: Layers


@dataclass(frozen=True, slots=True)
class _Failure:
    """A version that could not be built; `at` is when it is tried again, `pause_s` after the last time."""

    head: ListHead
    pause_s: float
    at: float


_NO_LIST: Final = _InForce(ListHead(0, ""), Layers(NOTHING, {}, Pieces()))


class LiveWords:
    """What `WordListPhase` asks. Only the event loop changes what is in force; only its one thread builds."""

    def __init__(
        self, store: WordListStore, *, poll_s: float = POLL_S, quiet_s: float = QUIET_S, retry_s: float = RETRY_S
    ) -> None:
        self._store = store
        self._poll_s = poll_s
        self._retry_s = retry_s
        self._quiet_s = quiet_s
        self._changes = -1  # nothing known yet: until then every post waits for a person
        self._heads: Mapping[str, ListHead] = {}
        self._lists: dict[str, _InForce] = {}
        self._wanted: set[str] = set()
        self._failed: dict[str, _Failure] = {}
        self._faults = 0
        self._asked_at = time.monotonic()
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="word-lists")
        self._look = asyncio.Event()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Loads what there is, so that the first post is judged by it. A silent store is asked again."""
        with contextlib.suppress(Refusal):
            await self.refresh()
        self._task = spawn(self._follow(), name="word lists")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._builder.shutdown(wait=False, cancel_futures=True)

    def look(self) -> None:
        """Something was changed here: no need to wait for the next second."""
        self._look.set()

    def find(self, room: RoomId | None, body: str) -> list[Found]:
        """Hits of the city's list and of the room's own, whose exceptions excuse the city's terms too.

        Raises `NotLoaded` where a list is not here.
        """
        self._asked_at = time.monotonic()
        if self._changes < 0:
            raise NotLoaded
        city = self._in_force(CITY)
        try:
            own = None if room is None else self._in_force(room)
        except NotLoaded:
            raise NotLoaded(_found(city, None, body)) from None
        return _found(city, own, body)

    def numbers(self) -> dict[str, int]:
        """The version in force here, by scope."""
        return {scope: one.head.number for scope, one in self._lists.items()}

    def behind(self) -> list[str]:
        """Scopes whose newest version is not in force here: not built yet, or not to be built at all."""
        known = {CITY, *self._lists, *self._failed}
        return [scope for scope in self._heads if scope in known if not self._current(scope)]

    def measures(self) -> dict[str, float]:
        city = self._lists.get(CITY)
        return {
            "word_list_version": float(city.head.number) if city else 0.0,
            "word_list_terms": float(len(city.layers.written.terms)) if city else 0.0,
            "word_lists_loaded": float(len(self._lists)),
            "word_lists_behind": float(len(self.behind())),
            "word_list_faults_total": float(self._faults),
        }

    async def refresh(self) -> None:
        """Brings what is in force to what the store says, if anything changed. Raises as the store does."""
        async with self._looking:
            changes = await self._store.word_list_changes()
            if changes != self._changes:
                changes, heads = await self._store.word_list_heads()
                self._forget(heads)
                first = self._changes < 0
                # Ids of rooms grow: of more than can be kept ready the newest rooms, and they are the last to go.
                fresh = sorted(one for one in heads if one != CITY and (first or one not in self._heads))
                fresh = fresh[-ROOM_LISTS_MAX:]
                if not first:
                    # A scope's first list: until it is built posts go on as they did, by none.
                    unlisted = fresh if CITY in self._heads or CITY not in heads else [CITY, *fresh]
                    for scope in unlisted:
                        self._keep(scope, _NO_LIST)
                self._heads = heads
                # The city's first: without it nothing is admitted anywhere.
                for scope in dict.fromkeys([CITY, *self._lists, *fresh]):
                    if scope in heads:
                        await self._bring(scope)
                self._changes = changes
            for scope in sorted(self._wanted | self._due()):
                self._wanted.discard(scope)
                await self._bring(scope)

    async def settle(self) -> None:
        """Builds in one piece what was built in several beside posts: in a quiet moment, which it may use up."""
        async with self._looking:
            for scope, held in list(self._lists.items()):
                if len(held.layers.base.lists) > 1:
                    whole = await self._run(build, held.layers.written)
                    if self._lists.get(scope) is held:
                        self._lists[scope] = replace(held, layers=whole)

    async def _run(self, work: Callable[..., Layers], *given: object) -> Layers:
        return await asyncio.get_running_loop().run_in_executor(self._builder, work, *given)

    def _in_force(self, scope: str) -> _InForce | None:
        held = self._lists.get(scope)
        if held is None and scope in self._heads:
            if scope not in self._failed:
                self._wanted.add(scope)
                self._look.set()
            raise NotLoaded
        return held

    def _current(self, scope: str) -> bool:
        held = self._lists.get(scope)
        return held is not None and held.head == self._heads[scope]

    def _forget(self, heads: Mapping[str, ListHead]) -> None:
        """What the store has no more, after a restore for instance."""
        for scope in [one for one in self._lists if one not in heads]:
            del self._lists[scope]
        for scope in [one for one in self._failed if one not in heads]:
            del self._failed[scope]
        self._wanted &= heads.keys()

    def _due(self) -> set[str]:
        now = time.monotonic()
        return {scope for scope, failure in self._failed.items() if failure.at <= now}

    def _keep(self, scope: str, one: _InForce) -> None:
        """Puts a list in force; what changed or came longest ago makes room, and is fetched when it is asked for."""
        self._lists.pop(scope, None)
        self._lists[scope] = one
        while len(self._lists) - (CITY in self._lists) > ROOM_LISTS_MAX:
            del self._lists[next(one for one in self._lists if one != CITY)]

    async def _bring(self, scope: str) -> None:
        """Fetches, builds and swaps one list; a list that cannot be built leaves the one before, and says so."""
        head, failure = self._heads[scope], self._failed.get(scope)
        waits = failure is not None and failure.head == head and failure.at > time.monotonic()
        if self._current(scope) or waits:
            return
        version = await self._store.word_list(scope)
        if version is None:
            return
        held = self._lists.get(scope)
        standing = None if held is None else held.layers
        try:
            layers = await self._run(_ready, version, standing)
        except Exception as fault:
            # Its type alone: a message may quote terms, and some lists are not for the log.
            self._faults += 1
            again = failure is not None and failure.head == head
            pause_s = min(2 * failure.pause_s, _RETRY_MAX_S) if again and failure else self._retry_s
            self._failed[scope] = _Failure(head, pause_s, time.monotonic() + pause_s)
            meanwhile = "every post there waits for a person" if held is None else f"v{held.head.number} stays in force"
            _log.error(
                "word list %s v%d cannot be used: %s; %s, and it is tried again in %.0f s",
                *(scope, version.number, type(fault).__name__, meanwhile, pause_s),
            )
            return
        self._failed.pop(scope, None)
        self._keep(scope, _InForce(ListHead(version.number, version.digest), layers))
        _log.info("word list %s v%d in force: %d terms", scope, version.number, version.count)

    async def _follow(self) -> None:
        pause = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._look.wait()
            self._look.clear()
            if pause:
                pause -= 1
                continue
            try:
                await self.refresh()
                if time.monotonic() - self._asked_at > self._quiet_s:
                    await self.settle()
            except Refusal:
                pass  # the store is away: what is in force stays, and posts are not taken anyway
            except Exception:
                self._faults += 1
                pause = _FAULT_POLLS
                _log.exception("word lists could not be compared with the store")


def _ready(version: ListVersion, standing: Layers | None) -> Layers:
    """On the builder's thread."""
    written = read_written(version.terms, version.exceptions)
    return build(written) if standing is None else advance(standing, written)


def _found(city: _InForce | None, own: _InForce | None, body: str) -> list[Found]:
    found: list[Found] = []
    if city is not None:
        hits = city.layers.find(body)
        if own is not None:
            hits = own.layers.exceptions.outside(hits, body)
        found += (Found(hit, city.head.number, True) for hit in hits)
    if own is not None:
        found += (Found(hit, own.head.number, False) for hit in own.layers.find(body))
    return found
