"""本室规则: what holds posts in a room, since when, by whom and why; to change it takes the script."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.rendering import render
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def policy(request: Request) -> Response:
        if services.trust is None:
            raise Refusal("unavailable")
        found = await services.rooms.get(room_id(request))
        changes = await services.trust.policy_changes(actor_of(request), found.id)
        return render(request, "policy.html", here="policy", room=found, policy=found.policy.to_wire(), changes=changes)

    return [GuardedRoute("/desk/rooms/{room}/policy", policy, action=Action.POLICY_READ)]
