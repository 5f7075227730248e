"""Hiding, restoring, pinning, staging and voting: each once, each answered with the event that made it so."""

from __future__ import annotations

import pytest

from kernel.ids import UserId
from kernel.refusals import Refusal
from rooms.commands import Pin, Redact, Restore, Stage, Vote
from rooms.model import Lane, PostKind
from tests.factories import HOST, MODERATOR, PRICE, guest
from tests.rooms.deciding import World


def test_hiding_says_the_reason_in_public_and_who_to_the_moderators() -> None:
    world = World()
    question = world.published()
    world.do(Redact(question.post, "privacy", MODERATOR, world.now))
    assert world.lane(Lane.PUB)[-1].meta == {"reason": "privacy"}
    told = world.lane(Lane.MOD)[-1]
    assert (told.kind, told.meta["author"], told.meta["by"]["name"]) == ("hidden", guest().id, MODERATOR.name)


def test_hiding_and_restoring_twice_is_once() -> None:
    world = World()
    question = world.published()
    hidden = world.do(Redact(question.post, "privacy", MODERATOR, world.now))
    assert world.do(Redact(question.post, "other", HOST, world.now)) == hidden
    assert world.post(question.post).hidden == "privacy"
    shown = world.do(Restore(question.post, "appeal", MODERATOR, world.now))
    assert world.do(Restore(question.post, "appeal", MODERATOR, world.now)) == shown
    assert [kind for kind, _ in world.told(Lane.PUB)][-2:] == ["redact", "restore"]


def test_only_its_author_withdraws_a_post() -> None:
    world = World()
    question = world.published()
    with pytest.raises(Refusal, match="bad_frame"):
        world.do(Redact(question.post, "withdrawn", MODERATOR, world.now))
    assert world.post(question.post).hidden is None


def test_restoring_what_was_never_hidden_answers_its_publication() -> None:
    world = World()
    question = world.published()
    assert world.do(Restore(question.post, "appeal", MODERATOR, world.now)).seq == question.seq


def test_a_restored_post_shows_its_newest_published_text() -> None:
    world = World(premoderate=False)
    question = world.published()
    world.revise(question.post, "第二版")
    world.do(Redact(question.post, "privacy", MODERATOR, world.now))
    world.do(Restore(question.post, "appeal", MODERATOR, world.now))
    assert world.lane(Lane.PUB)[-1].version == 2


def test_pinning_twice_is_once_and_off_again() -> None:
    world = World()
    post = world.published().post
    on = world.do(Pin(post, True, HOST, world.now))
    assert world.do(Pin(post, True, HOST, world.now)) == on
    assert world.do(Pin(post, False, HOST, world.now)) != on
    assert [draft.meta for draft in world.lane(Lane.PUB)[-2:]] == [{"on": True}, {"on": False}]


def test_unpinning_what_was_never_pinned_answers_its_publication() -> None:
    world = World()
    question = world.published()
    assert world.do(Pin(question.post, False, HOST, world.now)).seq == question.seq


def test_one_stage_so_that_who_comes_on_sends_the_other_off() -> None:
    world = World()
    first, second = world.published().post, world.published(by=guest("2")).post
    world.do(Stage(first, True, HOST, world.now))
    world.do(Stage(second, True, HOST, world.now))
    assert (world.post(first).staged, world.post(second).staged) == (False, True)
    assert [(draft.ref, draft.meta["on"]) for draft in world.lane(Lane.PUB)[-3:]] == [
        (first, True),
        (first, False),
        (second, True),
    ]


def test_only_what_everyone_sees_is_put_forward_or_voted_on() -> None:
    world = World()
    waiting = world.submit().post
    hidden = world.published(by=guest("2")).post
    world.do(Redact(hidden, "privacy", MODERATOR, world.now))
    note = world.submit(PostKind.NOTE, by=PRICE).post
    for post in (waiting, hidden, note):
        for command in (
            Pin(post, True, HOST, world.now),
            Stage(post, True, HOST, world.now),
            Vote(post, UserId("g:9"), 1, world.now),
        ):
            with pytest.raises(Refusal, match="no_post"):
                world.do(command)


def test_a_waiting_post_cannot_be_hidden() -> None:
    world = World()
    with pytest.raises(Refusal, match="no_post"):
        world.do(Redact(world.submit().post, "privacy", MODERATOR, world.now))


def test_the_last_word_of_each_voter_counts() -> None:
    world = World()
    post = world.published().post
    for voter, value, tally in (
        ("a", 1, (1, 0)),
        ("a", 1, (1, 0)),
        ("b", -1, (1, 1)),
        ("a", -1, (0, 2)),
        ("b", 0, (0, 1)),
    ):
        voted = world.do(Vote(post, UserId(voter), value, world.now))
        assert (voted.up, voted.down) == tally


def test_a_vote_is_up_down_or_back() -> None:
    world = World()
    with pytest.raises(Refusal, match="bad_frame"):
        world.do(Vote(world.published().post, UserId("a"), 2, world.now))
