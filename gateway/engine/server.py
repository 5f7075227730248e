"""uvicorn's server with signals of our own: not ready, `bye` spread over the drain time, finish, exit code 0."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import logging
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Sequence
from types import FrameType
from typing import cast

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.engine.engine import Engine
from gateway.engine.http import HttpProtocol
from gateway.engine.listening import BACKLOG, listen
from gateway.engine.peers import PeerFactory
from gateway.engine.sockets import CLOSE_S, Socket
from gateway.options import GatewayOptions

__all__ = ["Server", "build_server"]

Drain = Callable[[float], None]

# For requests under way after the drain, and for those that then had to be cancelled.
FINISH_S = 10.0
CANCELLED_S = 1.0
# One that leaves has accepted connections a moment ago whose first request is still on its way.
LINGER_S = 0.3
KEEP_ALIVE_S = 15
# Descriptors that are no connections: the store, the log, the bus.
RESERVED_DESCRIPTORS = 256
# Thousands who come at once are no garbage, and looking through them every 700 objects doubles what a join costs.
COLLECT_AT = (10_000, 10, 10)
# One Ctrl+C or group kill may come twice: from the terminal's group, and forwarded by make, which got it too.
ECHO_S = 0.2

_log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """`run()` returns when everything has ended; the process then exits with 0, whatever signal asked for it."""

    def __init__(self, config: uvicorn.Config, engine: Engine, listeners: list[socket.socket], drain: Drain) -> None:
        super().__init__(config)
        self.engine = engine
        self.listeners = listeners
        self.port: int = listeners[0].getsockname()[1]  # also where 0 was asked for
        self._drain = drain
        self._hurried = False
        self._left = False
        self._asked_at = 0.0

    def draining(self) -> bool:
        """From the first signal on; `/readyz` asks."""
        return self.engine.draining

    def measures(self) -> dict[str, float]:
        """The engine's counters, for `/metrics`."""
        return self.engine.counters.measures()

    def stop(self) -> None:
        """What the first SIGTERM does; called a second time it hurries. On the loop's thread or in a signal handler."""
        now = time.monotonic()
        if not self.should_exit:
            self._asked_at = now
        self._hurried = self.should_exit and now - self._asked_at > ECHO_S
        self.should_exit = self.engine.draining = True

    def leave(self) -> None:
        """As `stop`, but accepts nobody more: another process listens on the same sockets now. On the loop's thread."""
        if self.started:
            self._stop_listening()
        self._left = True
        self.stop()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super().serve(sockets or self.listeners)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.engine.connections = cast("set[asyncio.Protocol]", self.server_state.connections)
        await super().startup(sockets)
        # What is there now stays: the collector need not walk it again. HTTP parsers still depend on the collector.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AT)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The end, in order. New HTTP is served while sockets are told to go, so that balancers can look away."""
        self.engine.draining = True
        await self._say_goodbye()
        self._stop_listening()
        if self._left:
            await self._until(lambda: False, LINGER_S)
        await self._finish()
        await self._cut()
        await self.lifespan.shutdown()

    async def _say_goodbye(self) -> None:
        seconds = self.engine.options.drain_s
        try:
            self._drain(seconds)
        except Exception:
            _log.exception("the live room could not say bye")
        await self._until(lambda: not self.engine.counters.open, seconds)

    async def _finish(self) -> None:
        """Sockets nobody has closed yet get their close frame; requests under way get their answer."""
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._until(lambda: not self.engine.counters.open, CLOSE_S)
        for deaf in list(self._sockets()):
            deaf.abort()
        await self._until(self._idle, FINISH_S)

    async def _cut(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel("the server has ended")
        for connection in list(self.engine.connections):
            if isinstance(connection, Socket | HttpProtocol):
                connection.abort()
        self._hurried = False
        await self._until(self._idle, CANCELLED_S)

    def _stop_listening(self) -> None:
        for server in self.servers:
            server.close()
        for listener in self.listeners:
            listener.close()

    def _sockets(self) -> Generator[Socket, None, None]:
        return (found for found in self.engine.connections if isinstance(found, Socket))

    def _idle(self) -> bool:
        return not self.server_state.connections and not self.server_state.tasks

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        """Waits for others to come to an end; a second signal ends the waiting."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not done() and not self._hurried and loop.time() < deadline:  # noqa: ASYNC110 - several ends, none of ours
            await asyncio.sleep(0.02)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """uvicorn raises the signal again when it is done, and so dies of it: here the end was orderly."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {wanted: signal.signal(wanted, self.handle_exit) for wanted in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for wanted, handler in before.items():
                signal.signal(wanted, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stop()


def longest_end_s(drain_s: float) -> float:
    """What a stop may take at most, from the signal until `serve` returns."""
    return drain_s + LINGER_S + CLOSE_S + FINISH_S + CANCELLED_S


def build_server(
    app: ASGIApp,
    peers: PeerFactory,
    options: GatewayOptions,
    host: str,
    port: int,
    *,
    drain: Drain,
    listeners: Sequence[socket.socket] = (),
) -> Server:
    """A server that listens already: on `listeners` if there are any. Raises `ListenError` with one line to show."""
    listening = list(listeners) or listen(host, port)
    engine = Engine(peers, options, _descriptors() - RESERVED_DESCRIPTORS)
    config = uvicorn.Config(
        _without_noise(app),
        loop="uvloop",
        http=cast("type[asyncio.Protocol]", functools.partial(HttpProtocol, engine)),
        ws=Socket,  # never built by uvicorn: our HTTP protocol makes the handshake and hands over the transport
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        backlog=BACKLOG,
    )
    return Server(config, engine, listening, drain)


def _without_noise(app: ASGIApp) -> ASGIApp:
    """A client that leaves in the middle of its body is no error of ours and is not worth a traceback."""

    async def quiet(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(ClientDisconnect):
            await app(scope, receive, send)

    return quiet


def _descriptors() -> int:
    """Raises the soft limit of open files to the hard one and tells it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return 1_000_000 if hard == resource.RLIM_INFINITY else hard
