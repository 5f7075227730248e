"""A moderator asks backstage about a post: a note of the desk's, of which the lane of moderators says who, not what."""

from __future__ import annotations

import pytest

from kernel.ids import PostId
from kernel.refusals import Refusal
from moderation.commands import Ruling
from rooms.commands import ChangeState, Redact, WithdrawPost
from rooms.model import Lane, PostKind, PostState
from tests.factories import HOST, MODERATOR, PRICE, guest
from tests.rooms.deciding import World

NOTE = PostKind.NOTE


def test_what_waits_stays_with_its_moderator_while_the_desk_is_asked() -> None:
    world = World()
    post = world.submit().post
    world.pull()
    note = world.submit(NOTE, by=MODERATOR, body="票价能公开到哪一步？", reply_to=post)

    assert note.state is PostState.PUBLISHED
    assert world.told(Lane.DESK) == [("msg", note.post)]
    assert world.lane(Lane.MOD)[-1].kind == "asked"
    assert (world.lane(Lane.MOD)[-1].ref, set(world.lane(Lane.MOD)[-1].meta)) == (post, {"by"})
    assert (world.post(post).lease_by, world.post(post).state) == (MODERATOR.id, PostState.PENDING)
    assert world.ws.audits[-1].action == "moderation:post:ask"


def test_who_judges_the_post_hears_that_the_desk_has_answered() -> None:
    world = World()
    post = world.submit().post
    asked = world.submit(NOTE, by=MODERATOR, reply_to=post).post
    for answerer in PRICE, HOST:
        world.submit(NOTE, by=answerer, body="到里程表为止。", reply_to=asked)

    told = [(draft.kind, draft.ref, draft.meta["by"]["name"]) for draft in world.lane(Lane.MOD) if "by" in draft.meta]
    assert told == [("asked", post, MODERATOR.name), ("answered", post, PRICE.name), ("answered", post, HOST.name)]


def test_what_departments_say_among_themselves_moderators_are_not_told() -> None:
    world = World()
    question = world.published().post
    before = world.told(Lane.MOD)
    note = world.submit(NOTE, by=PRICE, reply_to=question).post
    world.submit(NOTE, by=HOST, reply_to=note)
    world.submit(NOTE, by=HOST)

    assert world.told(Lane.MOD) == before


@pytest.mark.parametrize("verb", ["pause", "close"])
def test_the_desk_is_asked_while_nobody_else_may_write(verb: str) -> None:
    world = World()
    post = world.submit().post
    world.do(ChangeState(world.room, verb, HOST, world.now))

    assert world.submit(NOTE, by=MODERATOR, reply_to=post).state is PostState.PUBLISHED


def test_refused_and_hidden_posts_may_be_asked_about_and_what_is_nobodys_may_not() -> None:
    world = World()
    refused, hidden, taken = (world.submit(by=guest(str(n))).post for n in range(3))
    world.ruling(refused, Ruling.REJECT)
    world.ruling(hidden)
    world.do(Redact(hidden, "personal", MODERATOR, world.now))
    world.do(WithdrawPost(taken, guest("2"), world.now))
    note = world.submit(NOTE, by=MODERATOR, reply_to=refused).post
    world.submit(NOTE, by=MODERATOR, reply_to=hidden)

    shown = world.published(by=guest("3")).post
    world.do(WithdrawPost(shown, guest("3"), world.now))

    for nothing in (taken, shown, note, PostId("nobody")):
        with pytest.raises(Refusal, match="no_post"):
            world.submit(NOTE, by=MODERATOR, reply_to=nothing)


def test_others_still_answer_only_what_is_shown() -> None:
    world = World()
    waiting = world.submit().post
    for who in PRICE, HOST:
        with pytest.raises(Refusal, match="no_post"):
            world.submit(NOTE, by=who, reply_to=waiting)


def test_the_same_question_sent_again_is_the_same_note() -> None:
    world = World()
    post = world.submit().post
    first = world.submit(NOTE, by=MODERATOR, cid="h1", reply_to=post)
    told = world.told(Lane.MOD)

    assert world.submit(NOTE, by=MODERATOR, cid="h1", reply_to=post).post == first.post
    assert world.told(Lane.MOD) == told
