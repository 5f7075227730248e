"""What each client frame does: one coroutine a kind, and the one place where failures become `err` frames."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from gateway.live.commands import appeals, desk, greeting, groups, posts, reports, review, rooms
from gateway.wire import COMMANDS, Parsed
from kernel.permissions import require_somewhere
from kernel.refusals import Refusal

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer

_log = logging.getLogger(__name__)

# Answers the fields of `ok`, or None where it has sent its own answer.
Handler = Callable[["LivePeer", Any], Awaitable[Mapping[str, object] | None]]

HANDLERS: Final[Mapping[str, Handler]] = {
    "hello": greeting.hello,
    "join": rooms.join,
    "leave": rooms.leave,
    "fetch": rooms.fetch,
    "room.set": rooms.set_room,
    "post": posts.post,
    "revise": posts.revise,
    "withdraw": posts.withdraw,
    "redact": posts.redact,
    "redact.decline": posts.decline,
    "restore": posts.restore,
    "pin": posts.pin,
    "stage": posts.stage,
    "vote": posts.vote,
    "presence": desk.presence,
    "draft": desk.draft,
    "mod.pull": review.pull,
    "mod.extend": review.extend,
    "mod.release": review.release,
    "mod.decide": review.decide,
    "mod.reopen": review.reopen,
    "mod.reinstate": appeals.reinstate,
    "mod.appeal": appeals.decide,
    "appeal": appeals.make,
    "mod.report": reports.judge,
    "report": reports.make,
    "mod.mask": review.mask,
    "mod.ask": review.ask,
    "mod.alike": groups.alike,
    "mod.decide_all": groups.decide_all,
    "mod.merge": groups.merge,
}


async def execute(peer: LivePeer, parsed: Parsed) -> None:
    """Carries out one frame and answers it; whatever happens, the next frame gets its turn."""
    session = peer.session
    try:
        if not session.greeted and parsed.kind not in ("hello", ""):
            raise Refusal("unauthenticated")
        if parsed.refusal is not None:
            raise parsed.refusal
        require_somewhere(session.actor, *COMMANDS[parsed.kind].actions)
        answer = await HANDLERS[parsed.kind](peer, parsed.frame)
    except Refusal as refusal:
        session.refuse(parsed.id, refusal)
    except Exception:
        # Never the frame itself: it may hold a token or an unapproved text.
        _log.exception("command %s of %s failed", parsed.kind, session.conn)
        session.refuse(parsed.id, Refusal("internal"))
    else:
        if answer is not None:
            session.ok(parsed.id, answer)
