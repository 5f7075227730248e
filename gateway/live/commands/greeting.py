"""`hello`: who this is, and what may be expected of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.codecs import MAX_DEPTH
from gateway.i18n import LANGUAGES
from gateway.wire import MAX_FRAMES, Hello
from kernel.permissions import Actor
from kernel.refusals import Refusal
from kernel.text import NETIZEN_BODY_MAX, STAFF_BODY_MAX

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer


async def hello(peer: LivePeer, frame: Hello) -> None:
    """By token, by ticket, or by neither: then this socket only watches."""
    session = peer.session
    live = session.live
    if session.greeted:
        raise Refusal("bad_frame")
    if frame.lang is not None:
        session.lang = _language(frame.lang) or session.lang
    try:
        if frame.token is not None:
            session.identify(await live.accounts.verify(frame.token))
        elif frame.ticket is not None:
            session.identify(await live.accounts.redeem(frame.ticket))
    except Refusal as refusal:
        session.unanswered = refusal.code.temporary
        raise
    session.greeted = True
    live.greeted(peer)
    session.send(_welcome(peer, frame))


def _welcome(peer: LivePeer, frame: Hello) -> dict[str, object]:
    session = peer.session
    limits = session.live.options.limits
    staff = session.actor.is_staff
    message = limits.message_staff if staff else limits.message_netizen
    per_s, burst = limits.commands_staff if staff else limits.commands_netizen
    session.socket.limit(message)
    peer.welcomed(per_s, burst)
    return {
        "t": "welcome",
        "id": frame.id,
        "conn": session.conn,
        "user": _user(session.actor),
        "hb_ms": round(session.live.options.heartbeat_s * 1_000),
        "limits": {
            "message": message,
            "frames": MAX_FRAMES,
            "depth": MAX_DEPTH,
            "body": STAFF_BODY_MAX if staff else NETIZEN_BODY_MAX,
            "rooms": limits.rooms_per_connection,
            "commands": {"per_s": per_s, "burst": burst},
        },
        "now": session.live.clock.now_ms(),
    }


def _language(asked: str) -> str | None:
    """The one of our languages that the tag means, by its first part."""
    main = asked.partition("-")[0].lower()
    return next((language for language in LANGUAGES if language.partition("-")[0] == main), None)


def _user(actor: Actor) -> dict[str, object] | None:
    if actor.id is None:
        return None
    user: dict[str, object] = {
        "id": actor.id,
        "name": actor.name,
        "role": actor.role.value,
        "department": actor.department,
    }
    return {**user, "verified": True} if actor.verified else user
