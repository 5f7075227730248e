"""Whose request it is: the client's address, told by trusted proxies only, and the key it is counted under."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


def client_address(neighbour: str, forwarded_for: Sequence[bytes], trusted: Networks) -> str:
    """The nearest address, read from right to left, that is no trusted proxy.

    What stands left of it in `X-Forwarded-For` was written by somebody we do not know, and is never looked at.
    """
    if not trusted:
        return neighbour
    nearest = _parsed(neighbour)
    if nearest is None:
        return neighbour
    for text in reversed(forwarded_for):
        if not is_trusted(nearest, trusted):
            break
        told = _parsed(text.decode("latin-1"))
        if told is None:
            break
        nearest = told
    return str(nearest)


def is_trusted(address: str | Address, trusted: Networks) -> bool:
    """Whether what this neighbour says of others is believed."""
    parsed = _parsed(address) if isinstance(address, str) else address
    return parsed is not None and any(parsed in network for network in trusted if network.version == parsed.version)


def counted_as(address: str) -> str:
    """An IPv4 address alone, an IPv6 address with its /64: one household has one key in both."""
    if ":" not in address:
        return address
    parsed = _parsed(address)
    if not isinstance(parsed, IPv6Address):
        return address
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))


def prefix_of(address: str) -> str | None:
    """As `counted_as`; None for what is no address, as that of a socket in the file system."""
    return None if _parsed(address) is None else counted_as(address)


def _parsed(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
