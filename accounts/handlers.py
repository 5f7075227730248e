"""Signing in and out, guests and tickets, and the one verifier of tokens for HTTP, pages and sockets."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace

from accounts.guests import ID_PREFIX, VERSION, Guest, GuestTokens, guest_name
from accounts.model import Account, Session, Ticket
from accounts.passwords import PASSWORD_MAX, Passwords
from accounts.ports import AccountStore
from accounts.sources import Sources
from accounts.vouched import VERSION as VOUCHED
from accounts.vouched import VouchedTokens
from kernel.clock import Clock
from kernel.ids import IdSource, MonotonicIds, UserId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal

_USERNAME_MAX = 64
_TOKEN_MAX = 400
_SESSION_PREFIX = "s1"
_TICKET_PREFIX = "t1"


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a token stands for. `session_hash` is None for guests, whose tokens nobody stored."""

    actor: Actor
    expires_at: int
    session_hash: str | None


class Accounts:
    """Staff sign in by password and get an opaque token of which only the hash is stored; guests get a signed one."""

    def __init__(
        self,
        store: AccountStore,
        clock: Clock,
        secret: bytes,
        session_ms: int,
        guest_ms: int,
        ticket_ms: int,
        passwords: Passwords | None = None,
        ids: IdSource | None = None,
        vouched: VouchedTokens | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._guests = GuestTokens(secret)
        self._vouched = vouched  # None: the city vouches for nobody
        self.sources = Sources(secret)
        self._session_ms = session_ms
        self._guest_ms = guest_ms
        self._ticket_ms = ticket_ms
        self._passwords = passwords or Passwords()
        self._ids = ids or MonotonicIds(clock)

    async def sign_in(self, username: str, password: str) -> tuple[str, Verified]:
        """The token, shown this once. An unknown name, a wrong password and a disabled account look alike."""
        if len(username) > _USERNAME_MAX or len(password) > PASSWORD_MAX:
            raise Refusal("bad_credentials")
        account = await self._store.account_by_username(username)
        matched = await self._passwords.matches(account.password_hash if account else None, password)
        if account is None or not matched or account.disabled:
            raise Refusal("bad_credentials")
        now = self._clock.now_ms()
        session_token = _session_token(now + self._session_ms)
        session = Session(_hash(session_token), account.id, now, now + self._session_ms)
        await self._store.add_session(session)
        return session_token, _verified(session, account)

    async def sign_out(self, token: str) -> None:
        """Ends a staff session everywhere. A guest's token cannot be recalled: its holder forgets it."""
        if token.startswith(_SESSION_PREFIX + "."):
            await self._store.delete_session(_hash(token))

    async def verify(self, token: str) -> Verified:
        """Whom the token stands for now; `unauthenticated`, or `expired` where it once stood for somebody.

        Guests are checked by signature alone, so they can be recognised while the store is away.
        """
        now = self._clock.now_ms()
        if token.startswith(VERSION + "."):
            guest = self._guests.read(token, now)
            return Verified(self._actor(guest), guest.expires_at, None)
        if self._vouched is not None and token.startswith(VOUCHED + "."):
            vouched = self._vouched.read(token, now)
            return Verified(vouched.actor(), vouched.expires_at, None)
        expires_at = _stated_end(token)
        if expires_at is None:
            raise Refusal("unauthenticated")
        if expires_at <= now:
            raise Refusal("expired")
        found = await self._store.session_account(_hash(token), now)
        if found is None:
            raise Refusal("unauthenticated")
        return _verified(*found)

    async def issue_ticket(self, token: str) -> tuple[str, int]:
        """A single-use pass for one socket, and when it runs out."""
        verified = await self.verify(token)
        require(verified.actor, Action.TICKET_CREATE)
        if verified.session_hash is None:
            raise Refusal("forbidden")
        ticket = f"{_TICKET_PREFIX}.{secrets.token_urlsafe(24)}"
        expires_at = min(self._clock.now_ms() + self._ticket_ms, verified.expires_at)
        await self._store.add_ticket(Ticket(_hash(ticket), verified.session_hash, expires_at))
        return ticket, expires_at

    async def redeem(self, ticket: str) -> Verified:
        """Consumes the ticket; of many who show it, one gets in."""
        if not ticket.startswith(_TICKET_PREFIX + ".") or len(ticket) > _TOKEN_MAX:
            raise Refusal("unauthenticated")
        found = await self._store.consume_ticket(_hash(ticket), self._clock.now_ms())
        if found is None:
            raise Refusal("unauthenticated")
        return _verified(*found)

    def create_guest(self, name: str | None, device: str | None = None) -> tuple[str, Verified]:
        """A netizen without an account, in a browser that shows `device`; `bad_request` for a name too long."""
        expires_at = self._clock.now_ms() + self._guest_ms
        claim = None if device is None else self.sources.claim(device)
        guest = Guest(UserId(ID_PREFIX + self._ids()), guest_name(name), expires_at, claim)
        return self._guests.sign(guest), Verified(self._actor(guest), expires_at, None)

    def at(self, actor: Actor, prefix: str | None) -> Actor:
        """A guest who writes from that address, as far as it is known; whoever has an account is left as they are."""
        if not actor.guest or prefix is None:
            return actor
        return replace(actor, sources=(*actor.sources, self.sources.address(prefix)))

    def _actor(self, guest: Guest) -> Actor:
        if guest.device is None:
            return guest.actor()
        return replace(guest.actor(), sources=(self.sources.device(guest.device),))

    def close(self) -> None:
        """Ends the threads that check passwords."""
        self._passwords.close()


def _verified(session: Session, account: Account) -> Verified:
    return Verified(account.actor(), session.expires_at, session.token_hash)


def _session_token(expires_at: int) -> str:
    """Opaque chance, with its own end in clear: an old token can be told from a forged one after its row is gone."""
    return f"{_SESSION_PREFIX}.{expires_at:x}.{secrets.token_urlsafe(32)}"


def _stated_end(token: str) -> int | None:
    prefix, _, rest = token.partition(".")
    end, _, chance = rest.partition(".")
    if prefix != _SESSION_PREFIX or not (chance and end.isalnum() and end.isascii()) or len(token) > _TOKEN_MAX:
        return None
    try:
        return int(end, 16)
    except ValueError:
        return None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
