"""值守总览: all rooms on air with how their queues fare, who is on duty, and what is amiss; drawn afresh while open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.rendering import render
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal
from moderation.queue_health import BACKLOG_LINE
from moderation.watching import Watching

_WIDTH, _FLOOR, _HEIGHT = 110, 28, 26


class Spark(NamedTuple):
    """A line of figures as a path in a box of 110 by 30; `limit` is how high the limit stands, where it is in sight."""

    path: str
    limit: int | None
    most: int


def routes(services: Services) -> list[Route]:
    watching = Watching(services.store, services.clock)

    async def watch(request: Request) -> Response:
        if services.live.stale():
            raise Refusal("unavailable")
        city = await watching.city(actor_of(request))
        return render(request, "watch.html", here="watch", city=city, spark=spark, line=BACKLOG_LINE)

    return [GuardedRoute("/watch", watch, action=Action.QUEUE_HEALTH)]


def spark(points: Sequence[int], limit: int = BACKLOG_LINE) -> Spark:
    """As `web/src/console/moderation/health.ts` draws it."""
    most = max(1, *points)
    top = max(most, limit if most * 2 > limit else 0)
    steps = max(1, len(points) - 1)
    drawn = (
        f"{'L' if at else 'M'}{round(_WIDTH * at / steps)} {round(_FLOOR - _HEIGHT * value / top)}"
        for at, value in enumerate(points)
    )
    return Spark("".join(drawn), round(_FLOOR - _HEIGHT * limit / top) if top >= limit else None, most)
