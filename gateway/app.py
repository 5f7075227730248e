"""The HTTP application: routes behind the layers that bound, recognise and prove every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from gateway import i18n
from gateway.addresses import ClientAddress
from gateway.auth import Authentication
from gateway.bodies import BodyLimits
from gateway.csrf import CsrfGuard
from gateway.demo_guard import DemoGuard
from gateway.metrics import Measured, Metrics
from gateway.openapi import description
from gateway.pages import page_routes, problem_page
from gateway.problem import ProblemPage, Problems, Sentence, raise_through
from gateway.routes import ENDPOINTS, build_routes
from gateway.security_headers import SecurityHeaders
from gateway.services import Services


def create_app(services: Services) -> Starlette:
    """The whole edge over HTTP, pages included."""
    return assemble(services, page_routes(services), page=problem_page)


def assemble(
    services: Services,
    pages: list[Route],
    *,
    sentence: Sentence | None = None,
    page: ProblemPage | None = None,
) -> Starlette:
    """The application with the given pages, from the outermost layer to the innermost."""

    def measured() -> Mapping[str, float]:
        # Asked for anew each time: the process puts the engine's numbers in only once it listens.
        return services.measures()

    metrics = Metrics(measured)
    layers = [
        Middleware(Measured, metrics=metrics),
        Middleware(SecurityHeaders, options=services.options),
        Middleware(Problems, sentence=sentence or _sentence(services), page=page),
        *([Middleware(DemoGuard)] if services.options.demo else []),
        Middleware(ClientAddress),
        Middleware(BodyLimits, limits=services.options.limits),
        Middleware(Authentication, accounts=services.accounts),
        Middleware(CsrfGuard, options=services.options),
    ]
    app = Starlette(
        routes=build_routes(services, pages),
        middleware=layers,
        exception_handlers={HTTPException: raise_through},
        lifespan=_lifespan,
    )
    # A path with a slash too many is another path: guessing would leak the Host header into a redirect.
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.metrics = metrics
    app.state.openapi = description(ENDPOINTS)
    app.state.transcript_page = _transcript_page(pages)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    services: Services = app.state.services
    metrics: Metrics = app.state.metrics
    if services.siblings is not None:
        await services.siblings.start(metrics.registry.collect)
    yield
    if services.siblings is not None:
        services.siblings.close()
    services.accounts.close()


def _sentence(services: Services) -> Sentence:
    default = services.options.default_language

    def sentence(request: Request, code: str) -> str:
        # Who only reads has sent nothing that could be lost.
        reading = f"err.reading.{code}"
        key = reading if request.method in {"GET", "HEAD"} and i18n.knows(reading) else f"err.{code}"
        return i18n.translate(i18n.language(request, default), key)

    return sentence


def _transcript_page(pages: list[Route]) -> tuple[Callable[..., object], str] | None:
    for page in pages:
        parts = page.path.split("/")
        if len(parts) == 4 and parts[1] == "rooms" and parts[3] == "transcript":
            return page.endpoint, next(iter(page.param_convertors))
    return None
