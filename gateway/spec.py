"""The client's types of everything on the wire. `python -m gateway.spec` writes them where the front end reads them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from gateway.routes import ENDPOINTS
from gateway.server_frames import ServerFrame
from gateway.typescript import declarations
from gateway.wire import COMMANDS
from kernel.refusals import CODES

WHERE: Final = Path(__file__).resolve().parent.parent / "web" / "src" / "wire" / "types.gen.ts"

_HEAD: Final = """\
/* Written by `python -m gateway.spec` from the models of the server: change those, then write this anew. */
"""


def typescript() -> str:
    """Three namespaces: what a client says, what the server says, and the bodies and answers of the API."""
    parts = [
        _HEAD,
        _namespace("Client", _client_schemas(), _client_frames()),
        _namespace("Server", _server_schemas(), _server_frames()),
        _namespace("Api", _api_schemas(), []),
        f"export type ErrorCode =\n{_union(repr(code) for code in sorted(CODES))}\n",
    ]
    return "\n".join(parts)


def _namespace(name: str, schemas: dict[str, Any], more: list[str]) -> str:
    said = "\n".join([*declarations(schemas, "  "), *more])
    return f"export declare namespace {name} {{\n{said}\n}}\n"


def _client_schemas() -> dict[str, Any]:
    return _models({command.model for command in COMMANDS.values()}, "validation")


def _client_frames() -> list[str]:
    """One model may serve several kinds of frame, so `t` is added here."""
    frames = (f"({{ t: '{kind}' }} & {command.model.__name__})" for kind, command in COMMANDS.items())
    return [f"  export type Frame =\n{_union(frames, '    ')}"]


def _server_schemas() -> dict[str, Any]:
    return dict(TypeAdapter(ServerFrame).json_schema()["$defs"])


def _server_frames() -> list[str]:
    return [f"  export type Frame =\n{_union((frame.__name__ for frame in get_args(ServerFrame)), '    ')}"]


def _api_schemas() -> dict[str, Any]:
    bodies = {endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None}
    answers = {endpoint.answer for endpoint in ENDPOINTS if endpoint.answer is not None}
    return {**_models(bodies, "validation"), **_models(answers, "serialization")}


def _models(models: Iterable[type[BaseModel]], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    wanted: Any = [(model, mode) for model in sorted(models, key=lambda model: model.__name__)]
    return dict(models_json_schema(wanted)[1].get("$defs", {}))


def _union(choices: Iterable[str], indent: str = "  ") -> str:
    return "\n".join(f"{indent}| {choice}" for choice in choices)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else WHERE
    target.write_text(typescript(), encoding="utf-8")
