"""A bad line between a server and its database or bus: slow, narrow, silent, reset, or cut in the middle of a COMMIT.

It runs on a thread of its own with an event loop of its own, so that a test may change the line from anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

# Bytes under way in each direction of a connection; beyond them the sender waits, as on any line.
CHUNK = 64 * 1024
CONNECTIONS_MAX = 500
# A closed socket that says "reset" instead of "end".
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Line:
    """How the line is just now, for every connection on it."""

    latency_s: float = 0.0
    bytes_per_s: float = float("inf")
    silent: bool = False  # half open: takes what is sent, passes nothing on, ends nothing
    refused: bool = False  # who comes is sent away at once
    cuts_before: int = 0  # so many COMMITs that never arrive
    cuts_after: int = 0  # so many that arrive and whose answers do not


class Proxy:
    """`port` leads to `target`, a port of this machine, over the line."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.counts: Counter[str] = Counter()
        self.line = Line()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._open: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    # --- what a test does to the line -------------------------------------------------------------------------------

    def slow(self, latency_s: float = 0.0, bytes_per_s: float = float("inf")) -> None:
        self._do(lambda: self._change(latency_s=latency_s, bytes_per_s=bytes_per_s))

    def silence(self) -> None:
        """Half open, from now on and for newcomers too: nothing arrives and nobody is told."""
        self._do(lambda: self._change(silent=True))

    def heal(self) -> None:
        """As new for whoever comes now; what was swallowed on the way is gone, and its connection with it."""

        def healed() -> None:
            was_silent, self.line = self.line.silent, Line()
            if was_silent:
                self._abort()

        self._do(healed)

    def speak(self) -> None:
        """New connections work; those of before stay as they are: half open for ever."""

        def speaking() -> None:
            for connection in self._open:
                connection.dead = connection.dead or self.line.silent
            self.line = Line()

        self._do(speaking)

    def reset(self) -> None:
        """Every connection ends with a reset."""
        self._do(self._abort)

    def down(self) -> None:
        """Every connection is reset and nobody is let in, until `heal`."""

        def gone() -> None:
            self._change(refused=True)
            self._abort()

        self._do(gone)

    def cut_commits(self, times: int = 1, *, stored: bool) -> None:
        """The next COMMITs of writing transactions end their connection: after they were `stored`, or before."""
        self._do(lambda: self._change(**{"cuts_after" if stored else "cuts_before": times}))

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self) -> Proxy:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def stop(self) -> None:
        async def end() -> None:
            if self._server is not None:
                self._server.close()
            self._abort()
            for _ in range(3):
                await asyncio.sleep(0)
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=CHUNK)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts["connections"] += 1
        if self.line.refused or len(self._open) >= CONNECTIONS_MAX:
            _hang_up(writer)
            return
        try:
            behind = await asyncio.open_connection("127.0.0.1", self.target, limit=CHUNK)
        except OSError:
            _hang_up(writer)
            return
        connection = _Connection(self, (reader, writer), behind)
        self._open.add(connection)
        try:
            await connection.run()
        finally:
            self._open.discard(connection)

    def _change(self, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self.line, name, value)

    def _abort(self) -> None:
        for connection in tuple(self._open):
            connection.abort()

    def _do(self, act: Callable[[], T]) -> T:
        async def acting() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(acting(), self._loop).result(10)


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connection:
    """`dead`: stays half open whatever becomes of the line."""

    def __init__(self, proxy: Proxy, front: Ends, behind: Ends) -> None:
        self.proxy = proxy
        self.front = front
        self.behind = behind
        self.dead = False
        self._writing = False  # a transaction that writes is under way
        self._swallow = False  # nothing of the answer goes back any more

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(self.front[0], self.behind[1], asks=True))
                both.create_task(self._pass(self.behind[0], self.front[1], asks=False))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        for _, writer in (self.front, self.behind):
            _hang_up(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool) -> None:
        while data := await reader.read(CHUNK):
            line = self.proxy.line
            if asks and self._cut(data):
                return
            if self._swallow and not asks:
                self.proxy.counts["answers swallowed"] += 1
                self.abort()
                return
            if line.latency_s:
                await asyncio.sleep(line.latency_s)
            if line.bytes_per_s != float("inf"):
                await asyncio.sleep(len(data) / line.bytes_per_s)
            if line.silent or self.dead:
                self.proxy.counts["bytes swallowed"] += len(data)
                continue
            writer.write(data)
            await writer.drain()
        self.abort()

    def _cut(self, data: bytes) -> bool:
        """Whether the connection ends here. PostgreSQL's words travel as they are: BEGIN, COMMIT."""
        if b"BEGIN" in data:
            self._writing = b"READ ONLY" not in data
        if b"COMMIT;" not in data or not self._writing:
            return False
        line, self._writing = self.proxy.line, False
        if line.cuts_before:
            line.cuts_before -= 1
            self.proxy.counts["commits cut before"] += 1
            self.abort()
            return True
        if line.cuts_after:
            line.cuts_after -= 1
            self.proxy.counts["commits cut after"] += 1
            self._swallow = True
        return False


def _hang_up(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    proxy = Proxy(target).start()
    try:
        yield proxy
    finally:
        proxy.stop()
