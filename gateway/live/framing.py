"""Frames of the protocol as WebSocket bytes: what the rooms hand to many sockets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.codecs import CODECS
from gateway.engine.frames import frame_binary, frame_text
from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Item


class Framing:
    """Implements `rooms.audience.Wire` over both codecs."""

    def item(self, codec: str, item: Item) -> bytes:
        return CODECS[codec].encode(item)

    def ev(
        self, codec: str, room: RoomId, lane: Lane, epoch: str, first: int, last: int, items: Sequence[bytes]
    ) -> bytes:
        head = {"t": "ev", "r": room, "l": lane, "ep": epoch, "a": first, "b": last}
        return framed(codec, CODECS[codec].join_event(head, items))

    def message(self, codec: str, *frames: Mapping[str, object]) -> bytes:
        return framed(codec, CODECS[codec].encode(frames))


def framed(codec: str, payload: bytes) -> bytes:
    return frame_binary(payload) if CODECS[codec].binary else frame_text(payload)
