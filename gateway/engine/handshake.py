"""The opening handshake as a pure decision: a request head in, an accepted socket or a problem out."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from gateway.engine.deflate import agreed, form_of
from gateway.engine.heads import Head
from gateway.engine.origins import may_open
from gateway.engine.problems import (
    BAD_HANDSHAKE,
    BAD_METHOD,
    BAD_ORIGIN,
    BAD_SUBPROTOCOL,
    NOT_FOUND,
    UPGRADE_REQUIRED,
    Turned,
)
from gateway.options import GatewayOptions

PATH = b"/ws"
CODECS = {b"wenzheng.v1.json": "json", b"wenzheng.v1.msgpack": "msgpack"}
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Accepted(NamedTuple):
    """What there is to know of a socket that may open, and the bytes that say so."""

    form: str
    response: bytes


def accept(head: Head, scheme: str, options: GatewayOptions) -> Accepted:
    """Raises `Turned`. The order is from "nothing here" to "not you"."""
    fields = head.fields
    if head.path != PATH:
        raise Turned(NOT_FOUND)
    if head.method != b"GET":
        raise Turned(BAD_METHOD)
    if head.version != "1.1" or head.has_body:
        raise Turned(BAD_HANDSHAKE)
    if fields.get(b"sec-websocket-version") != b"13":
        raise Turned(UPGRADE_REQUIRED)
    key = fields.get(b"sec-websocket-key", b"")
    if not _is_key(key):
        raise Turned(BAD_HANDSHAKE)
    origin = fields.get(b"origin")
    if origin is not None and not may_open(
        origin, fields.get(b"host", b""), scheme, options.public_origin, options.allowed_origins
    ):
        raise Turned(BAD_ORIGIN)
    offered = [name for name in head.tokens(b"sec-websocket-protocol") if name in CODECS]
    if not offered:
        raise Turned(BAD_SUBPROTOCOL)
    # The client's order is its preference.
    deflate = agreed(fields.get(b"sec-websocket-extensions", b"")) if options.compression else None
    return Accepted(form_of(CODECS[offered[0]], deflate=deflate is not None), _response(key, offered[0], deflate))


def _is_key(key: bytes) -> bool:
    try:
        return len(binascii.a2b_base64(key, strict_mode=True)) == 16
    except binascii.Error:
        return False


def _response(key: bytes, subprotocol: bytes, extension: bytes | None) -> bytes:
    proof = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        b"sec-websocket-accept: %s\r\nsec-websocket-protocol: %s\r\n%s\r\n"
        % (proof, subprotocol, b"" if extension is None else b"sec-websocket-extensions: %s\r\n" % extension)
    )
