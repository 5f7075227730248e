"""举报: a plain form to ask that a published post be looked at; a visitor who reports becomes a guest, as who votes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of, create_guest, set_token_cookie
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, read_form, text
from gateway.pages.rendering import render, sentence_of
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId, RoomId
from kernel.permissions import Action, Role
from kernel.refusals import Refusal
from moderation.reports import REPORT_REASONS


def routes(services: Services) -> list[Route]:
    async def form(request: Request) -> Response:
        return await _show(request, services)

    async def report(request: Request) -> Response:
        sent = await read_form(request)
        post = PostId(str(request.path_params["post"]))
        room = await _room_of(services, post)
        actor, made = actor_of(request), None
        if actor.role is Role.VISITOR:
            await services.throttle.spend("guest", request.state.client_address)
            made = create_guest(services.accounts, request, None)
            actor = made[1].actor
        try:
            await services.posting.reports.make(actor, post, needed(sent, "reason"), text(sent, "note"))
        except Refusal as refusal:
            response = await _show(request, services, refusal, text(sent, "note"))
        else:
            response = back_to(request, services, f"/rooms/{room}#p-{post}", "reported")
        if made is not None:
            set_token_cookie(response, services.options, request, *made, services.clock.now_ms())
        return response

    return [
        GuardedRoute("/posts/{post}/report", form, action=Action.ROOM_READ),
        GuardedRoute(
            "/posts/{post}/report", report, action=(Action.REPORT_MAKE, Action.GUEST_CREATE), methods=["POST"]
        ),
    ]


async def _show(request: Request, services: Services, refusal: Refusal | None = None, note: str = "") -> Response:
    """Which post it is about is said by the way back to it: its text is not repeated here."""
    if services.live.stale():
        raise Refusal("unavailable")
    post = PostId(str(request.path_params["post"]))
    return render(
        request,
        "report.html",
        status=200 if refusal is None else refusal.code.status,
        post=post,
        room=await services.rooms.get(await _room_of(services, post)),
        reasons=REPORT_REASONS,
        note=note,
        refused=None if refusal is None else sentence_of(request, refusal),
    )


async def _room_of(services: Services, post: PostId) -> RoomId:
    found = await services.store.thread_of(post)
    if found is None:
        raise Refusal("no_post")
    return found[0]
