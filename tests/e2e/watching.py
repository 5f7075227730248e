"""What a browser itself measured: bytes on the wire, the largest paint, long tasks, and how slow it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession, Page

# Observers must be there before the page is: what happened earlier is in their buffer, long tasks are not.
_OBSERVE = """
window.seen = { lcp: 0, long: [], shift: 0 }
const each = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
each('largest-contentful-paint', (one) => { seen.lcp = Math.max(seen.lcp, one.startTime) })
each('longtask', (one) => seen.long.push([one.startTime, one.duration]))
each('layout-shift', (one) => { if (!one.hadRecentInput) seen.shift += one.value })
"""

# How many times longer a stretch of work takes than its best pieces say it should.
_CONTENTION = """
() => {
  const piece = () => {
    const from = performance.now()
    for (let i = 0, x = 0; i < 200000; i++) x += Math.sqrt(i)
    return performance.now() - from
  }
  for (let i = 0; i < 20; i++) piece()
  const from = performance.now()
  const pieces = Array.from({ length: 600 }, piece)
  const best = pieces.sort((a, b) => a - b)[60]
  return Math.max(1, (performance.now() - from) / (600 * Math.max(best, 0.1)))
}
"""


@dataclass
class Watched:
    """One page under the browser's own instruments."""

    page: Page
    cdp: CDPSession
    received: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    async def slow_processor(self, times: float) -> None:
        """As slow as asked, counting what other work on this machine already takes: both together are `times`."""
        shared = float(await self.page.evaluate(_CONTENTION))
        await self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": max(1.0, times / shared)})

    async def slow_network(self, *, megabits: float, latency_ms: int) -> None:
        per_second = megabits * 1_000_000 / 8
        await self.cdp.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": latency_ms, "downloadThroughput": per_second, "uploadThroughput": per_second},
        )

    async def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate("window.seen")
        return found

    @property
    def bytes(self) -> int:
        return sum(self.received.values())

    def by_name(self) -> dict[str, int]:
        return {self.names.get(key, key).rpartition("/")[2]: size for key, size in self.received.items()}


async def watch(page: Page) -> Watched:
    cdp = await page.context.new_cdp_session(page)
    watched = Watched(page, cdp)

    def asked(event: dict[str, Any]) -> None:
        watched.names[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        if not watched.names.get(event["requestId"], "").startswith("data:"):
            watched.received[event["requestId"]] = int(event["encodedDataLength"])

    cdp.on("Network.requestWillBeSent", asked)
    cdp.on("Network.loadingFinished", came)
    await cdp.send("Network.enable")
    await page.add_init_script(_OBSERVE)
    return watched
