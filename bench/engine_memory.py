"""User-space memory of one idle viewer and CPU of its handshake: our engine beside Starlette on uvicorn, in one run.

`python -m bench.engine_memory [viewers]` prints one JSON line. The live room's own state comes on top in both cases.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.fanout import Viewer
from bench.viewers import Crowd, Measured, serving, tell
from gateway.engine.listening import listen
from gateway.engine.server import build_server
from gateway.options import GatewayOptions

VIEWERS = 3_000
WARM = 300


async def engine() -> None:
    server = build_server(Starlette(), Viewer, GatewayOptions(), "127.0.0.1", 0, drain=lambda _: None)
    tell(server.port)
    await server.serve()


async def starlette(defaults: bool) -> None:
    async def view(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="wenzheng.v1.json")
        with suppress(WebSocketDisconnect):
            await websocket.receive_text()

    app = Starlette(routes=[WebSocketRoute("/ws", view)])
    lean = {} if defaults else {"ws_per_message_deflate": False, "ws_ping_interval": None}
    config = uvicorn.Config(app, log_level="error", lifespan="off", **lean)  # type: ignore[arg-type]
    (listener,) = listen("127.0.0.1", 0)
    tell(listener.getsockname()[1])
    await uvicorn.Server(config).serve([listener])


CONTENDERS: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    "engine": engine,
    "starlette": partial(starlette, defaults=False),
    "starlette_defaults": partial(starlette, defaults=True),
}


def settled(server: Measured) -> int:
    """Resident bytes once they have stopped moving."""
    before = -1
    while (now := server.resident()) != before:
        before = now
        time.sleep(0.2)
    return now


def measure(name: str, viewers: int) -> tuple[float, float]:
    """KiB of one viewer, and microseconds of CPU for its handshake."""
    with serving("bench.engine_memory", name) as server, Crowd(server.port, WARM):
        before, began = settled(server), server.cpu()
        with Crowd(server.port, viewers):
            spent = server.cpu() - began
            return (settled(server) - before) / viewers / 1024, spent / viewers * 1e6


def main(words: list[str]) -> None:
    if words[:1] and words[0] in CONTENDERS:
        with suppress(asyncio.CancelledError):
            uvloop.run(CONTENDERS[words[0]]())
        return
    viewers = int(words[0]) if words else VIEWERS
    found = {name: measure(name, viewers) for name in CONTENDERS}
    result = {
        "bench": "engine_memory",
        "viewers": viewers,
        "kib_per_viewer": {name: round(kib, 2) for name, (kib, _) in found.items()},
        "handshake_us": {name: round(spent) for name, (_, spent) in found.items()},
        "starlette_to_engine": round(found["starlette"][0] / found["engine"][0], 1),
        "starlette_to_engine_handshake": round(found["starlette"][1] / found["engine"][1], 1),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
