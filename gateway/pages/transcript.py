"""文字实录: everything published in a room, in order, with numbers that never change and gaps that stay."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import i18n
from gateway.addresses import own_origin
from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.record import Record, record_of, threads_for
from gateway.pages.rendering import render, render_shared
from gateway.pages.structured_data import qa_page
from gateway.services import Services
from gateway.shared import Shared
from kernel.ids import RoomId
from kernel.permissions import Action
from kernel.refusals import Refusal
from rooms.model import Lane, Room, RoomDepartment
from rooms.ports import Head

# A head that stands still says that no text has changed; only votes do so without it.
_VOTES_FRESH_S = 10.0
# What was made of a record stays true of it: this only lets go of what nobody reads any more.
_PARTS_FRESH_S = 600.0
_DESCRIPTION_MAX = 160
# A long record takes some megabytes, and a live room has a new one with every event.
_RECORDS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Parts:
    """What all readers of a record in one language share."""

    contents: Markup
    body: Markup
    data: Markup


class TranscriptPage:
    """Built once for the application: the record is read and rendered once per head, language and department."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._heads: Shared[Head] = Shared()
        self._records: Shared[Record] = Shared(fresh_s=_VOTES_FRESH_S, most=_RECORDS_KEPT)
        self._parts: Shared[tuple[Markup, Markup]] = Shared(fresh_s=_PARTS_FRESH_S, most=4 * _RECORDS_KEPT)
        # Apart, because the address comes from the Host header: nobody can push out the rest by inventing names.
        self._data: Shared[Markup] = Shared(fresh_s=_PARTS_FRESH_S, most=_RECORDS_KEPT)

    async def show(self, request: Request) -> Response:
        services = self._services
        if services.live.stale():
            raise Refusal("unavailable")
        room = await services.rooms.get(room_id(request))
        record = await self._read(room)
        lang = i18n.language(request, services.options.default_language)
        department = _department(room, request.query_params.get("department"))
        path = f"/rooms/{room.id}/transcript"
        address = own_origin(services.options, request.scope) + path
        return render(
            request,
            "transcript.html",
            here="transcript",
            room=room,
            view=record,
            parts=await self._rendered(record, room, lang, department, address),
            path=path,
            address=address,
            description=_description(record, room, lang),
        )

    async def _read(self, room: Room) -> Record:
        async def fetch() -> Record:
            return record_of(await self._services.store.transcript(room.id), room)

        head = await self._heads.get(room.id, lambda: self._head(room.id))
        # Whoever reads after the head was read, reads what stood at it or later: what was hidden by then is hidden.
        return await self._records.get((room, head), fetch)

    async def _head(self, room: RoomId) -> Head:
        heads = await self._services.store.heads([room])
        if (room, Lane.PUB) not in heads:
            raise Refusal("no_room")
        return heads[room, Lane.PUB]

    async def _rendered(
        self, record: Record, room: Room, lang: str, department: RoomDepartment | None, address: str
    ) -> Parts:
        key = (room, lang, department, record.version)
        # In a thread: a long record takes a tenth of a second, in which nobody's frames would move.
        render_parts = partial(_parts, record, room, lang, department)
        contents, body = await self._parts.get(key, lambda: asyncio.to_thread(render_parts))
        # A page that shows a part is not one of its own to search engines: its canonical address is the whole record's.
        data = Markup()
        if department is None:
            render_data = partial(qa_page, record, room, lang, address)
            data = await self._data.get((*key, address), lambda: asyncio.to_thread(render_data))
        return Parts(contents, body, data)


def _parts(record: Record, room: Room, lang: str, department: RoomDepartment | None) -> tuple[Markup, Markup]:
    shown = threads_for(record, None if department is None else department.id)
    values = {"view": record, "room": room, "threads": shown, "department": department}
    contents, body = (render_shared(template, lang, **values) for template in ("_contents.html", "_transcript.html"))
    return Markup(contents), Markup(body)  # noqa: S704  # rendered by us, escaped while it was


def routes(services: Services) -> list[Route]:
    page = TranscriptPage(services)

    async def transcript(request: Request) -> Response:
        return await page.show(request)

    return [GuardedRoute("/rooms/{room}/transcript", transcript, action=Action.ROOM_READ)]


def _department(room: Room, wanted: str | None) -> RoomDepartment | None:
    """Everything for a department that does not sit here: a filter nobody chose must not hide the record."""
    return next((department for department in room.departments if department.id == wanted), None)


def _description(record: Record, room: Room, lang: str) -> str:
    said = i18n.translate(lang, "transcript.description", t=room.title, q=record.questions, a=record.answers)
    return " ".join(part for part in (said, room.summary) if part)[:_DESCRIPTION_MAX]
