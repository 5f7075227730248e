"""Each term has its own consequence: refuse, hold, flag or mask."""

from __future__ import annotations

import pytest

from kernel.ids import RoomId
from moderation.lists.live import Found, NotLoaded
from moderation.phases.wordlist import WordListPhase
from moderation.verdicts import Strength
from moderation.wordlist import HITS_MAX, WordList
from rooms.model import Reason
from tests.moderation.phases.judging import ask

PHASE = WordListPhase(
    WordList.parse(
        "term,category,action,match\n卖票,广告,refuse,plain\n黑车,营运,hold,plain\n砸锅,语气,flag,plain\n某局长,人名,mask,plain\n"
    )
)


@pytest.mark.parametrize(
    ("body", "strength"),
    [
        ("这里卖 票", Strength.REFUSE),
        ("坐黑车", Strength.HOLD),
        ("砸锅卖铁", Strength.ADMIT),
        ("砸锅也要坐黑车", Strength.HOLD),
    ],
)
def test_the_strongest_action_stands(body: str, strength: Strength) -> None:
    verdict = ask(PHASE, body)
    assert verdict is not None
    assert verdict.strength is strength


def test_the_reason_says_which_term_where_and_under_which_rule() -> None:
    verdict = ask(PHASE, "这里卖 票")
    assert verdict is not None
    assert verdict.reasons == (Reason("wordlist", "广告", "卖票", 2, 5, 4),)


def test_a_mask_covers_the_term_and_lets_the_rest_pass() -> None:
    verdict = ask(PHASE, "某局长说会降价")
    assert verdict is not None
    assert verdict.strength is Strength.ADMIT
    assert verdict.cover("某局长说会降价") == "***说会降价"


def test_what_was_not_all_looked_at_waits_for_a_person() -> None:
    verdict = ask(PHASE, "某局长，" * (HITS_MAX + 1))
    assert verdict is not None
    assert verdict.strength is Strength.HOLD
    assert verdict.reasons[0] == Reason("wordlist", "too_many")


class MissingRoomList:
    """A node that holds the city's list and not the room's."""

    def find(self, room: RoomId | None, body: str) -> list[Found]:
        words = WordList.parse("term,category,action\n卖票,广告,refuse\n")
        raise NotLoaded([Found(hit, 7, city=True) for hit in words.find(body)])


def test_while_a_rooms_list_is_missing_what_the_city_refuses_waits_for_a_person() -> None:
    verdict = ask(WordListPhase(MissingRoomList()), "这里卖票")
    assert verdict is not None
    assert verdict.strength is Strength.HOLD
    assert verdict.reasons == (
        Reason("wordlist", "loading"),
        Reason("wordlist", "广告", "卖票", 2, 4, 4, list=7),
    )


def test_no_term_no_verdict() -> None:
    assert ask(PHASE, "起步价为什么是 3 元") is None
