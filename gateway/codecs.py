"""The two codecs of the socket, JSON and MessagePack: one data model, one set of limits, one verdict on the same data.

A message is untrusted bytes: every limit is explicit here and checked before, or right after, anything is built.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgpack
import orjson

from gateway.unpacking import NotMessagePack, unpack

MAX_DEPTH: Final = 8
MAX_ARRAY: Final = 256
MAX_MAP: Final = 128
MAX_MESSAGE: Final = 64 * 1024
# Numbers beyond this are not the same in every reader: JavaScript has only doubles (contract: seq <= 2^53).
MAX_NUMBER: Final = 2**53

# Strings are skipped whole, one never closed to the end, so that no byte is looked at twice; brackets are counted.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_OPENING: Final = frozenset((b"[", b"{"))
_CLOSING: Final = frozenset((b"]", b"}"))


class Undecodable(Exception):
    """The bytes are not a value of the data model, or exceed a limit."""


class Codec(Protocol):
    """Bytes to values and back, and the parts from which a shared message is joined."""

    name: str
    binary: bool

    def decode(self, payload: bytes) -> object:
        """Raises `Undecodable`."""
        ...

    def encode(self, value: object) -> bytes: ...

    def join_event(self, head: Mapping[str, object], items: Sequence[bytes]) -> bytes:
        """The message `[{…head, "x": [items…]}]` from items that are encoded already."""
        ...


class JsonCodec:
    """`wenzheng.v1.json`: text messages."""

    name = "json"
    binary = False

    def decode(self, payload: bytes) -> object:
        if len(payload) > MAX_MESSAGE:
            raise Undecodable("message too long")
        _refuse_deep_json(payload)
        try:
            value: object = orjson.loads(payload)
        except orjson.JSONDecodeError as fault:
            raise Undecodable("not JSON") from fault
        check(value)
        return value

    def encode(self, value: object) -> bytes:
        return orjson.dumps(value)

    def join_event(self, head: Mapping[str, object], items: Sequence[bytes]) -> bytes:
        return b"".join((b"[", orjson.dumps(head)[:-1], b',"x":[', b",".join(items), b"]}]"))


class MsgpackCodec:
    """`wenzheng.v1.msgpack`: binary messages; no bytes, no extension types, only string keys."""

    name = "msgpack"
    binary = True

    def decode(self, payload: bytes) -> object:
        if len(payload) > MAX_MESSAGE:
            raise Undecodable("message too long")
        try:
            value = unpack(payload, arrays=MAX_ARRAY, maps=MAX_MAP, text=MAX_MESSAGE)
        except NotMessagePack as fault:
            raise Undecodable("not MessagePack") from fault
        check(value)
        return value

    def encode(self, value: object) -> bytes:
        packed: bytes = msgpack.packb(value)
        return packed

    def join_event(self, head: Mapping[str, object], items: Sequence[bytes]) -> bytes:
        packer = msgpack.Packer(autoreset=False)
        packer.pack_array_header(1)
        packer.pack_map_header(len(head) + 1)
        for key, value in head.items():
            packer.pack(key)
            packer.pack(value)
        packer.pack("x")
        packer.pack_array_header(len(items))
        return b"".join((packer.bytes(), *items))


CODECS: Final[Mapping[str, Codec]] = {codec.name: codec for codec in (JsonCodec(), MsgpackCodec())}


def check(value: object, depth: int = 1) -> None:
    """Raises `Undecodable` unless the value is one that both codecs carry alike."""
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, (int, float)):
        if not math.isfinite(value) or abs(value) > MAX_NUMBER:
            raise Undecodable("number out of range")
        return
    if depth > MAX_DEPTH:
        raise Undecodable("too deep")
    if isinstance(value, list):
        _check_list(value, depth)
    elif isinstance(value, dict):
        _check_map(value, depth)
    else:
        raise Undecodable("type without a counterpart in JSON")


def _check_list(values: list[Any], depth: int) -> None:
    if len(values) > MAX_ARRAY:
        raise Undecodable("list too long")
    for value in values:
        check(value, depth + 1)


def _check_map(values: dict[Any, Any], depth: int) -> None:
    if len(values) > MAX_MAP:
        raise Undecodable("map too long")
    for key, value in values.items():
        if not isinstance(key, str):
            raise Undecodable("key is no string")
        check(value, depth + 1)


def _refuse_deep_json(payload: bytes) -> None:
    """Stops at the first bracket too deep, before the reader builds anything."""
    if payload.count(b"[") + payload.count(b"{") <= MAX_DEPTH:
        return  # as nearly always: there are not even so many
    depth = 0
    for token in _STRUCTURE.finditer(payload):
        mark = token.group()
        if mark in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                raise Undecodable("too deep")
        elif mark in _CLOSING:
            depth -= 1
