"""A version laid over what is built finds what the same version built anew finds."""

from __future__ import annotations

from itertools import islice, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.lists.layers import CHANGED_MAX, PIECE, advance, build
from moderation.lists.model import Written, read_written
from moderation.wordlist import HITS_MAX, TOO_MANY, Hit, Term, TermAction

WORDS = st.text(alphabet="甲乙丙丁", min_size=1, max_size=4)
LISTS = st.dictionaries(WORDS, st.sampled_from(TermAction), max_size=8)


def written(terms: dict[str, TermAction], *exceptions: str) -> Written:
    return Written({text: Term(text, action=action) for text, action in terms.items()}, exceptions)


def spans(hits: list[Hit]) -> set[tuple[int, int, TermAction]]:
    return {(hit.start, hit.end, hit.term.action) for hit in hits}


@settings(deadline=None)  # what another process takes of the machine is no finding
@given(LISTS, LISTS, st.text(alphabet="甲乙丙丁，", max_size=12))
def test_what_is_laid_over_says_at_least_what_is_built_anew(
    one: dict[str, TermAction], other: dict[str, TermAction], body: str
) -> None:
    laid, anew = advance(build(written(one)), written(other)), build(written(other))

    # Within a longer hit a shorter one may be told of beside it; nothing is missing, and nothing is told that is gone.
    assert spans(anew.find(body)) <= spans(laid.find(body))
    assert {hit.term for hit in laid.find(body)} <= set(written(other).terms.values())


def test_a_term_that_hid_a_shorter_one_leaves_it_behind() -> None:
    built = build(read_written("黑出租\n出租\n"))

    laid = advance(built, read_written("出租\n"))

    assert [hit.term.text for hit in laid.find("坐黑出租")] == ["出租"]


def test_a_term_that_is_gone_and_comes_back_counts_again() -> None:
    built = build(read_written("黑车\n"))

    without = advance(built, read_written("卖票\n"))
    again = advance(without, read_written("黑车\n卖票\n"))

    assert without.find("坐黑车") == []
    assert [hit.term.text for hit in again.find("黑车卖票")] == ["黑车", "卖票"]


def test_an_action_that_changed_is_the_one_that_counts() -> None:
    built = build(read_written("term,category,action\n黑车,,hold\n"))

    laid = advance(built, read_written("term,category,action\n黑车,营运,refuse\n"))

    assert [hit.term for hit in laid.find("坐黑车")] == [Term("黑车", "营运", TermAction.REFUSE)]


def test_what_lies_within_an_exception_is_left_alone() -> None:
    laid = build(read_written("黑车\n", "治理黑车专项\n"))

    assert laid.find("治理黑车专项行动") == []
    assert [hit.start for hit in laid.find("治理黑车专项之外还有黑车")] == [10]


def test_an_exception_over_the_whole_body_does_not_excuse_what_was_not_looked_at() -> None:
    body = "黑车，" * (HITS_MAX + 1)

    assert build(read_written("黑车\n", body)).find(body) == [Hit(TOO_MANY, 0, len(body))]


def test_beside_posts_no_piece_is_longer_than_somebody_may_wait_for() -> None:
    signs = "春夏秋冬东南西北风雨雷电江河湖海山川草木花鸟虫鱼日月星辰天地人和"
    made = ["".join(three) for three in islice(permutations(signs, 3), 2 * PIECE + 1)]
    terms = read_written("\n".join(made))

    pieces, whole = build(terms, beside_posts=True), build(terms)

    assert [len(one) for one in pieces.base.lists] == [PIECE, PIECE, 1]
    assert [len(one) for one in whole.base.lists] == [len(made)]
    body = f"前有{made[-1]}，后有{made[7]}。"
    assert [hit.term.text for hit in pieces.find(body)] == [made[-1], made[7]]
    assert spans(pieces.find(body)) == spans(whole.find(body))


def test_few_changes_keep_what_is_built_and_many_build_anew() -> None:
    built = build(read_written("黑车\n"))
    few = {f"新词{number}": Term(f"新词{number}") for number in range(CHANGED_MAX)}
    many = {f"新词{number}": Term(f"新词{number}") for number in range(CHANGED_MAX + 1)}

    assert advance(built, Written({**built.written.terms, **few})).base is built.base
    assert advance(built, Written({**built.written.terms, **many})).base is not built.base
