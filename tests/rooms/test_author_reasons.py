"""What an author is told of the reasons: enough to write it better, nothing that shows how to slip through."""

from __future__ import annotations

import pytest

from rooms.author_reasons import told_to_author
from rooms.model import Reason


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Reason("length", "too_long", None, 500, 600), {"phase": "length", "category": "too_long"}),
        (
            Reason("personal", "phone", None, 3, 14, 3),
            {"phase": "personal", "category": "phone", "from": 3, "to": 14, "rule": 3},
        ),
        (
            Reason("links", "address", None, 0, 9, 4),
            {"phase": "links", "category": "address", "from": 0, "to": 9, "rule": 4},
        ),
        (
            Reason("repetition", "run", None, 2, 40, 5),
            {"phase": "repetition", "category": "run", "rule": 5},
        ),
        (Reason("premoderation"), {"phase": "premoderation"}),
        (Reason("wordlist", "广告", "卖票", 1, 3, 4, 7, 2), {"phase": "wordlist", "rule": 4}),
    ],
    ids=lambda one: one.phase if isinstance(one, Reason) else "",
)
def test_a_reason_is_told_as_far_as_the_text_itself_shows_it(found: Reason, told: dict[str, object]) -> None:
    assert told_to_author([found.to_wire()]) == [told]


@pytest.mark.parametrize(
    "found",
    [
        Reason("trust", "watched"),
        Reason("repetition", "burst", rule=5),
        Reason("repetition", "alike"),
        Reason("hook", "ads", "微信", 1, 3, 4),
        Reason("plugin", "ads", "微信", 1, 3, 4),
    ],
    ids=lambda one: f"{one.phase}-{one.category}",
)
def test_what_is_known_of_people_or_by_others_is_not_told(found: Reason) -> None:
    assert told_to_author([found.to_wire()]) == []


def test_how_many_listed_terms_were_found_is_not_told() -> None:
    found = [Reason("wordlist", "a", "甲", 0, 1, 4, 1), Reason("wordlist", "b", "乙", 5, 6, 4, 1)]
    assert told_to_author([one.to_wire() for one in found]) == [{"phase": "wordlist", "rule": 4}]


def test_a_silent_flag_is_not_told_where_the_room_holds_everything() -> None:
    found = [Reason("wordlist", "a", "甲", 0, 1, 4, 1), Reason("premoderation")]
    assert told_to_author([one.to_wire() for one in found]) == [{"phase": "premoderation"}]
