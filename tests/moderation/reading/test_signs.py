"""Signs of other scripts are letters where they make a term, and words of those scripts are left alone."""

from __future__ import annotations

import pytest

from moderation.reading.signs import in_its_own_script, is_foreign, letters_of, signs_in
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
        "ΨΣIXIП",
        "𐌕𐌄𐌋𐌄𐌾𐌓𐌀𐌌",
        "t3l39ram",
        "c4sin口",
        "†ele9ⲅam",
        "w·є·ι·χ·ι·η",
        # Nobody knows this letter, but all the others.
        "teleꙮram",
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
    assert letters_of("н")[:2] == "hn"
    assert set(letters_of("€")) >= {"c", "e"}


@pytest.mark.parametrize(("sign", "letter"), [("ꮪ", "s"), ("Ṽ", "v"), ("Є", "e"), ("ⴹ", "e"), ("𝞪", "a")])
def test_in_either_case_with_or_without_accents(sign: str, letter: str) -> None:
    assert letter in letters_of(sign) or letters_of(sign) == ""
    assert [stretch for _, stretch in found(WordList.parse(f"k{letter}"), f"加 k{sign} 群")] == [f"k{sign}"]


@pytest.mark.parametrize("mark", "→※★…·—№♥■≤÷。，的")
def test_marks_and_words_are_none(mark: str) -> None:
    assert (letters_of(mark), is_foreign(mark)) == ("", False)


def test_a_text_without_signs_has_none() -> None:
    assert signs_in("请问 heroin 是什么（谢谢）！") == []


def test_a_chinese_character_is_a_sign_only_beside_letters() -> None:
    assert signs_in("p口rn 与人口") == [1]


def test_a_word_of_another_script_stands_among_others_of_it() -> None:
    assert in_its_own_script("это сор там", 4, 7)
    assert not in_its_own_script("加 сор 群", 2, 5)
    assert not in_its_own_script("加 сoр 群", 2, 5)
