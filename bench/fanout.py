"""CPU for one message to each of many viewers: our engine, the usual Starlette loop and bare `send()` in one run.

`python -m bench.fanout [viewers]` prints one JSON line. Absolute numbers belong to the machine, the ratios are the
result.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.viewers import Crowd, serving, tell
from gateway.engine.frames import frame_text
from gateway.engine.listening import SEND_BUFFER, listen
from gateway.engine.server import build_server
from gateway.engine.sockets import Socket
from gateway.options import GatewayOptions
from kernel.tasks import spawn

VIEWERS = 1_000
# As the hub joins messages that come close together.
JOINED = 20
# All of it fits into the kernel's buffers, so that a slow reader on a busy machine cannot turn into our cost.
ROUNDS = 150
MESSAGE = json.dumps({"t": "ev", "x": [{"k": "msg", "body": "地铁一号线起步价两元能坐几站？" * 3}]}).encode()[:275]

Publish = Callable[[], Coroutine[Any, Any, None]]

engine_viewers: set[Socket] = set()
naive_viewers: set[WebSocket] = set()


class Viewer:
    """A peer that only listens."""

    __slots__ = ("socket",)

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        engine_viewers.add(socket)

    def received(self, payload: bytes, binary: bool) -> None:
        pass

    def resumed(self) -> None:
        pass

    def closed(self) -> None:
        engine_viewers.discard(self.socket)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(
    viewers: Callable[[], int], publish: Callable[[], Coroutine[Any, Any, None]], wanted: int, rounds: int = ROUNDS
) -> None:
    """Waits for the crowd, publishes, tells the parent what it cost."""
    while viewers() < wanted:
        await asyncio.sleep(0.01)
    await publish()
    began = cpu()
    for _ in range(rounds):
        await publish()
        await asyncio.sleep(0)
    tell((cpu() - began) / (rounds * wanted))
    # A thousand endings in disorder are no part of the measurement.
    os._exit(0)


async def engine(wanted: int, joined: int = 1) -> None:
    server = build_server(Starlette(), Viewer, GatewayOptions(), "127.0.0.1", 0, drain=lambda _: None)

    async def publish() -> None:
        framed = frame_text(MESSAGE) * joined
        for viewer in engine_viewers:
            viewer.write(framed)

    tell(server.port)
    spawn(server.serve(), name="server")
    await measure(lambda: len(engine_viewers), publish, wanted, ROUNDS // joined)


async def naive(wanted: int) -> None:
    """What a tutorial does, with uvicorn's costly defaults already switched off."""

    async def view(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="wenzheng.v1.json")
        naive_viewers.add(websocket)
        with suppress(WebSocketDisconnect):
            await websocket.receive_text()

    async def publish() -> None:
        text = MESSAGE.decode()
        for viewer in naive_viewers:
            await viewer.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/ws", view)])
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws_per_message_deflate=False, ws_ping_interval=None)
    (listener,) = listen("127.0.0.1", 0)
    tell(listener.getsockname()[1])
    spawn(uvicorn.Server(config).serve([listener]), name="server")
    await measure(lambda: len(naive_viewers), publish, wanted)


async def floor(wanted: int) -> None:
    """One `send()` each on accepted sockets: below it there is only another language."""
    (listener,) = listen("127.0.0.1", 0)
    tell(listener.getsockname()[1])
    listener.setblocking(True)
    accepted: list[socket.socket] = []
    for _ in range(wanted):
        connection, _ = listener.accept()
        connection.recv(SEND_BUFFER)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as every server here has it
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        accepted.append(connection)
    framed = frame_text(MESSAGE)

    async def publish() -> None:
        for connection in accepted:
            connection.send(framed)

    await measure(lambda: len(accepted), publish, wanted)


CONTENDERS: dict[str, Callable[[int], Coroutine[Any, Any, None]]] = {
    "floor": floor,
    "engine": engine,
    "engine_joined": lambda wanted: engine(wanted, JOINED),
    "starlette": naive,
}


def compare(wanted: int) -> dict[str, object]:
    cost: dict[str, float] = {}
    for name in CONTENDERS:
        with serving("bench.fanout", name, str(wanted)) as server, Crowd(server.port, wanted) as crowd:
            cost[name] = server.answer(while_doing=crowd.read)
    cost["engine_joined"] /= JOINED
    return {
        "bench": "fanout",
        "viewers": wanted,
        "us_per_delivery": {name: round(seconds * 1e6, 2) for name, seconds in cost.items()},
        "engine_to_floor": round(cost["engine"] / cost["floor"], 2),
        "starlette_to_engine": round(cost["starlette"] / cost["engine"], 2),
        "starlette_to_engine_joined": round(cost["starlette"] / cost["engine_joined"], 1),
    }


def main(words: list[str]) -> None:
    if words[:1] and words[0] in CONTENDERS:
        uvloop.run(CONTENDERS[words[0]](int(words[1])))
    else:
        sys.stdout.write(json.dumps(compare(int(words[0]) if words else VIEWERS)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
