"""登录: staff by password; with demo data, one click for each role."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import set_token_cookie
from gateway.guard import GuardedRoute
from gateway.pages.forms import needed, own_path, read_form, text
from gateway.pages.rendering import render, sentence_of
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.permissions import GRANTS, Action, Actor
from kernel.refusals import Refusal

# Contract §1: the accounts of `--demo`, which listens on loopback only.
DEMO_ACCOUNTS = (
    "host",
    "moderator1",
    "moderator2",
    "price1",
    "price2",
    "transport1",
    "metro1",
    "inspector1",
    "evaluator1",
    "coordinator1",
    "admin",
)
_DEMO_PASSWORD = "wenzheng-demo"  # noqa: S105  # published in the contract


def routes(services: Services) -> list[Route]:
    forms = _SignIn(services)
    return [
        GuardedRoute("/signin", forms.page, action=Action.SESSION_CREATE, name="sign_in_page"),
        GuardedRoute("/signin", forms.by_password, action=Action.SESSION_CREATE, methods=["POST"], name="sign_in_form"),
        GuardedRoute(
            "/signin/demo", forms.by_click, action=Action.SESSION_CREATE, methods=["POST"], name="sign_in_demo"
        ),
    ]


class _SignIn:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._demo = DEMO_ACCOUNTS if services.options.demo else ()

    async def page(self, request: Request) -> Response:
        return self._shown(request, request.query_params.get("next", ""))

    async def by_password(self, request: Request) -> Response:
        form = await read_form(request)
        return await self._enter(request, form, text(form, "username").strip(), text(form, "password"))

    async def by_click(self, request: Request) -> Response:
        form = await read_form(request)
        username = needed(form, "username")
        if username not in self._demo:
            raise Refusal("not_found")
        return await self._enter(request, form, username, _DEMO_PASSWORD)

    async def _enter(self, request: Request, form: FormData, username: str, password: str) -> Response:
        services = self._services
        try:
            await services.throttle.spend("sign_in", request.state.client_address)
            token, verified = await services.accounts.sign_in(username, password)
        except Refusal as refusal:
            return self._shown(request, text(form, "next"), refusal, username)
        seat = await self._seated(verified.actor, text(form, "invite"))
        onward = seat or own_path(text(form, "next"), home_of(verified.actor))
        response = back_to(request, services, onward, "seated" if seat else "signed_in")
        set_token_cookie(response, services.options, request, token, verified, services.clock.now_ms())
        return response

    async def _seated(self, actor: Actor, invite: str) -> str | None:
        """Whoever came by an invitation's link sits down at once; one that does not fit is no reason not to get in."""
        if not invite:
            return None
        try:
            room = await self._services.rooms.accept(actor, invite)
        except Refusal:
            return None
        return f"/desk/rooms/{room.id}"

    def _shown(self, request: Request, wish: str, refusal: Refusal | None = None, username: str = "") -> Response:
        return render(
            request,
            "signin.html",
            status=200 if refusal is None else refusal.code.status,
            demo_accounts=self._demo,
            next=own_path(wish, ""),
            username=username,
            code=request.query_params.get("code", "")[:64],
            refused=None if refusal is None else sentence_of(request, refusal),
        )


def home_of(actor: Actor) -> str:
    """Where this role's work is."""
    if actor.role in GRANTS[Action.REVIEW]:
        return "/moderation"
    if actor.role in GRANTS[Action.DESK_OPEN] or actor.role in GRANTS[Action.ROOM_CREATE]:
        return "/desk"
    return "/"
