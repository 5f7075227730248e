"""首页: what is on air, what is coming, what was; the calendar, the sums, the departments; search over all sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from accounts.model import Department
from gateway import i18n
from gateway.guard import GuardedRoute
from gateway.pages import days
from gateway.pages.figures import KeptFigures
from gateway.pages.rendering import department_name, render
from gateway.pages.threads import Message, view_of_snapshot
from gateway.services import Services
from gateway.shared import Shared
from kernel.ids import DepartmentId
from kernel.permissions import Action
from rooms.model import Lane, Room, RoomState
from rooms.overview import RoomFilter, words_of

_SHOWN = 20
_PAST_SHOWN = 10
_FOUND = 100
_QUERY_MAX = 80
# Sums over everything: nobody needs them to the second, and they are the only reads here that grow with the years.
_SUMS_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for. Everything that is not understood is left out rather than refused."""

    query: str = ""
    department: str = ""
    day: date | None = None
    month: date | None = None
    first: date | None = None
    state: RoomState | None = None

    @classmethod
    def of(cls, parameters: QueryParams) -> Wish:
        state = parameters.get("state")
        return cls(
            query=parameters.get("q", "").strip()[:_QUERY_MAX],
            department=parameters.get("department", "")[:32],
            day=days.day_of(parameters.get("day")),
            month=days.month_of(parameters.get("month")),
            first=days.day_of(parameters.get("from")),
            state=RoomState(state) if state in set(RoomState) else None,
        )

    @property
    def narrows(self) -> bool:
        return bool(self.query or self.department or self.day or self.state)

    @property
    def filter(self) -> RoomFilter:
        since = None if self.day is None else days.start_of(self.day)
        until = None if self.day is None else days.start_of(self.day + timedelta(days=1))
        department = DepartmentId(self.department) if self.department else None
        return RoomFilter(words_of(self.query), department, self.state, since, until)

    def span(self, today: date) -> days.Span:
        if self.month is not None:
            return days.weeks_of(self.month)
        return days.week_around(self.first or self.day or today)

    def address(self, **changes: str) -> str:
        """The first page with what was looked for, and one thing changed; "" takes a thing out."""
        kept = {"q": self.query, "department": self.department, "state": self.state.value if self.state else ""}
        kept["day"] = self.day.isoformat() if self.day else ""
        wanted = {name: value for name, value in {**kept, **changes}.items() if value}
        return f"/?{urlencode(wanted)}" if wanted else "/"


class PortalPage:
    """Built once for the application: it holds what all readers of the page share."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rooms: Shared[tuple[list[Room], bool]] = Shared()
        self._stages: Shared[Message | None] = Shared()
        self._moments: Shared[list[int]] = Shared()
        self._figures = KeptFigures(services.store)
        self._sums: Shared[dict[str, Any]] = Shared(fresh_s=_SUMS_FRESH_S)

    async def show(self, request: Request) -> Response:
        wish = Wish.of(request.query_params)
        lang = i18n.language(request, self._services.options.default_language)
        live, paused = await self._of(RoomState.LIVE), await self._of(RoomState.PAUSED)
        stages = await self._staged([*live, *paused])
        # What is being answered this minute stands first; otherwise the newest does.
        live = [*sorted(live, key=lambda room: stages[room.id] is None), *paused]
        coming = sorted(await self._of(RoomState.SCHEDULED), key=_starts)
        past, past_more = await self._find(RoomFilter(state=RoomState.CLOSED), _PAST_SHOWN)
        found, found_more = await self._find(wish.filter, _FOUND) if wish.narrows else ([], False)
        departments = await self._services.store.departments()
        return render(
            request,
            "portal.html",
            here="portal",
            live=live,
            coming=coming,
            past=past,
            past_more=past_more,
            wish=wish,
            wanted=_named(wish, lang, departments),
            found=found,
            found_more=found_more,
            stages=stages,
            figures=await self._figures.of(room.id for room in (*live, *coming, *past, *found)),
            sums=await self._sums.get("", self._count),
            departments=departments,
            when=_when,
            **await self._calendar(wish, lang),
        )

    async def _of(self, state: RoomState) -> list[Room]:
        return (await self._find(RoomFilter(state=state), _SHOWN))[0]

    async def _find(self, wanted: RoomFilter, limit: int) -> tuple[list[Room], bool]:
        return await self._rooms.get((wanted, limit), lambda: self._services.store.find_rooms(wanted, limit))

    async def _staged(self, live: Sequence[Room]) -> dict[str, Message | None]:
        # A node cut off from the store gives no bodies to newcomers; the lists of rooms hold none.
        if self._services.live.stale():
            return dict.fromkeys(room.id for room in live)
        return {room.id: await self._stages.get(room.id, lambda room=room: self._stage(room)) for room in live}  # type: ignore[misc]

    async def _stage(self, room: Room) -> Message | None:
        snapshot = await self._services.store.snapshot(room.id, Lane.PUB, 1)
        return view_of_snapshot(snapshot, room.departments).staged

    async def _count(self) -> dict[str, Any]:
        store = self._services.store
        return {"city": await store.city_figures(), "departments": await store.department_sessions()}

    async def _calendar(self, wish: Wish, lang: str) -> dict[str, Any]:
        today = days.city_day(self._services.clock.now_ms())
        span = wish.span(today)
        moments = await self._moments.get(
            (span.since, span.until), lambda: self._services.store.moments(span.since, span.until)
        )
        return {
            "span": span,
            "days": days.days_of(span, moments, today, wish.day),
            "day_word": lambda ms: (
                i18n.translate(lang, "portal.today") if days.city_day(ms) == today else i18n.short_day(lang, ms)
            ),
            "month_name": i18n.long_month(lang, days.start_of(span.month or span.last)),
            "month": f"{span.month or span.last:%Y-%m}",
            "weekday": lambda ms: i18n.weekday(lang, ms),
            "percent": lambda part, whole: i18n.percent(lang, part, whole),
        }


def routes(services: Services) -> list[Route]:
    page = PortalPage(services)

    async def portal(request: Request) -> Response:
        return await page.show(request)

    return [GuardedRoute("/", portal, action=(Action.ROOM_READ, Action.DEPARTMENT_READ))]


def _named(wish: Wish, lang: str, departments: Sequence[Department]) -> str:
    """What was looked for, in words."""
    parts = [wish.query]
    if wish.department:
        names = {department.id: department_name(lang, department) for department in departments}
        parts.append(names.get(DepartmentId(wish.department), wish.department))
    if wish.day is not None:
        parts.append(i18n.long_day(lang, days.start_of(wish.day)))
    if wish.state is not None:
        parts.append(i18n.translate(lang, "room." + wish.state.value))
    return " · ".join(part for part in parts if part)


def _starts(room: Room) -> tuple[bool, int]:
    return room.starts_at is None, room.starts_at or room.created_at


def _when(room: Room) -> int:
    return room.opened_at or room.starts_at or room.created_at
