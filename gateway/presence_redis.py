"""What nodes tell each other about who watches: for each node one field of one hash in Redis, read by all in one trip.

A node that has told nothing for `stale_s` counts for nothing. No request waits for this, and none depends on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.presence_codec import BadPresence, decode, encode
from gateway.presence_exchange import Exchange, Told
from gateway.redis_link import RedisLink
from kernel.ids import RoomId
from kernel.tasks import spawn
from rooms.presence import Here, Viewers

_log = logging.getLogger(__name__)

# Told last by a node that ends.
_LEAVING: Final = b""


@dataclass(frozen=True, slots=True)
class PresenceTimes:
    """Seconds: told at least so often, at most so often when something changed, and how long it counts."""

    period_s: float = 5.0
    damping_s: float = 1.0
    stale_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Listening:
    """What this node has to tell, and what it does with what others tell.

    `on_duty`: rooms where a moderator came or went elsewhere; `on_lost`: a node that is no more.
    """

    here: Callable[[], Mapping[RoomId, Here]]
    on_duty: Callable[[Iterable[RoomId]], None]
    on_lost: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Other:
    until: float
    rooms: Mapping[RoomId, Here] = field(default_factory=dict)


class RedisPresence:
    """One node's. `expected`: how many nodes there are at the least, for as long as none of them was heard of."""

    def __init__(self, link: RedisLink, node: str, expected: int = 1, times: PresenceTimes | None = None) -> None:
        self.counts: Counter[str] = Counter(exchanges=0, failures=0, refused=0)
        self._times = times or PresenceTimes()
        self._exchange = Exchange(link, node, self._times.stale_s)
        self._nodes = expected
        self._others: dict[str, _Other] = {}
        # Known from before Redis was away: its silence since says nothing, so such a one is forgotten, never lost.
        self._unheard: set[str] = set()
        self._on_duty: frozenset[RoomId] = frozenset()
        self._told: Mapping[RoomId, Here] = {}
        self._told_at = float("-inf")
        self._away = True
        self._task: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self, listening: Listening) -> None:
        """Begins to tell and to be told; a Redis that does not answer is asked again until it does."""
        self._task = spawn(self._run(listening), name="presence of nodes")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if not self._away:
            await self._exchange.tell(_LEAVING)
        await self._exchange.close()

    def measures(self) -> Mapping[str, float]:
        counted = {f"presence_{name}_total": float(count) for name, count in self.counts.items()}
        return {**counted, "presence_nodes": float(self._nodes), "presence_known": float(not self._away)}

    # --- what others told -------------------------------------------------------------------------------------------

    def viewers(self, room: RoomId) -> Viewers:
        """On the other nodes together."""
        count = sum(other.rooms[room].viewers for other in self._standing() if room in other.rooms)
        return Viewers(count, approx=count > 0 or self._away)

    def duty(self, room: RoomId) -> bool:
        return any(other.rooms[room].duty for other in self._standing() if room in other.rooms)

    def nodes(self) -> int:
        """How many there are, this one included, as last known."""
        return self._nodes

    def _standing(self) -> list[_Other]:
        now = _now()
        return [other for other in self._others.values() if other.until > now]

    # --- the exchange -----------------------------------------------------------------------------------------------

    async def _run(self, listening: Listening) -> None:
        while True:
            try:
                here = dict(listening.here())
                if _now() - self._told_at >= self._times.period_s or _differ(self._told, here):
                    await self._trip(here, listening)
            except Exception:
                # Without the next one this node is taken for dead by all others.
                _log.exception("who watches could not be told")
            await asyncio.sleep(self._times.damping_s)

    async def _trip(self, here: Mapping[RoomId, Here], listening: Listening) -> None:
        told = await self._exchange.tell(encode(here))
        self.counts["exchanges" if told is not None else "failures"] += 1
        was_away, self._away = self._away, told is None
        if self._away is not was_away:
            level, said = (logging.WARNING, "unknown") if self._away else (logging.INFO, "known")
            _log.log(level, "who watches on other nodes is %s", said)
        if told is None:
            return
        self._told, self._told_at = here, _now()
        if was_away:
            self._unheard = set(self._others)
        self._each(listening.on_lost, self._take(told))
        was_on_duty, self._on_duty = self._on_duty, self._duties()
        if changed := was_on_duty ^ self._on_duty:
            self._each(listening.on_duty, [changed])

    def _take(self, told: list[Told]) -> list[str]:
        """Remembers what others told, and answers which of them are lost."""
        now = _now()
        self._unheard.difference_update(one.node for one in told)
        left = []
        for one in told:
            if one.said == _LEAVING:
                left.append(one.node)
                continue
            try:
                self._others[one.node] = _Other(now + self._times.stale_s - one.age_s, decode(one.said))
            except BadPresence:
                self.counts["refused"] += 1
        # One that was not among them may have been forgotten by Redis alone: it has its time to be told again.
        gone = [node for node, other in self._others.items() if node in left or other.until <= now]
        for node in gone:
            del self._others[node]
        if self._others or gone:
            # Until then: its siblings are starting, and a share counted without them would be too large.
            self._nodes = 1 + len(self._others)
        lost = [node for node in gone if node not in self._unheard]
        self._unheard.difference_update(gone)
        return lost

    def _duties(self) -> frozenset[RoomId]:
        return frozenset(room for other in self._standing() for room, here in other.rooms.items() if here.duty)

    def _each(self, tell: Callable[[Any], None], news: Iterable[Any]) -> None:
        for one in news:
            try:
                tell(one)
            except Exception:
                # The next exchange must come, whatever becomes of the news of this one.
                _log.exception("news of other nodes were not taken")


def _differ(told: Mapping[RoomId, Here], here: Mapping[RoomId, Here]) -> bool:
    """Whether others would show something else by more than one in a hundred."""
    nothing = Here(0, duty=False)
    for room in told.keys() | here.keys():
        before, now = told.get(room, nothing), here.get(room, nothing)
        if before.duty is not now.duty or abs(before.viewers - now.viewers) * 100 > before.viewers:
            return True
    return False


def _now() -> float:
    return asyncio.get_running_loop().time()
