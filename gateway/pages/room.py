"""访谈室: the threads, the stage, the form to ask and one's own posts; complete without script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import i18n
from gateway.auth import Shown, actor_of
from gateway.guard import GuardedRoute
from gateway.pages.alike import Alike
from gateway.pages.arranging import Wish, arranged, wish_of
from gateway.pages.forms import room_id
from gateway.pages.rendering import render, render_shared, sentence_of
from gateway.pages.threads import RoomView, view_of_questions, view_of_snapshot
from gateway.services import Services
from gateway.shared import Renderings, Shared
from kernel.ids import RoomId
from kernel.permissions import Action, Actor, Role
from kernel.refusals import Refusal
from rooms.model import Lane, Room, RoomState
from rooms.ports import Snapshot

_TAIL = 50
_OLDER = 20
_OWN = 50
# What an own post says only where there is something to say.
_UNSAID = dict.fromkeys(
    ("number", "seq", "reply_to", "reasons", "rule", "reason", "note", "hidden", "ahead", "appeal", "merged", "masked")
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed into a form that was refused: it is shown again, never lost."""

    body: str = ""
    name: str = ""
    kind: str = "question"
    reply_to: str | None = None


class RoomPage:
    """Built once for the application: it holds what the readers of a room share."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._snapshots: Shared[Snapshot] = Shared()
        self._renderings = Renderings()
        self._alike = Alike()

    async def visit(self, request: Request, room: RoomId) -> Response:
        """The page as it is asked for by its address. While the room is followed here, a change is known at once."""
        stands = self._services.live.stands(room)
        if stands is None:
            return await self.show(request, room)
        return await self._alike.get(request, stands, lambda: self.show(request, room))

    async def show(
        self, request: Request, room: RoomId, *, refusal: Refusal | None = None, draft: Draft | None = None
    ) -> Response:
        """The page; after a refused form with the refusal said and the text kept."""
        services = self._services
        if services.live.stale():
            raise Refusal("unavailable")
        found = await services.rooms.get(room)
        actor = actor_of(request)
        lang = i18n.language(request, services.options.default_language)
        stream, older = await self._threads(request, found, lang)
        mine, mute, warnings = await self._own(found, actor)
        return render(
            request,
            "room.html",
            status=200 if refusal is None else refusal.code.status,
            room=found,
            stream=Markup(stream),  # noqa: S704  # rendered by us, escaped while it was
            older=older,
            before=request.query_params.get("before"),
            mine=mine,
            mute=mute,
            warnings=warnings,
            signed=_signed(request),
            may_ask=may_ask(found, actor),
            may_follow=may_follow(found, actor),
            verified=actor.verified and not actor.is_guest_in(found.id),
            guests_wait=guests_wait(found),
            draft=draft or Draft(),
            refused=None if refusal is None else sentence_of(request, refusal),
        )

    async def _threads(self, request: Request, room: Room, lang: str) -> tuple[str, str | None]:
        before = request.query_params.get("before")
        if before:
            questions, following = await self._services.store.questions(room.id, before, _OLDER)
            view = arranged(view_of_questions(questions, room.departments), room, Wish())
            return _rendered(lang, view, room, None), following
        return await self._newest(room, lang, wish_of(request, room))

    async def _newest(self, room: Room, lang: str, wish: Wish) -> tuple[str, str | None]:
        async def fetch() -> Snapshot:
            return await self._services.store.snapshot(room.id, Lane.PUB, _TAIL)

        def rendered() -> str:
            view = arranged(view_of_snapshot(snapshot, room.departments), room, wish)
            return _rendered(lang, view, room, wish)

        snapshot = await self._snapshots.get(room.id, fetch)
        votes = frozenset(snapshot.tally.items())
        key = (room.id, lang, snapshot.epoch, snapshot.head, votes, room.departments, room.lead, wish)
        return self._renderings.get(key, rendered), _oldest(snapshot)

    async def _own(
        self, room: Room, actor: Actor
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None, list[dict[str, Any]]]:
        if actor.id is None or actor.role is not Role.NETIZEN:
            return [], None, []
        my = await self._services.store.my(room.id, actor.id, _OWN, actor.sources)
        return [{**_UNSAID, **post} for post in my["posts"]], my["mute"], my["warnings"]


def routes(page: RoomPage) -> list[Route]:
    async def room(request: Request) -> Response:
        return await page.visit(request, room_id(request))

    return [GuardedRoute("/rooms/{room}", room, action=Action.ROOM_READ)]


def may_ask(room: Room, actor: Actor) -> bool:
    """What the form offers; the transaction decides (contract §2)."""
    if actor.role not in {Role.VISITOR, Role.NETIZEN} or room.frozen:
        return False
    if guests_wait(room) and (actor.role is Role.VISITOR or actor.is_guest_in(room.id)):
        return False
    return room.state is RoomState.LIVE or (room.state is RoomState.SCHEDULED and room.policy.before)


def guests_wait(room: Room) -> bool:
    return room.emergency.verified or not room.policy.guests


def may_follow(room: Room, actor: Actor) -> bool:
    if actor.role is not Role.NETIZEN:
        return False
    return room.state is RoomState.LIVE or (room.state is RoomState.CLOSED and room.policy.after)


def _signed(request: Request) -> str:
    shown = getattr(request.state, "shown", Shown.NOTHING)
    if shown is Shown.GUEST_COOKIE:
        return "guest"
    return "staff" if shown is Shown.SESSION_COOKIE else "none"


def _rendered(lang: str, view: RoomView, room: Room, wish: Wish | None) -> str:
    return render_shared("_stream.html", lang, view=view, room=room, wish=wish)


def _oldest(snapshot: Snapshot) -> str | None:
    """Where the next page begins: not at what is pinned or on stage, which may be from long before it."""
    if not snapshot.more:
        return None
    apart = {*snapshot.pinned, *snapshot.stage}
    roots = [item for item in snapshot.items if not item.get("reply_to")]
    here = [item["s"] for item in roots if item["id"] not in apart]
    return str(min(here or [item["s"] for item in roots], default=0))
