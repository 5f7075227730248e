"""What arrives: bytes of one socket become whole messages and control frames, strictly by RFC 6455 (and 7692).

A `Reading` lives only while a frame or a message is half read; a socket that listens holds none.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader
from websockets.typing import ExtensionName

from gateway.engine.deflate import NotDeflate, TooLong, inflated

CONTROL_BYTES = 125
# Bounds the work one message can make, not its memory: that is the message limit's business.
FRAGMENTS = 256

_KNOWN = frozenset(Opcode)


class Fault(Exception):
    """The other side broke the protocol; `code` is what the connection is closed with.

    After 1002 nobody knows where the next frame begins; after any other code reading goes on, so that the answer to
    our close frame can be found behind what was refused.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Unit(NamedTuple):
    """A whole message (TEXT or BINARY, fragments joined) or one control frame."""

    opcode: Opcode
    payload: bytes


class _Packed(Extension):
    """Takes the mark off a frame, so that the parser takes the frame; a message is unpacked when it is whole."""

    name = ExtensionName("permessage-deflate")

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        frame.rsv1 = False
        return frame


_PACKED = (_Packed(),)


class Reading:
    """The half-read state of one socket: at most one chunk from the transport and one message."""

    __slots__ = ("_deflate", "_final", "_fragments", "_message", "_opcode", "_packed", "_parser", "_skip", "_stream")

    def __init__(self, deflate: bool = False) -> None:
        self._deflate = deflate  # agreed to; what is not marked is not compressed all the same
        self._packed = False  # the message under way
        self._stream = StreamReader()
        self._parser: Generator[None, None, Frame] | None = None
        self._opcode: Opcode | None = None
        self._message = bytearray()
        self._fragments = 0
        self._final = True
        self._skip = 0  # bytes still to come of a frame that was refused by its header

    @property
    def at_rest(self) -> bool:
        """Nothing is half read: this object may be dropped."""
        return self._parser is None and self._opcode is None and not self._skip and not self._stream.buffer

    def add(self, data: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        self._stream.feed_data(data)

    def take(self, limit: int) -> Unit | None:
        """The next whole unit, or None until more bytes come. Raises `Fault`.

        `limit` bounds a message over all its fragments, and is held against the length a header announces: nothing
        of a payload that breaks it is kept.
        """
        try:
            while (frame := self._frame(limit)) is not None:
                if (unit := self._joined(frame, limit)) is not None:
                    return unit
        except PayloadTooBig as big:
            self._pass_over(big.size or 0)
            raise Fault(1009, "message too large") from big
        except ProtocolError as broken:
            raise Fault(1002, str(broken)) from broken
        return None

    def _frame(self, limit: int) -> Frame | None:
        if self._parser is None:
            head = self._stream.buffer
            if len(head) < 2:
                return None
            control = self._check_head(head[0], head[1])
            self._final = head[0] & 0x80 != 0
            largest = CONTROL_BYTES if control else limit - len(self._message)
            self._parser = Frame.parse(
                self._stream.read_exact, mask=True, max_size=largest, extensions=_PACKED if self._deflate else None
            )
        try:
            next(self._parser)
        except StopIteration as done:
            self._parser = None
            frame: Frame = done.value
            return frame
        return None

    def _check_head(self, first: int, second: int) -> bool:
        """Refuses by the first two bytes what the parser would refuse after the payload; tells control frames."""
        opcode = first & 0x0F
        starts = opcode in (Opcode.TEXT, Opcode.BINARY)
        if first & (0x30 if self._deflate and starts else 0x70):
            raise Fault(1002, "reserved bits must be 0")
        if opcode not in _KNOWN:
            raise Fault(1002, "invalid opcode")
        if not second & 0x80:
            raise Fault(1002, "frames of a client must be masked")
        if opcode & 0x08:
            if not first & 0x80:
                raise Fault(1002, "fragmented control frame")
            if second & 0x7F > CONTROL_BYTES:
                raise Fault(1002, "control frame too long")
            return True
        if (opcode == Opcode.CONT) != (self._opcode is not None):
            raise Fault(1002, "fragments out of order")
        if starts:
            self._packed = first & 0x40 != 0
        return False

    def _joined(self, frame: Frame, limit: int) -> Unit | None:
        """The unit this frame completes, if it does."""
        if frame.opcode & 0x08:
            return Unit(frame.opcode, bytes(frame.data))
        if frame.fin and self._opcode is None:
            return self._unpacked(frame.opcode, bytes(frame.data), limit)
        self._opcode = self._opcode or frame.opcode
        self._fragments += 1
        if self._fragments > FRAGMENTS:
            self._drop_message(frame.fin)
            raise Fault(1009, "too many fragments")
        self._message += frame.data
        if not frame.fin:
            return None
        opcode, whole = self._opcode, bytes(self._message)
        self._drop_message(final=True)
        return self._unpacked(opcode, whole, limit)

    def _unpacked(self, opcode: Opcode, payload: bytes, limit: int) -> Unit:
        if self._packed:
            try:
                payload = inflated(payload, limit)
            except TooLong as bomb:
                raise Fault(1009, "message too large") from bomb
            except NotDeflate as broken:
                raise Fault(1007, "the message is not compressed as agreed") from broken
        return _message(opcode, payload)

    def _pass_over(self, size: int) -> None:
        """Skips a frame of which only the header was read: its masking key and payload."""
        self._parser = None
        ahead = size + 4
        here = min(ahead, len(self._stream.buffer))
        del self._stream.buffer[:here]
        self._skip = ahead - here
        if not self._final:
            self._opcode = self._opcode or Opcode.BINARY
        self._drop_message(self._final)

    def _drop_message(self, final: bool) -> None:
        """Forgets what was joined; further fragments still belong to it unless this was the last."""
        self._message, self._fragments = bytearray(), 0
        if final:
            self._opcode = None


def close_code(payload: bytes) -> int:
    """The code of a close frame, 1005 when it gives none. Raises `Fault`."""
    try:
        return int(Close.parse(payload).code)
    except ProtocolError as broken:
        raise Fault(1002, str(broken)) from broken
    except UnicodeDecodeError as broken:
        raise Fault(1007, "the reason is no UTF-8") from broken


def _message(opcode: Opcode, payload: bytes) -> Unit:
    if opcode is Opcode.TEXT and not payload.isascii():
        try:
            payload.decode()
        except UnicodeDecodeError as broken:
            raise Fault(1007, "the text is no UTF-8") from broken
    return Unit(opcode, payload)
