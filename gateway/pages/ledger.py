"""审核台账: how a room was moderated, in numbers that everybody may read; never a text, never a name."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.rendering import render
from gateway.pages.shared import Shared
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal

# Numbers of a whole session need not be of this second.
FRESH_S = 5.0


def routes(services: Services) -> list[Route]:
    ledgers: Shared[dict[str, Any]] = Shared(fresh_s=FRESH_S)

    async def ledger(request: Request) -> Response:
        if services.live.stale():
            raise Refusal("unavailable")
        room = await services.rooms.get(room_id(request))
        found = await ledgers.get(room.id, lambda: services.store.ledger(room.id))
        return render(request, "ledger.html", room=room, ledger=found)

    return [GuardedRoute("/rooms/{room}/ledger", ledger, action=Action.ROOM_READ)]
