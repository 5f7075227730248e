"""The ordered phases: first refusal ends the list, whatever breaks holds the post, and no text reaches the log."""

from __future__ import annotations

import logging

import pytest

from moderation.drafts import Context, Draft, Phase
from moderation.phases import standard_phases
from moderation.pipeline import Pipeline
from moderation.verdicts import Strength, Verdict, admit, hold, refuse
from rooms.model import Policy, PostKind, PostState, Reason
from tests.moderation.fake_store import NETIZEN, RESPONDENT

DRAFT = Draft(NETIZEN, PostKind.QUESTION, "起步价为什么是 3 元？")
OPEN = Context(Policy(premoderate=False))


def says(name: str, verdict: Verdict | None) -> Phase:
    return Phase(name, lambda draft, context: verdict)


def breaks(name: str, failure: Exception) -> Phase:
    def judge(draft: Draft, context: Context) -> Verdict | None:
        raise failure

    return Phase(name, judge)


def test_nothing_found_is_an_admission() -> None:
    assert Pipeline([says("a", None)]).judge(DRAFT, OPEN).state is PostState.PUBLISHED


def test_findings_join_in_the_order_of_the_list() -> None:
    pipeline = Pipeline([says("a", hold(Reason("a"))), says("b", admit(Reason("b")))])
    verdict = pipeline.judge(DRAFT, OPEN)
    assert verdict.strength is Strength.HOLD
    assert [reason.phase for reason in verdict.reasons] == ["a", "b"]


def test_a_refusal_ends_the_list() -> None:
    pipeline = Pipeline([says("a", refuse(Reason("a"))), breaks("never asked", AssertionError())])
    assert [reason.phase for reason in pipeline.judge(DRAFT, OPEN).reasons] == ["a"]


def test_a_phase_that_raises_holds_the_post_and_later_phases_are_still_asked() -> None:
    pipeline = Pipeline([breaks("wordlist", ValueError()), says("links", refuse(Reason("links")))])
    verdict = pipeline.judge(DRAFT, OPEN)
    assert verdict.strength is Strength.REFUSE
    assert [reason.phase for reason in verdict.reasons] == ["wordlist", "links"]
    assert Pipeline([breaks("wordlist", ValueError())]).judge(DRAFT, OPEN).state is PostState.PENDING


@pytest.mark.parametrize("position", range(len(standard_phases())))
def test_whichever_phase_of_the_real_list_breaks_the_post_is_held(position: int) -> None:
    phases = list(standard_phases())
    phases[position] = breaks(phases[position].name, RuntimeError())
    verdict = Pipeline(phases).judge(DRAFT, OPEN)
    assert verdict.state is PostState.PENDING
    assert verdict.reasons == (Reason(phases[position].name, category="failed"),)


def test_an_answer_that_is_no_verdict_holds_too() -> None:
    wrong = Phase("links", lambda draft, context: "refuse")  # type: ignore[arg-type,return-value]
    assert Pipeline([wrong]).judge(DRAFT, OPEN).state is PostState.PENDING


def test_the_log_names_the_phase_and_never_the_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Pipeline([breaks("personal", ValueError(DRAFT.body))]).judge(DRAFT, OPEN)
    assert "personal" in caplog.text
    assert "ValueError" in caplog.text
    assert DRAFT.body not in caplog.text


def test_the_names_are_those_of_the_contract_in_its_order() -> None:
    named = "length repetition pace wordlist personal links hook premoderation".split()  # noqa: SIM905  # as written there
    # Who is held for the author's sake is the one beside them.
    ours = [phase.name for phase in standard_phases() if phase.name != "trust"]
    assert ours == [name for name in named if name in ours]


def test_a_plain_question_passes_in_an_open_room_and_waits_in_a_premoderated_one() -> None:
    pipeline = Pipeline(standard_phases())
    assert pipeline.judge(DRAFT, OPEN).state is PostState.PUBLISHED
    held = pipeline.judge(DRAFT, Context(Policy()))
    assert (held.state, held.reasons) == (PostState.PENDING, (Reason("premoderation"),))


def test_staff_wait_only_where_the_policy_says_review() -> None:
    pipeline = Pipeline(standard_phases())
    answer = Draft(RESPONDENT, PostKind.REPLY, "方案尚未确定。")
    assert pipeline.judge(answer, Context(Policy())).state is PostState.PUBLISHED
