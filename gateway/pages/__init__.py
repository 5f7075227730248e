"""The pages: one file per screen or action. Public ones read and post without script."""

from __future__ import annotations

from starlette.routing import Route

from gateway.pages import (
    ask,
    audit,
    calendar_file,
    cases,
    create_room,
    desk,
    desk_actions,
    desk_room,
    guest,
    hidings,
    invitations,
    ledger,
    lookup,
    moderation,
    moderation_actions,
    my,
    own_posts,
    policy,
    portal,
    report,
    room,
    signin,
    signout,
    transcript,
    vote,
    vouched,
    watch,
    words,
)
from gateway.pages.errors import problem_page
from gateway.services import Services

__all__ = ["page_routes", "problem_page"]

_SCREENS = (
    portal,
    calendar_file,
    ledger,
    my,
    lookup,
    report,
    own_posts,
    vote,
    transcript,
    signin,
    signout,
    guest,
    vouched,
    invitations,
    desk,
    create_room,
    desk_room,
    desk_actions,
    moderation,
    moderation_actions,
    cases,
    hidings,
    watch,
    audit,
    words,
    policy,
)


def page_routes(services: Services) -> list[Route]:
    """Every route of the pages, each naming its actions of the permission table."""
    page = room.RoomPage(services)
    others = [route for screen in _SCREENS for route in screen.routes(services)]
    return [*room.routes(page), *ask.routes(services, page), *others]
