"""Bytes become messages as RFC 6455 says: the same for any split, and the same as the websockets library reads them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from gateway.engine.reading import FRAGMENTS, Fault, Reading, Unit, close_code
from tests.gateway.engine.running import masked

LIMIT = 4096
CONTROL = (Opcode.PING, Opcode.PONG)


@dataclass
class Read:
    """What a stream of bytes came to."""

    messages: list[tuple[int, bytes]]
    pings: list[bytes]
    fault: int | None


def read(pieces: list[bytes], limit: int = LIMIT) -> Read:
    got = Read([], [], None)
    reading = Reading()
    for piece in pieces:
        reading.add(piece)
        try:
            while (unit := reading.take(limit)) is not None:
                if unit.opcode is Opcode.CLOSE:
                    close_code(unit.payload)
                    return got
                note(got, unit)
        except Fault as fault:
            got.fault = fault.code
            return got
    return got


def note(got: Read, unit: Unit) -> None:
    if unit.opcode in (Opcode.TEXT, Opcode.BINARY):
        got.messages.append((unit.opcode, unit.payload))
    elif unit.opcode is Opcode.PING:
        got.pings.append(unit.payload)


def read_by_the_library(data: bytes) -> Read:
    """The same, by websockets' own server: fragments joined and text decoded as its connection class does."""
    protocol = ServerProtocol(state=OPEN, max_size=LIMIT)
    protocol.receive_data(data)
    got = Read([], [], None)
    parts: list[bytes] = []
    kind = Opcode.CONT
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        if event.opcode is Opcode.PING:
            got.pings.append(bytes(event.data))
        if event.opcode in CONTROL or event.opcode is Opcode.CLOSE:
            continue
        if event.opcode is not Opcode.CONT:
            kind, parts = event.opcode, []
        parts.append(bytes(event.data))
        if event.fin:
            payload = b"".join(parts)
            if kind is Opcode.TEXT:
                try:
                    payload.decode()
                except UnicodeDecodeError:
                    got.fault = 1007
                    return got
            got.messages.append((kind, payload))
    if protocol.parser_exc is not None and protocol.close_sent is not None:
        got.fault = int(protocol.close_sent.code)
    return got


def split(data: bytes, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    pieces = []
    while data:
        size = chance.choice((1, 2, 3, 7, 50, 1000))
        pieces.append(data[:size])
        data = data[size:]
    return pieces


messages = st.lists(
    st.one_of(
        st.tuples(st.just(Opcode.TEXT), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))),
        st.tuples(st.just(Opcode.BINARY), st.binary(max_size=300)),
    ),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(messages, st.integers(0, 2**32))
def test_any_fragmentation_and_any_split_gives_the_same_messages(sent: list[tuple[Opcode, bytes]], seed: int) -> None:
    chance = random.Random(seed)
    wire, pings = b"", []
    for opcode, payload in sent:
        cuts = sorted(chance.randrange(len(payload) + 1) for _ in range(chance.randrange(4)))
        bounds = [0, *cuts, len(payload)]
        for n, (start, end) in enumerate(pairwise(bounds)):
            last = n == len(bounds) - 2
            wire += masked(opcode if n == 0 else Opcode.CONT, payload[start:end], fin=last)
            if chance.random() < 0.3:
                pings.append(chance.randbytes(chance.randrange(126)))
                wire += masked(Opcode.PING, pings[-1])
    got = read(split(wire, seed))
    assert got == Read([(int(opcode), payload) for opcode, payload in sent], pings, None)


@settings(max_examples=300, deadline=None)
@given(messages, st.integers(0, 2**32))
def test_damaged_bytes_get_the_verdict_of_the_library(sent: list[tuple[Opcode, bytes]], seed: int) -> None:
    chance = random.Random(seed)
    frames = [bytearray(masked(opcode, payload, fin=chance.random() < 0.7)) for opcode, payload in sent]
    for frame in frames:
        if chance.random() < 0.4:
            frame[chance.randrange(min(2, len(frame)))] ^= 1 << chance.randrange(8)
    wire = b"".join(frames)
    got, expected = read(split(wire, seed)), read_by_the_library(wire)
    assert got.messages == expected.messages
    # We refuse by the first two bytes where the library waits for the payload: it may still be waiting, or see
    # that the frame is too large before it sees that it is wrong.
    assert got.fault == expected.fault or (got.fault == 1002 and expected.fault in (None, 1009))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2**32))
def test_any_bytes_at_all_end_in_messages_or_a_fault(data: bytes, seed: int) -> None:
    got = read(split(data, seed))
    assert got.fault in (None, 1002, 1007, 1009)
    assert got == read([data])


HEAD_FAULTS = {
    "unmasked": b"\x81\x00",
    "rsv1": b"\xc1\x80",
    "rsv2": b"\xa1\x80",
    "rsv3": b"\x91\x80",
    "opcode 3": b"\x83\x80",
    "opcode 11": b"\x8b\x80",
    "ping of 126": b"\x89\xfe",
    "ping in fragments": b"\x09\x80",
    "close of 127": b"\x88\xff",
    "continuation of nothing": b"\x80\x80",
}


@pytest.mark.parametrize("name", HEAD_FAULTS)
def test_two_bytes_are_enough_to_refuse(name: str) -> None:
    assert read([HEAD_FAULTS[name]]).fault == 1002


def test_a_new_message_inside_another() -> None:
    assert read([masked(Opcode.TEXT, b"a", fin=False), masked(Opcode.TEXT, b"b")]).fault == 1002


def test_control_frames_between_fragments_are_heard() -> None:
    got = read([masked(Opcode.TEXT, b"a", fin=False), masked(Opcode.PING, b"p"), masked(Opcode.CONT, b"b")])
    assert got == Read([(1, b"ab")], [b"p"], None)


@pytest.mark.parametrize("payload", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"])
def test_text_that_is_no_utf8(payload: bytes) -> None:
    assert read([masked(Opcode.TEXT, payload)]).fault == 1007
    assert read([masked(Opcode.BINARY, payload)]).fault is None


def test_a_character_may_lie_across_fragments() -> None:
    first, rest = "问".encode()[:1], "问".encode()[1:]
    assert read([masked(Opcode.TEXT, first, fin=False), masked(Opcode.CONT, rest)]).messages == [(1, "问".encode())]
    assert read([masked(Opcode.TEXT, first, fin=False), masked(Opcode.CONT, b"x")]).fault == 1007


def test_the_announced_length_is_enough_to_refuse() -> None:
    reading = Reading()
    reading.add(b"\x82\xff" + (10_000_000).to_bytes(8, "big"))
    with pytest.raises(Fault, match="too large") as refused:
        reading.take(16 * 1024)
    assert refused.value.code == 1009


def test_reading_goes_on_behind_what_was_too_large() -> None:
    """So that the answer to our close frame is found."""
    large = masked(Opcode.BINARY, b"x" * 5000, fin=False) + masked(Opcode.CONT, b"x" * 10)
    wire = large + masked(Opcode.CLOSE, b"\x03\xf1")
    for pieces in ([wire], split(wire, 1), [wire[:4], wire[4:]]):
        reading, units, faults = Reading(), [], []
        for piece in pieces:
            reading.add(piece)
            while True:
                try:
                    if (unit := reading.take(LIMIT)) is None:
                        break
                    units.append(unit)
                except Fault as fault:
                    faults.append(fault.code)
        assert faults == [1009]
        assert units[-1] == Unit(Opcode.CLOSE, b"\x03\xf1")
        assert reading.at_rest


def test_the_limit_counts_over_all_fragments() -> None:
    piece = masked(Opcode.BINARY, b"x" * 3000, fin=False)
    assert read([piece, masked(Opcode.CONT, b"x" * 1096)]).messages == [(2, b"x" * 4096)]
    assert read([piece, masked(Opcode.CONT, b"x" * 1097)]).fault == 1009


def test_endless_fragments_are_bounded() -> None:
    pieces = [masked(Opcode.TEXT, b"", fin=False)] + [masked(Opcode.CONT, b"", fin=False)] * FRAGMENTS
    assert read(pieces[:-1]).fault is None
    assert read(pieces).fault == 1009


def test_nothing_is_kept_between_messages() -> None:
    reading = Reading()
    assert reading.at_rest
    reading.add(masked(Opcode.TEXT, b"whole") + masked(Opcode.TEXT, b"half")[:4])
    assert reading.take(LIMIT) == Unit(Opcode.TEXT, b"whole")
    assert reading.take(LIMIT) is None
    assert not reading.at_rest


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_codes_nobody_may_send(code: int) -> None:
    with pytest.raises(Fault) as refused:
        close_code(code.to_bytes(2, "big"))
    assert refused.value.code == 1002


def test_close_frames() -> None:
    assert close_code(b"") == 1005
    assert close_code(b"\x0f\xa0bye") == 4000
    for payload, fault in ((b"\x03", 1002), (b"\x03\xe8\xff", 1007)):
        with pytest.raises(Fault) as refused:
            close_code(payload)
        assert refused.value.code == fault
