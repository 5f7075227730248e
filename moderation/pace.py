"""How fast one netizen may post in one room, and change what was posted: a burst, then one at a time."""

from __future__ import annotations

from kernel.allowances import Allowance, Allowances, Taken
from kernel.ids import RoomId, UserId

BURST = 5
INTERVAL_MS = 10_000
# Reports of one person, in all rooms: a list of links is no reading.
REPORTS = 10
REPORT_INTERVAL_MS = 60_000


class Pace:
    """New texts and new versions are counted apart, at the same pace."""

    def __init__(self, allowances: Allowances, *, burst: int = BURST, interval_ms: int = INTERVAL_MS) -> None:
        self._allowances = allowances
        self._posts = Allowance("post", burst, interval_ms)
        self._versions = Allowance("revise", burst, interval_ms)
        self._reports = Allowance("report", REPORTS, REPORT_INTERVAL_MS)

    async def post(self, room: RoomId, user: UserId) -> Taken:
        """Takes one. Raises `rate`, with the time until the next one, when there is none."""
        return await self._allowances.take(self._posts, f"{room}/{user}")

    async def revise(self, room: RoomId, user: UserId) -> Taken:
        """As `post`."""
        return await self._allowances.take(self._versions, f"{room}/{user}")

    async def report(self, user: UserId) -> Taken:
        """As `post`, in all rooms together."""
        return await self._allowances.take(self._reports, user)

    async def refund(self, taken: Taken) -> None:
        """Gives one back for a post that was none: a resend, or one that was not stored."""
        await self._allowances.refund(taken)
