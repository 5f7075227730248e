"""Compression without memory: what is agreed to, what is packed once for many, and what of others is unpacked."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from gateway.engine.deflate import NotDeflate, TooLong, agreed, codec_of, deflated, form_of, inflated, is_deflate
from gateway.engine.frames import frame_deflated
from gateway.engine.reading import Fault, Reading
from gateway.options import GatewayOptions
from tests.gateway.engine.running import JSON, House, house, masked, read_all, request_head
from tests.gateway.engine.test_reading import LIMIT, Read, note, split

pytestmark = pytest.mark.anyio

NONE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
CHROME, FIREFOX = "permessage-deflate; client_max_window_bits", "permessage-deflate"


# --- what is agreed to --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offers", "answer"),
    [
        (CHROME, NONE),
        (FIREFOX, NONE),
        ("permessage-deflate; client_max_window_bits=8", NONE),
        ('permessage-deflate; client_max_window_bits="12"', NONE),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", NONE),
        ("permessage-deflate; server_max_window_bits=15", f"{NONE}; server_max_window_bits=15"),
        ("x-webkit-deflate-frame, permessage-deflate", NONE),
        ("permessage-deflate; server_max_window_bits=10, permessage-deflate", NONE),
        ("permessage-deflate; server_max_window_bits=10", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; client_max_window_bits=7", None),
        ("permessage-deflate; client_max_window_bits=16", None),
        ("permessage-deflate; client_max_window_bits=08", None),
        ("permessage-deflate; server_no_context_takeover=1", None),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits=9", None),
        ("permessage-deflate; colour", None),
        ("permessage-bzip2", None),
        ("permessage-deflate;", None),
        (";;", None),
        ("\xff", None),
        ("", None),
    ],
)
def test_the_first_offer_that_can_be_taken_is_taken_and_no_other(offers: str, answer: str | None) -> None:
    assert agreed(offers.encode("latin-1")) == (None if answer is None else answer.encode())


def handshake(server: House, offers: str) -> bytes:
    with server.raw() as opened:
        opened.sendall(request_head(server.port, sec_websocket_extensions=offers))
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += opened.recv(1)
        return answer


async def test_it_is_in_the_answer_where_the_deployment_wants_it(compressing: House) -> None:
    assert f"\r\nsec-websocket-extensions: {NONE}\r\n".encode() in handshake(compressing, CHROME)
    refused = handshake(compressing, "permessage-deflate; server_max_window_bits=9")
    assert refused.startswith(b"HTTP/1.1 101 ")
    assert b"extensions" not in refused


@pytest.fixture(scope="module")
def compressing() -> Iterator[House]:
    with house(GatewayOptions(compression=True)) as server:
        yield server


@pytest.mark.parametrize("codec", ["json", "msgpack"])
def test_a_form_is_its_codec_and_whether_it_is_packed(codec: str) -> None:
    plain, packed = form_of(codec, deflate=False), form_of(codec, deflate=True)
    assert (codec_of(plain), codec_of(packed)) == (codec, codec)
    assert (is_deflate(plain), is_deflate(packed)) == (False, True)
    assert form_of(codec, deflate=True) is packed, "no socket has a string of its own"


# --- what is packed -----------------------------------------------------------------------------------------------


@given(st.one_of(st.binary(max_size=3000), st.text(max_size=1000).map(lambda text: text.encode("utf-8", "replace"))))
def test_what_is_packed_comes_out_as_it_was_here_and_in_a_library(payload: bytes) -> None:
    packed = deflated(payload)
    assert inflated(packed, len(payload)) == payload
    theirs = PerMessageDeflate(True, True, 15, 15)
    assert theirs.decode(Frame(Opcode.BINARY, packed, rsv1=True)).data == payload


def test_packing_one_says_nothing_of_another() -> None:
    assert deflated(b"the same words " * 20) == deflated(b"the same words " * 20)


def test_a_packed_frame_is_marked_and_says_its_kind() -> None:
    assert frame_deflated(b"xy", binary=False) == b"\xc1\x02xy"
    assert frame_deflated(b"xy", binary=True) == b"\xc2\x02xy"


# --- what is unpacked ---------------------------------------------------------------------------------------------


def bomb(size: int) -> bytes:
    """So many bytes, packed as hard as can be."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packer.compress(bytes(size)) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


def test_not_a_byte_more_is_made_than_is_allowed() -> None:
    assert len(bomb(4_000_000)) < LIMIT
    with pytest.raises(TooLong):
        inflated(bomb(4_000_000), LIMIT)
    assert inflated(deflated(bytes(LIMIT)), LIMIT) == bytes(LIMIT)
    with pytest.raises(TooLong):
        inflated(deflated(bytes(LIMIT + 1)), LIMIT)


def test_a_last_block_may_end_a_message_and_nothing_comes_after_it() -> None:
    packer = zlib.compressobj(wbits=-15)
    ended = packer.compress(b"words") + packer.flush(zlib.Z_FINISH)
    assert inflated(ended, LIMIT) == inflated(ended + b"\x00", LIMIT) == b"words"
    with pytest.raises(NotDeflate):
        inflated(ended + deflated(b"more"), LIMIT)


def marked(opcode: Opcode, payload: bytes, *, fin: bool = True) -> bytes:
    """A frame of a client with RSV1, whatever it is."""
    frame = bytearray(masked(opcode, payload, fin=fin))
    frame[0] |= 0x40
    return bytes(frame)


def read(pieces: list[bytes], *, deflate: bool = True) -> Read:
    got, reading = Read([], [], None), Reading(deflate)
    for piece in pieces:
        reading.add(piece)
        try:
            while (unit := reading.take(LIMIT)) is not None:
                note(got, unit)
        except Fault as fault:
            got.fault = fault.code
            return got
    return got


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))), max_size=5
    ),
    st.integers(0, 2**32),
)
def test_packed_or_not_in_any_fragments_and_any_split_it_is_the_same(sent: list[tuple[bool, bytes]], seed: int) -> None:
    chance, wire, pings = random.Random(seed), b"", []
    for packed, payload in sent:
        said = deflated(payload) if packed else payload
        cuts = sorted(chance.randrange(len(said) + 1) for _ in range(chance.randrange(4)))
        bounds = [0, *cuts, len(said)]
        for n, (start, end) in enumerate(pairwise(bounds)):
            build = marked if packed and n == 0 else masked
            wire += build(Opcode.TEXT if n == 0 else Opcode.CONT, said[start:end], fin=n == len(bounds) - 2)
            if chance.random() < 0.3:
                pings.append(b"ping")
                wire += masked(Opcode.PING, b"ping")
    got = read(split(wire, seed))
    assert got == Read([(int(Opcode.TEXT), payload) for _, payload in sent], pings, None)


PACKED = deflated("问政".encode() * 20)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([marked(Opcode.PING, b"")], 1002),
        ([marked(Opcode.CLOSE, b"\x03\xe8")], 1002),
        ([masked(Opcode.TEXT, b"a", fin=False), marked(Opcode.CONT, b"b")], 1002),
        ([marked(Opcode.TEXT, PACKED, fin=False), marked(Opcode.CONT, b"")], 1002),
        ([bytes([0xA1]) + masked(Opcode.TEXT, b"x")[1:]], 1002),
        ([bytes([0xD1]) + masked(Opcode.TEXT, b"x")[1:]], 1002),
        ([marked(Opcode.TEXT, b"\xff\xff no deflate")], 1007),
        ([marked(Opcode.TEXT, deflated(b"\xff\xfe"))], 1007),
        ([marked(Opcode.BINARY, bomb(4_000_000))], 1009),
        ([marked(Opcode.BINARY, deflated(bytes(LIMIT))[:5], fin=False), masked(Opcode.CONT, bytes(LIMIT))], 1009),
    ],
    ids=["ping", "close", "continuation", "packed continuation", "rsv2", "rsv3", "rubbish", "no utf-8", "bomb", "long"],
)
def test_what_breaks_the_agreement_is_refused(frames: list[bytes], code: int) -> None:
    assert read(frames).fault == code


def test_without_an_agreement_the_mark_breaks_the_protocol() -> None:
    assert read([marked(Opcode.TEXT, PACKED)], deflate=False).fault == 1002
    assert read([marked(Opcode.TEXT, PACKED)]).messages == [(Opcode.TEXT, "问政".encode() * 20)]


def test_after_a_bomb_the_answer_to_our_close_is_found() -> None:
    reading = Reading(True)
    reading.add(marked(Opcode.BINARY, bomb(4_000_000)) + masked(Opcode.CLOSE, b"\x03\xf1"))
    with pytest.raises(Fault):
        reading.take(LIMIT)
    assert (unit := reading.take(LIMIT)) is not None
    assert unit.opcode is Opcode.CLOSE
    assert reading.at_rest


# --- on the wire --------------------------------------------------------------------------------------------------


async def test_a_client_of_the_library_sends_packed_and_understands_packed(
    compressing: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "公交什么时候到？" * 100
    monkeypatch.setattr(compressing, "frame", lambda text: frame_deflated(deflated(text), binary=False))
    async with connect(f"ws://127.0.0.1:{compressing.port}/ws", proxy=None, subprotocols=[JSON]) as client:
        assert [extension.name for extension in client.protocol.extensions] == ["permessage-deflate"]
        await client.send(said)
        assert await client.recv() == said, "answered plainly: it is for this socket alone"
        for number in range(3):
            await client.send(f"all:{said}{number}")
            assert await client.recv() == f"{said}{number}", "nothing is kept from one to the next"


async def test_a_bomb_is_closed_with_1009_and_the_server_goes_on(compressing: House) -> None:
    with compressing.shaken(sec_websocket_extensions=CHROME) as thrown:
        thrown.sendall(marked(Opcode.TEXT, bomb(1_000_000)))
        assert b"\x03\xf1" in read_all(thrown)
    await compressing.serves()
