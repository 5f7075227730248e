"""Scripts of one key each, run by whichever server of the Redis holds the key; told again to one that forgot them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import MovedError, NoScriptError, RedisError

from gateway.redis_link import FAULTS, Address, RedisLink
from kernel.tasks import spawn

# In a Cluster a key may have moved; one that moves on and on is not run after.
MOVES: Final = 3

_log = logging.getLogger(__name__)


class Script:
    """`text` as Redis runs it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class NoAnswer(Exception):
    """Redis is away, late, or will not; its text is a word for the log."""


class Scripts:
    """One pool of connections for each server that was needed so far: one, or as many as a Cluster has."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._clients: dict[Address | None, Redis] = {}
        self._asking: set[asyncio.Task[Any]] = set()
        self._holders: dict[int, Address] = {}  # by slot, as far as a Cluster told

    async def run(self, seconds: float, script: Script, key: str, *arguments: str | bytes | float) -> Any:
        """What the script answers. Raises `NoAnswer` when it does not within `seconds`, or answers with an error."""
        # Nobody who waits is cancelled while it holds a connection: the pool would go without it ever after. What takes
        # longer ends by the time-outs of the link.
        asking = spawn(self._answer(script, key, *arguments), name="a script in Redis")
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        done, _ = await asyncio.wait({asking}, timeout=seconds)
        if not done or asking.cancelled():
            raise NoAnswer("late")
        answer = asking.result()
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    async def _answer(self, script: Script, key: str, *arguments: str | bytes | float) -> Any:
        try:
            return await self._follow(script, key, *arguments)
        except FAULTS as fault:
            return NoAnswer(type(fault).__name__)
        except Exception as fault:
            # Requests wait for this, and tasks that would not be started again: whatever it is, it is no answer.
            _log.exception("a script in Redis failed")
            return NoAnswer(type(fault).__name__)

    async def _follow(self, script: Script, key: str, *arguments: str | bytes | float) -> Any:
        moved: MovedError | None = None
        for _ in range(MOVES):
            holder = self._holders.get(key_slot(key.encode())) if self._holders else None
            try:
                return await self._run(self._client(holder), script, key, *arguments)
            except MovedError as elsewhere:
                moved = elsewhere
                host, port = elsewhere.node_addr
                self._holders[int(elsewhere.slot_id)] = (host or self._link.host, int(port))
            except FAULTS:
                # Whoever is asked next knows better who holds what this one held.
                self._holders = {slot: at for slot, at in self._holders.items() if at != holder}
                raise
        raise moved or RedisError("moved")

    async def close(self) -> None:
        for asking in self._asking:
            asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        clients, self._clients = self._clients, {}
        for client in clients.values():
            with contextlib.suppress(*FAULTS):
                await client.aclose()

    def _client(self, holder: Address | None) -> Redis:
        if holder not in self._clients:
            self._clients[holder] = self._link.client(holder)
        return self._clients[holder]

    async def _run(self, client: Redis, script: Script, key: str, *arguments: str | bytes | float) -> Any:
        execute: Callable[..., Awaitable[Any]] = client.execute_command
        try:
            return await execute("EVALSHA", script.sha, 1, key, *arguments)
        except NoScriptError:
            return await execute("EVAL", script.text, 1, key, *arguments)
