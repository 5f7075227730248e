"""Hiding a department's answer by two persons: proposed by one, decided by another, ended by time and by change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation import decide_proposals
from moderation.appeal_commands import Appeal, DecideAppeal
from moderation.decide_proposals import UNDO_MS
from moderation.personal import find_particulars
from moderation.proposal_commands import DeclineHiding, EndHiding
from moderation.report_commands import JudgeReports, Report
from rooms.appeals import AppealState
from rooms.commands import Done, Proposed, Redact, Restore, SetRoom, WithdrawPost
from rooms.model import Lane, PostKind, StaffReview
from rooms.proposals import HIDING_MS, ProposalState
from rooms.reports import CaseState
from tests.factories import HOST, MODERATOR, MODERATOR_2, PRICE, guest
from tests.rooms.deciding import World


def answered(body: str = "三元含六公里。", **policy: Any) -> tuple[World, PostId]:
    """A room with the rule, and an answer of the price bureau in it."""
    world = World(**{"two_person": True, **policy})
    question = world.published().post
    return world, world.published(PostKind.REPLY, by=PRICE, reply_to=question, body=body).post


def redact(world: World, post: PostId, by: Actor = MODERATOR, reason: str = "2", **fields: Any) -> Done | Proposed:
    done: Done | Proposed = world.do(Redact(post, reason, by, world.now, **fields))
    return done


def decline(world: World, post: PostId, by: Actor, proposal: int | None = None) -> ProposalState:
    state: ProposalState = world.do(DeclineHiding(post, proposal, None, by, world.now)).state
    return state


def told(world: World, lane: Lane) -> list[tuple[str, str | None]]:
    return [
        (one.meta["state"], one.meta.get("by", {}).get("name")) for one in world.lane(lane) if one.kind == "proposal"
    ]


def test_the_first_proposes_and_the_second_hides_for_the_firsts_reason() -> None:
    world, post = answered()
    proposed = redact(world, post)
    assert proposed == Proposed(post, 1, world.now + HIDING_MS)
    assert world.post(post).hidden is None
    assert "redact" not in [kind for kind, _ in world.told(Lane.PUB)]
    assert isinstance(redact(world, post, HOST, reason="5"), Done)
    assert world.post(post).hidden == "2"
    hidden = world.lane(Lane.MOD)[-2].meta if world.lane(Lane.MOD)[-1].kind == "proposal" else {}
    assert (hidden["by"]["name"], hidden["first"]["name"]) == ("host", "moderator1")
    audit = {one.action: one for one in world.ws.audits if one.subject == post}
    assert audit["room:redaction:propose"].actor == MODERATOR.id
    assert (audit["room:post:redact"].actor, audit["room:post:redact"].detail["first"]) == (HOST.id, MODERATOR.id)
    assert told(world, Lane.MOD) == [("open", "moderator1"), ("confirmed", "host")]
    # The desk is told that and why, and by whom not.
    assert told(world, Lane.DESK) == [("open", None), ("confirmed", None)]


def test_why_one_was_declined_outlives_the_next_proposal() -> None:
    world, post = answered()
    redact(world, post)
    world.do(DeclineHiding(post, 1, "属实，有文件", HOST, world.now))
    assert redact(world, post, MODERATOR_2) == Proposed(post, 2, world.now + HIDING_MS)
    details = [one.detail for one in world.ws.audits if one.action.startswith("room:redaction:")]
    assert [(one["proposal"], one.get("note")) for one in details] == [(1, None), (1, "属实，有文件"), (2, None)]


def test_with_the_check_switched_off_one_person_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: it is this check, and nothing beside it, that asks for the second person."""
    monkeypatch.setattr(decide_proposals, "_alone", lambda *_: "")
    with pytest.raises(AssertionError):
        test_the_first_proposes_and_the_second_hides_for_the_firsts_reason()


def test_without_the_rule_one_person_hides_at_once() -> None:
    world, post = answered(two_person=False)
    assert isinstance(redact(world, post), Done)
    assert (world.post(post).hidden, told(world, Lane.MOD)) == ("2", [])


def test_the_rule_is_about_answers_of_departments() -> None:
    world = World(two_person=True)
    question = world.published().post
    hosts = world.published(PostKind.REPLY, by=HOST, reply_to=question).post
    notice = world.published(PostKind.NOTICE, by=PRICE).post
    assert all(isinstance(redact(world, post), Done) for post in (question, hosts, notice))


def test_who_proposed_cannot_agree_with_themselves() -> None:
    world, post = answered()
    redact(world, post)
    for named in (None, 1):
        with pytest.raises(Refusal, match="own_ruling"):
            redact(world, post, proposal=named)


def test_said_twice_by_the_second_it_is_hidden_once() -> None:
    world, post = answered()
    redact(world, post)
    assert redact(world, post, MODERATOR_2, proposal=1) == redact(world, post, MODERATOR_2, proposal=1)
    assert redact(world, post, HOST, proposal=1) == Done(world.post(post).hidden_seq or 0)
    assert [kind for kind, _ in world.told(Lane.PUB)].count("redact") == 1


def test_a_second_person_declines_and_the_first_withdraws() -> None:
    for by, how in ((MODERATOR_2, ProposalState.DECLINED), (MODERATOR, ProposalState.WITHDRAWN)):
        world, post = answered()
        redact(world, post)
        assert (decline(world, post, by), decline(world, post, by)) == (how, how)
        assert told(world, Lane.DESK) == [("open", None), (how.value, None)]
        # Whoever confirms what is over proposes nothing by that.
        with pytest.raises(Refusal, match="decided"):
            redact(world, post, HOST, proposal=1)
        with pytest.raises(Refusal, match="decided"):
            decline(world, post, HOST)
        assert world.post(post).hidden is None
        assert redact(world, post, HOST) == Proposed(post, 2, world.now + HIDING_MS)
        with pytest.raises(Refusal, match="decided"):
            decline(world, post, MODERATOR_2, proposal=1)


def test_nothing_proposed_is_nothing_to_decline() -> None:
    world, post = answered()
    for command in (DeclineHiding(post, None, None, HOST, world.now), EndHiding(post, world.now)):
        with pytest.raises(Refusal, match="no_post"):
            world.do(command)


def test_it_runs_out_by_itself_whether_somebody_has_said_so_or_not() -> None:
    world, post = answered()
    redact(world, post, lasts_ms=60_000)
    assert world.do(EndHiding(post, world.now)).state is ProposalState.OPEN
    world.later(60_000)
    with pytest.raises(Refusal, match="decided"):
        redact(world, post, MODERATOR_2, proposal=1)
    with pytest.raises(Refusal, match="decided"):
        decline(world, post, MODERATOR_2)
    # Asked for anew, by whomever, it is a new one, and the old one is said to be over first.
    assert isinstance(redact(world, post), Proposed)
    assert told(world, Lane.DESK) == [("open", None), ("expired", None), ("open", None)]
    world.later(HIDING_MS)
    assert [world.do(EndHiding(post, world.now)).state for _ in range(2)] == [ProposalState.EXPIRED] * 2
    assert told(world, Lane.MOD)[-1] == ("expired", None)
    assert world.ws.audits[-1].action == "room:redaction:expired"


def test_a_correction_makes_it_stale() -> None:
    world, post = answered()
    redact(world, post)
    world.revise(post, "三元含六公里，更正。", by=PRICE)
    for attempt in (
        Redact(post, "2", MODERATOR_2, world.now, proposal=1),
        DeclineHiding(post, 1, None, MODERATOR_2, world.now),
    ):
        with pytest.raises(Refusal, match="stale_version"):
            world.do(attempt)
    assert world.do(EndHiding(post, world.now)).state is ProposalState.STALE
    assert world.post(post).hidden is None


def test_the_department_takes_its_own_answer_back_alone() -> None:
    world, post = answered()
    redact(world, post)
    world.do(WithdrawPost(post, PRICE, world.now))
    assert world.post(post).hidden == "withdrawn"
    assert world.do(EndHiding(post, world.now)).state is ProposalState.STALE


def test_personal_details_that_are_there_are_hidden_by_one() -> None:
    world, post = answered(body="请联系住户 13812345678。")
    assert isinstance(redact(world, post), Proposed)
    assert isinstance(redact(world, post, reason="3"), Done)
    assert world.ws.audits[-2].detail["alone"] == "personal"
    assert told(world, Lane.MOD)[-1] == ("stale", "moderator1")
    # That they are there is not believed, it is looked for.
    world, post = answered()
    assert isinstance(redact(world, post, reason="3"), Proposed)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("身份证号 11010519491231002X 的申请已受理。", Done),
        ("退款已到卡 6222 0212 3456 7890 128。", Done),
        ("请联系住户 +86 138-1234-5678。", Done),
        ("请联系住户一三八一二三四五六七八。", Done),
        ("请联系住户 0086 13812345678。", Done),
        ("请致电 021-58881234。", Proposed),
        ("来信请寄 price_office@163.com。", Proposed),
        ("请到12号楼301室办理。", Proposed),
        ("违停车辆京A12345已拖离。", Proposed),
    ],
)
def test_only_what_is_a_private_persons_beyond_doubt_is_hidden_by_one(body: str, kind: type[Any]) -> None:
    world, post = answered(body=body)
    assert find_particulars(body), "the phase finds it, so it is the kind that decides"
    assert isinstance(redact(world, post, reason="3"), kind)


def test_who_has_just_let_it_through_takes_that_back_alone() -> None:
    for wait, by, kind in (
        (0, MODERATOR, Done),
        (UNDO_MS, MODERATOR, Done),
        (UNDO_MS + 1, MODERATOR, Proposed),
        (0, MODERATOR_2, Proposed),
    ):
        world, post = answered(staff=StaffReview.REVIEW)
        world.later(wait)
        assert isinstance(redact(world, post, by, reason="undo"), kind)


def test_the_switch_holds_from_the_very_next_redaction() -> None:
    world, post = answered(two_person=False)
    world.do(SetRoom(world.room, {"two_person": True}, None, HOST, world.now))
    assert isinstance(redact(world, post), Proposed)
    world.do(SetRoom(world.room, {"two_person": False}, None, HOST, world.now))
    assert isinstance(redact(world, post, MODERATOR_2), Done)
    assert told(world, Lane.MOD)[-1] == ("confirmed", "moderator2")


def test_no_way_around_it_by_a_report() -> None:
    world, post = answered()
    world.do(Report(post, "2", None, guest("2"), world.now))
    judge = JudgeReports(post, CaseState.REDACTED, "2", "谢谢", MODERATOR, world.now)
    assert world.do(judge).state is CaseState.OPEN
    assert world.post(post).hidden is None
    with pytest.raises(Refusal, match="own_ruling"):
        world.do(judge)
    second = JudgeReports(post, CaseState.REDACTED, "2", "谢谢", MODERATOR_2, world.now)
    assert world.do(second).state is CaseState.REDACTED
    assert world.post(post).hidden == "2"


@pytest.mark.parametrize("alone", [False, True])
def test_neither_of_the_two_judges_it_when_something_else_has_been_proposed_since(alone: bool) -> None:
    world, post = answered(body="请联系住户 13812345678。" if alone else "三元含六公里。")
    redact(world, post)
    assert isinstance(redact(world, post, MODERATOR_2, reason="3" if alone else "2"), Done)
    made = world.do(Appeal(world.ids(), post, None, world.room, PRICE, "事实如此", world.now))
    world.do(Restore(post, "reviewed", HOST, world.now))
    redact(world, post, HOST)
    decline(world, post, MODERATOR_2)

    for by in (MODERATOR, MODERATOR_2):
        upheld = DecideAppeal(made.appeal, post, None, world.room, AppealState.UPHELD, None, b"", by, world.now)
        with pytest.raises(Refusal, match="own_ruling"):
            world.do(upheld)
    # Who asked for another hiding has not judged this one yet.
    assert world.do(replace(upheld, by=HOST)).state is AppealState.UPHELD


def test_neither_of_the_two_judges_the_appeal() -> None:
    world, post = answered()
    redact(world, post)
    redact(world, post, MODERATOR_2)
    made = world.do(Appeal(world.ids(), post, None, world.room, PRICE, "事实如此", world.now))

    def judged(by: Actor) -> AppealState:
        command = DecideAppeal(
            made.appeal, post, None, world.room, AppealState.REVERSED, None, b"0123456789abcdef", by, world.now
        )
        state: AppealState = world.do(command).state
        return state

    for by in (MODERATOR, MODERATOR_2):
        with pytest.raises(Refusal, match="own_ruling"):
            judged(by)
    assert judged(HOST) is AppealState.REVERSED
    assert world.post(post).hidden is None
