"""文字实录: everything published in a room, in order, with numbers that never change and gaps that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.guard import GuardedRoute
from gateway.pages.forms import room_id
from gateway.pages.rendering import render
from gateway.pages.shared import Shared
from gateway.pages.threads import Message, Threads, add_thread
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal
from rooms.model import PostKind, Room


@dataclass(frozen=True, slots=True)
class Record:
    """The transcript as the page shows it; the three counts are its figures."""

    threads: list[Message]
    head: int
    questions: int
    answers: int
    gaps: int


def routes(services: Services) -> list[Route]:
    records: Shared[dict[str, Any]] = Shared()

    async def transcript(request: Request) -> Response:
        if services.live.stale():
            raise Refusal("unavailable")
        room = await services.rooms.get(room_id(request))
        read = await records.get(room.id, lambda: services.store.transcript(room.id))
        return render(request, "transcript.html", here="transcript", room=room, view=record_of(read, room))

    return [GuardedRoute("/rooms/{room}/transcript", transcript, action=Action.ROOM_READ)]


def record_of(read: dict[str, Any], room: Room) -> Record:
    threads = Threads(room.departments)
    for thread in read["questions"]:
        add_thread(threads, thread, thread["item"])
    for item in read["items"]:
        if threads.get(str(item["id"])) is None:
            threads.add(item)
    roots = sorted(threads.roots, key=lambda root: root.seq)
    said = [message for root in roots for message in (root, *root.replies)]
    return Record(
        threads=roots,
        head=read["head"],
        questions=sum(1 for root in roots if root.number),
        answers=sum(1 for message in said if message.kind == PostKind.REPLY),
        gaps=sum(1 for message in said if message.redacted),
    )
