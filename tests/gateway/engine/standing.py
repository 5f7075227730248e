"""A process for test_server.py: says its port, serves until told to stop, says what became of it."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.engine.server import build_server
from gateway.engine.sockets import Socket
from gateway.options import GatewayOptions

viewers: set[Socket] = set()


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Viewer:
    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        viewers.add(socket)

    def received(self, payload: bytes, binary: bool) -> None:
        self.socket.send(payload)

    def resumed(self) -> None:
        pass

    def closed(self) -> None:
        viewers.discard(self.socket)


def drain(seconds: float) -> None:
    """What the live room does: spreads its farewells over the time there is."""
    say(f"drain {seconds}")
    if "deaf" in sys.argv:
        return
    loop = asyncio.get_running_loop()
    gap = seconds / (len(viewers) + 1)
    for n, socket in enumerate(list(viewers)):
        loop.call_later(gap * n, farewell, socket)


def farewell(socket: Socket) -> None:
    socket.send(b"bye")
    socket.close(4000, "drain")


async def slow(request: Request) -> PlainTextResponse:
    say("slow begun")
    await asyncio.sleep(float(request.query_params["s"]))
    return PlainTextResponse("finished")


async def ready(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", 503 if server.draining() else 200)


@asynccontextmanager
async def lifespan(app: Starlette) -> Any:
    yield
    say("lifespan ended")


app = Starlette(routes=[Route("/slow", slow), Route("/readyz", ready)], lifespan=lifespan)
server = build_server(app, Viewer, GatewayOptions(drain_s=1.0), "127.0.0.1", 0, drain=drain)

if __name__ == "__main__":
    say(server.port)
    server.run()
    say("ended")
