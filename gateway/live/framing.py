"""Frames of the protocol as WebSocket bytes: what the rooms hand to many sockets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.codecs import CODECS
from gateway.engine.deflate import WORTH_BYTES, codec_of, deflated, is_deflate
from gateway.engine.frames import frame_binary, frame_deflated, frame_text
from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Item


class Framing:
    """Implements `rooms.audience.Wire` over both codecs, and compressed for those who agreed to it.

    Only what everybody may read is compressed: a length tells something of what it was made of.
    """

    def codec(self, form: str) -> str:
        return codec_of(form)

    def item(self, codec: str, item: Item) -> bytes:
        return CODECS[codec].encode(item)

    def ev(
        self, form: str, room: RoomId, lane: Lane, epoch: str, first: int, last: int, items: Sequence[bytes]
    ) -> bytes:
        head = {"t": "ev", "r": room, "l": lane, "ep": epoch, "a": first, "b": last}
        return _shared(form, lane, CODECS[codec_of(form)].join_event(head, items))

    def snap(self, form: str, lane: Lane, frame: Mapping[str, object]) -> bytes:
        return _shared(form, lane, CODECS[codec_of(form)].encode((frame,)))

    def message(self, codec: str, *frames: Mapping[str, object]) -> bytes:
        return framed(codec, CODECS[codec].encode(frames))


def _shared(form: str, lane: Lane, payload: bytes) -> bytes:
    codec = codec_of(form)
    if is_deflate(form) and lane is Lane.PUB and len(payload) >= WORTH_BYTES:
        packed = deflated(payload)
        if len(packed) < len(payload):
            return frame_deflated(packed, binary=CODECS[codec].binary)
    return framed(codec, payload)


def framed(codec: str, payload: bytes) -> bytes:
    return frame_binary(payload) if CODECS[codec].binary else frame_text(payload)
