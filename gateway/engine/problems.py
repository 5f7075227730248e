"""Refusals the engine answers itself, before any application: problem+json as bytes, connection closed after."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request goes no further; `code` is stable, the sentence is for developers."""

    status: int
    code: str
    detail: str
    fields: Fields = ()


class Turned(Exception):
    """Carries the problem a request is turned away with."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def render(problem: Problem, common: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """A whole HTTP/1.1 response, the last of its connection."""
    title = HTTPStatus(problem.status).phrase
    body = json.dumps(
        {
            "type": "about:blank",
            "title": title,
            "status": problem.status,
            "code": problem.code,
            "detail": problem.detail,
        },
        ensure_ascii=False,
    ).encode()
    fields = (
        *common,
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *problem.fields,
        (b"connection", b"close"),
    )
    head = b"".join(b"%s: %s\r\n" % field for field in fields)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (problem.status, title.encode(), head, body)


BAD_REQUEST = Problem(400, "bad_request", "This is not a valid HTTP request.")
HEAD_TOO_LARGE = Problem(431, "too_large", "The request line and headers are too many or too long.")
BODY_TOO_LARGE = Problem(413, "too_large", "The body is too large.")
TOO_SLOW = Problem(408, "timeout", "The request did not arrive in time.")
BAD_METHOD = Problem(405, "method_not_allowed", "This method is not served here.", ((b"allow", b"GET"),))
NOT_FOUND = Problem(404, "not_found", "There is no WebSocket here.")
MISDIRECTED = Problem(421, "misdirected", "The demo answers only on this machine, and not through a proxy.")
_VERSION: Fields = ((b"upgrade", b"websocket"), (b"sec-websocket-version", b"13"))
UPGRADE_REQUIRED = Problem(426, "upgrade_required", "This address speaks WebSocket, version 13.", _VERSION)
BAD_HANDSHAKE = Problem(400, "bad_handshake", "The WebSocket handshake is not valid.")
BAD_SUBPROTOCOL = Problem(400, "bad_subprotocol", "Offer wenzheng.v1.json or wenzheng.v1.msgpack.")
BAD_ORIGIN = Problem(403, "bad_origin", "This origin may not open a socket here.")
DRAINING = Problem(503, "unavailable", "The server is about to end.", ((b"retry-after", b"1"),))
FULL = Problem(503, "unavailable", "There are too many sockets.", ((b"retry-after", b"10"),))
TOO_MANY = Problem(429, "rate", "There are too many sockets from this address.", ((b"retry-after", b"10"),))
