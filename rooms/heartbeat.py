"""When a room's heartbeat is due, and what it says: the heads the store last told, which show a client its gap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rooms.feed import Feed
from rooms.model import Lane
from rooms.presence import Viewers

AFTER_ACTIVITY_S: Final = 3.0
# Heads older than this would call a lane quiet that nobody has looked at.
FRESH_S: Final = 3.0


class Heartbeat:
    """The times of one room."""

    def __init__(self, period_s: float, now: float) -> None:
        self._period_s = period_s
        self._beat_at = now
        self._active_at: float | None = None

    def active(self, now: float) -> None:
        self._active_at = now

    def due(self, now: float) -> bool:
        after_activity = self._active_at is not None and now - self._active_at >= AFTER_ACTIVITY_S
        return after_activity or now - self._beat_at >= self._period_s

    def beaten(self, now: float) -> None:
        self._beat_at = now
        if self._active_at is not None and now - self._active_at >= AFTER_ACTIVITY_S:
            self._active_at = None


def fresh(feed: Feed, now: float) -> bool:
    return now - feed.read_at <= FRESH_S


def hb_frame(feed: Feed, lanes: Iterable[Lane], viewers: Viewers, duty: bool, at: int) -> dict[str, object]:
    """Only the lanes of those who get it: the head of another lane tells how much was decided there.

    `duty` says that a moderator follows the room, never how many do.
    """
    return {
        "t": "hb",
        "r": feed.room,
        "at": at,
        "heads": {lane.value: feed.lanes[lane].store_head for lane in lanes},
        "viewers": viewers.count,
        "approx": viewers.approx,
        "duty": duty,
    }
