"""Text is NFC, without controls and bidi tricks, on its way in (contract §2)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.text import clean_text, is_blank


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  起步价 2 元\n", "起步价 2 元"),
        ("e\u0301", "é"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("地\u202e铁\u2066票\u2069价", "地铁票价"),
        ("a\x00b\x07c\x7fd\x9be\ufefff", "abcdef"),
        ("tab\tstays", "tab\tstays"),
        ("👨\u200d👩\u200d👧 stays joined", "👨\u200d👩\u200d👧 stays joined"),
        ("\ud800", "\ufffd\ufffd\ufffd"),
    ],
)
def test_clean_text(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_clean_text_is_storable_stable_and_harmless(raw: str) -> None:
    clean = clean_text(raw)

    clean.encode("utf-8")
    assert clean_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(each) == "Cc" and each not in "\t\n" for each in clean)
    assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200d", "\u3164", "\u00ad\u2060", "\u3000", "\ufe0f", "\u2800"])
def test_what_nobody_can_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["。", "0", "👍", "\u200b问\u200b"])
def test_what_can_be_seen_is_not(text: str) -> None:
    assert not is_blank(text)
