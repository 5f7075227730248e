"""Many viewers in one process: a bare protocol each, that counts what it is shown and when.

The client rule of the contract is applied to every frame: a number out of order, missing or double is a fault.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import dataclass, field
from typing import cast

import orjson

# A viewer's own frames must be masked; a mask of zeros is a mask.
_MASK = b"\0\0\0\0"


def _masked(payload: bytes) -> bytes:
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + _MASK + payload


@dataclass
class Tally:
    """What the whole audience saw."""

    joined: int = 0
    lost: int = 0  # connections that ended while the run was on
    faults: list[str] = field(default_factory=list)
    delivered: int = 0
    seen_at: dict[int, list[float]] = field(default_factory=dict)  # seq -> when each viewer got it
    closing: bool = False


class Viewer(asyncio.Protocol):
    """One who watches: joins `pub` of a room and applies what comes."""

    def __init__(self, host: str, room: str, tally: Tally) -> None:
        self.host = host
        self.room = room
        self.tally = tally
        self.buffer = b""
        self.upgraded = False
        self.seq: int | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: wenzheng.v1.json\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded and not self._upgrade():
            return
        while (message := self._message()) is not None:
            opcode, payload = message
            if opcode == 1:
                for frame in orjson.loads(payload):
                    self._take(frame)
            elif opcode == 9 and self.transport is not None:
                self.transport.write(b"\x8a\x80" + _MASK)

    def _upgrade(self) -> bool:
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.tally.faults.append(head.splitlines()[0].decode())
            return False
        self.upgraded, self.buffer = True, rest
        assert self.transport is not None
        join = [{"t": "hello", "id": "h"}, {"t": "join", "id": "j", "room": self.room, "tail": 1}]
        self.transport.write(_masked(orjson.dumps(join)))
        return True

    def _message(self) -> tuple[int, bytes] | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start or len(buffer) < start + size:
            return None
        self.buffer = buffer[start + size :]
        return buffer[0] & 15, buffer[start : start + size]

    def _take(self, frame: dict[str, object]) -> None:
        kind = frame["t"]
        if kind == "snap":
            if self.seq is not None:
                self.tally.faults.append("a second snapshot: the viewer had been behind")
            self.seq = cast(int, frame["head"])
            self.tally.joined += 1
        elif kind == "ev":
            now = time.monotonic()
            for item in cast(list[dict[str, object]], frame["x"]):
                self._apply(cast(int, item["s"]), now)
        elif kind in ("err", "reset", "bye") and not self.tally.closing:
            self.tally.faults.append(f"{kind}: {frame}")

    def _apply(self, seq: int, now: float) -> None:
        if self.seq is None or seq != self.seq + 1:
            self.tally.faults.append(f"{seq} after {self.seq}")
        self.seq = seq
        self.tally.delivered += 1
        self.tally.seen_at.setdefault(seq, []).append(now)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.tally.closing:
            self.tally.lost += 1


async def seat(base: str, room: str, count: int, tally: Tally, *, at_once: int = 50) -> list[Viewer]:
    """Connects `count` viewers and waits until each has its snapshot."""
    host = base.removeprefix("http://")
    address, port = host.split(":")
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(at_once)

    async def one() -> Viewer:
        async with gate:
            _, viewer = await loop.create_connection(lambda: Viewer(host, room, tally), address, int(port))
            return viewer

    viewers = list(await asyncio.gather(*(one() for _ in range(count))))
    async with asyncio.timeout(60):
        while tally.joined < count and not tally.faults:
            await asyncio.sleep(0.02)
    return viewers
