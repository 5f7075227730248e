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
NotNegative = Annotated[int, Field(ge=0, le=36_500)]
PositiveInt = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Proxies = tuple[IPv4Network | IPv6Network, ...]


def _store_url(url: str) -> str:
    if url and not url.startswith(("sqlite:////", "postgresql://")):
        raise ValueError("neither sqlite:////absolute/path nor postgresql://…")
    return url


_TLS_OPTIONS = frozenset(
    {"ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile", "ssl_password"}
)


def _bus_url(url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("neither redis://… nor rediss://… with a host")
    # Time-outs and the like are decided here, not in an address.
    allowed = _TLS_OPTIONS if parts.scheme == "rediss" else frozenset()
    if set(parse_qs(parts.query, keep_blank_values=True)) - allowed:
        raise ValueError(f"no options but, with rediss://, {', '.join(sorted(_TLS_OPTIONS))}")
    return url


def _origin(origin: str) -> str:
    if not origin:
        return origin
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("an origin is https://host or https://host:port, without a path")
    return origin


def _hook_url(url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("not http://host/path or https://host/path, without user and fragment")
    return url


StoreUrl = Annotated[str, AfterValidator(_store_url)]
BusUrl = Annotated[str, AfterValidator(_bus_url)]
HookUrl = Annotated[str, AfterValidator(_hook_url)]
# Of keys and channels; braces would choose the slot in a Cluster.
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
Origin = Annotated[str, AfterValidator(_origin)]
