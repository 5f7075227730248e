"""The client's types are those of the server: the committed file is what the models say now."""

from __future__ import annotations

from gateway.routes import ENDPOINTS
from gateway.spec import WHERE, typescript
from gateway.typescript import declarations, type_of
from gateway.wire import COMMANDS


def test_the_committed_types_are_not_stale() -> None:
    assert WHERE.read_text(encoding="utf-8") == typescript(), "stale: run `python -m gateway.spec`"


def test_every_frame_and_every_body_has_its_type() -> None:
    written = typescript()

    for kind, command in COMMANDS.items():
        assert f"({{ t: '{kind}' }} & {command.model.__name__})" in written
    for endpoint in ENDPOINTS:
        for model in (endpoint.body, endpoint.answer):
            assert model is None or f"export interface {model.__name__} {{" in written


def test_a_schema_becomes_the_type_that_fits_it() -> None:
    assert type_of({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}) == "(string | null)[]"
    assert type_of({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "number"}]}) == "[number, number]"
    assert type_of({"type": "object", "additionalProperties": {"$ref": "#/$defs/Lane"}}) == "Record<string, Lane>"
    assert type_of({"type": "object", "properties": {}}) == "Record<string, never>"
    assert type_of({"enum": ["a", "b"]}) == '"a" | "b"'
    assert type_of({}) == "unknown"


def test_only_required_fields_are_always_there() -> None:
    schema = {
        "type": "object",
        "description": "A thing.\n\nAt length.",
        "properties": {"id": {"type": "string"}, "a-b": {"type": "boolean"}},
        "required": ["id"],
    }

    assert declarations({"Thing": schema}) == [
        '/** A thing. */\nexport interface Thing {\n  id: string\n  "a-b"?: boolean\n}'
    ]
