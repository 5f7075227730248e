"""A real server in a thread of its own with a trivial application, and raw sockets to throw rubbish at it."""

from __future__ import annotations

import base64
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol

from gateway.engine.server import Server, build_server
from gateway.engine.sockets import Socket
from gateway.options import GatewayOptions, Limits

JSON = Subprotocol("wenzheng.v1.json")
MSGPACK = Subprotocol("wenzheng.v1.msgpack")


class EchoPeer:
    """Answers with what it got; `all:…` goes to everybody, and a few words make the server do something."""

    def __init__(self, socket: Socket, house: House) -> None:
        self.socket = socket
        self.house = house
        self.wrong_kind = False
        house.peers.add(self)
        house.seen.add(self)
        house.weak_sockets.add(socket)

    def received(self, payload: bytes, binary: bool) -> None:
        self.house.received.append((payload, binary))
        word, _, rest = payload.partition(b":")
        if word == b"all":
            framed = self.house.frame(rest)
            for peer in list(self.house.peers):
                peer.socket.write(framed)
        elif word == b"bye":
            self.socket.send(b"bye")
            self.socket.close(int(rest), "told to")
        elif word == b"limit":
            self.socket.limit(int(rest))
        elif word == b"crash":
            raise RuntimeError("a peer that fails")
        elif word == b"abort":
            self.socket.abort()
        else:
            self.socket.send(payload)

    def resumed(self) -> None:
        self.house.resumed += 1

    def closed(self) -> None:
        self.house.closed += 1
        self.house.peers.discard(self)


class House:
    """The server, and what its peers have seen."""

    def __init__(self, options: GatewayOptions, drain: Callable[[float], None] | None) -> None:
        from gateway.engine.frames import frame_text

        self.frame = frame_text
        self.peers: set[EchoPeer] = set()
        self.seen: weakref.WeakSet[EchoPeer] = weakref.WeakSet()
        self.weak_sockets: weakref.WeakSet[Socket] = weakref.WeakSet()
        self.received: list[tuple[bytes, bool]] = []
        self.resumed = self.closed = 0
        self.drained: list[float] = []
        self.server: Server = build_server(
            application(), self._peer, options, "127.0.0.1", 0, drain=drain or self.drained.append
        )
        self.port = self.server.port
        self.thread = threading.Thread(target=self.server.run, name="engine under test", daemon=True)

    def _peer(self, socket: Socket) -> EchoPeer:
        return EchoPeer(socket, self)

    @property
    def counters(self) -> Any:
        return self.server.engine.counters

    def client(self, subprotocol: Subprotocol = JSON, **more: Any) -> connect:
        more.setdefault("subprotocols", [subprotocol])
        return connect(f"ws://127.0.0.1:{self.port}/ws", proxy=None, compression=None, **more)

    def raw(self, timeout: float = 10.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def throw(self, *pieces: bytes) -> bytes:
        """Sends, and reads until the server ends the connection; a reset counts as an end."""
        with self.raw() as thrown:
            with suppress(OSError):
                for piece in pieces:
                    thrown.sendall(piece)
            return read_all(thrown)

    @contextmanager
    def shaken(self, **fields: str) -> Iterator[socket.socket]:
        """A raw socket after its handshake."""
        with self.raw() as opened:
            opened.sendall(request_head(self.port, **fields))
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += opened.recv(1)
            assert answer.startswith(b"HTTP/1.1 101 "), answer
            yield opened

    def get(self, path: str = "/") -> bytes:
        return self.throw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    async def serves(self) -> None:
        """The process works as before for everybody else."""
        assert self.get().startswith(b"HTTP/1.1 200 ")
        async with self.client() as other:
            await other.send("still there?")
            assert await other.recv() == "still there?"


def request_head(port: int, path_: str = "/ws", /, **changes: str | None) -> bytes:
    """A handshake as a browser sends it; a change to None leaves a field out (`_` stands for `-`)."""
    fields: dict[str, str | None] = {
        "host": f"127.0.0.1:{port}",
        "upgrade": "websocket",
        "connection": "keep-alive, Upgrade",
        "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        "sec-websocket-version": "13",
        "sec-websocket-protocol": "wenzheng.v1.json",
    }
    fields.update({name.replace("_", "-"): value for name, value in changes.items()})
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return f"GET {path_} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()


def masked(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """A frame as a client sends it, framed by the websockets library."""
    return Frame(opcode, data, fin).serialize(mask=True)


def read_all(opened: socket.socket) -> bytes:
    """Until the end, or until the socket's own time-out, which fails the test."""
    got = b""
    while True:
        try:
            piece = opened.recv(65536)
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece


def close_code_in(answer: bytes) -> int:
    """The code of the close frame that ends `answer`."""
    start = answer.rindex(b"\x88", max(0, len(answer) - 127))
    return int.from_bytes(answer[start + 2 : start + 4], "big")


def wait_until(done: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


async def hold(client: ClientConnection) -> tuple[int | None, str | None]:
    """Reads until the connection ends; tells how."""
    await client.wait_closed()
    return client.close_code, client.close_reason


def options(**limits: Any) -> GatewayOptions:
    return GatewayOptions(drain_s=1.0, limits=replace(Limits(), **limits))


@contextmanager
def house(given: GatewayOptions | None = None, drain: Callable[[float], None] | None = None) -> Iterator[House]:
    running = House(given or options(), drain)
    running.thread.start()
    wait_until(lambda: running.server.started)
    try:
        yield running
    finally:
        running.server.stop()
        running.thread.join(15)
        assert not running.thread.is_alive(), "the server never ended"


def application() -> Starlette:
    return Starlette(
        routes=[
            Route("/", _about, methods=["GET", "POST"]),
            Route("/early", _early, methods=["POST"]),
            Route("/stream", _stream),
        ]
    )


async def _about(request: Request) -> JSONResponse:
    body = await request.body()
    client = request.client.host if request.client else None
    return JSONResponse({"client": client, "scheme": request.url.scheme, "bytes": len(body)})


async def _early(request: Request) -> JSONResponse:
    """Answers without reading the body."""
    return JSONResponse({"early": True})


async def _stream(request: Request) -> StreamingResponse:
    async def megabytes() -> Any:
        for _ in range(64):
            yield b"x" * 1_000_000

    return StreamingResponse(megabytes())
