"""顶 and 踩 by a plain form; a visitor who votes becomes a guest, so that the vote counts once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of, create_guest, set_token_cookie
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, read_form, room_id
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import PostId
from kernel.permissions import Action, Role
from kernel.refusals import Refusal

_VALUES = {"1": 1, "-1": -1, "0": 0}


def routes(services: Services) -> list[Route]:
    async def vote(request: Request) -> Response:
        form = await read_form(request)
        post, _, value = needed(form, "vote").rpartition(":")
        if value not in _VALUES or not post:
            raise Refusal("bad_request", field="vote")
        actor, made = actor_of(request), None
        if actor.role is Role.VISITOR:
            await services.throttle.spend("guest", request.state.client_address)
            made = create_guest(services.accounts, request, None)
            actor = made[1].actor
        await services.rooms.vote(actor, PostId(post), _VALUES[value])
        response = back_to(request, services, f"/rooms/{room_id(request)}#p-{post}", "voted")
        if made is not None:
            set_token_cookie(response, services.options, request, *made, services.clock.now_ms())
        return response

    actions = (Action.POST_VOTE, Action.GUEST_CREATE)
    return [GuardedRoute("/rooms/{room}/vote", vote, action=actions, methods=["POST"])]
