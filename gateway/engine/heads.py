"""The head of one request as the engine looks at it: method, target and fields, with the ambiguous refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.engine.problems import BAD_METHOD, BAD_REQUEST, BODY_TOO_LARGE, Turned

# A second one of these means two readers could disagree about the request.
_SINGLE = frozenset(
    (b"host", b"origin", b"content-length", b"transfer-encoding", b"sec-websocket-key", b"sec-websocket-version")
)
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


class Head:
    """Raises `Turned` where the fields contradict themselves."""

    __slots__ = ("fields", "method", "path", "version")

    def __init__(self, method: bytes, version: str, path: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.method = method
        self.version = version
        self.path = path
        fields: dict[bytes, bytes] = {}
        for name, value in headers:
            if name not in fields:
                fields[name] = value
            elif name in _SINGLE:
                raise Turned(BAD_REQUEST)
            else:
                fields[name] += b", " + value
        self.fields = fields

    def tokens(self, name: bytes) -> list[bytes]:
        """The members of a comma-separated list field."""
        return [token.strip() for token in self.fields.get(name, b"").split(b",") if token.strip()]

    @property
    def asks_for_websocket(self) -> bool:
        upgrade = [token.lower() for token in self.tokens(b"upgrade")]
        return upgrade == [b"websocket"] and b"upgrade" in [token.lower() for token in self.tokens(b"connection")]

    @property
    def has_body(self) -> bool:
        return b"transfer-encoding" in self.fields or self.fields.get(b"content-length", b"0").strip(b"0") != b""

    def check(self, body_limit: int) -> None:
        """What holds for every request, whatever it asks for."""
        host = self.fields.get(b"host")
        if self.version not in ("1.0", "1.1") or (host is None and self.version == "1.1"):
            raise Turned(BAD_REQUEST)
        if host and _HOST.fullmatch(host) is None:
            raise Turned(BAD_REQUEST)
        if self.method == b"CONNECT":
            raise Turned(BAD_METHOD)
        length, coding = self.fields.get(b"content-length"), self.fields.get(b"transfer-encoding")
        if coding is not None and (length is not None or coding.lower() != b"chunked" or self.version == "1.0"):
            raise Turned(BAD_REQUEST)
        if length is not None:
            if not length.isdigit():
                raise Turned(BAD_REQUEST)
            if len(length) > 18 or int(length) > body_limit:
                raise Turned(BODY_TOO_LARGE)
