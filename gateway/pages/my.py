"""我的提问: what became of everything somebody wrote, in all rooms; what was decided about them, and how to appeal."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, read_form, text
from gateway.pages.rendering import render, sentence_of
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId, UserId
from kernel.permissions import Action, Role
from kernel.refusals import Refusal

_LISTED = 100
# What an own post says only where there is something to say.
_OF_THE_POST = ("number", "seq", "reply_to", "reasons", "rule", "reason", "note", "hidden", "ahead", "merged", "masked")
_UNSAID = dict.fromkeys((*_OF_THE_POST, "appeal", "reinstated", "ruled_at"))
_MAKERS = frozenset({Role.NETIZEN, Role.RESPONDENT, Role.HOST})


def routes(services: Services) -> list[Route]:
    async def my(request: Request) -> Response:
        return await show_my(request, services)

    async def appeal(request: Request) -> Response:
        form = await read_form(request)
        actor, words = actor_of(request), text(form, "text")
        sanction = text(form, "sanction")
        try:
            if sanction:
                await services.review.appeals.of_sanction(actor, sanction, words)
                return back_to(request, services, f"/my#s-{sanction}", "appealed")
            post = PostId(needed(form, "post"))
            await services.review.appeals.of_post(actor, post, words)
        except Refusal as refusal:
            return await show_my(request, services, refusal, (text(form, "post") or sanction, words))
        return back_to(request, services, f"/my#p-{post}", "appealed")

    async def acknowledge(request: Request) -> Response:
        sanction = needed(await read_form(request), "sanction")
        await services.review.acknowledge(actor_of(request), sanction)
        return back_to(request, services, f"/my#s-{sanction}", "acknowledged")

    return [
        GuardedRoute("/my", my, action=Action.ROOM_READ),
        GuardedRoute("/my/appeal", appeal, action=Action.APPEAL_MAKE, methods=["POST"]),
        GuardedRoute("/my/acknowledge", acknowledge, action=Action.APPEAL_MAKE, methods=["POST"]),
    ]


async def show_my(
    request: Request,
    services: Services,
    refusal: Refusal | None = None,
    draft: tuple[str, str] = ("", ""),
    code: str = "",
) -> Response:
    """The page; after a refused form with the refusal said and the words kept; with a code that was made just now."""
    if services.live.stale():
        raise Refusal("unavailable")
    actor = actor_of(request)
    mine: dict[str, Any] = {"posts": [], "sanctions": [], "reports": []}
    if actor.id is not None:
        mine = await services.store.all_mine(actor.id, _LISTED, actor.sources)
    return render(
        request,
        "my.html",
        status=200 if refusal is None else refusal.code.status,
        here="my",
        posts=[{**_UNSAID, **post} for post in mine["posts"] if post["kind"] != "note"],
        sanctions=mine["sanctions"],
        reports=mine["reports"],
        may_appeal=actor.role in _MAKERS,
        looked_up=False,
        code=code,
        draft=draft,
        refused=None if refusal is None else sentence_of(request, refusal),
    )


async def show_looked_up(request: Request, services: Services, user: UserId) -> Response:
    """What became of this user's posts, to read and nothing else: who has the code need not be who wrote them."""
    if services.live.stale():
        raise Refusal("unavailable")
    mine = await services.store.all_mine(user, _LISTED)
    return render(
        request,
        "my.html",
        here="my",
        posts=[{**_UNSAID, **post} for post in mine["posts"] if post["kind"] != "note"],
        sanctions=[],
        reports=[],
        may_appeal=False,
        looked_up=True,
        code="",
        draft=("", ""),
    )
