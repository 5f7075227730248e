"""What the engine counts: plain integers, read by `/metrics`, no library in the hot path."""

from __future__ import annotations

from collections import Counter


class Counters:
    """Grows only, except `open`, which is how many sockets there are now."""

    __slots__ = ("bytes_in", "closes", "failures", "handshakes", "messages_in", "open", "refusals")

    def __init__(self) -> None:
        self.open = 0
        self.handshakes = 0
        self.messages_in = 0
        self.bytes_in = 0
        self.failures = 0  # exceptions out of a peer: a fault of ours
        self.refusals: Counter[str] = Counter()  # requests and handshakes the engine turned away, by code
        self.closes: Counter[int] = Counter()  # by close code; 1006 is "no closing handshake"

    def measures(self) -> dict[str, float]:
        """Flat, for export; a name ending in `_total` only ever grows."""
        flat: dict[str, float] = {
            "sockets_open": self.open,
            "handshakes_total": self.handshakes,
            "socket_messages_in_total": self.messages_in,
            "socket_bytes_in_total": self.bytes_in,
            "socket_failures_total": self.failures,
        }
        flat.update({f"refused_{code}_total": count for code, count in self.refusals.items()})
        flat.update({f"socket_closes_{code}_total": count for code, count in self.closes.items()})
        return flat
