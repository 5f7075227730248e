"""Whose pages may open a socket: the server's own and those on the list, and nothing that only looks like them."""

from __future__ import annotations

import pytest

from gateway.engine.origins import is_misdirected, may_open

OWN = "https://ask.example.org"


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http"),
        ("HTTP://Ask.Example.ORG", "ask.example.org", "http"),
        ("http://ask.example.org:80", "ask.example.org", "http"),
        ("http://ask.example.org", "ask.example.org:80", "http"),
        ("https://ask.example.org", "ask.example.org", "http"),
        ("https://ask.example.org", "ask.example.org:443", "https"),
        ("http://[::1]:8000", "[::1]:8000", "http"),
    ],
)
def test_own_by_the_host_header(origin: str, host: str, scheme: str) -> None:
    assert may_open(origin.encode(), host.encode(), scheme, "", ())


FOREIGN = [
    "null",
    "",
    "file://",
    "https://evil-ask.example.org",
    "https://ask.example.org.evil.example",
    "https://ask.example.org:8443",
    "https://ask.example.org@evil.example",
    "https://ask.example.org/",
    "https://ask.example.org.",
    "https://аsk.example.org",  # the first letter is Cyrillic
    "wss://ask.example.org",
    "https://ask.example.org https://evil.example",
    "https://ask.example.org, https://evil.example",
    " https://ask.example.org",
    "chrome-extension://ask.example.org",
    "https://ask.example.org:99999999",
    "https://ask。example.org",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign(origin: str) -> None:
    assert not may_open(origin.encode(), b"ask.example.org", "https", "", ())
    assert not may_open(origin.encode(), b"ask.example.org", "https", OWN, ())


def test_with_a_public_origin_the_host_header_says_nothing() -> None:
    assert may_open(b"https://ask.example.org", b"10.0.0.5:8000", "http", OWN, ())
    assert not may_open(b"http://10.0.0.5:8000", b"10.0.0.5:8000", "http", OWN, ())
    assert not may_open(b"http://ask.example.org", b"ask.example.org", "http", OWN, ())


def test_plain_http_does_not_pass_for_https() -> None:
    assert not may_open(b"http://ask.example.org", b"ask.example.org", "https", "", ())


def test_the_allow_list() -> None:
    listed = ("https://city.example", "http://localhost:5173")
    assert may_open(b"https://city.example:443", b"ask.example.org", "https", OWN, listed)
    assert may_open(b"http://LOCALHOST:5173", b"ask.example.org", "https", "", listed)
    assert not may_open(b"https://sub.city.example", b"ask.example.org", "https", "", listed)


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:8000", b"127.0.0.1:1", b"127.5.0.1", b"[::1]:8000"])
def test_this_machine(host: bytes) -> None:
    assert not is_misdirected({b"host": host})


@pytest.mark.parametrize(
    "host", [b"ask.example.org", b"10.0.0.5:8000", b"localhost.evil.example", b"127.0.0.1.evil.example", b"", b"[::2]"]
)
def test_another_machine(host: bytes) -> None:
    assert is_misdirected({b"host": host})


@pytest.mark.parametrize("name", [b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"via", b"x-real-ip"])
def test_through_a_proxy(name: bytes) -> None:
    assert is_misdirected({b"host": b"localhost", name: b"x"})
