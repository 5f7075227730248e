"""Many idle viewers from one process, and a server to measure in another."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

# A handshake of the size a browser sends: about 560 bytes.
_HEAD = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
    "Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36\r\n"
    "Upgrade: websocket\r\nOrigin: http://127.0.0.1:{port}\r\nSec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\n"
    "Cookie: sid=0123456789abcdef0123456789abcdef\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: wenzheng.v1.json\r\n\r\n"
)


def tell(word: object) -> None:
    """From a server under measurement to whoever started it."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Measured:
    """A server in a process of its own: first it says its port, later its result."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self._line())

    def answer(self, while_doing: Callable[[], None] = lambda: None) -> float:
        """Its result; `while_doing` is called until it has come."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as wait:
            wait.register(self.process.stdout, selectors.EVENT_READ)
            while not wait.select(0):
                while_doing()
        return float(self._line())

    def resident(self) -> int:
        with open(f"/proc/{self.process.pid}/statm") as statm:  # noqa: PTH123 - a pseudo-file
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Seconds used so far, in the kernel's ticks."""
        with open(f"/proc/{self.process.pid}/stat") as stat:  # noqa: PTH123 - a pseudo-file
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the server under measurement ended early")
        return line


@contextmanager
def serving(module: str, *words: str) -> Iterator[Measured]:
    """`python -m module words…`, ended on the way out."""
    process = subprocess.Popen([sys.executable, "-m", module, *words], stdout=subprocess.PIPE, text=True)
    try:
        yield Measured(process)
    finally:
        process.kill()
        process.communicate()


class Crowd:
    """Viewers that have joined and only listen."""

    def __init__(self, port: int, size: int) -> None:
        self._poll = selectors.EpollSelector()
        self._open: list[socket.socket] = []
        head = _HEAD.format(port=port).encode()
        for start in range(0, size, 100):
            self._arrive(port, head, min(100, size - start))

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._poll.close()
        for viewer in self._open:
            viewer.close()

    def read(self, seconds: float = 0.05) -> None:
        """Takes what has arrived."""
        for key, _ in self._poll.select(seconds):
            os.read(key.fd, 1 << 18)

    def _arrive(self, port: int, head: bytes, count: int) -> None:
        arriving = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]
        for viewer in arriving:
            viewer.sendall(head)
        for viewer in arriving:
            answer = viewer.recv(4096)
            if not answer.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(json.dumps(answer.decode("latin-1")))
            viewer.setblocking(False)
            self._poll.register(viewer, selectors.EVENT_READ)
        self._open += arriving
