"""Where the server under test is."""

from __future__ import annotations

import pytest

from wenzheng.conformance.target import target_of


@pytest.mark.parametrize(
    ("url", "ws"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("https://wz.example/", "wss://wz.example/ws"),
        ("http://[::1]:9000", "ws://[::1]:9000/ws"),
    ],
)
def test_an_address_names_both_sides(url: str, ws: str) -> None:
    assert target_of(url).ws == ws


@pytest.mark.parametrize(
    "url", ["", "wz.example", "ftp://wz.example", "http://", "http://a@b", "http://b/c", "http://b:x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        target_of(url)
