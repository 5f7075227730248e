"""TypeScript from JSON schema: as much of both as the models of the protocol use, and an error for anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")


def declarations(schemas: Mapping[str, Schema], indent: str = "") -> list[str]:
    """One exported declaration for each schema, in order of names."""
    return [_declaration(name, schemas[name], indent) for name in sorted(schemas)]


def type_of(schema: Schema, indent: str = "") -> str:
    """The type of a value that fits the schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " | ".join(dict.fromkeys(type_of(choice, indent) for choice in choices))
    kind = schema.get("type")
    if kind is None:
        return "unknown"
    if kind == "array":
        return _list_of(schema, indent)
    if kind == "object":
        return _object_of(schema, indent)
    return _PLAIN[kind]


def _declaration(name: str, schema: Schema, indent: str) -> str:
    said = str(schema.get("description", "")).strip().partition("\n")[0]
    comment = f"{indent}/** {said} */\n" if said and "*/" not in said else ""
    if schema.get("type") == "object" and "properties" in schema:
        return f"{comment}{indent}export interface {name} {_object_of(schema, indent)}"
    return f"{comment}{indent}export type {name} = {type_of(schema, indent)}"


def _list_of(schema: Schema, indent: str) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(item, indent) for item in schema['prefixItems'])}]"
    inner = type_of(schema.get("items", {}), indent)
    return f"({inner})[]" if "|" in inner else f"{inner}[]"


def _object_of(schema: Schema, indent: str) -> str:
    """Fields that may come later are not said: what is not known here cannot be used by mistake."""
    if "properties" not in schema:
        more = schema.get("additionalProperties", True)
        return f"Record<string, {type_of(more, indent) if isinstance(more, Mapping) else 'unknown'}>"
    required = set(schema.get("required", ()))
    inner = f"{indent}  "
    lines = [
        f"{inner}{_key(name)}{'' if name in required else '?'}: {type_of(field, inner)}"
        for name, field in schema["properties"].items()
    ]
    return "\n".join(["{", *lines, f"{indent}}}"]) if lines else "Record<string, never>"


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
