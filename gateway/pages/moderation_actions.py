"""What moderators do by plain forms: take, decide, give back, hide, show again."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, number, read_form, text
from gateway.pages.moderation import show_queue
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId
from kernel.permissions import Action
from kernel.refusals import Refusal
from moderation.commands import Ruling
from rooms.commands import Proposed

_AT_ONCE = 5
_QUEUE = "/moderation"
# Why something is shown again is not asked here: the record keeps who did it and when.
_RESTORED = "reviewed"


def routes(services: Services) -> list[Route]:
    async def mod_pull(request: Request) -> Response:
        pulled = await services.review.pull(actor_of(request), None, _AT_ONCE)
        return back_to(request, services, _QUEUE, None if pulled else "nothing_waiting")

    async def mod_decide(request: Request) -> Response:
        form = await read_form(request)
        actor, post, ver = actor_of(request), PostId(needed(form, "post")), number(form, "ver")
        verdict = needed(form, "verdict")
        try:
            if verdict == "release":
                await services.review.release(actor, post, ver)
                return back_to(request, services, _QUEUE, "released")
            if verdict not in list(Ruling):
                raise Refusal("bad_request", field="verdict")
            reason = text(form, "reason") or None
            await services.review.decide(
                actor, post, ver, Ruling(verdict), reason if verdict == Ruling.REJECT else None
            )
        except Refusal as refusal:
            return await show_queue(request, services, refusal)
        return back_to(request, services, _QUEUE, "decided")

    async def mod_redact(request: Request) -> Response:
        form = await read_form(request)
        done = await services.rooms.redact(actor_of(request), PostId(needed(form, "post")), needed(form, "reason"))
        said = "proposed" if isinstance(done, Proposed) else "redacted"
        return back_to(request, services, _shown(text(form, "room")), said)

    async def mod_restore(request: Request) -> Response:
        form = await read_form(request)
        await services.rooms.restore(actor_of(request), PostId(needed(form, "post")), _RESTORED)
        return back_to(request, services, _shown(text(form, "room")), "restored")

    return [
        GuardedRoute("/moderation/pull", mod_pull, action=Action.REVIEW, methods=["POST"]),
        GuardedRoute("/moderation/decide", mod_decide, action=Action.REVIEW, methods=["POST"]),
        GuardedRoute("/moderation/redact", mod_redact, action=Action.POST_REDACT, methods=["POST"]),
        GuardedRoute("/moderation/restore", mod_restore, action=Action.POST_RESTORE, methods=["POST"]),
    ]


def _shown(room: str) -> str:
    return f"{_QUEUE}?{urlencode({'room': room})}#shown" if room else _QUEUE
