"""Addresses: nobody but a trusted proxy is believed about somebody else's."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from gateway.engine.addresses import client_address, counted_as

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("neighbour", "told", "client"),
    [
        ("203.0.113.9", [b"1.1.1.1"], "203.0.113.9"),  # a stranger's word
        ("10.0.0.1", [b"203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", [b"1.1.1.1", b"203.0.113.9"], "203.0.113.9"),  # what stands left was written by the client
        ("10.0.0.1", [b"1.1.1.1", b"203.0.113.9", b"10.0.0.7"], "203.0.113.9"),
        ("10.0.0.1", [b"10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", [b"203.0.113.9", b"rubbish"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", [b"[2001:db8::9]:4711"], "2001:db8::9"),
        ("::ffff:10.0.0.1", [b"203.0.113.9"], "203.0.113.9"),
        ("fd00::1", [b"2001:db8::9"], "2001:db8::9"),
    ],
)
def test_right_to_left(neighbour: str, told: list[bytes], client: str) -> None:
    assert client_address(neighbour, told, PROXIES) == client


def test_without_proxies_nothing_is_believed() -> None:
    assert client_address("10.0.0.1", [b"1.1.1.1"], ()) == "10.0.0.1"


def test_one_household_has_one_key() -> None:
    assert counted_as("203.0.113.9") == "203.0.113.9"
    assert counted_as("2001:db8:1:2:3::4") == counted_as("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert counted_as("2001:db8:1:3::4") != counted_as("2001:db8:1:2::4")
