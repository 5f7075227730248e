"""Every failure of HTTP as `application/problem+json` with a stable code, and a sentence in the reader's language."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.refusals import Refusal

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
_UNAVAILABLE_RETRY_MS = 2_000
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 401: "not_found"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure as it is told: `title` and `detail` are sentences, everything else is for programs."""

    code: str
    status: int
    title: str
    detail: str
    temporary: bool
    field: str | None = None
    retry_ms: int | None = None
    allow: str | None = None

    def body(self) -> bytes:
        told: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "temporary": self.temporary,
        }
        if self.field is not None:
            told["field"] = self.field
        if self.retry_ms is not None:
            told["retry_ms"] = self.retry_ms
        return orjson.dumps(told)

    def headers(self) -> dict[str, str]:
        headers = {"cache-control": "no-store"}
        if self.retry_ms is not None and self.status in {429, 503}:
            headers["retry-after"] = str(max(1, ceil(self.retry_ms / 1000)))
        if self.status == 401:
            headers["www-authenticate"] = "Bearer"
        if self.allow is not None:
            headers["allow"] = self.allow
        return headers


# A sentence for a code, in the language of the request.
Sentence = Callable[[Request, str], str]
# How a browser on a page is told; None where it should get the JSON after all.
ProblemPage = Callable[[Request, Problem], Response | None]


class Problems:
    """Answers every exception of the application inside it. Only the code of an unexpected one is told."""

    def __init__(self, app: ASGIApp, sentence: Sentence, page: ProblemPage | None = None) -> None:
        self._app = app
        self._sentence = sentence
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            return
        except Exception as failure:
            if started:
                raise
            await self._answer(Request(scope, receive, send), failure)(scope, receive, send)

    def _answer(self, request: Request, failure: Exception) -> Response:
        refusal = _refusal(failure)
        if refusal.code.status == 500:
            # Where, not what: the message of an exception may quote a post or a token.
            _log.error(
                "unexpected %s in %s %s\n%s",
                type(failure).__name__,
                request.method,
                _template(request),
                "".join(traceback.format_tb(failure.__traceback__)),
            )
        problem = self._problem(request, refusal)
        page = self._shown(request, problem)
        return page or Response(problem.body(), problem.status, problem.headers(), MEDIA_TYPE)

    def _problem(self, request: Request, refusal: Refusal) -> Problem:
        code = refusal.code
        allow = _allowed(request) if code.status == 405 else None
        title = self._sentence(request, code.name)
        retry_ms = refusal.retry_ms
        if retry_ms is None and code.status in {429, 503}:
            retry_ms = _UNAVAILABLE_RETRY_MS
        detail = title if refusal.field is None else f"{title} ({refusal.field})"
        return Problem(code.name, code.status, title, detail, code.temporary, refusal.field, retry_ms, allow)

    def _shown(self, request: Request, problem: Problem) -> Response | None:
        wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(API_PREFIX)
        if self._page is None or not wants_page:
            return None
        try:
            return self._page(request, problem)
        except Exception as failure:
            # The page that tells of a failure must not hide it behind one of its own.
            _log.error("no page for %s: %s", problem.code, "".join(traceback.format_tb(failure.__traceback__)))
            return None


def _refusal(failure: Exception) -> Refusal:
    if isinstance(failure, Refusal):
        return failure
    if isinstance(failure, HTTPException):
        return Refusal(_BY_STATUS.get(failure.status_code, "bad_request" if failure.status_code < 500 else "internal"))
    return Refusal("internal")


def _allowed(request: Request) -> str:
    """Every method this path knows: the router itself names only those of the first route it met."""
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in routes for method in route.methods}))


def _template(request: Request) -> str:
    """The route's pattern: a path may carry what should not be logged."""
    return getattr(request.scope.get("route"), "path", "(no route)")


async def raise_through(request: Request, failure: Exception) -> Response:
    """For Starlette, which would otherwise answer its own exceptions in plain text."""
    raise failure
