"""One room on this node: its lanes, who watches it, and what is told there and stored nowhere."""

from __future__ import annotations

from rooms.audience import Listener
from rooms.claims import Claims
from rooms.desk import Desk
from rooms.fanout import Fanout
from rooms.feed import Feed
from rooms.heartbeat import Heartbeat
from rooms.introductions import Acquaintance
from rooms.model import Lane
from rooms.ports import Head


class Hosted:
    """One room on this node. `leases`: joins under way, which keep it hosted."""

    def __init__(self, feed: Feed, fanouts: dict[Lane, Fanout], heartbeat: Heartbeat, now: float) -> None:
        self.feed = feed
        self.fanouts = fanouts
        self.heartbeat = heartbeat
        self.desk = Desk()
        self.claims = Claims()
        self.known = Acquaintance()
        self.listeners: dict[Listener, None] = {}
        self.leases = 0
        self.idle_since = now

    @property
    def on_duty(self) -> bool:
        """Whether a moderator follows the room on this node."""
        return bool(self.fanouts[Lane.MOD].views)

    @property
    def stands(self) -> Head:
        """Of the public lane, as far as it has been applied here."""
        pub = self.feed.lanes[Lane.PUB]
        return Head(pub.epoch, pub.applied)
