"""What all nodes count together in Redis; while it does not answer, each node counts its own share.

Redis is never waited for longer than a blink, and not at all once it has been waited for in vain: then one task asks
on, nobody's request. So it fails open, to the share, and is never without a limit.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from gateway.redis_link import RedisLink
from gateway.redis_scripts import NoAnswer, Script, Scripts
from kernel.allowances import Allowance, OwnAllowances, Taken
from kernel.clock import Clock
from kernel.refusals import Refusal
from kernel.tasks import spawn

DEADLINE_S: Final = 0.1
# Between tries to reach a Redis that is away, and how long one may take to be reached.
PAUSE_S: Final = 0.5
REACH_S: Final = 2.0

_log = logging.getLogger(__name__)

# As `OwnAllowances` counts, for one key: burst, interval and the present in milliseconds, "" for the server's own, so
# that the clocks of nodes need not agree. A key is gone soon after all of the allowance is there again.
_PRESENT: Final = """
local interval, now = tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
local function keep()
  redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', math.ceil(full_at - now) + 1000)
end
"""
_TAKE: Final = Script(f"""{_PRESENT}
local burst = tonumber(ARGV[1])
full_at = math.min(math.max(full_at, now), now + burst * interval)
local wait = full_at - now - (burst - 1) * interval
if wait < 1 then
  full_at = full_at + interval
  wait = 0
end
keep()
return math.ceil(wait)
""")
_REFUND: Final = Script(f"""{_PRESENT}
full_at = full_at - interval
if full_at > now then keep() else redis.call('DEL', KEYS[1]) end
return 0
""")
_PROBE: Final = Allowance("probe", 1_000, 1)


class RedisAllowances:
    """One node's way to what all count. `nodes` says how many there are, as last known. `counts` only ever grow."""

    def __init__(
        self,
        link: RedisLink,
        secret: bytes,
        own: OwnAllowances,
        nodes: Callable[[], int],
        *,
        clock: Clock | None = None,
        deadline_s: float = DEADLINE_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        self.counts: Counter[str] = Counter(shared=0, alone=0, away=0)
        self._link = link
        # Whoever reads Redis, its log or its monitor finds neither addresses nor names.
        self._key = hmac.digest(secret, b"wenzheng allowances 1", "sha256")
        self._own = own
        self._nodes = nodes
        self._clock = clock
        self._deadline_s = deadline_s
        self._pause_s = pause_s
        self._scripts = Scripts(link)
        self._lost = asyncio.Event()
        self._lost.set()
        self._watching: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """A Redis that does not answer holds up nothing: it is asked again until it does."""
        await self._reach()
        self._watching = spawn(self._watch(), name="shared allowances")

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._scripts.close()

    @property
    def together(self) -> bool:
        """Whether all nodes count together, as far as this one knows."""
        return not self._lost.is_set()

    def measures(self) -> Mapping[str, float]:
        counted = {f"allowances_{name}_total": float(count) for name, count in self.counts.items()}
        return {**counted, "allowances_together": float(self.together)}

    # --- what is asked ----------------------------------------------------------------------------------------------

    async def take(self, allowance: Allowance, whose: str) -> Taken:
        if self.together:
            try:
                wait = await self._ask(_TAKE, allowance, whose, self._deadline_s)
            except NoAnswer as away:
                self._lose(away)
            else:
                self.counts["shared"] += 1
                if wait:
                    raise Refusal("rate", retry_ms=wait)
                return Taken(allowance, whose, shared=True)
        self.counts["alone"] += 1
        return await self._own.take(allowance.share(max(1, self._nodes())), whose)

    async def refund(self, taken: Taken) -> None:
        """To where it was taken from: what Redis has counted is no part of this node's share."""
        if not taken.shared:
            await self._own.refund(taken)
        elif self.together:
            try:
                await self._ask(_REFUND, taken.allowance, taken.whose, self._deadline_s)
            except NoAnswer as away:
                self._lose(away)

    async def _ask(self, script: Script, allowance: Allowance, whose: str, seconds: float) -> int:
        now = "" if self._clock is None else str(self._clock.now_ms())
        digest = hashlib.blake2b(whose.encode(), key=self._key, digest_size=16).hexdigest()
        key = self._link.name("allow", allowance.name, digest)
        wait: int = await self._scripts.run(seconds, script, key, allowance.burst, allowance.interval_ms, now)
        return wait

    # --- away and back ----------------------------------------------------------------------------------------------

    def _lose(self, away: NoAnswer) -> None:
        if self.together:
            self._lost.set()
            self.counts["away"] += 1
            _log.warning("limits are counted by this node alone", extra={"redis": self._link.shown, "why": str(away)})

    async def _watch(self) -> None:
        while True:
            await self._lost.wait()
            if not await self._reach():
                await asyncio.sleep(self._pause_s)

    async def _reach(self) -> bool:
        """Once without hurry, for a connection and the script; what counts is whether it is quick then."""
        try:
            for seconds in (REACH_S, self._deadline_s):
                await self._ask(_TAKE, _PROBE, "", seconds)
        except NoAnswer:
            return False
        self._lost.clear()
        _log.info("limits are counted by all nodes together", extra={"redis": self._link.shown})
        return True
