"""The live side of the edge: sockets in rooms. `build_live` is all that the process needs to know."""

from __future__ import annotations

import secrets

from accounts.handlers import Accounts
from gateway.live.framing import Framing
from gateway.live.node import Live, LiveStore, Say
from gateway.options import GatewayOptions
from kernel.clock import Clock
from moderation.handlers import Posting, Review
from rooms.handlers import Rooms
from rooms.hub import Hub, HubOptions
from rooms.ports import Bus
from rooms.presence import Presence
from rooms.timers import LoopScheduler

__all__ = ["Live", "build_live"]


def build_live(
    store: LiveStore,
    bus: Bus,
    accounts: Accounts,
    rooms: Rooms,
    posting: Posting,
    review: Review,
    options: GatewayOptions,
    clock: Clock,
    say: Say,
    presence: Presence | None = None,
    node: str | None = None,
) -> Live:
    """To be called on the running loop that will serve. `bus` must get the hints of `store`'s commits.

    `presence` knows who watches elsewhere; `node` is what the others call this one.
    """
    scheduler = LoopScheduler()
    limits = options.limits
    hub = Hub(
        store,
        bus,
        Framing(),
        clock,
        scheduler,
        HubOptions(
            options.probe_ms / 1_000,
            options.heartbeat_s,
            limits.park_s,
            limits.park_bytes,
            node or secrets.token_hex(4),
        ),
        presence,
    )
    return Live(hub, store, accounts, rooms, posting, review, options, clock, scheduler, say)
