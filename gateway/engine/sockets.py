"""One WebSocket connection: slots and a transport; no task, no queue, no timer, no headers kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from enum import IntEnum
from typing import cast

from websockets.frames import Opcode

from gateway.engine.deflate import codec_of, is_deflate
from gateway.engine.engine import Engine
from gateway.engine.frames import frame_binary, frame_close, frame_pong, frame_text
from gateway.engine.peers import NOBODY, Peer, PeerFactory
from gateway.engine.reading import Fault, Reading, Unit, close_code

__all__ = ["Peer", "PeerFactory", "Socket"]

# A message once begun is whole by then, and a closing handshake answered.
MESSAGE_S = 20.0
CLOSE_S = 2.0
# Pings, pongs and the like; a browser sends none at all.
CONTROLS_PER_SECOND = 64

_log = logging.getLogger(__name__)


class State(IntEnum):
    OPEN = 0
    CLOSING = 1  # our close frame is out; of what still comes only the answer to it matters
    ENDING = 2  # our half of the connection is closed; what still comes is not looked at
    LOST = 3


def _nowhere(framed: bytes) -> None:
    pass


class Socket(asyncio.Protocol):
    """Takes over the transport once the handshake is accepted.

    `write` is the transport's own method, so that a fan-out costs no Python call between the hub and uvloop; from the
    first moment of closing it leads nowhere. Read it from the socket each time: a kept copy outlives the connection.
    """

    __slots__ = (
        "__weakref__",
        "_controls",
        "_engine",
        "_limit",
        "_reading",
        "_second",
        "_state",
        "_transport",
        "address",
        "codec",
        "form",
        "peer",
        "writable",
        "write",
    )

    codec: str
    form: str
    address: str
    peer: Peer
    write: Callable[[bytes], None]
    writable: bool

    def __init__(self, engine: Engine, transport: asyncio.Transport, form: str, address: str) -> None:
        self._engine = engine
        self._transport = transport
        self._limit = engine.limits.message_netizen
        self._reading: Reading | None = None
        self._state = State.OPEN
        self._second = self._controls = 0
        self.codec = codec_of(form)
        self.form = form
        self.address = address
        self.write = transport.write
        self.writable = True
        self.peer = NOBODY

    def begin(self) -> None:
        """The transport speaks to this object from now on; the peer is born."""
        self._engine.connections.add(self)
        # With no low and no high water the pauses are exact: paused means that bytes are left unsent.
        self._transport.set_write_buffer_limits(high=0)
        self.writable = self._transport.get_write_buffer_size() == 0
        try:
            self.peer = self._engine.peers(self)
        except Exception:
            self._failed()

    # What the peer may ask for

    def send(self, payload: bytes) -> None:
        """Frames one message for this socket alone; one that does not read what it asked for is let go."""
        if self.unsent > self._engine.limits.park_bytes:
            self.close(4002, "slow")
        else:
            self.write(frame_text(payload) if self.codec == "json" else frame_binary(payload))

    @property
    def unsent(self) -> int:
        """Bytes the transport still holds."""
        return 0 if self._state is State.LOST else self._transport.get_write_buffer_size()

    def limit(self, message_bytes: int) -> None:
        """The largest message accepted from now on."""
        self._limit = message_bytes

    def close(self, code: int, reason: str = "") -> None:
        """Close frame; then, when it is answered or 2 s later, half-close; 2 s after that the connection is cut.

        Ending at once would be a reset wherever bytes of the client are still on their way, and take the last
        messages back.
        """
        if self._state is State.OPEN:
            self.write(frame_close(code, reason))
            self._state = State.CLOSING
            self._end(code)
            self._engine.sweep.watch(self, CLOSE_S)

    def abort(self) -> None:
        """Cuts the connection; what is unsent is lost."""
        if self._state is State.OPEN:
            self._end(1006)
        if self._state is not State.LOST:
            self._state = State.ENDING
            self._transport.abort()

    # What the transport tells

    def data_received(self, data: bytes) -> None:
        if self._state >= State.ENDING:
            return
        self._engine.counters.bytes_in += len(data)
        begun, reading = self._reading is not None, self._reading or Reading(is_deflate(self.form))
        reading.add(data)
        advanced = self._consume(reading)
        if reading.at_rest or self._state >= State.ENDING:
            self._reading = None
        else:
            self._reading = reading
        # Once the close frame is out its own deadline counts.
        if self._is_open() and (begun or self._reading is not None):
            if self._reading is None:
                self._engine.sweep.forget(self)
            elif advanced or not begun:
                self._engine.sweep.watch(self, MESSAGE_S)

    def eof_received(self) -> None:
        """The other side ended without a closing handshake, or answered ours: asyncio closes the transport."""

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self._state is State.OPEN:
            try:
                self.peer.resumed()
            except Exception:
                self._failed()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._state is State.OPEN:
            self._end(1006)
        self._state = State.LOST
        self._reading = None
        self.writable = False
        self._engine.connections.discard(self)
        self._engine.sweep.forget(self)
        self._engine.leave(self.address)
        self._tell_peer()

    def overdue(self) -> None:
        """The sweep's call: a message left half sent, or a closing handshake left unanswered."""
        if self._is_open():
            self.close(1002, "a message was left unfinished")
        elif self._state is State.CLOSING and not self.unsent:
            self._half_close()
        else:
            self._transport.abort()

    def shutdown(self) -> None:
        """uvicorn's word for: the process ends."""
        self.close(4000, "drain")

    # Inside

    def _is_open(self) -> bool:
        return self._state is State.OPEN

    def _consume(self, reading: Reading) -> bool:
        """Hands over all that is whole; tells whether a message was among it."""
        advanced, controls, ping = False, 0, None
        while (unit := self._next(reading)) is not None:
            if unit.opcode is Opcode.CLOSE:
                self._answer_close(unit.payload)
            elif not self._is_open():
                continue
            elif unit.opcode is Opcode.TEXT or unit.opcode is Opcode.BINARY:
                advanced = True
                self._hand_over(unit)
            else:
                controls += 1
                ping = unit.payload if unit.opcode is Opcode.PING else ping
        if controls and self._is_open():
            self._answer_pings(controls, ping)
        return advanced

    def _next(self, reading: Reading) -> Unit | None:
        """The next unit while there is any use for one; a fault becomes a close."""
        while self._state < State.ENDING:
            try:
                return reading.take(self._limit)
            except Fault as fault:
                self._broken(fault)
        return None

    def _broken(self, fault: Fault) -> None:
        self.close(fault.code, fault.reason)
        if fault.code == 1002:
            self._half_close()

    def _hand_over(self, unit: Unit) -> None:
        self._engine.counters.messages_in += 1
        try:
            self.peer.received(unit.payload, unit.opcode is Opcode.BINARY)
        except Exception:
            self._failed()

    def _answer_pings(self, controls: int, ping: bytes | None) -> None:
        """RFC 6455 §5.5.3 lets one pong answer all pings of one read; while bytes are unsent there is none at all."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._controls = second, 0
        self._controls += controls
        if self._controls > CONTROLS_PER_SECOND:
            self.close(4429, "too many control frames")
        elif ping is not None and self.writable:
            self.write(frame_pong(ping))

    def _answer_close(self, payload: bytes) -> None:
        """Theirs after ours ends it; theirs first is answered with the same code."""
        try:
            code = close_code(payload)
        except Fault as fault:
            self._broken(fault)
            code = fault.code
        if self._is_open():
            self.write(frame_close(code))
            self._end(code)
        self._half_close()

    def _half_close(self) -> None:
        self._state = State.ENDING
        if not self._transport.is_closing():
            self._transport.write_eof()
        self._engine.sweep.watch(self, CLOSE_S)

    def _end(self, code: int) -> None:
        self._engine.counters.closes[code] += 1
        self.write = _nowhere
        # Not now: whoever closes may be in the middle of a walk over its viewers.
        asyncio.get_running_loop().call_soon(self._tell_peer)

    def _tell_peer(self) -> None:
        peer, self.peer = self.peer, cast(Peer, NOBODY)
        try:
            peer.closed()
        except Exception:
            self._engine.counters.failures += 1
            _log.exception("a peer failed to end")

    def _failed(self) -> None:
        self._engine.counters.failures += 1
        _log.exception("a peer failed")
        self.close(4003, "server error")
