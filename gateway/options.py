"""What the edge is told by the process; `wenzheng/settings.py` fills it from `config.toml` and the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, slots=True)
class Site:
    """What the public pages say about who runs them."""

    name: str = "问政"
    name_en: str = "Wenzheng"
    operator: str = ""
    filing_number: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Portal:
    """The city's own identity portal: its page that signs somebody in, and its name. `url` "": no such door."""

    url: str = ""
    name: str = "市政务服务平台"
    name_en: str = "the city's portal"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the edge (contract §3 and §4). Sizes in bytes, times in seconds unless named otherwise."""

    http_head_bytes: int = 32 * 1024
    http_headers: int = 100
    http_head_s: float = 10.0
    http_body_bytes: int = 256 * 1024
    http_body_s: float = 20.0
    message_netizen: int = 16 * 1024
    message_staff: int = 64 * 1024
    frames_per_message: int = 16
    depth: int = 8
    hello_s: float = 5.0
    commands_netizen: tuple[float, int] = (10.0, 20)  # per second, burst
    commands_staff: tuple[float, int] = (100.0, 200)
    rooms_per_connection: int = 8
    sockets: int = 20_000
    sockets_per_address: int = 10_000
    guests_per_minute: int = 300
    sign_ins_per_minute: int = 60
    park_s: float = 10.0  # a viewer that takes nothing for so long is closed with 4002
    park_bytes: int = 256 * 1024  # and so is one with more than this unsent


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """`public_origin` "" means: whatever the Host header says is our own. `demo`: loopback only, known passwords.

    `compression`: sockets that offer permessage-deflate get what is public compressed, once for all of them.
    """

    public_origin: str = ""
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    demo: bool = False
    compression: bool = False
    default_language: str = "zh-CN"
    site: Site = field(default_factory=Site)
    portal: Portal = field(default_factory=Portal)
    limits: Limits = field(default_factory=Limits)
    session_hours: int = 12
    guest_days: int = 30
    ticket_s: int = 30
    lease_s: int = 30
    heartbeat_s: float = 15.0
    probe_ms: int = 400
    drain_s: float = 5.0
