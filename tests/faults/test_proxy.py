"""The bad line itself: a fault that is not there proves nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy, proxied


class Echo:
    """Says back what it hears, and keeps it."""

    def __init__(self) -> None:
        self.heard = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(4096):
                    self.heard += data
                    connection.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    running = Echo()
    yield running
    running.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with proxied(echo.port) as running:
        yield running


def call(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=0.5)


def test_a_good_line_passes_everything(proxy: Proxy) -> None:
    with call(proxy) as line:
        line.sendall(b"word")
        assert line.recv(4) == b"word"


def test_a_slow_line_takes_its_time_both_ways(proxy: Proxy) -> None:
    with call(proxy) as line:
        proxy.slow(latency_s=0.05)
        began = time.monotonic()
        line.sendall(b"word")
        assert line.recv(4) == b"word"
        assert time.monotonic() - began >= 0.1


def test_a_silent_line_takes_everything_and_says_nothing(proxy: Proxy, echo: Echo) -> None:
    with call(proxy) as line:
        proxy.silence()
        line.sendall(b"word")
        with pytest.raises(TimeoutError):
            line.recv(4)
        assert echo.heard == b""
        proxy.speak()
        line.sendall(b"again")
        with pytest.raises(TimeoutError):
            line.recv(4)  # half open for ever
        with call(proxy) as other:
            other.sendall(b"new")
            assert other.recv(3) == b"new"


def test_a_reset_ends_connections_and_a_line_that_is_down_lets_nobody_in(proxy: Proxy) -> None:
    with call(proxy) as line:
        line.sendall(b"word")
        assert line.recv(4) == b"word"
        proxy.down()
        with pytest.raises(ConnectionResetError):
            line.recv(4)
    with pytest.raises(ConnectionResetError), call(proxy) as line:
        line.recv(4)
    proxy.heal()
    with call(proxy) as line:
        line.sendall(b"word")
        assert line.recv(4) == b"word"


@pytest.mark.parametrize("stored", [True, False])
def test_only_the_commit_of_what_writes_is_cut(proxy: Proxy, echo: Echo, stored: bool) -> None:
    proxy.cut_commits(stored=stored)
    with call(proxy) as line:
        for words in (b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;", b"COMMIT;", b"BEGIN;", b"UPDATE"):
            line.sendall(words)
            assert line.recv(100) == words
        line.sendall(b"COMMIT;")
        with pytest.raises(ConnectionResetError):
            line.recv(100)
    assert echo.heard.count(b"COMMIT;") == (2 if stored else 1)
    with call(proxy) as line:
        for words in (b"BEGIN;", b"COMMIT;"):
            line.sendall(words)
            assert line.recv(100) == words
