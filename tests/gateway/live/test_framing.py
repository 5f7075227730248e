"""Frames as bytes: what many share is packed for those who agreed to it, and nothing that is not public."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame

from gateway.codecs import CODECS
from gateway.engine.deflate import WORTH_BYTES, form_of
from gateway.live.framing import Framing
from kernel.ids import RoomId
from rooms.model import Lane

ROOM = RoomId("r1")


def item(size: int) -> dict[str, Any]:
    return {"s": 1, "k": "msg", "id": "p1", "body": "问" * (size // 3)}


def ev(form: str, lane: Lane, size: int) -> bytes:
    framing = Framing()
    return framing.ev(form, ROOM, lane, "e", 1, 1, [framing.item(framing.codec(form), item(size))])


def read(framed: bytes) -> tuple[bool, Frame]:
    """Whether it was packed, and the frame a client of the library sees."""
    head = framed[0]
    length = framed[1]
    start = 2 if length < 126 else 4
    frame = Frame(head & 0x0F, framed[start:], rsv1=head & 0x40 != 0)  # type: ignore[arg-type]
    return frame.rsv1, PerMessageDeflate(True, True, 15, 15).decode(frame)


@pytest.mark.parametrize("codec", CODECS)
def test_packed_it_says_the_same_in_fewer_bytes(codec: str) -> None:
    plain, packed = ev(codec, Lane.PUB, 3_000), ev(form_of(codec, deflate=True), Lane.PUB, 3_000)
    assert len(packed) < len(plain) / 10
    assert (read(plain)[0], read(packed)[0]) == (False, True)
    assert read(packed)[1].data == read(plain)[1].data
    assert read(packed)[1].opcode is read(plain)[1].opcode


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_short_is_left_as_it_is(codec: str) -> None:
    assert ev(form_of(codec, deflate=True), Lane.PUB, 30) == ev(codec, Lane.PUB, 30)
    assert len(ev(codec, Lane.PUB, 30)) < WORTH_BYTES


@pytest.mark.parametrize("lane", [Lane.DESK, Lane.MOD])
def test_what_is_not_public_is_never_packed(lane: Lane) -> None:
    form = form_of("json", deflate=True)
    assert ev(form, lane, 3_000) == ev("json", lane, 3_000)
    frame = {"t": "snap", "l": lane, "x": [item(3_000)]}
    assert Framing().snap(form, lane, frame) == Framing().snap("json", lane, frame)
    public = {"t": "snap", "l": Lane.PUB, "x": [item(3_000)]}
    assert read(Framing().snap(form, Lane.PUB, public))[0]


def test_for_one_socket_it_is_plain() -> None:
    assert not read(Framing().message("json", {"t": "hb", "x": "a" * 3_000}))[0]
