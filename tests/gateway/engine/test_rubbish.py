"""Broken framing gets the standard close, and everybody else is served as before."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from websockets.frames import Frame, Opcode

from gateway.engine import sockets
from tests.gateway.engine.running import House, close_code_in, masked, read_all

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "CLOSE_S", 0.1)


RUBBISH: dict[str, tuple[bytes, int]] = {
    "unmasked": (Frame(Opcode.TEXT, b"x").serialize(mask=False), 1002),
    "rsv1": (b"\xc1\x81\x00\x00\x00\x00x", 1002),
    "rsv2": (b"\xa1\x81\x00\x00\x00\x00x", 1002),
    "rsv3": (b"\x91\x81\x00\x00\x00\x00x", 1002),
    "opcode 3": (b"\x83\x81\x00\x00\x00\x00x", 1002),
    "opcode 15": (b"\x8f\x81\x00\x00\x00\x00x", 1002),
    "ping of 126 bytes": (b"\x89\xfe\x00\x7e\x00\x00\x00\x00" + b"x" * 126, 1002),
    "ping in fragments": (b"\x09\x81\x00\x00\x00\x00x", 1002),
    "continuation of nothing": (masked(Opcode.CONT, b"x"), 1002),
    "message inside a message": (masked(Opcode.TEXT, b"a", fin=False) + masked(Opcode.TEXT, b"b"), 1002),
    "text that is no utf-8": (masked(Opcode.TEXT, b"\xff\xfe"), 1007),
    "utf-8 broken across fragments": (
        masked(Opcode.TEXT, b"\xe9\x97", fin=False) + masked(Opcode.CONT, b"\x41"),
        1007,
    ),
    "utf-8 that ends too early": (masked(Opcode.TEXT, b"\xe9\x97"), 1007),
    "close of one byte": (masked(Opcode.CLOSE, b"\x03"), 1002),
    "close with a code nobody may send": (masked(Opcode.CLOSE, b"\x03\xee"), 1002),
    "close whose reason is no utf-8": (masked(Opcode.CLOSE, b"\x03\xe8\xff"), 1007),
    "length of 2**63 and more": (b"\x82\xff" + b"\xff" * 8, 1009),
    "ten megabytes announced": (b"\x82\xff" + (10_000_000).to_bytes(8, "big"), 1009),
    "too large over fragments": (masked(Opcode.TEXT, b"x" * 9000, fin=False) + masked(Opcode.CONT, b"x" * 9000), 1009),
    "endless empty fragments": (masked(Opcode.TEXT, b"", fin=False) + masked(Opcode.CONT, b"", fin=False) * 300, 1009),
    "an http request": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002),
}


@pytest.mark.parametrize("name", RUBBISH)
async def test_rubbish(server: House, name: str) -> None:
    rubbish, code = RUBBISH[name]
    with server.shaken() as raw:
        raw.sendall(rubbish)
        assert close_code_in(read_all(raw)) == code
    await server.serves()


async def test_noise(server: House) -> None:
    chance = random.Random(20151101)
    for _ in range(100):
        with server.shaken() as raw:
            with suppress(OSError):
                raw.sendall(chance.randbytes(chance.randrange(1, 5000)))
                raw.shutdown(1)
            read_all(raw)
    await server.serves()
    assert server.counters.failures == 0


async def test_noise_instead_of_http(server: House) -> None:
    # The same noise each time: a lone line break, for one, is no noise but the blank line before a request.
    noise = random.Random(6)
    for size in (1, 100, 10_000, 1_000_000):
        answer = server.throw(noise.randbytes(size), b"\r\n\r\n")
        assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
    await server.serves()
