"""The peer of one socket: takes its messages, keeps its commands in order and in bounds, and leaves no trace of it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from gateway.codecs import Undecodable
from gateway.live.commands import execute
from gateway.live.pace import Bucket
from gateway.live.session import LiveSocket, Session
from gateway.wire import Echo, Parsed, echo_of, frames_of, parse
from kernel.refusals import Refusal
from kernel.tasks import spawn

if TYPE_CHECKING:
    from gateway.live.node import Live

CLOSE_PROTOCOL: Final = 4400
CLOSE_ABUSE: Final = 4429
MAX_FAULTS: Final = 5
# So many bursts refused without a pause are no accident.
ABUSE_BURSTS: Final = 10
# Nothing more is done for a socket that does not take the answers.
MAX_UNSENT: Final = 64 * 1024


class LivePeer:
    """Commands of one socket run one after the other, in one task that lives only while there are some."""

    __slots__ = ("_bucket", "_burst", "_drained", "_faults", "_inbox", "_refused", "_work", "session")

    def __init__(self, live: Live, socket: LiveSocket, conn: str) -> None:
        self.session = Session(live, socket, conn)
        rate, self._burst = live.options.limits.commands_netizen
        self._bucket = Bucket(rate, self._burst, live.scheduler.now())
        self._inbox: deque[Parsed] | None = None
        self._work: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._faults = 0
        self._refused = 0

    @property
    def busy(self) -> bool:
        return self._work is not None

    def welcomed(self, rate: float, burst: int) -> None:
        """What the welcome says holds from here on: the one `hello` it answers is none of those at once."""
        self._bucket.widen(rate, burst)
        self._bucket.give_back()
        self._burst = burst

    # --- what the engine calls --------------------------------------------------------------------------------------

    def received(self, payload: bytes, binary: bool) -> None:
        codec = self.session.codec
        try:
            if binary is not codec.binary:
                raise Undecodable("text on a binary codec, or the other way round")
            frames = frames_of(codec.decode(payload))
        except (Undecodable, Refusal):
            self._fault()
            return
        for frame in frames:
            if not self.session.closing and self._granted(echo_of(frame)):
                self._enqueue(parse(frame))

    def resumed(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self.session.resumed()

    def closed(self) -> None:
        self.session.closing = True
        self._inbox = None
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self.session.live.gone(self)

    # --- bounds -----------------------------------------------------------------------------------------------------

    def _fault(self) -> None:
        """A message that is none. A few are answered, because a client in development deserves to be told."""
        self._faults += 1
        if self._faults > MAX_FAULTS:
            self.session.bye(CLOSE_PROTOCOL, "bad_frame")
        elif self._granted(None):
            self.session.refuse(None, Refusal("bad_frame"))

    def _granted(self, echo: Echo) -> bool:
        retry_ms = self._bucket.take(self.session.live.scheduler.now())
        if not retry_ms and (self._inbox is None or len(self._inbox) < self._burst):
            self._refused = 0 if self._bucket.calm else self._refused
            return True
        self._refused += 1
        if self._refused > ABUSE_BURSTS * self._burst:
            self.session.bye(CLOSE_ABUSE, "rate", after_ms=60_000)
        else:
            self.session.refuse(echo, Refusal("rate", retry_ms=retry_ms or 1_000))
        return False

    # --- work -------------------------------------------------------------------------------------------------------

    def _enqueue(self, parsed: Parsed) -> None:
        if self._inbox is None:
            self._inbox = deque()
        self._inbox.append(parsed)
        if self._work is None:
            self._work = spawn(self._run(), name=f"commands of {self.session.conn}")

    async def _run(self) -> None:
        try:
            while self._inbox and not self.session.closing:
                await self._until_drained()
                # Closing empties the inbox while this task waits.
                if self._inbox:
                    await execute(self, self._inbox.popleft())
        finally:
            self._inbox = self._work = None
        self.session.live.idle(self)

    async def _until_drained(self) -> None:
        while self.session.socket.unsent > MAX_UNSENT and not self.session.closing:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained
        self._drained = None
