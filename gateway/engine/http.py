"""uvicorn's HTTP protocol with the limits it lacks, and the dispatch that comes before any upgrade."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any, NoReturn

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.engine.addresses import client_address, is_trusted
from gateway.engine.engine import Engine
from gateway.engine.handshake import PATH, accept
from gateway.engine.heads import Head
from gateway.engine.origins import is_misdirected
from gateway.engine.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    HEAD_TOO_LARGE,
    MISDIRECTED,
    TOO_SLOW,
    UPGRADE_REQUIRED,
    Problem,
    Turned,
    render,
)
from gateway.engine.sockets import Socket

# Requests of one connection that wait for the answer to an earlier one; browsers and proxies do not do it at all.
PIPELINED = 16
# No honest chain of proxies is longer.
HOPS = 16
# A response somebody takes nothing of for so long is cut; a refusal is left readable for so long.
UNREAD_S = 30.0
LINGER_S = 2.0
# Chunked coding may cost this many bytes for each of the body: five and a bit when every chunk holds one.
_CHUNK_OVERHEAD = 8


class Phase(Enum):
    """Where the request now arriving is."""

    HEAD = "head"
    BODY = "body"
    REST = "rest"  # whole; its answer may be under way
    OVER = "over"  # no more requests: what still comes is not looked at


class HttpProtocol(HttpToolsProtocol):
    """Heads bounded in bytes, fields and time; bodies in bytes and time; answers that nobody reads cut."""

    def __init__(
        self,
        engine: Engine,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.engine = engine
        self.limits = engine.limits
        self.phase = Phase.HEAD
        self._problem: Problem | None = None
        self._head: Head | None = None
        self._websocket = False
        self._fed = 0  # raw bytes of the phase under way, framing and all
        self._chunk = 0  # bytes of the read under way
        self._size = 0  # decoded bytes of the head, then of the body
        self._running: RequestResponseCycle | None = None

    # What the transport tells

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is None or len(self.connections) > self.engine.connections_max:
            self.engine.counters.refusals["connection"] += 1
            transport.abort()
            return
        self.engine.sweep.watch(self, self.limits.http_head_s)

    def data_received(self, data: bytes) -> None:
        if self.phase is Phase.OVER:
            return
        self._unset_keepalive_if_required()
        if self.phase is Phase.REST:
            self._await_head()
        self._chunk = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            self._upgrade(data[stop.args[0] :])
        except httptools.HttpParserError:
            self._turn_away(self._problem or BAD_REQUEST)
        else:
            self._weigh(len(data))

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.phase is not Phase.OVER:
            self.engine.sweep.watch(self, UNREAD_S)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.phase is Phase.BODY:
            self.engine.sweep.watch(self, self.limits.http_body_s)
        elif self.phase is Phase.HEAD:
            self.engine.sweep.watch(self, self.limits.http_head_s)
        elif self.phase is Phase.REST:
            self.engine.sweep.forget(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.engine.sweep.forget(self)
        self._unset_keepalive_if_required()
        self._tell_running()
        super().connection_lost(exc)

    def abort(self) -> None:
        self._tell_running()
        self.transport.abort()

    def overdue(self) -> None:
        """The sweep's call: too slow in sending, or in reading."""
        if self.phase is Phase.OVER or self.flow.write_paused:
            self.abort()
        elif self.phase is Phase.HEAD and self._fed == 0:
            self.transport.close()
        else:
            self._turn_away(TOO_SLOW)

    # What the parser tells; an exception here ends `feed_data`

    def on_message_begin(self) -> None:
        if self.phase is not Phase.HEAD:
            # Right behind another request in the same read: nothing of this read counts against it yet.
            self._await_head()
            self._fed = -self._chunk
        self._size = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url), self.limits.http_head_bytes, HEAD_TOO_LARGE)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.phase is not Phase.HEAD:
            # A trailer: nobody asked for it, and the scope has been handed out.
            return
        self._count(len(name) + len(value) + 4, self.limits.http_head_bytes, HEAD_TOO_LARGE)
        super().on_header(name, value)
        if len(self.headers) > self.limits.http_headers:
            self._stop(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        try:
            self._head = self._judge()
        except Turned as turned:
            self._stop(turned.problem)
        if self._websocket:
            return
        if len(self.pipeline) >= PIPELINED:
            self._stop(BAD_REQUEST)
        super().on_headers_complete()
        if self.engine.draining or self.parser.should_upgrade():
            # An upgrade we do not speak is ignored, as it may be; what follows it is not looked at.
            self.cycle.keep_alive = False
        self.phase, self._fed, self._size = Phase.BODY, 0, 0
        self.engine.sweep.watch(self, self.limits.http_body_s)

    def on_body(self, body: bytes) -> None:
        self._count(len(body), self.limits.http_body_bytes, BODY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.phase is Phase.BODY:
            self.phase = Phase.REST
            self.engine.sweep.forget(self)
        super().on_message_complete()

    def _should_upgrade(self) -> bool:
        return self._websocket

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    # Inside

    def _tell_running(self) -> None:
        """uvicorn tells only the newest request that its client is gone; the one being answered may be older."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def _await_head(self) -> None:
        self.phase, self._fed = Phase.HEAD, 0
        self.engine.sweep.watch(self, self.limits.http_head_s)

    def _count(self, size: int, most: int, problem: Problem) -> None:
        self._size += size
        if self._size > most:
            self._stop(problem)

    def _weigh(self, size: int) -> None:
        """The parser keeps an unfinished field or chunk head to itself: only raw bytes show how long it has become."""
        self._fed += size
        if self.phase is Phase.HEAD and self._fed > self.limits.http_head_bytes:
            self._turn_away(HEAD_TOO_LARGE)
        elif self.phase is Phase.BODY and self._fed > _CHUNK_OVERHEAD * self.limits.http_body_bytes:
            self._turn_away(BODY_TOO_LARGE)

    def _judge(self) -> Head:
        """Everything that can be said of a request by its head. Raises `Turned`."""
        try:
            target = httptools.parse_url(self.url).path or b""
        except httptools.HttpParserInvalidURLError:
            target = b""
        head = Head(self.parser.get_method(), self.parser.get_http_version(), target, self.headers)
        head.check(self.limits.http_body_bytes)
        self._websocket = head.asks_for_websocket and self.parser.should_upgrade()
        if not target.startswith(b"/") or (head.has_body and self.parser.should_upgrade() and not self._websocket):
            raise Turned(BAD_REQUEST)
        if self.engine.options.demo and is_misdirected(head.fields):
            raise Turned(MISDIRECTED)
        if target == PATH and not self._websocket:
            raise Turned(UPGRADE_REQUIRED)
        self._tell_client(head)
        return head

    def _tell_client(self, head: Head) -> None:
        """Puts into the scope who is asking and how, as far as a trusted proxy says so."""
        assert self.client is not None
        trusted = self.engine.options.trusted_proxies
        if not trusted or not is_trusted(self.client[0], trusted):
            return
        address = client_address(self.client[0], head.tokens(b"x-forwarded-for")[-HOPS:], trusted)
        self.scope["client"] = (address, 0)
        proto = head.tokens(b"x-forwarded-proto")[-1:]
        if proto in ([b"http"], [b"https"]):
            self.scope["scheme"] = proto[0].decode()

    def _upgrade(self, rest: bytes) -> None:
        if not self._websocket:
            self.phase = Phase.OVER
            return
        if self._answering():
            self.abort()
            return
        head, client = self._head, self.scope["client"]
        assert head is not None
        assert client is not None
        try:
            accepted = accept(head, self.scope["scheme"], self.engine.options)
            self.engine.enter(client[0])
        except Turned as turned:
            self._turn_away(turned.problem)
            return
        self.phase = Phase.OVER
        self.engine.sweep.forget(self)
        self.connections.discard(self)
        # The parser holds our bound methods: without this the pair waits for the cycle collector, 2 KiB a socket.
        self.parser = None  # type: ignore[assignment]
        self.transport.write(accepted.response)
        socket = Socket(self.engine, self.transport, accepted.form, client[0])
        self.transport.set_protocol(socket)
        socket.begin()
        if rest:
            socket.data_received(rest)

    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, whatever uvicorn declares
        return cycle is not None and not cycle.response_complete

    def _stop(self, problem: Problem) -> NoReturn:
        """Leaves the parser from within one of its callbacks."""
        self._problem = problem
        raise Turned(problem)

    def _turn_away(self, problem: Problem) -> None:
        """The last answer of this connection, unless one is on the wire already: two would run into each other."""
        self.engine.counters.refusals[problem.code] += 1
        own = self.phase is Phase.BODY
        self.phase = Phase.OVER
        if self.pipeline:
            self.abort()
        elif self._answering() and (not own or self.cycle.response_started):
            self.cycle.keep_alive = False
            self.engine.sweep.watch(self, UNREAD_S)
        elif own and self.cycle.response_complete:
            self._linger(b"")
        else:
            if own:
                # The application learns that the client is gone; what it still says goes nowhere.
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self._linger(render(problem, self.server_state.default_headers))

    def _linger(self, last: bytes) -> None:
        """Half-closes and reads on into nothing: closing with bytes unread would take the answer back (RST)."""
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        if self.transport.is_closing():
            return
        self.transport.write(last)
        self.transport.write_eof()
        self.engine.sweep.watch(self, LINGER_S)
