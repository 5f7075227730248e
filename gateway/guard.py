"""A route that cannot exist without an entry in the permission table, and the coarse check at its door.

The door asks only whether the role may do such a thing anywhere; whether it may do it to *this* room or post is asked
by the handlers, of every object anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from kernel.permissions import GRANTS, Action, require_somewhere

HttpEndpoint = Callable[[Request], Awaitable[Response]]


class GuardedRoute(Route):
    """A Starlette route with the actions it stands for; any one of them opens the door."""

    def __init__(
        self,
        path: str,
        endpoint: HttpEndpoint,
        *,
        action: Action | Sequence[Action],
        methods: Sequence[str] = ("GET",),
        name: str | None = None,
        **options: Any,
    ) -> None:
        actions = (action,) if isinstance(action, Action) else tuple(action)
        if not actions or any(asked not in GRANTS for asked in actions):
            raise ValueError(f"{path}: a route needs an action of the permission table")
        super().__init__(
            path, _guarded(endpoint, actions), methods=list(methods), name=name or endpoint.__name__, **options
        )
        self.actions = actions


def _guarded(endpoint: HttpEndpoint, actions: Sequence[Action]) -> HttpEndpoint:
    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        require_somewhere(actor_of(request), *actions)
        return await endpoint(request)

    return guarded
