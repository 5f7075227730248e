"""Partial verdicts: the strongest stands, reasons add up, masks keep every offset."""

from __future__ import annotations

from moderation.verdicts import (
    ADMITTED,
    MASK,
    REASONS_MAX,
    Strength,
    Verdict,
    admit,
    held_if_any,
    hold,
    refuse,
)
from rooms.model import PostState, Reason


def test_the_strongest_of_two_stands_whichever_comes_first() -> None:
    reason = Reason("links")
    for first, second in ((hold(reason), refuse()), (refuse(), hold(reason))):
        joined = first.joined(second)
        assert joined.strength is Strength.REFUSE
        assert joined.decisive
        assert joined.reasons == (reason,)


def test_each_strength_leads_to_one_state() -> None:
    assert [verdict.state for verdict in (admit(), hold(), refuse())] == [
        PostState.PUBLISHED,
        PostState.PENDING,
        PostState.REJECTED,
    ]
    assert [strength.word for strength in Strength] == ["admit", "hold", "refuse"]


def test_an_admission_takes_nothing_away() -> None:
    held = hold(Reason("personal"))
    assert ADMITTED.joined(held) == held
    assert held.joined(ADMITTED) == held


def test_reasons_are_bounded() -> None:
    flood = hold(*[Reason("wordlist")] * 100)
    assert len(ADMITTED.joined(flood).reasons) == REASONS_MAX


def test_a_mask_covers_its_span_and_moves_nothing() -> None:
    covered = Verdict(Strength.ADMIT, masked=((1, 3), (4, 5))).cover("甲乙丙丁戊己")
    assert covered == f"甲{MASK}{MASK}丁{MASK}己"


def test_no_finding_is_no_verdict() -> None:
    assert held_if_any([]) is None
    assert held_if_any([Reason("links")]) == hold(Reason("links"))
