"""What all connections of one process share: options, counters, deadlines, and who may still come in."""

from __future__ import annotations

import asyncio

from gateway.engine.addresses import counted_as
from gateway.engine.counters import Counters
from gateway.engine.peers import PeerFactory
from gateway.engine.problems import DRAINING, FULL, TOO_MANY, Turned
from gateway.engine.sweep import Sweep
from gateway.options import GatewayOptions

# Plain HTTP connections beside the sockets; above it new ones are cut without an answer.
SPARE_CONNECTIONS = 1_000


class Engine:
    """Lives as long as the server; belongs to one event loop."""

    def __init__(self, peers: PeerFactory, options: GatewayOptions, connections_max: int) -> None:
        self.peers = peers
        self.options = options
        self.limits = options.limits
        self.counters = Counters()
        self.sweep = Sweep()
        self.connections: set[asyncio.Protocol] = set()
        self.connections_max = min(connections_max, options.limits.sockets + SPARE_CONNECTIONS)
        self.draining = False
        self._by_address: dict[str, int] = {}

    def enter(self, address: str) -> None:
        """Counts a socket in, or raises `Turned`; each one counted in must `leave`."""
        if self.draining:
            raise Turned(DRAINING)
        if self.counters.open >= self.limits.sockets:
            raise Turned(FULL)
        key = counted_as(address)
        there = self._by_address.get(key, 0)
        if there >= self.limits.sockets_per_address:
            raise Turned(TOO_MANY)
        self._by_address[key] = there + 1
        self.counters.open += 1
        self.counters.handshakes += 1

    def leave(self, address: str) -> None:
        self.counters.open -= 1
        key = counted_as(address)
        there = self._by_address.pop(key) - 1
        if there:
            self._by_address[key] = there
