"""Whatever is sent: no phase raises, every place lies in the text, ten times the text is about ten times the work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.drafts import Context, Draft
from moderation.folding import flatten, fold
from moderation.personal import masked
from moderation.phases import standard_phases
from moderation.reading import views
from moderation.wordlist import Term, WordList
from rooms.model import Policy, PostKind, StaffReview
from tests.moderation.fake_store import RESPONDENT

OPEN = Context(Policy(premoderate=False, staff=StaffReview.REVIEW))
EVERY_KIND = frozenset({"plain", "sound", "split"})
TERMS = ("赌博", "海洛因", "冰毒", "妈妈", "六合彩", "88彩票", "av", "fuck", "K粉", "加微信", "代开发票", "屌")
# Where ten times the text may cost more than ten times the work: what is done once, and what is only now looked for.
GROWTH = 16


@cache
def words() -> WordList:
    return WordList(Term(term, match=EVERY_KIND) for term in TERMS)


def judge(body: str) -> None:
    for phase in standard_phases(words()):
        verdict = phase.judge(Draft(RESPONDENT, PostKind.REPLY, body), OPEN)
        for reason in verdict.reasons if verdict is not None else ():
            if reason.start is not None and reason.end is not None:
                assert 0 <= reason.start <= reason.end <= len(body)


PIECES = st.sampled_from(
    [*TERMS, *"赌博堵伯貝者海洛因，。*-1三 \n\u200b\u0301😀①ｆaAvb@.", "dubo", "贝者", "138", "号楼", "://", "微信"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_arrangement_of_pieces_makes_a_phase_raise(body: str) -> None:
    judge(body)
    masked(body)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_character_makes_a_phase_raise(body: str) -> None:
    judge(body)
    masked(body)


@given(st.text(max_size=60))
def test_reading_what_was_read_changes_nothing(body: str) -> None:
    reads: tuple[Callable[[str], str], ...] = (
        lambda text: fold(text).text,
        lambda text: views.hanzi(text).text,
        lambda text: views.mixed(text).text,
    )
    for read in reads:
        assert read(read(body)) == read(body)


@given(
    st.sampled_from(["赌博", "海洛因", "冰毒"]),
    st.sampled_from(["", "*", "\u200b", "😀", "~-", "\u0301\u20dd"]),
    st.text(alphabet="，。我们 \n", max_size=9),
    st.text(alphabet="，。好吗 \n", max_size=9),
)
def test_a_hit_covers_what_was_matched(term: str, between: str, before: str, after: str) -> None:
    written = between.join(term)
    body = f"{before}、{written}、{after}"
    (hit,) = words().find(body)
    assert body[hit.start : hit.end] == written
    assert fold(body[hit.start : hit.end]).text == term


BOMBS = {
    "one character": "赌",
    "a term": "赌博",
    "with towers": "赌" + "\u0301" * 40 + "博",
    "with nothing to see": "赌\u200b博",
    "pinyin in one": "dubo",
    "pinyin apart": "d u b o ",
    "digits": "138",
    "digits apart": "1 3 8 ",
    "spoken digits": "一三八零",
    "labels": "a.",
    "addresses": "http://",
    "local parts": "a@",
    "plates": "鲁B",
    "doors": "3号楼2单元",
    "parts": "贝者十尃",
    "marks for letters": "@$(",
    "repeated": "海海洛洛因因",
    "apart": "赌" + "，" * 20 + "博",
    "lines": "赌\n",
    "half a pair": "\ud800",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_ten_times_the_text_is_about_ten_times_the_work(bomb: str) -> None:
    small, large = (bomb * 1_000)[:1_000], (bomb * 10_000)[:10_000]
    judge(small)
    assert steps(lambda: judge(large)) <= GROWTH * max(steps(lambda: judge(small)), 200)


def test_the_widest_gap_is_no_disguise() -> None:
    assert words().find("赌" + "*" * 9_998 + "博") == []
    assert len(words().find("赌" + "\u200b" * 998 + "博")) == 1


def steps(work: Callable[[], None]) -> int:
    """Calls made, of Python and of C: the same on every machine."""
    for remembered in (flatten, fold, views.hanzi, views.mixed):
        remembered.cache_clear()
    with counted() as calls:
        work()
    return calls[0]


@contextmanager
def counted() -> Iterator[list[int]]:
    calls = [0]

    def count(frame: object, event: str, argument: object) -> None:
        calls[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(before)
