"""The two codecs as a client has them, written without a look at the server's."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import msgpack

from wenzheng.conformance.verdict import Broken, Frame

NAMES = ("json", "msgpack")


def encode(codec: str, value: object) -> str | bytes:
    """Text for JSON, bytes for MessagePack: the kind decides the kind of message."""
    if codec == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    packed: bytes = msgpack.packb(value)
    return packed


def decode(codec: str, message: str | bytes) -> list[Frame]:
    """The frames of a message; `Broken` unless it is one as the protocol has them."""
    if isinstance(message, str) is not (codec == "json"):
        raise Broken(f"a message of the wrong kind for {codec}")
    try:
        value = json.loads(message) if codec == "json" else msgpack.unpackb(message)
    except (ValueError, msgpack.exceptions.UnpackException) as fault:
        raise Broken(f"a message that is no {codec}: {fault}") from None
    if not isinstance(value, list) or not value:
        raise Broken("a message that is no list of frames")
    if not all(isinstance(frame, dict) and isinstance(frame.get("t"), str) for frame in value):
        raise Broken("a frame without `t`")
    return value


def vectors() -> dict[str, Any]:
    """`vectors`, `refused` and `echoed` of `vectors.json`."""
    found: dict[str, Any] = json.loads((files("wenzheng.conformance") / "vectors.json").read_text("utf-8"))
    return found


def payload(codec: str, vector: dict[str, Any]) -> str | bytes:
    """The bytes of a vector, in the kind of message of its codec."""
    return str(vector["json"]) if codec == "json" else bytes.fromhex(vector["msgpack"])
