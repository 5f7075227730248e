"""Signing in and out, guests, tickets for sockets, and who one is."""

from __future__ import annotations

from functools import partial

from accounts.handlers import Verified
from gateway.auth import clear_token_cookies, set_token_cookie, token_of
from gateway.auth import create_guest as create_guest_here
from gateway.csrf import csrf_token, derived
from gateway.endpoints import Call
from gateway.schemas import Credentials, Me, SignedIn, TicketIssued, User
from gateway.schemas_netizens import NewGuest
from kernel.ids import RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal


async def sign_in(call: Call, body: Credentials) -> SignedIn:
    """Signs a member of staff in: a bearer token, and a cookie where asked for."""
    token, verified = await call.services.accounts.sign_in(body.username, body.password)
    return _signed_in(call, token, verified, cookie=body.cookie)


async def sign_out(call: Call) -> None:
    """Ends the session everywhere and forgets its cookies."""
    await call.services.accounts.sign_out(token_of(call.request))
    call.finish.append(partial(clear_token_cookies, options=call.services.options, request=call.request))


async def create_guest(call: Call, body: NewGuest) -> SignedIn:
    """Makes a netizen without an account, verified with an assertion of the city's portal; the token is signed."""
    accounts = call.services.accounts
    if body.assertion is None and body.cookie:
        token, verified = create_guest_here(accounts, call.request, body.name)
    elif body.assertion is None:
        token, verified = accounts.create_guest(body.name)
    elif call.services.vouching is None:
        raise Refusal("bad_request", field="assertion")
    else:
        room = None if body.room is None else RoomId(body.room)
        token, verified = await call.services.vouching.accept(body.assertion, room)
    return _signed_in(call, token, verified, cookie=body.cookie)


async def create_ticket(call: Call) -> TicketIssued:
    """A single-use pass for one socket's `hello`."""
    ticket, expires_at = await call.services.accounts.issue_ticket(token_of(call.request))
    return TicketIssued(ticket=ticket, expires_at=expires_at)


async def read_me(call: Call) -> Me:
    """Who the token stands for."""
    return Me(**user_shown(call.actor).model_dump(exclude_unset=True), csrf=csrf_token(call.request))


def _signed_in(call: Call, token: str, verified: Verified, *, cookie: bool) -> SignedIn:
    answer = SignedIn(token=token, expires_at=verified.expires_at, user=user_shown(verified.actor))
    if not cookie:
        return answer
    services = call.services
    call.finish.append(
        partial(
            set_token_cookie,
            options=services.options,
            request=call.request,
            token=token,
            verified=verified,
            now=services.clock.now_ms(),
        )
    )
    return answer.model_copy(update={"csrf": derived(token)})


def user_shown(actor: Actor) -> User:
    user = User(
        id=str(actor.id), name=actor.name, role=actor.role.value, department=actor.department, guest=actor.guest
    )
    # Said only where it is so.
    return user.model_copy(update={"verified": True}) if actor.verified else user
