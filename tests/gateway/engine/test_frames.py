"""Frames built here are read back by the websockets library as a client would."""

from __future__ import annotations

import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader

from gateway.engine.frames import frame_binary, frame_close, frame_pong, frame_text


def parsed(framed: bytes) -> Frame:
    stream = StreamReader()
    stream.feed_data(framed)
    stream.feed_eof()
    try:
        next(Frame.parse(stream.read_exact, mask=False))
    except StopIteration as done:
        assert not stream.buffer
        frame: Frame = done.value
        return frame
    raise AssertionError("not a whole frame")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_every_length_form(size: int) -> None:
    for build, opcode in ((frame_text, Opcode.TEXT), (frame_binary, Opcode.BINARY)):
        frame = parsed(build(b"x" * size))
        assert (frame.opcode, frame.fin, len(frame.data)) == (opcode, True, size)


def test_a_pong_carries_the_ping_back() -> None:
    frame = parsed(frame_pong(b"p" * 125))
    assert (frame.opcode, bytes(frame.data)) == (Opcode.PONG, b"p" * 125)


def test_a_reason_too_long_is_cut_between_characters() -> None:
    close = Close.parse(parsed(frame_close(4000, "字" * 60)).data)
    assert close.code == 4000
    assert close.reason == "字" * 41


def test_no_code_is_an_empty_close_frame() -> None:
    assert frame_close(1005) == b"\x88\x00"
