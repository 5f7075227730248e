"""Signs of other scripts are letters where they make a term, and words of those scripts are left alone."""

from __future__ import annotations

import pytest

from moderation.reading.signs import in_its_own_script, read_by_shape, readings
from moderation.wordlist import WordList
from tests.moderation.test_wordlist import found

WORDS = WordList.parse("heroin\nescort\nweixin\ncasino\ntelegram\nviagra\nbet365\nqq群\na片\nsop\n")


@pytest.mark.parametrize(
    "written",
    [
        "н€roiп",
        "еѕсоrт",
        "ᗯeixiп",
        "ϲаѕιηо",
        "тεłεɡяαм",
        "νιαցɾα",
        "Ꮩiagra",
        "ꓚꓮꓢꓲꓠꓳ",
        "cas¡no",
        "ⲃet365",
        "€scort",
        "w|e|i|x|i|n",
    ],
)
def test_a_term_in_signs_of_any_script(written: str) -> None:
    body = f"加我 {written} 详谈"
    assert [stretch for _, stretch in found(WORDS, body)] == [written]


@pytest.mark.parametrize(
    "body",
    [
        "Сор во дворе не убирают",
        "сор, ещё сор",
        "价格 £365 起",
        "a≠b，∑x=1",
        "版本 3.6.5 和 βeta",
        "（一）请问！（二）谢谢",
    ],
)
def test_other_languages_prices_and_formulas_are_left_alone(body: str) -> None:
    assert found(WORDS, body) == []


def test_a_sign_may_be_several_letters() -> None:
    assert {"н": readings()["н"], "€": readings()["€"]} == {"н": "hn", "€": "ce"}
    assert set(read_by_shape("н€")) == {"hc", "he", "h€", "nc", "ne", "n€"} or "he" in read_by_shape("н€")


def test_a_text_without_signs_has_no_other_way() -> None:
    assert read_by_shape("请问 heroin 是什么（谢谢）！") == []


def test_the_ways_to_read_a_text_are_bounded() -> None:
    assert len(read_by_shape("нпияшцзбдлчф" * 800)) <= 30


def test_a_word_of_another_script_stands_among_others_of_it() -> None:
    assert in_its_own_script("это сор там", 4, 7)
    assert not in_its_own_script("加 сор 群", 2, 5)
    assert not in_its_own_script("加 сoр 群", 2, 5)
