"""开访谈室: one short form; only the title and the departments are needed."""

from __future__ import annotations

from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.i18n import CITY_TIME
from gateway.pages.desk import RoomDraft, show_desk
from gateway.pages.forms import read_form, text, texts
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal


def routes(services: Services) -> list[Route]:
    async def create_room(request: Request) -> Response:
        form = await read_form(request)
        departments = texts(form, "departments")
        try:
            room = await services.rooms.create(
                actor_of(request),
                title=text(form, "title"),
                summary=text(form, "summary"),
                departments=departments,
                lead=departments[0] if departments else None,
                starts_at=_starts_at(form),
                open=text(form, "when") != "later",
                policy=_policy(form),
            )
        except Refusal as refusal:
            draft = RoomDraft(text(form, "title"), text(form, "summary"), tuple(departments))
            return await show_desk(request, services, refusal, draft)
        return back_to(request, services, f"/desk/rooms/{room.id}", "created")

    async def new_room(request: Request) -> Response:
        return await show_desk(request, services)

    return [
        GuardedRoute("/desk/new", new_room, action=Action.ROOM_CREATE),
        GuardedRoute("/desk/rooms", create_room, action=Action.ROOM_CREATE, methods=["POST"]),
    ]


def _policy(form: FormData) -> dict[str, object]:
    chosen: dict[str, object] = {name: name in form for name in ("premoderate", "guests", "before", "after")}
    return {**chosen, "staff": "review" if "review" in form else "auto"}


def _starts_at(form: FormData) -> int | None:
    """The city's clock, whatever clock the browser's machine has."""
    raw = text(form, "starts_at")
    if not raw or text(form, "when") != "later":
        return None
    try:
        return int(datetime.fromisoformat(raw).replace(tzinfo=CITY_TIME).timestamp() * 1000)
    except ValueError:
        raise Refusal("bad_request", field="starts_at") from None
