"""One trip to Redis by which a node tells the others of itself and is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.redis_link import RedisLink
from gateway.redis_scripts import NoAnswer, Script, Scripts

TRIP_S: Final = 2.0
# Others beyond it are not told; a city has some tens of nodes.
NODES_MAX: Final = 256

# Node, what it tells, milliseconds until it is stale, others at most. Redis says how late it is, so that the clocks of
# nodes need not agree. Answers [node, age in milliseconds, what it told] for each other node, in one flat list.
_EXCHANGE: Final = Script(
    """
local t = redis.call('TIME')
local now, stale = t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', now) .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], stale * 4)
local all, others = redis.call('HGETALL', KEYS[1]), {}
for n = 1, #all, 2 do
  local said = all[n + 1]
  local space = string.find(said, ' ', 1, true) or 0
  local age = now - (tonumber(string.sub(said, 1, space - 1)) or 0)
  if not (math.abs(age) <= stale) then -- 'nan' is a number to Lua
    redis.call('HDEL', KEYS[1], all[n])
  elseif all[n] ~= ARGV[1] and #others < 3 * tonumber(ARGV[4]) then
    others[#others + 1] = all[n]
    others[#others + 1] = age
    others[#others + 1] = string.sub(said, space + 1)
  end
end
return others
"""
)


@dataclass(frozen=True, slots=True)
class Told:
    """By another node, `age_s` seconds ago."""

    node: str
    age_s: float
    said: bytes


class Exchange:
    """One field of one hash for each node; what is older than `stale_s` is thrown away by whoever comes by."""

    def __init__(self, link: RedisLink, node: str, stale_s: float) -> None:
        self._scripts = Scripts(link)
        self._key = link.name("nodes")
        self._node = node
        self._stale_ms = round(stale_s * 1_000)

    async def tell(self, said: bytes) -> list[Told] | None:
        """What the others told last; None if Redis does not answer in time."""
        try:
            flat = await self._scripts.run(TRIP_S, _EXCHANGE, self._key, self._node, said, self._stale_ms, NODES_MAX)
        except NoAnswer:
            return None
        each = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
        return [Told(node.decode(errors="replace"), age_ms / 1_000, told) for node, age_ms, told in each]

    async def close(self) -> None:
        await self._scripts.close()
