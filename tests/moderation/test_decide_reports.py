"""Reports: once for each person, hiding nothing by themselves, dismissed until enough more ask."""

from __future__ import annotations

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.decide_reports import AGAIN
from moderation.report_commands import JudgeReports, Report, Reported
from rooms.commands import Redact
from rooms.model import Lane, PostKind
from rooms.reports import CaseState
from tests.factories import MODERATOR, MODERATOR_2, PRICE, guest
from tests.rooms.deciding import World


def reported(world: World, post: PostId, by: Actor, reason: str = "1") -> Reported:
    made: Reported = world.do(Report(post, reason, "看一下", by, world.now))
    return made


def judged(world: World, post: PostId, outcome: CaseState = CaseState.DISMISSED, by: Actor = MODERATOR) -> Reported:
    made: Reported = world.do(JudgeReports(post, outcome, "1", "谢谢", by, world.now))
    return made


def told(world: World) -> list[tuple[int, str]]:
    return [(one.meta["reports"], one.meta["state"]) for one in world.lane(Lane.MOD) if one.kind == "reported"]


def test_a_report_on_an_approved_post_asks_and_hides_nothing() -> None:
    world = World()
    post = world.published().post
    assert reported(world, post, guest("2")).state is CaseState.OPEN
    assert world.post(post).hidden is None
    assert told(world) == [(1, "open")]
    assert "看一下" not in repr(world.lane(Lane.MOD))


def test_again_is_the_same_report() -> None:
    world = World()
    post = world.published().post
    reported(world, post, guest("2"))
    assert reported(world, post, guest("2"), reason="3").repeated
    assert world.ws.cases[post].reports == 1


def test_what_is_not_shown_and_what_is_ones_own_is_not_reported() -> None:
    world = World()
    waiting, shown, hidden = world.submit().post, world.published().post, world.published().post
    note = world.submit(PostKind.NOTE, by=PRICE).post
    world.do(Redact(hidden, "1", MODERATOR, world.now))
    for post in (waiting, hidden, note):
        with pytest.raises(Refusal, match="no_post"):
            reported(world, post, guest("2"))
    with pytest.raises(Refusal, match="bad_state"):
        reported(world, shown, guest())


def test_a_crowd_is_told_of_as_it_doubles() -> None:
    world = World()
    post = world.published().post
    for n in range(9):
        reported(world, post, guest(str(n + 2)))
    assert told(world) == [(1, "open"), (2, "open"), (4, "open"), (8, "open")]


def test_dismissed_it_stays_so_until_enough_more_ask_for_the_same() -> None:
    world = World()
    post = world.published().post
    reported(world, post, guest("2"))
    judged(world, post)
    states = [reported(world, post, guest(str(n + 3))).state for n in range(AGAIN)]
    assert states == [CaseState.DISMISSED] * (AGAIN - 1) + [CaseState.OPEN]


def test_another_reason_asks_anew_at_once() -> None:
    world = World()
    post = world.published().post
    reported(world, post, guest("2"), reason="1")
    judged(world, post)
    assert reported(world, post, guest("3"), reason="3").state is CaseState.OPEN


def test_judged_once_the_same_again_is_it_and_another_is_too_late() -> None:
    world = World()
    post = world.published().post
    reported(world, post, guest("2"))
    judged(world, post)
    assert judged(world, post).repeated
    for outcome, by in (CaseState.REDACTED, MODERATOR), (CaseState.DISMISSED, MODERATOR_2):
        with pytest.raises(Refusal, match="decided"):
            judged(world, post, outcome, by)


def test_redacted_is_hidden_as_any_other_way() -> None:
    world = World()
    post = world.published().post
    reported(world, post, guest("2"))
    judged(world, post, CaseState.REDACTED)
    assert world.post(post).hidden == "1"
    assert [kind for kind, ref in world.told(Lane.MOD) if ref == post][-2:] == ["hidden", "reported"]


def test_nothing_reported_is_nothing_to_judge() -> None:
    world = World()
    post = world.published().post
    with pytest.raises(Refusal, match="no_post"):
        judged(world, post)
