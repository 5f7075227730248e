"""The published description of the API (OpenAPI 3.1), made from the endpoints the routes are made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from gateway.endpoints import Call, Endpoint
from gateway.problem import MEDIA_TYPE
from kernel.permissions import GRANTS, Role
from kernel.refusals import CODES

PREFIX = "/api/v1"
_REF = "#/components/schemas/{model}"
_FAILURE = {
    "description": "a refusal, with its stable code",
    "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
}


@lru_cache(maxsize=1)
def description(endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    """The document for everything under `/api/v1`."""
    published = [endpoint for endpoint in endpoints if endpoint.path.startswith(PREFIX)]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in published:
        place = paths.setdefault(endpoint.path.removeprefix(PREFIX), {})
        place[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wenzheng 问政", "version": "1", "license": {"name": "Apache-2.0"}},
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {"schemas": _schemas(published), "securitySchemes": _SECURITY},
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {str(endpoint.status): _success(endpoint), "default": _FAILURE},
        "x-roles": _roles(endpoint),
    }
    if endpoint.body is not None:
        required = any(field.is_required() for field in endpoint.body.model_fields.values())
        operation["requestBody"] = {
            "required": required,
            "content": {"application/json": {"schema": _ref(endpoint.body)}},
        }
    operation["security"] = _security(endpoint)
    return operation


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    """An empty entry: without any. Beside others where it depends on what is asked for, as the lane of a room."""
    open_to = [Role.VISITOR in GRANTS[action] for action in endpoint.actions]
    proofs: list[dict[str, list[str]]] = [] if all(open_to) else [{"bearer": []}, {"session": [], "csrf": []}]
    return [{}, *proofs] if any(open_to) else proofs


def _success(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.status == 204:
        return {"description": "done"}
    schema = {} if endpoint.answer is None else _ref(endpoint.answer)
    texts: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in endpoint.texts}
    return {"description": "done", "content": {endpoint.media: {"schema": schema}, **texts}}


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 80}}
        for name in endpoint.path_parameters
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _one_of_null_less(shown)}
        for name, shown in schema["properties"].items()
    ]


def _one_of_null_less(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter cannot be null, only absent."""
    shown = {name: value for name, value in schema.items() if name not in {"title", "anyOf", "default"}}
    choices: Sequence[dict[str, Any]] = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    for choice in choices:
        shown.update(choice)
    if schema.get("default") is not None:
        shown["default"] = schema["default"]
    return shown


def _roles(endpoint: Endpoint) -> list[str]:
    """Whom the door lets in; what they may touch inside is decided object by object."""
    return sorted({role.value for action in endpoint.actions for role in GRANTS[action]})


def _schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    inputs = {endpoint.body for endpoint in endpoints if endpoint.body is not None}
    answers = {endpoint.answer for endpoint in endpoints if endpoint.answer is not None}
    wanted = [(model, "validation") for model in sorted(inputs, key=_name)]
    wanted += [(model, "serialization") for model in sorted(answers, key=_name)]
    _, schema = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]  # a list of its own literals
    return {**schema["$defs"], "Problem": _PROBLEM}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=_name(model))}


def _name(model: type[BaseModel]) -> str:
    return model.__name__


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "temporary"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"enum": sorted(CODES)},
        "temporary": {"type": "boolean"},
        "field": {"type": "string"},
        "retry_ms": {"type": "integer"},
    },
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "wz_session"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
}


async def openapi(call: Call) -> Response:
    """This description."""
    document: dict[str, Any] = call.request.app.state.openapi
    return Response(orjson.dumps(document), media_type="application/json")
