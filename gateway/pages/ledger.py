"""审核台账: how a room was moderated, in numbers that everybody may read; never a text, never a name."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.rendering import render
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def ledger(request: Request) -> Response:
        if services.live.stale():
            raise Refusal("unavailable")
        room = await services.rooms.get(room_id(request))
        return render(request, "ledger.html", room=room, ledger=await services.ledger(room.id))

    return [GuardedRoute("/rooms/{room}/ledger", ledger, action=Action.ROOM_READ)]
