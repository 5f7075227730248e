"""What a list says, however it was written."""

from __future__ import annotations

import pytest

from moderation.lists.model import (
    CITY,
    EXCEPTIONS_MAX,
    ROOM_TERMS_MAX,
    check_size,
    digest_of,
    read_written,
)
from moderation.wordlist import BadTerms, Term, TermAction


def test_text_and_csv_come_out_as_one_form_that_reads_as_itself() -> None:
    from_text = read_written("黑车\n 卖票 \n\n黑车\n")
    from_csv = read_written('term,category,action,match\n黑车,,hold,plain\n卖票,,,\n"a,b","广,告",refuse,plain+sound\n')

    assert list(from_text.terms) == ["黑车", "卖票"]
    assert from_csv.terms["a,b"] == Term("a,b", "广,告", TermAction.REFUSE, frozenset({"plain", "sound"}))
    assert read_written(from_csv.as_csv()) == from_csv
    assert from_text.as_text() == "黑车\n卖票\n"


def test_a_term_listed_twice_keeps_the_stronger() -> None:
    twice = read_written("term,category,action\n黑车,,flag\n黑车,,refuse\n黑车,,hold\n")

    assert [term.action for term in twice.terms.values()] == [TermAction.REFUSE]


def test_the_digest_is_of_what_the_list_says() -> None:
    assert digest_of(read_written("黑车\n")) == digest_of(read_written("term,category,action\n黑车,,hold\n"))
    assert digest_of(read_written("黑车\n")) != digest_of(read_written("黑车\n", "黑车间\n"))


@pytest.mark.parametrize("terms", ["term,category,action\n好,,hold\n坏,,delete\n", "好\n\n！！\n"])
def test_a_line_that_cannot_be_used_is_named(terms: str) -> None:
    with pytest.raises(BadTerms, match="line 3"):
        read_written(terms)


def test_a_room_holds_less_than_the_city() -> None:
    many = read_written("".join(f"词{number}\n" for number in range(ROOM_TERMS_MAX + 1)))

    check_size(CITY, many)
    with pytest.raises(BadTerms):
        check_size("a room", many)


def test_exceptions_are_bounded_and_have_something_to_match() -> None:
    with pytest.raises(BadTerms):
        check_size(CITY, read_written("", "".join(f"词{number}\n" for number in range(EXCEPTIONS_MAX + 1))))
    with pytest.raises(BadTerms):
        check_size(CITY, read_written("", "！！\n"))
