"""Which origins may open a socket, and which hosts the demo answers to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# Lower case ASCII only: a browser writes other scripts as punycode, so nothing here can look like something else.
_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")
_PORTS = {"http": 80, "https": 443}
_FORWARDING = frozenset(
    (b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip", b"cf-connecting-ip")
)

Origin = tuple[str, str, int]


def parse_origin(text: str) -> Origin | None:
    """Scheme, host, port; None for `null`, for other schemes and for anything that is not exactly an origin."""
    if (match := _ORIGIN.fullmatch(text.lower())) is None or not text.isascii():
        return None
    scheme, host, port = match.groups()
    return scheme, host, int(port) if port else _PORTS[scheme]


def may_open(origin: bytes, host: bytes, scheme: str, public_origin: str, allowed: Iterable[str]) -> bool:
    """Whether a page of `origin` may open a socket to a server that was asked for as `host` over `scheme`.

    Without a public origin whatever the Host header says is our own; its https form too, since a proxy that ends TLS
    and is not trusted leaves us believing in plain http.
    """
    asked = parse_origin(origin.decode("latin-1"))
    if asked is None:
        return False
    if any(asked == parse_origin(listed) for listed in allowed):
        return True
    if public_origin:
        return asked == parse_origin(public_origin)
    own = _HOST.fullmatch(host.decode("latin-1").lower())
    if own is None or asked[0] not in (scheme, "https"):
        return False
    return asked[1:] == (own[1], int(own[2]) if own[2] else _PORTS[asked[0]])


def is_misdirected(fields: Mapping[bytes, bytes]) -> bool:
    """Whether a request did not come straight from this machine: the demo's passwords are known to everybody."""
    own = _HOST.fullmatch(fields.get(b"host", b"localhost").decode("latin-1").lower())
    if own is None or _LOOPBACK.fullmatch(own[1]) is None:
        return True
    return any(name in _FORWARDING or name.startswith(b"x-forwarded") for name in fields)
