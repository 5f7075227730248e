"""审核台: what I hold, what waits, and what is shown; by plain forms without script, alive with it."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.rendering import render, sentence_of
from gateway.pages.threads import Message, view_of_snapshot
from gateway.services import Services
from kernel.ids import RoomId
from kernel.permissions import Action
from kernel.refusals import Refusal
from rooms.model import Lane, Room, RoomState

_LISTED = 100
_SHOWN = 50
_ORDER = {RoomState.LIVE: 0, RoomState.PAUSED: 1, RoomState.SCHEDULED: 2, RoomState.CLOSED: 3}
# The eight refusal rules, by the code a ruling carries.
RULES = tuple((str(rule), str(rule)) for rule in range(1, 9))


def routes(services: Services) -> list[Route]:
    async def moderation(request: Request) -> Response:
        return await show_queue(request, services)

    return [GuardedRoute("/moderation", moderation, action=Action.REVIEW)]


async def show_queue(request: Request, services: Services, refusal: Refusal | None = None) -> Response:
    actor = actor_of(request)
    rooms = sorted((await services.store.rooms(None, None, _LISTED))[0], key=_open_first)
    queue, _ = await services.review.queue(actor, None, None, None, _LISTED)
    chosen = request.query_params.get("room") or (rooms[0].id if rooms else "")
    titles = {room.id: room.title for room in rooms}
    return render(
        request,
        "moderation.html",
        status=200 if refusal is None else refusal.code.status,
        here="moderation",
        held=[post for post in queue if post.state == "leased" and post.lease_by == actor.id],
        waiting=[post for post in queue if not (post.state == "leased" and post.lease_by == actor.id)],
        rooms={**{post.room: post.room for post in queue}, **titles},
        room_choices=list(titles.items()),
        # For the script: the rooms it follows, without another request.
        room_names=json.dumps({room.id: room.title for room in rooms if room.state is not RoomState.CLOSED}),
        chosen=chosen,
        published=await _published(services, RoomId(chosen)) if chosen in titles else [],
        rules=RULES,
        refused=None if refusal is None else sentence_of(request, refusal),
    )


async def _published(services: Services, room: RoomId) -> list[Message]:
    found = await services.rooms.get(room)
    view = view_of_snapshot(await services.store.snapshot(room, Lane.PUB, _SHOWN), found.departments)
    return [message for root in view.threads for message in (root, *root.replies)]


def _open_first(room: Room) -> int:
    return _ORDER[room.state]
