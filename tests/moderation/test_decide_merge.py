"""Many questions made one: shown once with its askers, the others pointing to it, each with an outcome of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Merge, Merged, Reopen, Ruling
from rooms.commands import Redact, Restore
from rooms.model import Lane, PostKind, PostState
from rooms.working_set import Question
from tests.factories import HOST, LEASE_MS, MODERATOR, MODERATOR_2, guest
from tests.rooms.deciding import World


def merge(world: World, into: PostId, *posts: PostId, by: Actor = MODERATOR) -> Merged:
    merged: Merged = world.do(Merge(into, 1, tuple((post, 1) for post in posts), by, world.now))
    return merged


def three(world: World) -> list[PostId]:
    """Questions of three netizens, in the moderator's hands."""
    posts = [world.submit(by=guest(str(n))).post for n in range(3)]
    world.pull(by=MODERATOR)
    return posts


def question(world: World, post: PostId) -> Question:
    found = world.ws.questions.get(world.post(post).question)  # type: ignore[arg-type]  # every one of these has one
    assert found is not None
    return found


def test_one_is_published_and_the_others_point_to_it() -> None:
    world = World()
    first, second, third = three(world)
    merged = merge(world, first, second, third)
    assert (merged.into.state, merged.into.number, merged.askers) == (PostState.PUBLISHED, 1, 3)
    assert merged.posts == ((second, None), (third, None))
    for post in second, third:
        assert (world.post(post).state, world.post(post).waiting, world.post(post).shown_version) == (
            PostState.REJECTED,
            False,
            None,
        )
        assert str(question(world, post).merged_into) == first
    assert world.told(Lane.PUB)[1:] == [("msg", first), ("askers", first), ("askers", first)]
    assert world.lane(Lane.PUB)[-1].meta == {"askers": 3}
    told = [draft.meta["verdict"] for draft in world.lane(Lane.MOD) if draft.kind == "verdict"]
    assert told == ["publish", "merge", "merge"]


def test_into_what_is_published_already_and_only_once() -> None:
    world = World()
    shown = world.published(by=guest("9")).post
    first, *_ = three(world)
    assert merge(world, shown, first).askers == 2
    drafts = len(world.ws.drafts)
    # Sent again after a lost answer.
    assert merge(world, shown, first).posts == ((first, None),)
    assert (question(world, shown).askers, len(world.ws.drafts)) == (2, drafts)


def test_who_asks_twice_is_one_asker() -> None:
    world = World()
    first, again = (world.submit(by=guest("7"), cid=cid).post for cid in "ab")
    world.pull(by=MODERATOR)
    assert merge(world, first, again).askers == 1


def test_what_its_own_asker_merged_something_into_is_not_merged_away() -> None:
    world = World()
    first, again = (world.submit(by=guest("7"), cid=cid).post for cid in "ab")
    world.pull(by=MODERATOR)
    merge(world, first, again)
    other = world.published(by=guest("8")).post
    assert merge(world, other, first).posts == ((first, "conflict"),)
    assert question(world, first).merged_into is None


def test_each_has_its_own_outcome() -> None:
    world = World()
    first, second, third = three(world)
    comment = world.submit(PostKind.COMMENT, by=guest("4")).post
    world.revise(third, "换一种问法？", by=guest("2"))
    outcomes = merge(world, first, second, third, comment, PostId("0" * 26), first).posts
    assert [code for _, code in outcomes] == [None, "stale_version", "conflict", "no_post", "conflict"]
    # What others point to stays where it is.
    other = world.published(by=guest("8")).post
    assert merge(world, other, first).posts == ((first, "conflict"),)


def test_without_a_lease_nothing_is_merged() -> None:
    world = World()
    first, second, _ = three(world)
    with pytest.raises(Refusal, match="lease_lost"):
        merge(world, first, second, by=MODERATOR_2)
    shown = world.published(by=guest("9")).post
    assert merge(world, shown, second, by=MODERATOR_2).posts == ((second, "lease_lost"),)
    assert question(world, shown).askers == 1


def test_what_is_hidden_rejected_or_merged_itself_takes_nothing_in() -> None:
    world = World()
    first, second, third = three(world)
    world.do(Redact(world.published(by=guest("9")).post, "privacy", HOST, world.now))
    hidden = next(post.id for post in world.ws.posts if post.hidden)
    world.decide(third, Ruling.REJECT)
    for into in hidden, third:
        with pytest.raises(Refusal, match="no_post"):
            merge(world, into, second)
    merge(world, first, second)
    with pytest.raises(Refusal, match="conflict"):
        merge(world, second, first)


def test_a_merged_question_stands_for_itself_again_as_a_new_version() -> None:
    world = World()
    first, second, _ = three(world)
    merge(world, first, second)
    world.do(Reopen(second, 1, MODERATOR, LEASE_MS, 60_000, b"s" * 16, world.now))
    assert (world.post(second).state, question(world, second).merged_into) == (PostState.PENDING, None)
    assert (question(world, first).askers, world.lane(Lane.PUB)[-1].meta) == (1, {"askers": 1})
    assert world.decide(second, ver=2).state is PostState.PUBLISHED


def test_its_author_asks_in_other_words() -> None:
    world = World()
    first, second, _ = three(world)
    merge(world, first, second)
    world.revise(second, "我问的是共享自行车", by=guest("1"))
    assert (question(world, second).merged_into, question(world, first).askers) == (None, 1)


def test_a_published_one_is_hidden_by_it_and_shown_again() -> None:
    world = World()
    first, second = (world.published(by=guest(n)).post for n in "12")
    assert merge(world, first, second).posts == ((second, None),)
    assert (world.post(second).hidden, question(world, first).askers) == ("merged", 2)
    assert world.told(Lane.PUB)[-2:] == [("redact", second), ("askers", first)]
    world.do(Restore(second, "reviewed", MODERATOR, world.now))
    assert (world.post(second).hidden, question(world, first).askers) == (None, 1)
    assert question(world, second) == replace(question(world, second), merged_into=None)
