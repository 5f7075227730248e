"""Which server of a Redis carries a channel: the one of the address, or in a Cluster the one that holds its slot."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain
from typing import Any, Final

from redis.crc import key_slot
from redis.exceptions import ResponseError

from gateway.redis_line import LineBroken, RedisLine
from gateway.redis_link import Address, RedisLink

SHARDED_SINCE: Final = (7,)
SLOTS: Final = 16_384

_QUESTIONS: Final = (("INFO", "server"), ("INFO", "cluster"), ("CLUSTER", "SLOTS"))


class UnsuitableRedis(Exception):
    """This Redis cannot do what the settings ask of it; one sentence for the operator."""


class Routes:
    """Plain channels know one server, sharded ones as many as a Cluster has."""

    def __init__(self, link: RedisLink, *, sharded: bool) -> None:
        self._link = link
        self._sharded = sharded
        self._starts: list[int] = []  # the first slot of each range, ascending
        self._ranges: list[tuple[int, Address]] = []  # the last slot of each range, and who holds it
        self.servers: frozenset[Address | None] = frozenset() if sharded else frozenset({None})

    def of(self, channel: str) -> Address | None:
        """None is the server of the address itself. Raises `KeyError` while nobody is known to hold the slot."""
        if not self._ranges:
            if None in self.servers:
                return None
            raise KeyError(channel)
        slot = key_slot(channel.encode())
        last, holder = self._ranges[bisect_right(self._starts, slot) - 1]
        if slot > last:
            raise KeyError(channel)
        return holder

    @property
    def whole(self) -> bool:
        """Whether every channel has its server."""
        return (
            self.servers == {None}
            or sum(last - first + 1 for first, (last, _) in zip(self._starts, self._ranges, strict=True)) == SLOTS
        )

    async def learn(self) -> None:
        """Asks who holds what. Raises `LineBroken` if nobody answers, `UnsuitableRedis`."""
        if not self._sharded:
            return
        for server in dict.fromkeys(chain([None], self.servers)):
            line = RedisLine(self._link, server)
            try:
                await line.open()
                self._understand(await line.ask(_QUESTIONS), line)
            except LineBroken:
                continue
            finally:
                await line.close()
            return
        raise LineBroken("no server of the Redis answers")

    def _understand(self, answers: list[Any], line: RedisLine) -> None:
        try:
            self._read(answers, line)
        except (LookupError, ValueError, TypeError, AttributeError):
            raise UnsuitableRedis("bus.sharded needs a Redis 7: what bus.url answers is not understood") from None

    def _read(self, answers: list[Any], line: RedisLine) -> None:
        server, cluster, slots = answers
        if isinstance(server, ResponseError) or isinstance(cluster, ResponseError):
            raise UnsuitableRedis("bus.sharded needs a Redis that answers INFO; the one of bus.url does not")
        version = _info(server)["redis_version"]
        if tuple(int(part) for part in version.split(".")) < SHARDED_SINCE:
            raise UnsuitableRedis(
                f"bus.sharded needs Redis {SHARDED_SINCE[0]} or newer, the one of bus.url is {version}"
            )
        if _info(cluster)["cluster_enabled"] != "1":
            self._starts, self._ranges, self.servers = [], [], frozenset({None})
        elif isinstance(slots, ResponseError):
            raise LineBroken("CLUSTER SLOTS is refused")
        else:
            self._take(slots, line)

    def _take(self, slots: list[Any], line: RedisLine) -> None:
        held = sorted((first, last, _address(holders[0], line)) for first, last, *holders in slots)
        self._starts = [first for first, _, _ in held]
        self._ranges = [(last, holder) for _, last, holder in held]
        self.servers = frozenset(holder for _, _, holder in held)


def _address(holder: list[Any], line: RedisLine) -> Address:
    """A server that does not know its own name is the one that was asked."""
    return (holder[0].decode() if holder[0] else line.host, int(holder[1]))


def _info(told: bytes) -> dict[str, str]:
    return dict(row.split(":", 1) for row in told.decode().splitlines() if ":" in row)
