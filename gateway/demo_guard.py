"""A server with known passwords answers only on its own machine: 421 to a foreign Host or any forwarding header."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from kernel.refusals import Refusal

_FORWARDING = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"}
)
_FORWARDING_PREFIXES = ("x-forwarded", "x-original-", "x-envoy-", "x-proxy", "cf-", "fastly-")


class DemoGuard:
    """Refuses `misdirected` whatever did not come straight from this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not came_straight(scope["headers"]):
            raise Refusal("misdirected")
        await self._app(scope, receive, send)


def came_straight(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether these (lower-case) headers are those of a browser on this machine; sockets ask this too."""
    hosts = []
    for raw_name, value in headers:
        name = raw_name.decode("latin-1")
        if name == "host":
            hosts.append(value.decode("latin-1"))
        elif name in _FORWARDING or name.startswith(_FORWARDING_PREFIXES):
            return False
    return len(hosts) == 1 and is_loopback_host(hosts[0])


def is_loopback_host(host: str) -> bool:
    """`localhost`, a loopback address, or a name under `.localhost`, with or without a port."""
    name, bracket, port = host.lower().rpartition("]") if host.startswith("[") else (host.lower(), "", "")
    if bracket:
        name = name[1:]
    else:
        name, _, port = name.partition(":")
        port = port and f":{port}"
    if port and not (port.startswith(":") and port[1:].isascii() and port[1:].isdigit()):
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
