"""What this node hears from one Redis server: one connection that subscribes, reads and doubts itself.

A subscription may be dead and look alive: now and then the ear says a word into a channel of its own, and one that
does not hear it is replaced. Whenever something may have been missed, the gap is told.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from redis.exceptions import ResponseError

from gateway.bus_inbox import Heard
from gateway.redis_line import LineBroken, RedisLine

PAUSE_S: Final = 0.05
MAX_PAUSE_S: Final = 1.0

_log = logging.getLogger(__name__)

Channels: TypeAlias = tuple[str, ...]  # subscribed together; in a Cluster all in one slot


@dataclass(frozen=True, slots=True)
class Ways:
    """What an ear does not know itself. All return at once.

    `own_channel` names one that this server carries; `heard` takes all that one read brought, `say` sends one; `gap`:
    something may have been missed; `changed`: whether the ear is alive, or what its server carries.
    """

    open_line: Callable[[], RedisLine]
    own_channel: Callable[[], str]
    heard: Callable[[list[Heard]], None]
    say: Callable[[str, bytes], None]
    gap: Callable[[], None]
    changed: Callable[[], None]


class Ear:
    """`alive` from the moment the server has confirmed that it will tell, until the line breaks or is found deaf.

    `trouble` is why the last line ended, in a word or two for the operator.
    """

    def __init__(self, ways: Ways, verb: str, probe_s: float, answer_s: float, counts: Counter[str]) -> None:
        self.alive = False
        self.trouble = ""
        self._ways = ways
        self._own = ""
        self._message = f"{verb.lower()}message".encode()
        self._verb = verb
        self._probe_s = probe_s
        self._answer_s = answer_s
        self._counts = counts
        self._wanted: set[Channels] = set()
        self._anew: set[Channels] = set()
        self._leaving: list[bytes] = []
        self._changed = asyncio.Event()
        self._listening = asyncio.Event()
        self._word = b""
        self._echo = asyncio.Event()

    def want(self, wanted: set[Channels], anew: Channels = ()) -> None:
        """All that is to be heard from now on. Of `anew` a gap is told even if it has been heard all the time."""
        if anew in wanted:
            self._anew.add(anew)
        if wanted != self._wanted or self._anew:
            self._wanted = wanted
            self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        pause = PAUSE_S
        while True:
            line = self._ways.open_line()
            self._own = self._ways.own_channel()
            try:
                await line.open(self._hear)
                self._counts["connects"] += 1
                async with asyncio.TaskGroup() as group:
                    for work in (self._subscribe(line), line.ended(), self._doubt()):
                        group.create_task(work)
            except* LineBroken as broken:
                self.trouble = str(broken.exceptions[0])
            except* Exception:
                _log.exception("a subscription failed")
            finally:
                was_alive, self.alive = self.alive, False
                self._listening.clear()
                self._leaving.clear()
                await line.close()
            self._ways.changed()
            if was_alive:
                # The node looks at the store more often while the bus is away, and begins now.
                self._ways.gap()
            pause = PAUSE_S if was_alive else min(pause * 2, MAX_PAUSE_S)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads nodes, hides nothing

    async def _subscribe(self, line: RedisLine) -> None:
        on, off = f"{self._verb}SUBSCRIBE", f"{self._verb}UNSUBSCRIBE"
        asked: set[Channels] = set()
        while True:
            self._changed.clear()
            wanted = {(self._own,), *self._wanted}
            commands = [(on, *channels) for channels in sorted((wanted - asked) | (self._anew & wanted))]
            commands += [(off, *channels) for channels in sorted(asked - wanted)]
            self._leaving += [channel.encode() for channels in asked - wanted for channel in channels]
            asked = wanted
            self._anew.clear()
            if commands:
                await line.send(commands)
            await self._changed.wait()

    def _hear(self, said: list[Any]) -> None:
        """Hints go into the inbox together; what else Redis says is rare."""
        message, own = self._message, self._own.encode()
        hints: list[Heard] = []
        add = hints.append
        try:
            for one in said:
                if isinstance(one, ResponseError):
                    raise LineBroken(f"refused: {one}")
                kind, channel, payload = one
                if kind != message:
                    self._told(kind, channel)
                elif channel != own:
                    add((channel, payload))
                elif payload == self._word:
                    self._echo.set()
        finally:
            self._ways.heard(hints)

    def _told(self, kind: bytes, channel: bytes) -> None:
        if kind in (b"subscribe", b"ssubscribe"):
            self._confirmed(channel)
        elif channel in self._leaving:
            self._leaving.remove(channel)
        else:
            # Nobody asked for the end of this one: its slot has moved.
            raise LineBroken("moved")

    def _confirmed(self, channel: bytes) -> None:
        """What was said before this moment was not heard here; told once for channels subscribed together."""
        name = channel.decode()
        if name == self._own:
            self.alive = True
            self.trouble = ""
            self._listening.set()
            self._ways.changed()
        elif not any(name == channels[-1] for channels in self._wanted):
            return
        self._counts["gaps"] += 1
        self._ways.gap()

    async def _doubt(self) -> None:
        await self._within(self._listening)
        while True:
            self._echo.clear()
            self._word = secrets.token_bytes(8)
            self._ways.say(self._own, self._word)
            await self._within(self._echo)
            self._counts["probes"] += 1
            await asyncio.sleep(self._probe_s)

    async def _within(self, event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._answer_s):
                await event.wait()
        except TimeoutError:
            self._counts["deaf"] += 1
            raise LineBroken("deaf") from None
