"""The bus between nodes over Redis: hints out, hints in, and the truth about whether it can be relied on to be quick.

Nothing hangs on it: what is lost here costs the time until the next look at the store (contract, C9).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from gateway.bus_ear import Channels, Ear, Ways
from gateway.bus_inbox import Inbox
from gateway.bus_outbox import Outbox
from gateway.bus_routes import Routes, UnsuitableRedis
from gateway.hint_codec import BadHint, HintCodec
from gateway.receivers import Receivers
from gateway.redis_line import LineBroken, RedisLine
from gateway.redis_link import ANSWER_S, Address, RedisLink
from kernel.ids import RoomId
from kernel.tasks import spawn
from rooms.model import Lane
from rooms.ports import Hint

RELEARN_S: Final = 0.5
AWAY: Final = "the bus is away: the store is asked more often instead"
# Names tried for a channel that a certain server of a Cluster carries; one in some dozens does.
TRIES: Final = 10_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RedisBusOptions:
    """`sharded`: Redis 7 and newer, a Cluster or not. Seconds between doubts of a subscription and for an answer."""

    sharded: bool = False
    probe_s: float = 2.0
    answer_s: float = ANSWER_S


@dataclass(frozen=True, slots=True)
class _Server:
    ear: Ear
    outbox: Outbox
    tasks: tuple[asyncio.Task[None], ...]


class RedisBus:
    """Belongs to one event loop. `counts` only ever grow."""

    def __init__(self, link: RedisLink, secret: bytes, options: RedisBusOptions | None = None) -> None:
        self.options = options or RedisBusOptions()
        self.counts: Counter[str] = Counter()
        self._link = link
        self._codec = HintCodec(secret)
        self._receivers = Receivers()
        self._inbox = Inbox(self._deliver, self._receivers.gap, self.counts)
        self._routes = Routes(link, sharded=self.options.sharded)
        self._verb = "S" if self.options.sharded else ""
        self._node = secrets.token_hex(6)
        self._rooms: dict[RoomId, Channels] = {}
        self._lanes: dict[bytes, tuple[RoomId, Lane]] = {}
        self._servers: dict[Address | None, _Server] = {}
        self._relearn = asyncio.Event()
        self._running = False
        self._tasks: list[asyncio.Task[None]] = []
        self._told_healthy: bool | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Raises `UnsuitableRedis`. A Redis that does not answer holds up nothing: it is tried again until it does."""
        try:
            await self._routes.learn()
        except LineBroken:
            self._changed()
        self._running = True
        self._arrange()
        self._tasks = [spawn(self._inbox.run(), name="bus inbox"), spawn(self._keep_learning(), name="bus routes")]

    async def close(self) -> None:
        self._running = False
        tasks = [*self._tasks, *(task for server in self._servers.values() for task in server.tasks)]
        self._servers.clear()
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def healthy(self) -> bool:
        """Whether hints arrive, as far as this node can know: heard and sent with every server there is."""
        return (
            bool(self._servers)
            and self._routes.whole
            and all(server.ear.alive and server.outbox.sound for server in self._servers.values())
        )

    def _changed(self) -> None:
        healthy = self.healthy
        if not healthy:
            self._relearn.set()
        if healthy is not self._told_healthy:
            self._told_healthy = healthy
            if healthy:
                _log.info("the bus answers", extra={"bus": self._link.shown})
            else:
                troubles = (server.ear.trouble or server.outbox.trouble for server in self._servers.values())
                why = next(filter(None, troubles), "no answer")
                _log.warning(AWAY, extra={"bus": self._link.shown, "why": why})

    # --- hints ------------------------------------------------------------------------------------------------------

    def publish(self, hint: Hint) -> None:
        """Told here at once, elsewhere soon or never; never raises."""
        self._receivers.tell(hint)
        try:
            payload = self._codec.encode(hint)
        except BadHint as bad:
            self.counts[f"dropped_{bad}"] += 1
            return
        self._say(self._channel(hint.room, hint.lane), payload)

    def subscribe(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        return self._receivers.add(receive, on_gap)

    def follow(self, room: RoomId) -> None:
        """One subscription for each lane; a gap is told once they stand."""
        channels = {lane: self._channel(room, lane) for lane in Lane}
        self._rooms[room] = tuple(channels.values())
        self._lanes.update((channel.encode(), (room, lane)) for lane, channel in channels.items())
        self._arrange(anew=self._rooms[room])

    def forget(self, room: RoomId) -> None:
        for channel in self._rooms.pop(room, ()):
            self._lanes.pop(channel.encode(), None)
        self._arrange()

    def _deliver(self, channel: bytes, payload: bytes) -> None:
        place = self._lanes.get(channel)
        if place is None:
            return  # forgotten meanwhile
        try:
            hint = self._codec.decode(*place, payload)
        except BadHint as bad:
            self.counts[f"refused_{bad}"] += 1
            return
        if hint is None:
            self.counts["echoes"] += 1
            return
        self.counts["received"] += 1
        self._receivers.tell(hint)

    def _say(self, channel: str, payload: bytes) -> None:
        try:
            server = self._servers[self._routes.of(channel)]
        except KeyError:
            self.counts["dropped_away"] += 1
            return
        server.outbox.put(channel, payload)

    def _channel(self, room: RoomId, lane: Lane) -> str:
        # The lanes of a room stay together: in a Cluster what stands in braces chooses the slot.
        return self._link.name(f"{{{room}}}", lane)

    # --- servers ----------------------------------------------------------------------------------------------------

    async def _keep_learning(self) -> None:
        """Of a Cluster, whenever something is not as it was; elsewhere there is nothing to learn."""
        told = ""
        while self.options.sharded:
            await self._relearn.wait()
            self._relearn.clear()
            try:
                await self._routes.learn()
                self._arrange()
            except LineBroken:
                self._relearn.set()
            except UnsuitableRedis as unsuitable:
                if told != str(unsuitable):
                    told = str(unsuitable)
                    _log.error("the bus cannot be used", extra={"why": told})
                self._relearn.set()
            await asyncio.sleep(RELEARN_S)

    def _arrange(self, anew: Channels = ()) -> None:
        """Every channel is wanted from the server that carries it."""
        if not self._running:
            return
        for gone in self._servers.keys() - self._routes.servers:
            for task in self._servers.pop(gone).tasks:
                task.cancel()
        for come in self._routes.servers - self._servers.keys():
            self._servers[come] = self._meet(come)
        wanted: dict[Address | None, set[Channels]] = {address: set() for address in self._servers}
        for channels in self._rooms.values():
            with contextlib.suppress(KeyError):
                wanted[self._routes.of(channels[0])].add(channels)
        for address, theirs in wanted.items():
            self._servers[address].ear.want(theirs, anew)

    def _meet(self, address: Address | None) -> _Server:
        chosen = self.options
        open_line = partial(RedisLine, self._link, address, chosen.answer_s)
        outbox = Outbox(open_line, f"{self._verb}PUBLISH", self.counts, self._changed)
        own_channel = partial(self._own_channel, address)
        ways = Ways(open_line, own_channel, self._inbox.put, outbox.put, self._receivers.gap, self._changed)
        ear = Ear(ways, self._verb, chosen.probe_s, chosen.answer_s, self.counts)
        return _Server(ear, outbox, (spawn(outbox.run(), name="bus outbox"), spawn(ear.run(), name="bus ear")))

    def _own_channel(self, address: Address | None) -> str:
        """One that this server carries, if a name can be found that falls to it."""
        names = (self._link.name("node", self._node, str(n)) for n in range(TRIES))
        return next((name for name in names if self._carries(address, name)), self._link.name("node", self._node))

    def _carries(self, address: Address | None, channel: str) -> bool:
        try:
            return self._routes.of(channel) == address
        except KeyError:
            return False
