"""Viewers scattered over many rooms: plain sockets that join one room each and then take whatever comes."""

from __future__ import annotations

import base64
import secrets
import selectors
import socket
from collections.abc import Sequence
from types import TracebackType

import orjson

from bench.machine import CannotMeasure

_HEAD = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: wenzheng.v1.json\r\n\r\n"
)
ANSWER_S = 30.0
# One source address has some 28,000 ports, and a core has other things to do than to accept.
AT_ONCE = 100
READ_BYTES = 1 << 18


class Scattered:
    """Opened at once; `read` takes what has come, and tells how many messages of a lane were among it."""

    def __init__(self, port: int, rooms: Sequence[str]) -> None:
        self._poll = selectors.DefaultSelector()
        self._open: list[socket.socket] = []
        for start in range(0, len(rooms), AT_ONCE):
            self._arrive(port, rooms[start : start + AT_ONCE])

    def __enter__(self) -> Scattered:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._poll.close()
        for viewer in self._open:
            viewer.close()

    def read(self, seconds: float) -> int:
        """How many items came within `seconds` of silence or less."""
        items = 0
        for key, _ in self._poll.select(seconds):
            taken = key.fileobj.recv(READ_BYTES)  # type: ignore[union-attr]  # all of ours are sockets
            items += taken.count(b'"kind":"notice"')
        return items

    def _arrive(self, port: int, rooms: Sequence[str]) -> None:
        arriving = [socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) for _ in rooms]
        for viewer in arriving:
            key = base64.b64encode(secrets.token_bytes(16)).decode()
            viewer.sendall(_HEAD.format(port=port, key=key).encode())
        for viewer, room in zip(arriving, rooms, strict=True):
            _until(viewer, b"\r\n\r\n")
            hello = [{"t": "hello", "id": 1}, {"t": "join", "id": 2, "room": room, "lanes": ["pub"], "tail": 1}]
            viewer.sendall(_masked(orjson.dumps(hello)))
        for viewer in arriving:
            _until(viewer, b'"t":"snap"')
            viewer.setblocking(False)
            self._poll.register(viewer, selectors.EVENT_READ)
        self._open += arriving


def _until(viewer: socket.socket, wanted: bytes) -> None:
    held = b""
    while wanted not in held:
        got = viewer.recv(READ_BYTES)
        if not got:
            raise CannotMeasure(f"a viewer was turned away: {held[:200]!r}")
        held += got


def _masked(payload: bytes) -> bytes:
    """One text frame as a client sends it; a mask of zeroes is a mask."""
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + bytes(4) + payload
