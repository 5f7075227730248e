"""What each setting may hold, with a sentence for the operator when it does not."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field

LogFormat = Literal["auto", "text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
Language = Literal["zh-CN", "en"]

Port = Annotated[int, Field(ge=0, le=65_535)]
PositiveInt = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Proxies = tuple[IPv4Network | IPv6Network, ...]


def _store_url(url: str) -> str:
    if url and not url.startswith(("sqlite:////", "postgresql://")):
        raise ValueError("neither sqlite:////absolute/path nor postgresql://…")
    return url


def _bus_url(url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    # Time-outs and the like are decided here, not in an address.
    if not sound or any(not name.startswith("ssl_") for name in parse_qs(parts.query, keep_blank_values=True)):
        raise ValueError("neither redis://… nor rediss://… with a host, and no options but ssl_…")
    return url


def _origin(origin: str) -> str:
    if not origin:
        return origin
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("an origin is https://host or https://host:port, without a path")
    return origin


StoreUrl = Annotated[str, AfterValidator(_store_url)]
BusUrl = Annotated[str, AfterValidator(_bus_url)]
# Of keys and channels; braces would choose the slot in a Cluster.
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
Origin = Annotated[str, AfterValidator(_origin)]
