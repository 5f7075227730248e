"""Appeals: once for each decision, decided by somebody else, and what a reversal does."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal, Reinstate
from moderation.commands import Reopen, Ruling, Sanction
from rooms.appeals import AppealState
from rooms.commands import PostReceipt, Redact, Restore, WithdrawPost
from rooms.model import Lane, PostState
from tests.factories import LEASE_MS, MODERATOR, MODERATOR_2, guest
from tests.rooms.deciding import World

DAY_MS = 86_400_000
SALT = b"fedcba9876543210"


def refused(world: World, **fields: Any) -> PostId:
    post = world.submit(**fields).post
    world.ruling(post, Ruling.REJECT)
    return post


def appealed(world: World, post: PostId, text: str = "请再看一眼", by: Actor | None = None) -> AppealMade:
    made: AppealMade = world.do(Appeal(world.ids(), post, None, world.room, by or guest(), text, world.now))
    return made


def answered(
    world: World, made: AppealMade, post: PostId | None, outcome: AppealState, by: Actor = MODERATOR_2
) -> AppealMade:
    decided: AppealMade = world.do(
        DecideAppeal(made.appeal, post, None, world.room, outcome, "复核过", SALT, by, world.now)
    )
    return decided


def test_a_refusal_is_appealed_once_and_the_same_again_is_the_same_appeal() -> None:
    world = World()
    post = refused(world)
    first = appealed(world, post)
    assert first.state is AppealState.OPEN
    assert appealed(world, post) == first
    with pytest.raises(Refusal, match="appealed"):
        appealed(world, post, "另一段话")


def test_the_moderators_are_told_that_and_never_what() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post, "独一无二的话")
    told = world.lane(Lane.MOD)[-1]
    assert (told.kind, told.ref, told.meta["state"]) == ("appeal", post, "open")
    assert told.meta["appeal"] == made.appeal
    assert "独一无二的话" not in repr(told)


def test_only_its_author_appeals_and_only_against_a_refusal_or_a_hiding() -> None:
    world = World()
    post = refused(world)
    with pytest.raises(Refusal, match="forbidden"):
        appealed(world, post, by=guest("2"))
    for standing in world.submit().post, world.published().post:
        with pytest.raises(Refusal, match="bad_state"):
            appealed(world, standing)


@pytest.mark.parametrize("outcome", [AppealState.UPHELD, AppealState.REVERSED])
def test_who_ruled_does_not_judge_the_appeal(outcome: AppealState) -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    with pytest.raises(Refusal, match="own_ruling"):
        answered(world, made, post, outcome, by=MODERATOR)
    assert answered(world, made, post, outcome).state is outcome


def test_what_the_phases_refused_may_be_judged_by_anybody() -> None:
    world = World()
    post = world.submit(judged=PostState.REJECTED).post
    made = appealed(world, post)
    assert answered(world, made, post, AppealState.REVERSED, by=MODERATOR).state is AppealState.REVERSED
    assert world.post(post).state is PostState.PUBLISHED


def test_a_refusal_reversed_is_a_new_version_and_the_ruling_stays() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    waiting = world.ws.room(world.room).waiting
    answered(world, made, post, AppealState.REVERSED)
    stands = world.post(post)
    assert (stands.state, stands.version, stands.shown_version, stands.waiting) == (PostState.PUBLISHED, 2, 2, False)
    assert world.ws.rulings[post, 1].ruling == "reject"
    assert (world.ws.rulings[post, 2].ruling, world.ws.rulings[post, 2].moderator) == ("publish", MODERATOR_2.id)
    assert world.ws.texts[post, 2].body == world.ws.texts[post, 1].body
    assert world.ws.room(world.room).waiting == waiting
    assert [kind for kind, ref in world.told(Lane.MOD) if ref == post] == ["verdict", "appeal", "reinstated", "appeal"]
    assert world.told(Lane.PUB)[-1] == ("msg", post)


def test_upheld_changes_nothing_but_the_appeal() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    answered(world, made, post, AppealState.UPHELD)
    assert world.post(post).state is PostState.REJECTED
    assert world.told(Lane.PUB) == [("state", None)]


def test_one_answer_the_same_again_is_it_and_another_is_too_late() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    first = answered(world, made, post, AppealState.UPHELD)
    assert answered(world, made, post, AppealState.UPHELD) == first
    for outcome, by in (AppealState.REVERSED, MODERATOR_2), (AppealState.UPHELD, MODERATOR):
        with pytest.raises(Refusal, match="decided"):
            answered(world, made, post, outcome, by=by)


def test_a_text_written_since_is_not_published_by_reversing_the_old_refusal() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    world.revise(post, "改过的话")
    with pytest.raises(Refusal, match="stale_version"):
        answered(world, made, post, AppealState.REVERSED)
    assert answered(world, made, post, AppealState.UPHELD).state is AppealState.UPHELD


def test_a_hiding_reversed_shows_the_text_again() -> None:
    world = World()
    post = world.published().post
    world.do(Redact(post, "3", MODERATOR, world.now))
    made = appealed(world, post)
    with pytest.raises(Refusal, match="own_ruling"):
        answered(world, made, post, AppealState.REVERSED, by=MODERATOR)
    answered(world, made, post, AppealState.REVERSED)
    assert world.post(post).hidden is None
    assert world.told(Lane.PUB)[-1] == ("restore", post)


def test_each_hiding_may_be_appealed_and_what_the_author_took_back_may_not() -> None:
    world = World()
    post = world.published().post
    world.do(Redact(post, "3", MODERATOR, world.now))
    first = appealed(world, post)
    world.do(Restore(post, "reviewed", MODERATOR, world.now))
    world.do(Redact(post, "3", MODERATOR, world.now))
    assert appealed(world, post, "又是为什么").appeal != first.appeal
    answered(world, first, post, AppealState.REVERSED)
    assert world.post(post).hidden == "3", "the appeal against the first hiding ended the second"
    world.do(WithdrawPost(post, guest(), world.now))
    with pytest.raises(Refusal, match="bad_state"):
        appealed(world, post)


def muted(world: World) -> str:
    made = Sanction(world.ids(), guest().id, world.room, world.now + DAY_MS, "刷屏", 5, MODERATOR, world.now)  # type: ignore[arg-type]
    world.do(made)
    return made.id


def test_a_sanction_reversed_is_lifted_by_somebody_else() -> None:
    world = World()
    sanction = muted(world)
    made: AppealMade = world.do(Appeal(world.ids(), None, sanction, world.room, guest(), "", world.now))
    judge = DecideAppeal(
        made.appeal, None, sanction, world.room, AppealState.REVERSED, None, SALT, MODERATOR_2, world.now
    )
    with pytest.raises(Refusal, match="own_ruling"):
        world.do(
            DecideAppeal(
                made.appeal, None, sanction, world.room, AppealState.REVERSED, None, SALT, MODERATOR, world.now
            )
        )
    with pytest.raises(Refusal, match="muted"):
        world.submit()
    world.do(judge)
    assert world.submit().state is PostState.PENDING


def test_a_sanction_is_appealed_by_whom_it_hits_and_while_it_lasts() -> None:
    world = World()
    sanction = muted(world)
    with pytest.raises(Refusal, match="forbidden"):
        world.do(Appeal(world.ids(), None, sanction, world.room, guest("2"), "", world.now))
    with pytest.raises(Refusal, match="no_appeal"):
        world.do(Appeal(world.ids(), None, "unknown", world.room, guest(), "", world.now))
    world.later(DAY_MS)
    with pytest.raises(Refusal, match="bad_state"):
        world.do(Appeal(world.ids(), None, sanction, world.room, guest(), "", world.now))


def test_a_refusal_of_long_ago_is_mended_without_being_asked() -> None:
    world = World()
    post = refused(world)
    world.later(9 * DAY_MS)
    mend = Reinstate(post, 1, None, SALT, MODERATOR, world.now)
    first: PostReceipt = world.do(mend)
    assert (first.state, first.version) == (PostState.PUBLISHED, 2)
    again: PostReceipt = world.do(mend)
    assert (again.version, again.repeated) == (2, True)
    with pytest.raises(Refusal, match="stale_version"):
        world.do(Reinstate(post, 1, None, SALT, MODERATOR_2, world.now))


def test_mending_decides_the_appeal_and_so_is_somebody_elses() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    with pytest.raises(Refusal, match="own_ruling"):
        world.do(Reinstate(post, 1, None, SALT, MODERATOR, world.now))
    world.do(Reinstate(post, 1, None, SALT, MODERATOR_2, world.now))
    entry = next(one for one in world.ws.appeals if one.id == made.appeal)
    assert (entry.state, entry.decided_by) == (AppealState.REVERSED, MODERATOR_2.id)


def test_who_refused_cannot_take_an_appealed_refusal_back_until_it_is_decided() -> None:
    world = World()
    post = refused(world)
    made = appealed(world, post)
    undo = Reopen(post, 1, MODERATOR, LEASE_MS, DAY_MS, SALT, world.now)
    with pytest.raises(Refusal, match="own_ruling"):
        world.do(undo)
    answered(world, made, post, AppealState.UPHELD)
    assert world.do(undo).posts[0].ver == 2


def test_what_waits_or_stands_is_not_reinstated() -> None:
    world = World()
    waiting, shown, reopened = world.submit().post, world.submit().post, refused(world)
    world.do(Reopen(reopened, 1, MODERATOR, LEASE_MS, DAY_MS, SALT, world.now))
    world.ruling(shown)
    for post, ver in (waiting, 1), (shown, 1), (reopened, 1), (reopened, 2):
        with pytest.raises(Refusal, match="stale_version"):
            world.do(Reinstate(post, ver, None, SALT, MODERATOR_2, world.now))


def test_a_refused_revision_reversed_becomes_the_text_that_stands() -> None:
    world = World()
    post = world.published().post
    world.revise(post, "改过的话")
    world.ruling(post, Ruling.REJECT, ver=2)
    made = appealed(world, post)
    answered(world, made, post, AppealState.REVERSED)
    assert (world.post(post).shown_version, world.told(Lane.PUB)[-1]) == (3, ("edit", post))


def test_a_resend_of_the_first_text_still_means_the_same_post() -> None:
    world = World()
    post = refused(world, cid="c")
    world.do(Reinstate(post, 1, None, SALT, MODERATOR_2, world.now))
    sent = world.submit(cid="c")
    assert (sent.post, sent.repeated) == (post, True)
