"""提问: a question or a follow-up by a plain form; whoever has no name yet becomes a guest on the way."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from accounts.handlers import Verified
from gateway.auth import actor_of, create_guest, set_token_cookie
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, read_form, room_id, text
from gateway.pages.room import Draft, RoomPage
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId, RoomId
from kernel.permissions import Action, Actor, Role
from kernel.refusals import Refusal
from rooms.commands import PostReceipt
from rooms.model import PostKind, PostState

_SAID = {PostState.PENDING: "asked", PostState.PUBLISHED: "published", PostState.REJECTED: "refused"}


def routes(services: Services, page: RoomPage) -> list[Route]:
    async def somebody(request: Request, form: FormData) -> tuple[Actor, tuple[str, Verified] | None]:
        """Who asks, and the guest's token where one was made just now."""
        actor = actor_of(request)
        if actor.role is not Role.VISITOR:
            return actor, None
        await services.throttle.spend("guest", request.state.client_address)
        made = create_guest(services.accounts, request, text(form, "name").strip() or None)
        return made[1].actor, made

    async def submit(actor: Actor, room: RoomId, form: FormData) -> PostReceipt:
        reply_to = text(form, "reply_to")
        return await services.posting.submit(
            actor,
            room,
            cid=needed(form, "cid"),
            kind=PostKind.COMMENT if reply_to else PostKind.QUESTION,
            body=text(form, "body"),
            reply_to=PostId(reply_to) if reply_to else None,
        )

    async def ask(request: Request) -> Response:
        room = room_id(request)
        form = await read_form(request)
        reply_to = text(form, "reply_to") or None
        draft = Draft(text(form, "body"), text(form, "name"), "comment" if reply_to else "question", reply_to)
        made = None
        try:
            actor, made = await somebody(request, form)
            receipt = await submit(actor, room, form)
        except Refusal as refusal:
            response = await page.show(request, room, refusal=refusal, draft=draft)
        else:
            response = back_to(request, services, f"/rooms/{room}#mine", _SAID.get(receipt.state))
        if made is not None:
            # Also after a refusal: the next try is the same person's, and its pace is one.
            set_token_cookie(response, services.options, request, *made, services.clock.now_ms())
        return response

    actions = (Action.POST_QUESTION, Action.POST_COMMENT, Action.GUEST_CREATE)
    return [GuardedRoute("/rooms/{room}/ask", ask, action=actions, methods=["POST"])]
