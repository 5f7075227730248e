"""部门工作台, first screen: the rooms that are mine, a seat by code, and for hosts the form that opens a room."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.rendering import render, sentence_of
from gateway.services import Services
from kernel.permissions import Action, Actor, Role
from kernel.refusals import Refusal
from rooms.model import Room, RoomState

_LISTED = 200
_ORDER = {RoomState.LIVE: 0, RoomState.PAUSED: 1, RoomState.SCHEDULED: 2, RoomState.CLOSED: 3}


@dataclass(frozen=True, slots=True)
class RoomDraft:
    """The form that opens a room, as it was filled in."""

    title: str = ""
    summary: str = ""
    departments: tuple[str, ...] = ()


def routes(services: Services) -> list[Route]:
    async def desk(request: Request) -> Response:
        return await show_desk(request, services)

    return [GuardedRoute("/desk", desk, action=(Action.DESK_OPEN, Action.ROOM_CREATE))]


async def show_desk(
    request: Request, services: Services, refusal: Refusal | None = None, draft: RoomDraft | None = None
) -> Response:
    actor = actor_of(request)
    listed, _ = await services.store.rooms(None, None, _LISTED)
    return render(
        request,
        "desk.html",
        status=200 if refusal is None else refusal.code.status,
        here="desk",
        rooms=sorted((room for room in listed if _is_mine(room, actor)), key=lambda room: _ORDER[room.state]),
        departments=await services.store.departments(),
        draft=draft or RoomDraft(),
        refused=None if refusal is None else sentence_of(request, refusal),
    )


def _is_mine(room: Room, actor: Actor) -> bool:
    return actor.role is not Role.RESPONDENT or actor.department in room.parties
