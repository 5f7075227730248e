"""首页: what is on air, what is coming, what was; departments; search by title."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.guard import GuardedRoute
from gateway.pages.rendering import render
from gateway.pages.shared import Shared
from gateway.pages.threads import Message, view_of_snapshot
from gateway.services import Services
from kernel.permissions import Action
from rooms.model import Lane, Room, RoomState

_SHOWN = 20
_SEARCHED = 200
_QUERY_MAX = 80


def routes(services: Services) -> list[Route]:
    listed: Shared[list[Room]] = Shared()
    stages: Shared[Message | None] = Shared()

    async def of_state(state: RoomState | None, limit: int) -> list[Room]:
        async def fetch() -> list[Room]:
            return (await services.store.rooms(state, None, limit))[0]

        return await listed.get((state, limit), fetch)

    async def staged(room: Room) -> Message | None:
        async def fetch() -> Message | None:
            snapshot = await services.store.snapshot(room.id, Lane.PUB, 1)
            return view_of_snapshot(snapshot, room.departments).staged

        return await stages.get(room.id, fetch)

    async def portal(request: Request) -> Response:
        live = [*await of_state(RoomState.LIVE, _SHOWN), *await of_state(RoomState.PAUSED, _SHOWN)]
        coming = sorted(await of_state(RoomState.SCHEDULED, _SHOWN), key=_starts)
        wanted = request.query_params.get("q", "").strip()[:_QUERY_MAX]
        found = []
        if wanted:
            found = [room for room in await of_state(None, _SEARCHED) if wanted.casefold() in room.title.casefold()]
        # A node cut off from the store gives no bodies to newcomers; the list of rooms holds none.
        shown = {} if services.live.stale() else {room.id: await staged(room) for room in live}
        return render(
            request,
            "portal.html",
            here="portal",
            live=live,
            coming=coming,
            past=await of_state(RoomState.CLOSED, _SHOWN),
            wanted=wanted,
            found=found,
            stages={room.id: shown.get(room.id) for room in live},
            departments=await services.store.departments(),
            when=_when,
        )

    return [GuardedRoute("/", portal, action=(Action.ROOM_READ, Action.DEPARTMENT_READ))]


def _starts(room: Room) -> tuple[bool, int]:
    return room.starts_at is None, room.starts_at or room.created_at


def _when(room: Room) -> int:
    return room.opened_at or room.starts_at or room.created_at
