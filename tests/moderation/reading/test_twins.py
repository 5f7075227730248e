"""A single sign of a neighbouring script among Chinese characters is the one it looks like; words in it are not."""

from __future__ import annotations

import pytest

from moderation.reading.twins import as_chinese
from moderation.wordlist import WordList
from tests.moderation.test_wordlist import found

WORDS = WordList.parse("口交\n代开发票\n加微信\n二八杠\n夕阳团\n")


@pytest.mark.parametrize("written", ["ロ交", "ㅁ交", "□交", "ㄌ口微信", "ニ八杠", "タ阳团"])
def test_a_sign_is_the_character_it_looks_like(written: str) -> None:
    way = as_chinese(f"去{written}吧")
    assert way is not None
    assert len(way) == len(f"去{written}吧")


@pytest.mark.parametrize("written", ["ロ交", "ニ八杠", "タ阳团"])
def test_a_term_with_one(written: str) -> None:
    assert [stretch for _, stretch in found(WORDS, f"去{written}吧")] == [written]


@pytest.mark.parametrize("body", ["ロビー交通", "有人口口声声", "日本語のテキスト", "ㄅㄆㄇㄈ怎么念"])
def test_words_of_other_scripts_and_texts_without_signs_stay(body: str) -> None:
    assert as_chinese(body) is None
    assert found(WORDS, body) == []
