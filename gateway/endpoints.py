"""One declaration per call of the API: who may, what goes in, what comes out. Routes and OpenAPI read the same one."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from gateway.auth import actor_of
from gateway.bodies import read_json
from gateway.guard import GuardedRoute
from gateway.services import Services
from kernel.permissions import Action, Actor
from kernel.refusals import Refusal

PATH_PARAMETER_MAX = 80


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through a handler. `finish` holds what is to be done to the response, cookies mostly."""

    request: Request
    services: Services
    finish: list[Callable[[Response], None]] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    @property
    def address(self) -> str:
        address: str = self.request.state.client_address
        return address


Answer = BaseModel | Response | None
Handler = Callable[..., Awaitable[Answer]]


class Endpoint:
    """A handler with its method, path and actions.

    The handler's own signature says the rest: `call`, the path's parameters as strings, `body` and `query` as models,
    and the answer as a model, a `Response`, or None for 204. What does not fit fails when the module is imported.
    """

    def __init__(
        self,
        method: str,
        path: str,
        handler: Handler,
        *actions: Action,
        status: int = 200,
        invalid: str = "bad_request",
        allowance: str | None = None,
        media: str = "application/json",
        texts: tuple[str, ...] = (),
    ) -> None:
        hints = get_type_hints(handler)
        answer = hints.pop("return")
        self.method = method
        self.path = path
        self.handler = handler
        self.actions = actions
        self.invalid = invalid  # the code for a body that does not fit: the socket's own where the rules are shared
        self.allowance = allowance
        self.media = media
        self.texts = texts  # other media types that a query may ask for
        self.path_parameters = tuple(compile_path(path)[2])
        self.body: type[BaseModel] | None = _model(hints.pop("body", None))
        self.query: type[BaseModel] | None = _model(hints.pop("query", None))
        self.answer: type[BaseModel] | None = _model(answer)
        self.status = 204 if answer is type(None) else status
        self.summary = (inspect.getdoc(handler) or "").partition("\n")[0]
        if set(hints) != {"call", *self.path_parameters} or not self.summary or not actions:
            raise ValueError(f"{method} {path}: the handler does not say all it must, or takes what the path has not")

    @property
    def name(self) -> str:
        return self.handler.__name__

    def route(self, services: Services) -> GuardedRoute:
        spend = services.throttle.spend

        async def endpoint(request: Request) -> Response:
            call = Call(request, services)
            if self.allowance is not None:
                await spend(self.allowance, call.address)
            if self.method != "GET" and call.actor.id is not None:
                await spend("command_staff" if call.actor.is_staff else "command_netizen", call.actor.id)
            arguments: dict[str, Any] = {name: _parameter(request, name) for name in self.path_parameters}
            if self.query is not None:
                arguments["query"] = _read(self.query, dict(request.query_params), "bad_request")
            if self.body is not None:
                decoded = await read_json(request, services.options.limits.depth)
                arguments["body"] = _read(self.body, decoded, self.invalid)
            response = self._respond(await self.handler(call, **arguments))
            for finish in call.finish:
                finish(response)
            return response

        return GuardedRoute(self.path, endpoint, action=self.actions, methods=[self.method], name=self.name)

    def _respond(self, answer: Answer) -> Response:
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response(status_code=204)
        # Only what was given: an absent field and a null one are different things in the contract.
        return Response(answer.model_dump_json(exclude_unset=True), self.status, media_type=self.media)


def _read(model: type[BaseModel], raw: Any, code: str) -> BaseModel:
    if not isinstance(raw, Mapping):
        raise Refusal(code, field="body")
    try:
        return model.model_validate(raw)
    except ValidationError as invalid:
        # Never the value: it may be a password.
        place = invalid.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise Refusal(code, field=".".join(str(part) for part in place[:3])[:80] or "body") from None


def _parameter(request: Request, name: str) -> str:
    value = str(request.path_params[name])
    if len(value) > PATH_PARAMETER_MAX or not value.isprintable():
        raise Refusal("not_found")
    return value


def _model(hint: Any) -> type[BaseModel] | None:
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None
