"""What a browser takes, and that the same page is compressed once."""

from __future__ import annotations

import gzip

import pytest

from gateway.encodings import Compressed, accepted


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0, *", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("", None),
        ("gzip;q=rubbish", None),
        ("gzip;q=0.000", None),
        ("x" * 500 + ", gzip", None),
    ],
)
def test_the_best_form_that_is_allowed_is_chosen(header: str, chosen: str | None) -> None:
    assert accepted(header, ("br", "gzip")) == chosen


def test_the_same_bytes_are_compressed_once() -> None:
    pages = Compressed()
    page = "问政".encode() * 500
    first = pages.get(page)
    assert gzip.decompress(first) == page
    assert pages.get(bytes(page)) is first


def test_the_oldest_pages_are_forgotten_first() -> None:
    pages = Compressed(most_bytes=100)
    first, second = (gzip.compress(text, 6, mtime=0) for text in (b"1" * 2_000, b"2" * 2_000))
    assert len(first) + len(second) < 100
    kept = [pages.get(str(n).encode() * 2_000) for n in range(1, 5)]
    assert pages.get(b"4" * 2_000) is kept[3]
    assert pages.get(b"1" * 2_000) is not kept[0]
