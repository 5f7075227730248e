"""How a browser is told that something failed: a page of ours, in its language, with a way on."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway import i18n
from gateway.pages.rendering import render, services_of
from gateway.problem import Problem


def problem_page(request: Request, problem: Problem) -> Response | None:
    """The page for a failure; who is only not signed in is sent to do so and comes back."""
    wants_in = problem.code in {"unauthenticated", "expired"}
    if wants_in and request.method == "GET" and request.url.path != "/signin":
        return RedirectResponse("/signin?" + urlencode({"next": request.url.path}), status_code=303)
    lang = i18n.language(request, services_of(request).options.default_language)
    heading, advice = "error.title." + problem.code, "error.advice." + problem.code
    response = render(
        request,
        "error.html",
        status=problem.status,
        heading=i18n.translate(lang, heading if i18n.knows(heading) else "error.title"),
        advice=i18n.translate(lang, advice) if i18n.knows(advice) else _told(problem),
        retry=request.url.path if problem.temporary and request.method == "GET" else None,
        said=None,
    )
    for name, value in problem.headers().items():
        if name != "www-authenticate":
            response.headers[name] = value
    return response


def _told(problem: Problem) -> str:
    return problem.detail if problem.field is None else problem.title
