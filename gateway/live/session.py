"""One socket and who sits behind it: what it is told, and how it is told to go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

from accounts.handlers import Verified
from gateway.codecs import CODECS
from gateway.engine.addresses import prefix_of
from gateway.live.pace import Bucket
from gateway.wire import Echo
from kernel.ids import RoomId
from kernel.permissions import VISITOR, Actor, Role
from kernel.refusals import CODES, Refusal
from rooms.audience import Listener
from rooms.desk import team_of

if TYPE_CHECKING:
    from gateway.live.node import Live

# HTTP's own codes never travel on a socket (contract §4 lists those that do).
_ON_SOCKETS: Final = {
    "bad_request": "bad_frame",
    "bad_state": "conflict",
    "bad_terms": "bad_frame",
    "not_found": "no_post",
    "no_department": "bad_frame",
    "bad_credentials": "unauthenticated",
    "bad_assertion": "unauthenticated",
    "assertion_used": "unauthenticated",
    "wrong_room": "forbidden",
    "no_voucher": "unauthenticated",
    "no_lookup": "no_post",
}
_HTTP_ONLY: Final = frozenset(
    ("bad_csrf", "no_invitation", "no_source", "shared_address", "method_not_allowed", "misdirected", *_ON_SOCKETS),
)


# What is told beside the lanes: a draft is worth sending twice a second, not with every key.
ASIDES_PER_S: Final = 5.0
ASIDES_BURST: Final = 10


class LiveSocket(Protocol):
    """The engine's `Socket`, as far as a session uses it."""

    codec: str
    form: str
    address: str

    @property
    def writable(self) -> bool: ...
    @property
    def unsent(self) -> int: ...
    def write(self, framed: bytes, /) -> None: ...
    def send(self, payload: bytes) -> None: ...
    def close(self, code: int, reason: str = "") -> None: ...
    def limit(self, message_bytes: int) -> None: ...


class Session:
    """Slots only: thousands of these wait for nothing but the next message."""

    __slots__ = (
        "_owed",
        "actor",
        "asides",
        "closing",
        "codec",
        "conn",
        "expires_at",
        "greeted",
        "hash",
        "lang",
        "listener",
        "live",
        "socket",
        "unanswered",
    )

    def __init__(self, live: Live, socket: LiveSocket, conn: str) -> None:
        self.live = live
        self.socket = socket
        self.conn = conn
        self.codec = CODECS[socket.codec]
        self.listener = Listener(socket, form=socket.form)
        self.listener.conn = conn
        self.asides: Bucket | None = None
        self.actor: Actor = VISITOR
        self.expires_at: int | None = None
        self.hash: str | None = None
        self.lang = live.options.default_language
        self.greeted = False
        self.unanswered = False  # its last `hello` met a store that was away
        self.closing = False
        self._owed: set[RoomId] | None = None

    def identify(self, verified: Verified) -> None:
        self.actor = self.live.accounts.at(verified.actor, prefix_of(self.socket.address))
        self.expires_at = verified.expires_at
        self.hash = verified.session_hash
        # An inspector walks into any room unseen.
        self.listener.team = team_of(verified.actor)
        if self.listener.team is not None:
            self.asides = Bucket(ASIDES_PER_S, ASIDES_BURST, self.live.scheduler.now())
        self.listener.counted = verified.actor.role is not Role.INSPECTOR

    def send(self, *frames: Mapping[str, object]) -> None:
        if not self.closing:
            self.socket.send(self.codec.encode(frames))
            if not self.socket.writable:
                self.live.hub.park(self.listener)

    def tell_own(self, room: RoomId, frame: Mapping[str, object]) -> None:
        """A `me` frame, which always waits for a free socket: by then there may be a newer one."""
        if self.socket.writable:
            self.send(frame)
        else:
            self._owed = {*(self._owed or ()), room}

    def resumed(self) -> None:
        self.live.hub.resumed(self.listener)
        owed, self._owed = self._owed, None
        for room in owed or ():
            if self.actor.id is not None:
                self.live.own.touch(self.actor.id, room)

    def ok(self, echo: Echo, fields: Mapping[str, object]) -> None:
        self.send({"t": "ok", "id": echo, **fields})

    def refuse(self, echo: Echo, refusal: Refusal) -> None:
        name = refusal.code.name
        code = CODES[_ON_SOCKETS.get(name, "internal")] if name in _HTTP_ONLY else refusal.code
        self.live.counters[f"errors.{code.name}"] += 1
        told: dict[str, object] = {
            "t": "err",
            "id": echo,
            "code": code.name,
            "msg": self.live.say(self.lang, code.name),
            "temporary": code.temporary,
        }
        if refusal.retry_ms is not None:
            told["retry_ms"] = refusal.retry_ms
        self.send(told)

    def bye(self, code: int, why: str, after_ms: int = 500, jitter_ms: int = 1_000) -> None:
        """Says why and what next, then closes; the range of the code decides what next means."""
        if self.closing:
            return
        after = "resume" if code < 4100 else "fresh" if code < 4200 else "never"
        self.send(
            {"t": "bye", "code": code, "why": why, "next": after, "after_ms": after_ms, "jitter_ms": jitter_ms},
        )
        self.closing = True
        self.live.counters[f"closes.{code}"] += 1
        self.socket.close(code, why)
