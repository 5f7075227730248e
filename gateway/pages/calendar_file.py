"""A session as a calendar file (RFC 5545), so that whoever wants to be there is reminded by their own calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import i18n
from gateway.addresses import own_origin
from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.rendering import department_name
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal
from rooms.model import Room

_LINE_OCTETS = 75
# Nobody has said how long a session takes; an event without a length is drawn as a line by most calendars.
_LENGTH = "PT1H"


def routes(services: Services) -> list[Route]:
    async def calendar_file(request: Request) -> Response:
        room = await services.rooms.get(room_id(request))
        starts = room.opened_at or room.starts_at
        if starts is None:
            raise Refusal("not_found")
        lang = i18n.language(request, services.options.default_language)
        origin = own_origin(services.options, request.scope)
        text = calendar_of(room, starts, services.clock.now_ms(), lang, f"{origin}/rooms/{room.id}")
        headers = {"content-disposition": f'attachment; filename="{room.code}.ics"'}
        return Response(text, media_type="text/calendar", headers=headers)

    return [GuardedRoute("/rooms/{room}/calendar.ics", calendar_file, action=Action.ROOM_READ)]


def calendar_of(room: Room, starts: int, now: int, lang: str, address: str) -> str:
    departments = [department_name(lang, department) for department in room.departments]
    told = "\n".join(line for line in (room.summary, "、".join(departments), address) if line)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wenzheng//Sessions//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{room.id}@wenzheng",
        f"DTSTAMP:{_instant(now)}",
        f"DTSTART:{_instant(starts)}",
        f"DURATION:{_LENGTH}",
        f"SUMMARY:{_text(room.title)}",
        f"DESCRIPTION:{_text(told)}",
        f"URL:{address}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(room.title)}",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """TEXT of RFC 5545, 3.3.11: a line break of the value would otherwise begin a property of its own."""
    lines = "\n".join(value.replace("\r\n", "\n").replace("\r", "\n").splitlines())
    return lines.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, cut between characters; a continuation begins with a blank."""
    part, octets = "", 0
    for character in line:
        width = len(character.encode())
        if octets + width > _LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part += character
        octets += width
    yield part
