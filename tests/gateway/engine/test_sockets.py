"""One socket after its handshake: messages, closes as the client sees them, deadlines, slow readers, no leaks."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from contextlib import suppress

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from gateway.engine import sockets
from tests.gateway.engine.running import (
    MSGPACK,
    House,
    close_code_in,
    hold,
    house,
    masked,
    options,
    read_all,
    wait_until,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw sockets do not answer a close frame; nobody wants to wait for them."""
    monkeypatch.setattr(sockets, "CLOSE_S", 0.3)


async def test_text_and_binary_come_back_in_the_codecs_own_kind(server: House) -> None:
    async with server.client() as json, server.client(MSGPACK) as msgpack:
        await json.send("问政")
        assert await json.recv() == "问政"
        await msgpack.send(b"\x93\x01\x02\x03")
        assert await msgpack.recv() == b"\x93\x01\x02\x03"


async def test_the_wrong_kind_is_the_peers_business(server: House) -> None:
    server.received.clear()
    async with server.client() as json:
        await json.send(b"binary on json")
        await json.recv()
    assert server.received == [(b"binary on json", True)]


async def test_one_broadcast_reaches_everybody(server: House) -> None:
    async with server.client() as a, server.client() as b, server.client() as c:
        for _ in range(3):
            await a.send("all:hear this")
        for each in (a, b, c):
            assert [await each.recv() for _ in range(3)] == ["hear this"] * 3


async def test_byte_at_a_time(server: House) -> None:
    with server.shaken() as slow:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        frame = masked(Opcode.TEXT, "慢慢来".encode())
        for n in range(len(frame)):
            slow.sendall(frame[n : n + 1])
        assert slow.recv(100) == b"\x81\x09" + "慢慢来".encode()


async def test_the_last_message_and_the_close_arrive_whole(server: House) -> None:
    async with server.client() as client:
        await client.send("bye:4000")
        assert await client.recv() == "bye"
        assert await hold(client) == (4000, "told to")


async def test_the_end_arrives_whole_while_the_client_is_sending(server: House) -> None:
    """Bytes unread at the server must not turn the close into a reset (code 1006)."""
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.TEXT, b"bye:4000"))
        for _ in range(100):
            raw.sendall(masked(Opcode.TEXT, b"x" * 10_000))
        assert read_all(raw).startswith(b"\x81\x03bye\x88\x09\x0f\xa0told to")


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
async def test_a_clients_close_is_echoed(server: House, code: int) -> None:
    async with server.client() as client:
        await client.close(code, "done")
        assert (client.close_code, client.protocol.close_rcvd and client.protocol.close_rcvd.code) == (code, code)


async def test_a_close_without_a_code_is_answered_in_kind(server: House) -> None:
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.CLOSE, b""))
        assert read_all(raw) == b"\x88\x00"


async def test_a_close_between_fragments_is_a_close(server: House) -> None:
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.TEXT, b"half", fin=False) + masked(Opcode.CLOSE, b"\x03\xe8"))
        assert read_all(raw) == b"\x88\x02\x03\xe8"


async def test_pings_are_answered(server: House) -> None:
    async with server.client() as client:
        waiter = await client.ping(b"payload")
        async with asyncio.timeout(5):
            await waiter


async def test_pings_of_one_read_get_one_pong_and_floods_an_end(server: House) -> None:
    with server.shaken() as raw:
        raw.sendall(b"".join(masked(Opcode.PING, b"%d" % n) for n in range(5)))
        raw.sendall(masked(Opcode.CLOSE, b"\x03\xe8"))
        got = read_all(raw)
        assert got.endswith(b"\x8a\x014\x88\x02\x03\xe8")
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.PING, b"p" * 125) * 1000)
        got = read_all(raw)
        assert close_code_in(got) == 4429
        assert len(got) < 1000 * 131
    await server.serves()


async def test_pongs_nobody_asked_for_are_ignored(server: House) -> None:
    async with server.client() as client:
        await client.pong(b"unasked")
        await client.send("fine")
        assert await client.recv() == "fine"


async def test_a_peer_that_fails_costs_its_own_connection(server: House) -> None:
    async with server.client() as victim, server.client() as other:
        await victim.send("crash:")
        assert await hold(victim) == (4003, "server error")
        await other.send("fine")
        assert await other.recv() == "fine"


async def test_limits_may_be_raised(server: House) -> None:
    async with server.client() as client:
        await client.send("limit:65536")
        await client.send("x" * 60_000)
        assert len(await client.recv()) == 60_000
    async with server.client() as client:
        await client.send("x" * 60_000)
        assert (await hold(client))[0] == 1009


async def test_an_aborted_socket_is_cut(server: House) -> None:
    async with server.client() as client:
        await client.send("abort:")
        assert (await hold(client))[0] == 1006


async def test_each_end_is_told_once(server: House) -> None:
    before = server.closed
    async with server.client() as a, server.client() as b, server.client() as c:
        await a.send("bye:4000")
        await b.send("abort:")
        await c.close()
    wait_until(lambda: server.counters.open == 0)
    await server.serves()
    wait_until(lambda: server.counters.open == 0)
    wait_until(lambda: server.closed == before + 4)
    wait_until(lambda: not server.server.engine.sweep)


async def test_half_a_message_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch, server: House) -> None:
    monkeypatch.setattr(sockets, "MESSAGE_S", 0.3)
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.TEXT, b"only half of it")[:9])
        assert close_code_in(read_all(raw)) == 1002
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.TEXT, b"first fragment", fin=False))
        assert close_code_in(read_all(raw)) == 1002
    with server.shaken() as raw:
        raw.sendall(b"\x81")
        assert close_code_in(read_all(raw)) == 1002


async def test_pings_do_not_keep_half_a_message_alive(monkeypatch: pytest.MonkeyPatch, server: House) -> None:
    monkeypatch.setattr(sockets, "MESSAGE_S", 0.5)
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.TEXT, b"first fragment", fin=False))
        raw.settimeout(0.05)
        got, pings = b"", 0
        while b"\x88" not in got and pings < 200:
            raw.sendall(masked(Opcode.PING, b""))
            pings += 1
            try:
                got += raw.recv(4096)
            except TimeoutError:
                continue
        assert b"\x88" in got


async def test_a_close_left_unanswered_is_cut(server: House) -> None:
    with server.shaken() as raw:
        raw.sendall(masked(Opcode.TEXT, b"bye:4000"))
        wait_until(lambda: server.counters.open == 0)
        assert close_code_in(read_all(raw)) == 4000
    assert not server.server.engine.connections & set(server.weak_sockets)


async def test_a_slow_reader_is_seen_and_hurts_nobody() -> None:
    with house(options(message_netizen=1_000_000)) as server, server.shaken() as deaf:
        wait_until(lambda: server.peers)
        slow = next(iter(server.peers)).socket
        async with server.client(max_size=None) as good:
            for _ in range(40):
                await good.send("all:" + "x" * 100_000)
                assert len(await good.recv()) == 100_000
        before, held = server.resumed, slow.unsent
        assert held > 100_000
        deaf.settimeout(0.05)
        while slow.unsent:
            assert not slow.writable
            with suppress(TimeoutError):
                deaf.recv(1_000_000)
        wait_until(lambda: server.resumed == before + 1)
        assert slow.writable


async def test_one_that_never_reads_its_answers_is_let_go() -> None:
    with house(options(park_bytes=100_000)) as server, server.shaken() as deaf:
        deaf.settimeout(5)
        frame = masked(Opcode.TEXT, b"x" * 16_000)
        with suppress(OSError):
            for _ in range(2000):
                deaf.sendall(frame)
        wait_until(lambda: server.counters.open == 0)
        assert server.counters.closes[4002] == 1


def resident() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - a pseudo-file
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_ten_megabytes_are_refused_by_their_header(server: House) -> None:
    whole = masked(Opcode.BINARY, os.urandom(10_000_000))
    before = resident()
    for _ in range(3):
        with server.shaken() as raw:
            with suppress(OSError):
                raw.sendall(whole)
            assert close_code_in(read_all(raw)) == 1009
    assert resident() - before < 4_000_000
    await server.serves()


async def test_a_real_client_sees_why_its_message_was_refused(server: House) -> None:
    async with server.client() as client:
        with suppress(ConnectionClosed):
            await client.send("x" * 10_000_000)
        assert (await hold(client))[0] == 1009


async def test_thousands_come_and_go_without_a_trace(server: House) -> None:
    async def visit(n: int) -> None:
        async with server.client() as client:
            await client.send(f"{n}")
            assert await client.recv() == f"{n}"

    async def visits(start: int) -> None:
        for n in range(start, start + 100):
            await visit(n)

    gc.disable()
    try:
        await asyncio.gather(*(visits(100 * lane) for lane in range(20)))
        wait_until(lambda: server.counters.open == 0)
        # By reference counting alone: nothing may wait for the cycle collector.
        wait_until(lambda: not server.weak_sockets)
        wait_until(lambda: not server.seen)
    finally:
        gc.enable()
    engine = server.server.engine
    wait_until(lambda: not engine.connections)
    wait_until(lambda: not engine.sweep)
    wait_until(lambda: engine._by_address == {})


async def test_cut_connections_leave_nothing_either(server: House) -> None:
    for n in range(200):
        with server.shaken() as raw:
            if n % 2:
                raw.sendall(masked(Opcode.TEXT, b"half")[:5])
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    wait_until(lambda: server.counters.open == 0)
    wait_until(lambda: not server.weak_sockets)
    wait_until(lambda: not server.server.engine.sweep)


async def test_writing_after_the_end_goes_nowhere(server: House) -> None:
    kept: list[ClientConnection] = []
    async with server.client() as client:
        wait_until(lambda: server.peers)
        socket_ = next(iter(server.peers)).socket
        await client.send("bye:4000")
        await hold(client)
        kept.append(client)
    wait_until(lambda: server.counters.open == 0)
    socket_.write(b"\x81\x01x")
    socket_.send(b"x")
    socket_.close(4000)
    socket_.abort()
    assert socket_.unsent == 0
    assert not socket_.writable
