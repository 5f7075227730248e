"""All sockets of this node: who they are, how long they may stay, and how they are sent away."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable
from math import ceil
from typing import Final, Protocol

from accounts.handlers import Accounts
from accounts.ports import AccountStore
from gateway.live.commands.rooms import CLOSE_BANNED
from gateway.live.directory import Directory
from gateway.live.own import OwnState
from gateway.live.peer import LivePeer
from gateway.live.session import LiveSocket, Session
from gateway.options import GatewayOptions
from kernel.clock import Clock
from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.handlers import Posting, Review
from rooms.handlers import Rooms
from rooms.hub import Hub
from rooms.model import Lane
from rooms.ports import Item, RoomStore
from rooms.sanctions import SanctionKind
from rooms.timers import Scheduler, Timer, wait

CLOSE_DRAIN: Final = 4000
CLOSE_UNANSWERED: Final = 4003
CLOSE_EXPIRED: Final = 4101
CLOSE_REVOKED: Final = 4401
CLOSE_NO_HELLO: Final = 4408

TICK_S: Final = 0.5
# A sign-out, a disabled account or a changed role reaches the sockets well within 5 s.
STAFF_CHECK_S: Final = 2.0
_DRAIN_STEP_S: Final = 0.05
# Of the drain time: the rest is for what is still under way.
_DRAIN_SPREAD: Final = 0.8

_log = logging.getLogger(__name__)

Say = Callable[[str, str], str]


class LiveStore(RoomStore, AccountStore, Protocol):
    """What sockets read directly; they write through handlers only."""


class Live:
    """Makes a peer for each socket the engine accepts."""

    def __init__(
        self,
        hub: Hub,
        store: LiveStore,
        accounts: Accounts,
        rooms: Rooms,
        posting: Posting,
        review: Review,
        options: GatewayOptions,
        clock: Clock,
        scheduler: Scheduler,
        say: Say,
    ) -> None:
        self.hub = hub
        self.store = store
        self.accounts = accounts
        self.rooms = rooms
        self.posting = posting
        self.review = review
        self.options = options
        self.clock = clock
        self.scheduler = scheduler
        self.say = say
        self.counters: Counter[str] = hub.counts
        self.directory = Directory(rooms)
        self.own = OwnState(store, clock, self.sessions_of)
        self.draining = False
        self._sockets: set[LivePeer] = set()
        self._by_user: dict[UserId, set[LivePeer]] = {}
        self._silent: deque[tuple[float, LivePeer]] = deque()
        self._accepted = 0
        self._checked_at = scheduler.now()
        self._checking: asyncio.Task[None] | None = None
        self._ticker: Timer | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        self.hub.watch(self.own.applied)
        self.hub.watch(self._send_the_banned_away)
        self.hub.start()
        self._tick_on()

    async def close(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        for peer in list(self._sockets):
            peer.session.bye(CLOSE_DRAIN, "drain")
        self.hub.close()

    async def drain(self, seconds: float) -> None:
        """Sends everybody away, spread over the time and in no order; commands under way are finished first."""
        self.draining = True
        peers = list(self._sockets)
        random.shuffle(peers)
        began, told = self.scheduler.now(), 0
        while told < len(peers) or any(peer.busy for peer in self._sockets):
            passed = self.scheduler.now() - began
            if passed >= seconds:
                break
            upto = len(peers) * min(1.0, (passed + _DRAIN_STEP_S) / (seconds * _DRAIN_SPREAD))
            for peer in peers[told : ceil(upto)]:
                if not peer.busy:
                    self._send_away(peer)
            told = ceil(upto)
            await wait(self.scheduler, _DRAIN_STEP_S)
        for peer in list(self._sockets):
            self._send_away(peer)

    def _send_away(self, peer: LivePeer) -> None:
        peer.session.bye(CLOSE_DRAIN, "drain", after_ms=1_000, jitter_ms=2_000)

    # --- sockets ----------------------------------------------------------------------------------------------------

    def peers(self, socket: LiveSocket) -> LivePeer:
        """The engine's `PeerFactory`."""
        self._accepted += 1
        peer = LivePeer(self, socket, f"{self.hub.options.node}-{self._accepted}")
        self._sockets.add(peer)
        self._silent.append((self.scheduler.now() + self.options.limits.hello_s, peer))
        return peer

    def greeted(self, peer: LivePeer) -> None:
        user = peer.session.actor.id
        # The socket may have gone while its token was looked up.
        if user is not None and peer in self._sockets:
            self._by_user.setdefault(user, set()).add(peer)

    def idle(self, peer: LivePeer) -> None:
        """A socket has no more commands under way."""
        if self.draining:
            self._send_away(peer)

    def gone(self, peer: LivePeer) -> None:
        self._sockets.discard(peer)
        user = peer.session.actor.id
        if user is not None and (theirs := self._by_user.get(user)) is not None:
            theirs.discard(peer)
            if not theirs:
                del self._by_user[user]
        self.hub.drop(peer.session.listener)

    def _send_the_banned_away(self, room: RoomId, lane: Lane, items: list[Item]) -> None:
        """Whoever follows a room hears of a ban; in a room that nobody here follows, its next `join` does."""
        for item in items if lane is Lane.MOD else ():
            if item["k"] == "sanction" and item.get("kind") == SanctionKind.BAN and item.get("until"):
                for session in self.sessions_of(UserId(item["author"])):
                    session.bye(CLOSE_BANNED, "banned")

    def sessions_of(self, user: UserId) -> Iterable[Session]:
        return [peer.session for peer in self._by_user.get(user, ())]

    # --- time -------------------------------------------------------------------------------------------------------

    def _tick_on(self) -> None:
        self._ticker = self.scheduler.call_later(TICK_S, self._tick_on)
        self.tick()

    def tick(self) -> None:
        now = self.scheduler.now()
        while self._silent and self._silent[0][0] <= now:
            self._end_silence(self._silent.popleft()[1], now)
        if now - self._checked_at >= STAFF_CHECK_S:
            self._checked_at = now
            self._expire()
            if self._checking is None or self._checking.done():
                self._checking = spawn(self.check_staff(), name="staff sessions")

    def _end_silence(self, peer: LivePeer, now: float) -> None:
        """A client that spoke in time is not told to stay away because the store did not answer in time."""
        session = peer.session
        if session.greeted or peer not in self._sockets:
            return
        if peer.busy:
            self._silent.append((now + self.options.limits.hello_s, peer))
        elif session.unanswered:
            session.bye(CLOSE_UNANSWERED, "unavailable")
        else:
            session.bye(CLOSE_NO_HELLO, "hello")

    def _expire(self) -> None:
        now = self.clock.now_ms()
        for theirs in list(self._by_user.values()):
            for peer in list(theirs):
                expires_at = peer.session.expires_at
                if expires_at is not None and expires_at <= now:
                    peer.session.bye(CLOSE_EXPIRED, "expired")

    async def check_staff(self) -> None:
        """Asks the store whether each staff sign-in still stands, and for the same person in the same role."""
        by_hash: dict[str, list[LivePeer]] = {}
        for peer in self._sockets:
            if peer.session.hash is not None:
                by_hash.setdefault(peer.session.hash, []).append(peer)
        for session_hash, peers in by_hash.items():
            try:
                found = await self.store.session_account(session_hash, self.clock.now_ms())
            except Refusal:
                return  # while the store is away nobody is given anything new anyway
            for peer in peers:
                if found is None:
                    peer.session.bye(CLOSE_REVOKED, "revoked")
                elif found[1].actor() != peer.session.actor:
                    peer.session.bye(CLOSE_EXPIRED, "changed")
