"""A WebSocket with as little behind it as can be: thousands are held by one loop, without a task for any of them."""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import Final, cast

from websockets.frames import Frame, Opcode

HEAD_MAX: Final = 16 * 1024
MESSAGE_MAX: Final = 16 * 2**20

_FINAL, _MASKED = 0x80, 0x80
_TWO, _EIGHT = 126, 127
NORMAL: Final = 1000


def request(host: str) -> bytes:
    """The handshake, the same for everybody: the key only has to be a fresh one for each rehearsal."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return (
        f"GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: wenzheng.v1.json\r\n\r\n"
    ).encode()


class Socket(asyncio.Protocol):
    """`message` gets each text that comes; `ended` is told once, in a word or two, unless one has left by oneself."""

    __slots__ = ("_over", "_request", "_rest", "_transport", "upgraded")

    def __init__(self, request: bytes) -> None:
        self.upgraded = False
        self._request = request
        self._rest = b""
        self._over = False
        self._transport: asyncio.Transport | None = None

    # --- for those who come after ------------------------------------------------------------------------------------

    def opened(self) -> None:
        """The server speaks WebSocket."""

    def message(self, payload: bytes) -> None:
        """One whole text."""

    def ended(self, why: str) -> None:
        """The connection is of no more use."""

    @property
    def usable(self) -> bool:
        return self.upgraded and not self._over

    def send(self, text: bytes) -> None:
        self._write(Opcode.TEXT, text)

    def leave(self) -> None:
        """Says good-bye; nothing is told any more."""
        if not self._over and self.upgraded:
            self._write(Opcode.CLOSE, NORMAL.to_bytes(2, "big"))
        self._over = True
        if self._transport is not None:
            self._transport.close()

    # --- the wire ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end("lost")

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        if self._rest:
            data, self._rest = self._rest + data, b""
        if self.upgraded:
            self._rest = self._frames(data)
            return
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end and len(head) < HEAD_MAX:
            self._rest = data
        elif head.startswith(b"HTTP/1.1 101 "):
            self.upgraded = True
            self.opened()
            self._rest = self._frames(rest)
        else:
            status = head.split(b" ", 2)[1:2]
            self._end(f"HTTP {b''.join(status).decode('latin-1')}")

    def _frames(self, data: bytes) -> bytes:
        """Tells what is whole and answers with the rest."""
        at, size = 0, len(data)
        while size - at >= 2 and not self._over:
            first, length = data[at], data[at + 1]
            start = at + 2
            if length == _TWO:
                start += 2
            elif length == _EIGHT:
                start += 8
            if size < start:
                break
            if start > at + 2:
                length = int.from_bytes(data[at + 2 : start], "big")
            if length > MESSAGE_MAX or data[at + 1] & _MASKED or first & ~0x0F != _FINAL:
                self._end("broken framing")
                break
            if size < start + length:
                break
            at = start + length
            self._frame(first & 0x0F, data[start:at])
        return data[at:]

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == Opcode.TEXT:
            self.message(payload)
        elif opcode == Opcode.PING:
            self._write(Opcode.PONG, payload)
        elif opcode == Opcode.CLOSE:
            self._end(f"closed with {int.from_bytes(payload[:2], 'big')}")

    def _write(self, opcode: Opcode, payload: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(Frame(opcode, payload).serialize(mask=True))

    def _end(self, why: str) -> None:
        if not self._over:
            self._over = True
            if self._transport is not None:
                self._transport.close()
            self.ended(why)
