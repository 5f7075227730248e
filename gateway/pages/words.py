"""词库: which list is in force, who changed it and why, and files to take away; to change it takes the script."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.rendering import render
from gateway.services import Services
from kernel.permissions import Action
from kernel.refusals import Refusal
from moderation.lists.model import CITY

_LISTED = 50


def routes(services: Services) -> list[Route]:
    async def words(request: Request) -> Response:
        if services.words is None:
            raise Refusal("unavailable")
        actor = actor_of(request)
        versions, _ = await services.words.versions(actor, CITY, None, _LISTED)
        return render(request, "words.html", here="words", scope=CITY, versions=versions)

    return [GuardedRoute("/moderation/words", words, action=Action.WORDS_READ)]
