"""The life of the process: signals drain and end it with 0, nothing under way is lost, a taken port is one line."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from gateway.engine.listening import SEND_BUFFER, ListenError, listen
from gateway.engine.server import build_server
from tests.gateway.engine.running import JSON, application, hold, house, options, read_all, request_head, wait_until

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]


class Standing:
    """`standing.py` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self.line())

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def ask(self, path: str) -> socket.socket:
        asked = self.raw()
        asked.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return asked

    def client(self) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/ws", proxy=None, subprotocols=[JSON])

    def until_ready(self) -> None:
        with self.ask("/readyz") as asked:
            assert asked.recv(100).startswith(b"HTTP/1.1 200 ")


@contextmanager
def standing(*words: str) -> Iterator[Standing]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.engine.standing", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        running = Standing(process)
        running.until_ready()
        yield running
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_with_zero(sent: signal.Signals) -> None:
    with standing() as process:
        process.process.send_signal(sent)
        out, err = process.process.communicate(timeout=10)
        assert process.process.returncode == 0, err
        assert out.split("\n")[-3:] == ["lifespan ended", "ended", ""]
        assert "Traceback" not in err


async def test_sockets_are_told_and_requests_finished() -> None:
    with standing() as process:
        async with process.client() as a, process.client() as b, process.client() as c:
            with process.ask("/slow?s=1.5") as under_way:
                assert process.line() == "slow begun"
                process.process.send_signal(signal.SIGTERM)
                assert process.line() == "drain 1.0"
                for client in (a, b, c):
                    assert await client.recv() == "bye"
                    assert await hold(client) == (4000, "drain")
                assert read_all(under_way).endswith(b"finished")
        assert process.process.wait(10) == 0


async def test_while_draining_http_is_served_and_sockets_are_not() -> None:
    with standing("deaf") as process:
        async with process.client() as client:
            process.process.send_signal(signal.SIGTERM)
            assert process.line() == "drain 1.0"
            with process.ask("/readyz") as asked:
                answer = read_all(asked)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"connection: close" in answer
            with pytest.raises(Exception, match="503"):
                async with process.client():
                    pass
            # Nobody said bye to this one: the engine closes it when the drain time is over.
            assert await hold(client) == (4000, "drain")
        assert process.process.wait(10) == 0


async def test_a_second_signal_hurries() -> None:
    with standing() as process, process.ask("/slow?s=60") as under_way:
        assert process.line() == "slow begun"
        started = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert process.process.poll() is None
        process.process.send_signal(signal.SIGTERM)
        assert process.process.wait(10) == 0
        assert time.monotonic() - started < 3
        read_all(under_way)


async def test_the_same_signal_twice_at_once_is_one() -> None:
    with standing() as process:
        async with process.client() as client:
            for _ in range(2):
                process.process.send_signal(signal.SIGTERM)
            assert process.line() == "drain 1.0"
            # A hurried end would have cut it without the drain's close.
            assert await hold(client) == (4000, "drain")
        assert process.process.wait(10) == 0


async def test_one_that_never_answers_does_not_hold_the_process() -> None:
    with standing("deaf") as process, process.raw() as silent:
        silent.sendall(request_head(process.port))
        assert silent.recv(1000).startswith(b"HTTP/1.1 101 ")
        process.process.send_signal(signal.SIGTERM)
        assert process.process.wait(10) == 0


async def test_a_taken_port_is_one_line() -> None:
    with house() as running:
        with pytest.raises(ListenError) as refused:
            build_server(
                application(),
                lambda _: pytest.fail("no peer"),
                options(),
                "127.0.0.1",
                running.port,
                drain=lambda _: None,
            )
        assert str(refused.value) == f"cannot listen on 127.0.0.1:{running.port}: the port is taken"


@pytest.mark.parametrize(("host", "reason"), [("no.such.host.invalid", "cannot listen"), ("192.0.2.1", "no such")])
async def test_addresses_that_are_not_ours(host: str, reason: str) -> None:
    with pytest.raises(ListenError, match=reason):
        listen(host, 18_000)


async def test_accepted_sockets_have_a_small_send_buffer() -> None:
    (listener,) = listen("127.0.0.1", 0)
    with listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        accepted, _ = listener.accept()
        with accepted:
            # The kernel counts its own bookkeeping twice.
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_counters_are_told() -> None:
    with house() as running:
        async with running.client() as client:
            await client.send("x")
            await client.recv()
            measured = running.server.measures()
            assert measured["sockets_open"] == measured["handshakes_total"] == measured["socket_messages_in_total"] == 1
        running.throw(b"rubbish\r\n\r\n")
        assert running.server.measures()["refused_bad_request_total"] == 1


async def test_one_that_leaves_accepts_nobody_more_and_answers_whom_it_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.engine.server.LINGER_S", 60.0)
    monkeypatch.setattr("gateway.engine.server.ECHO_S", 0.0)  # the end of the house is a second stop, and hurries
    with house() as running, running.raw() as accepted:
        connections = running.server.server_state.connections
        wait_until(lambda: connections)
        (connection,) = connections
        connection.loop.call_soon_threadsafe(running.server.leave)

        def refused() -> bool:
            try:
                running.raw().close()
            except ConnectionRefusedError:
                return True
            except ConnectionResetError:
                pass  # it came in the very moment at which the listener went
            return False

        wait_until(refused)
        accepted.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert read_all(accepted).startswith(b"HTTP/1.1 200 ")
