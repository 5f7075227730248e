"""What a node shares with the others beside hints, over the Redis of the bus: who watches, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.allowances_redis import RedisAllowances
from gateway.presence_redis import Listening, RedisPresence
from gateway.redis_link import RedisLink
from kernel.allowances import OwnAllowances
from kernel.clock import Clock
from rooms.hub import Hub


class RedisSharing:
    """Of the node with this name. `expected`: how many nodes there are at the least."""

    def __init__(self, link: RedisLink, secret: bytes, clock: Clock, node: str, expected: int) -> None:
        self.presence = RedisPresence(link, node, expected)
        self.allowances = RedisAllowances(link, secret, OwnAllowances(clock), self.presence.nodes)

    async def start(self, hub: Hub) -> None:
        self.presence.start(Listening(hub.here, hub.changed_elsewhere, hub.asides.lost))
        await self.allowances.start()

    async def close(self) -> None:
        await self.presence.close()
        await self.allowances.close()

    def measures(self) -> Mapping[str, float]:
        return {**self.presence.measures(), **self.allowances.measures()}
