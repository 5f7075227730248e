"""Term lists: what is loaded, what is refused with its line, and what matches where."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.reading import composed, sounded, spelled
from moderation.wordlist import HITS_MAX, NO_WORDS, TOO_MANY, BadTerms, Hit, Term, TermAction, WordList


def found(words: WordList, body: str) -> list[tuple[str, str]]:
    return [(hit.term.text, body[hit.start : hit.end]) for hit in words.find(body)]


WORDS = WordList.parse("黑车\n代办\nav\nfree taxi\n自由门票\n88\n大法官\n")


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("坐黑车去机场", ["黑车"]),
        ("坐黑 车去", ["黑 车"]),
        ("坐黑-车，黑*车", ["黑-车", "黑*车"]),
        ("黑\u200b车", ["黑\u200b车"]),
        ("代·办证件", ["代·办"]),
        ("坐黑🀄车去", ["黑🀄车"]),
        ("🅿坐黑车去", ["黑车"]),
        ("ＡＶ 与 Av", ["ＡＶ", "Av"]),
        ("Free  Taxi here", ["Free  Taxi"]),
        ("freetaxi", ["freetaxi"]),
        ("f r e e t a x i", ["f r e e t a x i"]),
        ("自，由，门，票", ["自，由，门，票"]),
        ("编号 88", ["88"]),
    ],
)
def test_every_plain_variant_is_found_where_it_stands(body: str, written: list[str]) -> None:
    assert [text for _, text in found(WORDS, body)] == written


@pytest.mark.parametrize(
    "body",
    [
        "travel avenue",  # a Latin term is a whole word
        "1988 年 1880 路",  # a number is a whole number
        "天黑，车没来",  # one sentence ends, the next begins
        "意见很大。法官怎么看",
        "free of charge, taxi later",
        "",
    ],
)
def test_what_only_looks_like_a_term_is_left_alone(body: str) -> None:
    assert found(WORDS, body) == []


def test_a_longer_term_covers_a_shorter_one_unless_that_is_stronger() -> None:
    words = WordList([Term("地铁"), Term("地铁黄牛", action=TermAction.REFUSE)])
    assert [text for text, _ in found(words, "地铁黄牛票")] == ["地铁黄牛"]
    words = WordList([Term("地铁黄牛", action=TermAction.FLAG), Term("黄牛", action=TermAction.REFUSE)])
    assert [text for text, _ in found(words, "地铁黄牛票")] == ["地铁黄牛", "黄牛"]


def test_csv_carries_category_action_and_match() -> None:
    words = WordList.parse('\ufeffterm,category,action,match\r\n办证,广告,refuse,plain+sound\r\n"甲,乙",,,\r\n\r\n')
    assert words.terms == (
        Term("办证", "广告", TermAction.REFUSE, frozenset({"plain", "sound"})),
        Term("甲,乙"),
    )


def test_a_term_listed_twice_keeps_the_stronger_action() -> None:
    words = WordList.parse("term,category,action,match\n黑车,,flag,\n黑　车,,refuse,\n黑车,,hold,\n")
    assert [term.action for term in words.terms] == [TermAction.REFUSE]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term,category,action,match\n黑车,,ban,\n", "line 2: action 'ban'"),
        ("term,category,action,match\n黑车,,,sounds\n", "line 2: match 'sounds'"),
        ("term,category,action,match\n黑车\na,b,hold,plain,x\n", "line 3: 5 columns"),
        ("term,category,action,match\n,ads,hold,plain\n", "line 2: term ''"),
        ('term,category,action,match\n"黑车,,hold\n', "line 2"),
        ("term,kind\n黑车,x\n", "line 1: the header"),
        ("黑车\n！？\n", "line 2: term '！？'"),
        ("黑车\n" + "长" * 101 + "\n", "line 2: term longer"),
    ],
)
def test_a_bad_line_is_named(text: str, message: str) -> None:
    with pytest.raises(BadTerms, match=message):
        WordList.parse(text)


def test_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_bytes("黑车\n".encode() + b"\xff\xfe\n")
    with pytest.raises(BadTerms, match=r"terms\.txt: line 2: not UTF-8"):
        WordList.load(path)
    path.write_text("黑车\n", encoding="utf-8")
    assert len(WordList.load(path)) == 1


def test_a_file_without_bounds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.wordlist.FILE_BYTES_MAX", 3)
    path = tmp_path / "terms.txt"
    path.write_text("黑车\n", encoding="utf-8")
    with pytest.raises(BadTerms, match="larger than"):
        WordList.load(path)
    monkeypatch.setattr("moderation.wordlist.TERMS_MAX", 1)
    with pytest.raises(BadTerms, match="more than 1 terms"):
        WordList.parse("黑车\n代办\n")


def test_an_empty_list_finds_nothing() -> None:
    assert NO_WORDS.find("黑车") == []
    assert len(WordList.parse("")) == 0


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["黑车", "黑-车", "黑\u200b 车", "Ａ V"]))
def test_whatever_surrounds_it_hits_lie_within_the_body(before: str, after: str, disguise: str) -> None:
    body = f"{before} {disguise} {after}"
    for hit in WORDS.find(body):
        assert 0 <= hit.start < hit.end <= len(body)


def test_what_lies_within_an_exception_is_no_hit() -> None:
    words = WordList([Term("代办"), Term("黑车")], exceptions=["代办点", "打击黑车"])
    assert found(words, "社区代办点，找代办，坐黑车") == [("代办", "代办"), ("黑车", "黑车")]
    assert found(words, "社区代 辦点打击黑车") == []


# Two characters each, all of one sound, and the one that is meant.
SAME_SOUND = ("石室", "师室", "诗室", "狮室", "湿室", "施室", "石狮", "石诗", "石市", "师市", "诗市", "狮市")
SOUND = frozenset({"sound"})


def actions(hits: list[Hit]) -> set[TermAction]:
    return {hit.term.action for hit in hits}


def test_filler_that_sounds_like_many_terms_hides_none() -> None:
    words = WordList(
        [*(Term(each, match=SOUND) for each in SAME_SOUND), Term("毒品交易", None, TermAction.REFUSE, SOUND)]
    )
    assert TermAction.REFUSE in actions(words.find("事实" * 200 + "。出售独品交易"))


def test_many_weak_hits_hide_no_strong_one() -> None:
    words = WordList([Term("砸锅", action=TermAction.FLAG), Term("卖票", action=TermAction.REFUSE)])
    hits = words.find("砸锅，" * (HITS_MAX + 1) + "卖票")
    assert actions(hits) == {TermAction.FLAG, TermAction.REFUSE}
    assert all(hit.term is not TOO_MANY for hit in hits), "flags past the bound only tell what is known"


def test_excused_hits_in_great_number_do_not_excuse_what_follows_them() -> None:
    words = WordList([Term("黑车")], exceptions=["打击黑车"])
    body = "打击黑车，" * (HITS_MAX + 1) + "坐黑车"
    assert words.find(body) == [Hit(TOO_MANY, 0, len(body))]


def test_more_names_than_can_be_covered_wait() -> None:
    words = WordList([Term("某局长", action=TermAction.MASK)])
    assert words.find("某局长，" * (HITS_MAX + 1))[0].term is TOO_MANY


@pytest.mark.parametrize(
    ("finder", "filler"),
    [(sounded, "独博，"), (spelled, "dubo，"), (composed, "贝者博，")],
    ids=["sound", "pinyin", "parts"],
)
@pytest.mark.parametrize("bound", ["CANDIDATES_MAX", "LOOKS_MAX"])
def test_whichever_finder_gives_up_the_hits_say_so(
    finder: ModuleType, filler: str, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = WordList([Term("赌博", action=TermAction.FLAG, match=frozenset({"sound", "split"}))])
    assert all(hit.term is not TOO_MANY for hit in words.find(filler * 9))
    monkeypatch.setattr(finder, bound, 3)
    assert words.find(filler * 9)[0].term is TOO_MANY
