"""A whole page that every visitor gets alike: made once for all who come while nothing has changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from copy import copy

from starlette.requests import Request
from starlette.responses import Response

from gateway import i18n
from gateway.addresses import own_origin
from gateway.auth import actor_of
from gateway.csrf import csrf_token
from gateway.encodings import accepted
from gateway.pages import said
from gateway.pages.rendering import PREFERENCES, services_of
from gateway.shared import FRESH_S, Shared
from kernel.permissions import VISITOR

# A page may be as long as fifty threads are; a city has some tens of rooms on air in two languages.
_KEPT = 64


class Alike:
    """Pages of the last quarter of a second. Whoever is known here by anything at all gets a page of their own."""

    def __init__(self) -> None:
        self._pages: Shared[Response] = Shared(fresh_s=FRESH_S, most=_KEPT)

    async def get(self, request: Request, state: Hashable, make: Callable[[], Awaitable[Response]]) -> Response:
        """`state`: what must still be so for a page to be given again."""
        if not _is_anybody(request):
            return await make()
        page = copy(await self._pages.get((_look(request), state), make))
        # What stands around the application adds fields of its own to each answer.
        page.raw_headers = list(page.raw_headers)
        return page


def _is_anybody(request: Request) -> bool:
    """Nothing is known of the reader, nothing is to be said to them alone, and nothing to be remembered for them."""
    return (
        request.method == "GET"
        and actor_of(request) is VISITOR
        and not csrf_token(request)
        and said.COOKIE not in request.cookies
        and not any(name in request.query_params for name in PREFERENCES)
    )


def _look(request: Request) -> Hashable:
    """All that a visitor's request changes about a page."""
    options = services_of(request).options
    return (
        request.url.path,
        request.url.query,
        own_origin(options, request.scope),
        i18n.language(request, options.default_language),
        tuple(request.cookies.get(cookie) for cookie, _ in PREFERENCES.values()),
        accepted(request.headers.get("accept-encoding", ""), ("gzip",)),
    )
