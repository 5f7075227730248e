"""What one node tells the others of its rooms, as bytes; bounded both ways, for whoever can write to Redis can lie."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest
from typing import Final

import msgpack

from gateway.unpacking import NotMessagePack, unpack
from kernel.ids import RoomId
from rooms.presence import Here

VERSION: Final = 1
# Beyond it the least watched are not told.
ROOMS_MAX: Final = 256
BYTES_MAX: Final = 16 * 1024
VIEWERS_MAX: Final = 10_000_000
_ROOM_CHARS: Final = 40


class BadPresence(Exception):
    """Not what a node tells."""


def encode(rooms: Mapping[RoomId, Here]) -> bytes:
    told = nlargest(ROOMS_MAX, rooms.items(), key=lambda room: (room[1].duty, room[1].viewers))
    packed: bytes = msgpack.packb([VERSION, {room: [here.viewers, here.duty] for room, here in told}])
    return packed


def decode(said: bytes) -> dict[RoomId, Here]:
    """Raises `BadPresence`."""
    if len(said) > BYTES_MAX:
        raise BadPresence
    try:
        told = unpack(said, arrays=2, maps=ROOMS_MAX, text=_ROOM_CHARS)
    except NotMessagePack as fault:
        raise BadPresence from fault
    match told:
        case [int(version), dict(rooms)] if version == VERSION:
            return {RoomId(str(room)): _here(here) for room, here in rooms.items()}
    raise BadPresence


def _here(said: object) -> Here:
    match said:
        case [int(viewers), bool(duty)] if 0 <= viewers <= VIEWERS_MAX:
            return Here(viewers, duty)
    raise BadPresence
