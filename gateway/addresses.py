"""Whose address a request comes from, and which origin is ours; forwarding headers count only from trusted proxies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.options import GatewayOptions

Networks = Sequence[IPv4Network | IPv6Network]
UNKNOWN = "unknown"
# What may stand in a Host header we repeat in our own answers.
_HOST = re.compile(r"(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)
# No honest chain is longer; a forged one must not cost us time.
_HOPS_MAX = 16


def client_address(peer: str | None, forwarded_for: Iterable[str], trusted: Networks) -> str:
    """The nearest address that is not one of our proxies; `forwarded_for` are the X-Forwarded-For values in order."""
    current = _parsed(peer)
    if current is None:
        return UNKNOWN if not peer else peer[:64]
    hops = [hop.strip() for value in forwarded_for for hop in value.split(",")] if _among(current, trusted) else []
    for hop in reversed(hops[-_HOPS_MAX:]):
        nearer = _parsed(hop)
        if nearer is None:
            break
        current = nearer
        if not _among(current, trusted):
            break
    return str(current)


def is_trusted(peer: str | None, trusted: Networks) -> bool:
    address = _parsed(peer)
    return address is not None and _among(address, trusted)


@lru_cache(maxsize=4096)
def bucket_key(address: str) -> str:
    """Who shares one allowance: an IPv4 address, or the /64 that one IPv6 subscriber is given."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), 64), strict=False))
    return address


def own_origin(options: GatewayOptions, scope: Scope) -> str:
    """The origin pages and links are served from: configured, or what the Host header says. "" when it says nothing."""
    if options.public_origin:
        return options.public_origin.rstrip("/")
    host = Headers(scope=scope).get("host", "")
    return f"{scope.get('scheme', 'http')}://{host.lower()}" if _HOST.fullmatch(host) else ""


class ClientAddress:
    """Puts `client_address` into the request's state, and takes the scheme from a trusted proxy."""

    def __init__(self, app: ASGIApp, options: GatewayOptions) -> None:
        self._app = app
        self._trusted = options.trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            peer = (scope.get("client") or (None,))[0]
            state = scope.setdefault("state", {})
            state["client_address"] = client_address(peer, headers.getlist("x-forwarded-for"), self._trusted)
            if headers.get("x-forwarded-proto") in {"http", "https"} and is_trusted(peer, self._trusted):
                scope["scheme"] = headers["x-forwarded-proto"]
        await self._app(scope, receive, send)


def _parsed(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address((text or "").strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _among(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    return any(address.version == network.version and address in network for network in networks)
