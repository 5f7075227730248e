"""部门工作台 inside one room: what waits for an answer, what is answered, backstage, and the host's controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.rendering import render, sentence_of
from gateway.pages.room import Draft
from gateway.pages.threads import Message, Threads, view_of_snapshot
from gateway.services import Services
from kernel.ids import RoomId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from rooms.model import Lane, Room

_TAIL = 200
_NOTES = 50
_OWN = 200


@dataclass(frozen=True, slots=True)
class Invitation:
    """Shown once: of the link's secret only the hash is stored."""

    name: str
    code: str
    url: str


def routes(services: Services) -> list[Route]:
    async def desk_room(request: Request) -> Response:
        return await show_desk_room(request, services, room_id(request))

    return [GuardedRoute("/desk/rooms/{room}", desk_room, action=(Action.DESK_OPEN, Action.ROOM_STEER))]


async def show_desk_room(
    request: Request,
    services: Services,
    room: RoomId,
    *,
    refusal: Refusal | None = None,
    draft: Draft | None = None,
    invitation: Invitation | None = None,
) -> Response:
    found = await services.rooms.get(room)
    actor = actor_of(request)
    lanes = services.rooms.lanes(actor, found)
    if not lanes[Lane.DESK]:
        require(actor, Action.ROOM_STEER, parties=found.parties)
    snapshot = await services.store.snapshot(room, Lane.PUB, _TAIL)
    return render(
        request,
        "desk_room.html",
        status=200 if refusal is None else refusal.code.status,
        here="desk",
        room=found,
        view=view_of_snapshot(snapshot, found.departments),
        perms=frozenset(services.rooms.perms(actor, found)),
        notes=await _notes(services, found) if lanes[Lane.DESK] else None,
        my_posts=await _correctable(services, found, actor),
        others=[one for one in await services.store.departments() if one.id not in found.parties],
        invitation=invitation,
        draft=draft or Draft(kind=""),
        refused=None if refusal is None else sentence_of(request, refusal),
    )


async def _notes(services: Services, room: Room) -> list[Message]:
    snapshot = await services.store.snapshot(room.id, Lane.DESK, _NOTES)
    threads = Threads(room.departments)
    return [threads.message(item) for item in snapshot.items if not item.get("redacted")]


async def _correctable(services: Services, room: Room, actor: Actor) -> dict[str, dict[str, Any]]:
    """Own published answers by id: these may be corrected in the open."""
    if actor.id is None:
        return {}
    my = await services.store.my(room.id, actor.id, _OWN)
    return {str(post["post"]): post for post in my["posts"] if post["state"] == "published" and not post.get("hidden")}
