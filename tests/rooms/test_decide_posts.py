"""Posts by their authors: what becomes of them, and who may post when (contract §2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Ruling, Sanction
from rooms.admission import WAITING_MAX
from rooms.commands import ChangeState, Redact, Restore, SetRoom, WithdrawPost
from rooms.model import Lane, PostKind, PostState, RoomState
from tests.factories import HOST, METRO, MODERATOR, PRICE, guest
from tests.rooms.deciding import World

Q, C, R, NOTICE, NOTE = PostKind.QUESTION, PostKind.COMMENT, PostKind.REPLY, PostKind.NOTICE, PostKind.NOTE


def test_with_premoderate_a_question_waits_and_takes_no_public_number() -> None:
    world = World()
    receipt = world.submit()
    assert (receipt.state, receipt.seq, receipt.number) == (PostState.PENDING, None, None)
    assert world.told(Lane.PUB) == [("state", None)]
    world.ws.close()
    assert world.lane(Lane.MOD)[-1].meta == {"waiting": 1}


def test_without_premoderate_an_admitted_question_is_published_under_the_next_number() -> None:
    world = World(premoderate=False)
    first, second = world.submit(), world.submit(by=guest("2"))
    assert (first.state, first.number, second.number) == (PostState.PUBLISHED, 1, 2)
    assert world.told(Lane.PUB)[1:] == [("msg", first.post), ("msg", second.post)]


def test_what_the_phases_hold_or_refuse_is_held_or_refused_under_any_policy() -> None:
    world = World(premoderate=False)
    assert world.submit(judged=PostState.PENDING).state is PostState.PENDING
    assert world.submit(judged=PostState.REJECTED).state is PostState.REJECTED
    assert world.told(Lane.PUB) == [("state", None)]


def test_staff_are_published_at_once_unless_the_room_reviews_them() -> None:
    auto, review = World(), World(staff="review")
    for world, state in ((auto, PostState.PUBLISHED), (review, PostState.PENDING)):
        question = world.published()
        assert world.submit(R, by=PRICE, reply_to=question.post).state is state


def test_a_note_is_never_held_and_stays_backstage() -> None:
    world = World(staff="review")
    note = world.submit(NOTE, by=PRICE, judged=PostState.PENDING)
    assert note.state is PostState.PUBLISHED
    assert world.told(Lane.DESK) == [("msg", note.post)]


def test_a_reply_to_a_question_marks_it_answered() -> None:
    world = World()
    question = world.published()
    reply = world.submit(R, by=PRICE, reply_to=question.post)
    thread = world.post(reply.post).question
    assert thread is not None
    assert world.ws.questions[thread].state == "answered"


def test_the_same_cid_is_the_same_post_where_it_stands_now() -> None:
    world = World()
    first = world.submit(cid="c1")
    world.ruling(first.post)
    again = world.submit(cid="c1")
    assert (again.post, again.state, again.repeated, again.number) == (first.post, PostState.PUBLISHED, True, 1)


@pytest.mark.parametrize("change", [{"body": "别的"}, {"kind": C}])
def test_the_same_cid_with_anything_else_in_it_conflicts(change: dict[str, object]) -> None:
    world = World()
    world.submit(cid="c1")
    with pytest.raises(Refusal, match="conflict"):
        world.submit(**{"cid": "c1", **change})  # type: ignore[arg-type]


def test_a_known_cid_is_answered_even_where_nothing_new_is_taken() -> None:
    world = World()
    first = world.submit(cid="c1")
    world.do(_mute(world, guest()))
    assert world.submit(cid="c1").post == first.post
    with pytest.raises(Refusal, match="muted"):
        world.submit(cid="c2")


STAFF_TABLE: dict[RoomState, dict[PostKind, str | None]] = {
    RoomState.SCHEDULED: {R: "room_paused", NOTICE: None, NOTE: None},
    RoomState.LIVE: {R: None, NOTICE: None, NOTE: None},
    RoomState.PAUSED: {R: None, NOTICE: None, NOTE: None},
    RoomState.CLOSED: {R: None, NOTICE: "room_closed", NOTE: None},
}


@pytest.mark.parametrize(
    ("state", "kind", "refused"),
    [(state, kind, code) for state, row in STAFF_TABLE.items() for kind, code in row.items()],
)
def test_staff_may_post_by_the_table(state: RoomState, kind: PostKind, refused: str | None) -> None:
    world = World(state=RoomState.SCHEDULED)
    question = world.published()
    world.reach(state)
    parent = question.post if kind is R else None
    assert _code(lambda: world.submit(kind, by=METRO, reply_to=parent)) == refused


@pytest.mark.parametrize(
    ("state", "policy", "kind", "refused"),
    [
        (RoomState.SCHEDULED, {}, Q, None),
        (RoomState.SCHEDULED, {"before": False}, Q, "room_paused"),
        (RoomState.SCHEDULED, {}, C, "room_paused"),
        (RoomState.LIVE, {}, Q, None),
        (RoomState.LIVE, {}, C, None),
        (RoomState.PAUSED, {}, Q, "room_paused"),
        (RoomState.PAUSED, {}, C, "room_paused"),
        (RoomState.CLOSED, {}, Q, "room_closed"),
        (RoomState.CLOSED, {}, C, "room_closed"),
        (RoomState.CLOSED, {"after": True}, Q, "room_closed"),
        (RoomState.CLOSED, {"after": True}, C, "room_closed"),
    ],
)
def test_netizens_may_post_by_the_table(
    state: RoomState, policy: dict[str, object], kind: PostKind, refused: str | None
) -> None:
    world = World(state=state, **policy)
    assert _code(lambda: world.submit(kind)) == refused


def test_after_the_room_has_closed_only_the_asker_follows_up_and_only_there() -> None:
    world = World(after=True)
    question = world.published(by=guest("1"))
    reply = world.submit(R, by=PRICE, reply_to=question.post)
    world.do(_close(world))
    assert world.submit(C, by=guest("1"), reply_to=reply.post).state is PostState.PENDING
    with pytest.raises(Refusal, match="room_closed"):
        world.submit(C, by=guest("2"), reply_to=question.post)


def test_guests_are_turned_away_where_the_room_wants_accounts() -> None:
    with pytest.raises(Refusal, match="forbidden"):
        World(guests=False).submit()


def test_a_frozen_room_takes_follow_ups_but_no_new_questions() -> None:
    world = World()
    world.do(SetRoom(world.room, {}, True, MODERATOR, world.now))
    with pytest.raises(Refusal, match="room_paused"):
        world.submit()
    assert world.submit(C).state is PostState.PENDING


@pytest.mark.parametrize(("kind", "reply"), [(Q, True), (R, False)])
def test_a_question_starts_a_thread_and_a_reply_answers_something(kind: PostKind, reply: bool) -> None:
    world = World()
    parent = world.published().post if reply else None
    with pytest.raises(Refusal, match="bad_frame"):
        world.submit(kind, by=PRICE if kind is R else None, reply_to=parent)


def test_nothing_answers_what_is_unknown_waiting_hidden_or_backstage() -> None:
    world = World()
    waiting = world.submit().post
    hidden = world.published(by=guest("2")).post
    world.do(Redact(hidden, "privacy", MODERATOR, world.now))
    note = world.submit(NOTE, by=PRICE).post
    for parent in ("00000000000000000000000zzz", waiting, hidden, note):
        with pytest.raises(Refusal, match="no_post"):
            world.submit(R, by=PRICE, reply_to=parent)  # type: ignore[arg-type]


def test_slow_mode_tells_a_netizen_how_long_to_wait() -> None:
    world = World(slow_ms=30_000)
    world.submit()
    world.later(10_000)
    with pytest.raises(Refusal) as refused:
        world.submit()
    assert refused.value == Refusal("slow_mode", retry_ms=20_000)
    assert world.submit(by=guest("2")).state is PostState.PENDING
    world.later(20_000)
    assert world.submit().state is PostState.PENDING


def test_a_full_queue_takes_no_more_that_would_wait() -> None:
    world = World()
    world.ws.rooms[world.room].waiting = WAITING_MAX
    with pytest.raises(Refusal, match="queue_full"):
        world.submit()
    assert world.submit(NOTICE, by=HOST).state is PostState.PUBLISHED


def test_a_pending_post_revised_keeps_its_place_and_voids_the_lease() -> None:
    world = World()
    first = world.submit()
    world.pull()
    world.later(1_000)
    revised = world.revise(first.post, "换一种问法？")
    assert (revised.version, revised.state) == (2, PostState.PENDING)
    post = world.post(first.post)
    assert (post.lease_by, post.waiting_since) == (None, post.created_at)
    with pytest.raises(Refusal, match="stale_version"):
        world.decide(first.post, ver=1)


def test_a_published_post_revised_keeps_its_old_text_until_a_moderator_agrees() -> None:
    world = World()
    question = world.published()
    revised = world.revise(question.post, "起步价为什么不是两元？")
    assert (revised.state, revised.version) == (PostState.PUBLISHED, 2)
    assert world.post(question.post).shown_version == 1
    agreed = world.ruling(question.post, ver=2)
    assert world.post(question.post).shown_version == 2
    assert world.told(Lane.PUB)[-1] == ("edit", question.post)
    assert agreed.seq != question.seq
    assert world.post(question.post).seq == question.seq


def test_a_refused_revision_leaves_the_text_that_stands() -> None:
    world = World()
    question = world.published()
    world.revise(question.post, "起步价为什么不是两元？")
    world.ruling(question.post, Ruling.REJECT, ver=2)
    post = world.post(question.post)
    assert (post.state, post.shown_version, post.waiting) == (PostState.PUBLISHED, 1, False)


def test_staff_correct_at_any_time_and_everybody_sees_it() -> None:
    world = World()
    question = world.published()
    reply = world.submit(R, by=PRICE, reply_to=question.post)
    world.do(_close(world))
    world.revise(reply.post, "更正：起步价两元。", by=PRICE)
    assert world.told(Lane.PUB)[-1] == ("edit", reply.post)


def test_a_refused_post_may_be_put_differently() -> None:
    world = World()
    first = world.submit(judged=PostState.REJECTED)
    assert world.revise(first.post, "换一种问法？").state is PostState.PENDING


def test_revising_is_for_the_author_the_newest_version_and_what_is_there() -> None:
    world = World()
    mine, hidden, gone = (world.submit().post for _ in range(3))
    world.ruling(hidden)
    world.do(Redact(hidden, "privacy", MODERATOR, world.now))
    world.do(WithdrawPost(gone, guest(), world.now))
    assert _code(lambda: world.revise(mine, "x", by=guest("2"))) == "forbidden"
    assert _code(lambda: world.revise(mine, "x", ver=7)) == "stale_version"
    assert _code(lambda: world.revise(hidden, "x")) == "no_post"
    assert _code(lambda: world.revise(gone, "x")) == "no_post"


def test_a_revision_sent_twice_is_made_once() -> None:
    world = World()
    first = world.submit()
    world.revise(first.post, "换一种问法？")
    again = world.revise(first.post, "换一种问法？")
    assert (again.version, again.repeated) == (2, True)


@pytest.mark.parametrize(("state", "code"), [(RoomState.PAUSED, "room_paused"), (RoomState.CLOSED, "room_closed")])
def test_netizens_revise_nothing_where_they_may_not_post(state: RoomState, code: str) -> None:
    world = World(state=RoomState.SCHEDULED)
    first = world.submit()
    world.reach(state)
    with pytest.raises(Refusal, match=code):
        world.revise(first.post, "换一种问法？")


def test_a_pending_post_withdrawn_is_gone_from_the_queue() -> None:
    world = World()
    first = world.submit()
    world.pull()
    assert world.do(WithdrawPost(first.post, guest(), world.now)).state is PostState.WITHDRAWN
    assert world.pull().posts == ()
    with pytest.raises(Refusal, match="lease_lost"):
        world.decide(first.post)


def test_a_published_post_withdrawn_is_a_redaction_that_nobody_undoes() -> None:
    world = World()
    question = world.published()
    world.do(WithdrawPost(question.post, guest(), world.now))
    assert world.lane(Lane.PUB)[-1].meta == {"reason": "withdrawn"}
    assert world.do(WithdrawPost(question.post, guest(), world.now)).repeated
    with pytest.raises(Refusal, match="forbidden"):
        world.do(Restore(question.post, "appeal", MODERATOR, world.now))


def test_what_was_hidden_can_still_be_taken_back_and_then_nobody_shows_it_again() -> None:
    world = World()
    question = world.published()
    world.do(Redact(question.post, "privacy", MODERATOR, world.now))
    told = world.told(Lane.PUB)
    world.do(WithdrawPost(question.post, guest(), world.now))
    assert world.told(Lane.PUB) == told
    assert world.post(question.post).hidden == "withdrawn"
    assert world.do(WithdrawPost(question.post, guest(), world.now)).repeated
    with pytest.raises(Refusal, match="forbidden"):
        world.do(Restore(question.post, "appeal", MODERATOR, world.now))


def _mute(world: World, who: Actor) -> Sanction:
    assert who.id is not None
    return Sanction(world.ids(), who.id, world.room, world.now + 60_000, "spam", 3, MODERATOR, world.now)


def _close(world: World) -> ChangeState:
    return ChangeState(world.room, "close", HOST, world.now)


def _code(work: Callable[[], object]) -> str | None:
    try:
        work()
    except Refusal as refusal:
        return refusal.code.name
    return None
