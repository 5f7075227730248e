"""Which threads of a room a reader asked to see, in which order: by the address, so that it works without script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request

from gateway.pages.threads import Message, RoomView
from rooms.model import PostKind, Room, RoomDepartment

SORTS: Final = ("new", "votes", "waiting")
SHOWS: Final = ("all", "answered", "open")


@dataclass(frozen=True, slots=True)
class Wish:
    """`show` is one of `SHOWS` or the id of a department of the room."""

    sort: str = SORTS[0]
    show: str = SHOWS[0]


def wish_of(request: Request, room: Room) -> Wish:
    sort, show = request.query_params.get("sort"), request.query_params.get("show")
    departments = [department.id for department in room.departments]
    return Wish(
        sort=sort if sort in SORTS else SORTS[0],
        show=show if show is not None and (show in SHOWS or show in departments) else SHOWS[0],
    )


def arranged(view: RoomView, room: Room, wish: Wish) -> RoomView:
    for root in view.threads:
        root.replies = in_order(root.replies, room.departments, room.lead)
    threads = [root for root in view.threads if _wanted(root, wish.show)]
    if wish.sort == "votes":
        threads.sort(key=lambda root: root.down - root.up)
    elif wish.sort == "waiting":
        threads.sort(key=lambda root: (root.answered, root.seq))
    return replace(view, threads=threads)


def in_order(replies: Sequence[Message], departments: Sequence[RoomDepartment], lead: str | None) -> list[Message]:
    """The lead first, then the others as invited; from the first follow-up on, it is a conversation."""
    invited = [department.id for department in departments]
    places = [lead, *(department for department in invited if department != lead)]

    def place(message: Message) -> int:
        spoke = message.department.id if message.department else None
        return places.index(spoke) if spoke in places else len(places)

    end = next((at for at, reply in enumerate(replies) if reply.kind == PostKind.COMMENT), len(replies))
    return [*sorted(replies[:end], key=place), *replies[end:]]


def _wanted(root: Message, show: str) -> bool:
    if show == "all":
        return True
    if show == "answered":
        return root.answered
    if show == "open":
        return root.kind == PostKind.QUESTION and not root.redacted and not root.answered
    return any(reply.department is not None and reply.department.id == show for reply in root.replies)
