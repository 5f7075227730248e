"""The review queue: leases, rulings, mutes."""

from __future__ import annotations

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Extend, LiftSanction, Pull, Pulled, Release, Reopen, Ruling, Sanction
from rooms.model import Lane, PostState, RoomState
from tests.factories import LEASE_MS, MODERATOR, MODERATOR_2, guest
from tests.rooms.deciding import World

DAY_MS = 86_400_000


def test_two_moderators_never_get_the_same_post() -> None:
    world = World()
    posts = [world.submit().post for _ in range(5)]
    first, second = world.pull(3, MODERATOR), world.pull(3, MODERATOR_2)
    assert [one.post for one in first.posts] == posts[:3]
    assert [one.post for one in second.posts] == posts[3:]


def test_pulling_for_one_room_leaves_the_others_alone() -> None:
    world, other = World(), World()
    world.submit()
    assert world.do(Pull(other.room.replace("1", "9"), 5, MODERATOR, LEASE_MS, world.now)).posts == ()  # type: ignore[arg-type]


def test_one_post_alone_is_taken_unless_somebody_holds_it() -> None:
    world = World()
    _, second = (world.submit().post for _ in range(2))
    chosen = Pull(None, 5, MODERATOR, LEASE_MS, world.now, post=second)
    assert [one.post for one in world.do(chosen).posts] == [second]
    assert world.do(Pull(None, 5, MODERATOR_2, LEASE_MS, world.now, post=second)).posts == ()


def test_what_a_colleague_holds_is_taken_over_on_purpose_and_kept_on_record() -> None:
    world = World()
    post = world.submit().post
    world.pull(by=MODERATOR)
    (taken,) = world.do(Pull(None, 1, MODERATOR_2, LEASE_MS, world.now, post=post, take_over=True)).posts
    assert (taken.post, taken.lease_by) == (post, MODERATOR_2.id)
    with pytest.raises(Refusal, match="lease_lost"):
        world.decide(post, by=MODERATOR)
    assert world.decide(post, by=MODERATOR_2).state is PostState.PUBLISHED
    (entry,) = (one for one in world.ws.audits if one.action == "moderation:post:take")
    assert (entry.actor, entry.subject, entry.detail) == (MODERATOR_2.id, post, {"ver": 1, "from": MODERATOR.id})
    # What waits no longer, or is one's own, is no taking.
    assert world.do(Pull(None, 1, MODERATOR, LEASE_MS, world.now, post=post, take_over=True)).posts == ()
    mine = world.submit().post
    world.pull(by=MODERATOR)
    world.do(Pull(None, 1, MODERATOR, LEASE_MS, world.now, post=mine, take_over=True))
    assert sum(one.action == "moderation:post:take" for one in world.ws.audits) == 1


def test_a_lease_run_out_goes_to_the_next_and_its_holder_decides_nothing() -> None:
    world = World()
    post = world.submit().post
    world.pull(by=MODERATOR)
    world.later(LEASE_MS)
    with pytest.raises(Refusal, match="lease_lost"):
        world.decide(post, by=MODERATOR)
    assert [one.post for one in world.pull(by=MODERATOR_2).posts] == [post]
    assert world.decide(post, by=MODERATOR_2).state is PostState.PUBLISHED


def test_the_holder_extends_and_gives_back_and_nobody_else() -> None:
    world = World()
    post = world.submit().post
    world.pull(by=MODERATOR)
    world.later(20_000)
    assert world.do(Extend(post, 1, MODERATOR, LEASE_MS, world.now)).lease_until == world.now + LEASE_MS
    for command in Extend(post, 1, MODERATOR_2, LEASE_MS, world.now), Release(post, 1, MODERATOR_2, world.now):
        with pytest.raises(Refusal, match="lease_lost"):
            world.do(command)
    assert world.do(Release(post, 1, MODERATOR, world.now)).lease_until == 0
    assert [one.post for one in world.pull(by=MODERATOR_2).posts] == [post]


def test_a_ruling_tells_the_moderators_what_and_by_whom() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    told = world.lane(Lane.MOD)[-1]
    assert told.kind == "verdict"
    assert told.ref == post
    assert told.meta["author"] == guest().id
    assert told.meta["state"] == "rejected"
    assert world.told(Lane.PUB) == [("state", None)]


def test_the_same_ruling_again_is_the_recorded_answer_whatever_happened_since() -> None:
    world = World()
    post = world.submit().post
    first = world.ruling(post)
    world.revise(post, "第二版")
    again = world.decide(post)
    assert (again.seq, again.state, again.version, again.repeated) == (first.seq, PostState.PUBLISHED, 1, True)


def test_one_verdict_to_a_version() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post)
    for ruling, by in ((Ruling.REJECT, MODERATOR), (Ruling.PUBLISH, MODERATOR_2)):
        with pytest.raises(Refusal, match="lease_lost"):
            world.decide(post, ruling, by=by)
    assert [kind for kind, _ in world.told(Lane.PUB)] == ["state", "msg"]


def test_a_ruling_needs_a_lease_and_a_post() -> None:
    world = World()
    post = world.submit().post
    with pytest.raises(Refusal, match="lease_lost"):
        world.decide(post)
    with pytest.raises(Refusal, match="no_post"):
        world.decide("00000000000000000000000zzz")  # type: ignore[arg-type]


def test_a_rejection_is_undone_by_a_new_version_only() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    with pytest.raises(Refusal, match="lease_lost"):
        world.decide(post)
    world.revise(post, "换一种问法？")
    assert world.ruling(post, ver=2).state is PostState.PUBLISHED


def test_who_refused_takes_it_back_as_a_new_version_before_themselves() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    (again,) = _reopen(world, post).posts
    assert (again.ver, again.lease_by, again.body) == (2, MODERATOR.id, "起步价为什么定三元？")
    assert (world.post(post).state, world.post(post).waiting) == (PostState.PENDING, True)
    told = world.lane(Lane.MOD)[-1]
    assert (told.kind, told.meta["author"], told.meta["ver"]) == ("reopened", guest().id, 2)
    # Sent again after a lost answer: the same post, once.
    assert _reopen(world, post).posts[0].ver == 2
    assert world.decide(post, ver=2).state is PostState.PUBLISHED
    assert [kind for kind, _ in world.told(Lane.PUB)] == ["state", "msg"]


def test_a_colleagues_rejection_and_an_old_one_stand() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    with pytest.raises(Refusal, match="forbidden"):
        _reopen(world, post, by=MODERATOR_2)
    world.later(DAY_MS + 1)
    with pytest.raises(Refusal, match="forbidden"):
        _reopen(world, post)


def test_only_the_rejection_of_the_newest_version_is_taken_back() -> None:
    world = World()
    published, waiting, revised = (world.submit().post for _ in range(3))
    world.pull()
    world.decide(published)
    world.decide(revised, Ruling.REJECT)
    world.revise(revised, "换一种问法？")
    for post in published, waiting, revised:
        with pytest.raises(Refusal, match="stale_version"):
            _reopen(world, post)


def test_a_refused_revision_waits_again_while_the_old_text_stands() -> None:
    world = World()
    post = world.published().post
    world.revise(post, "改过的")
    world.ruling(post, Ruling.REJECT, ver=2)
    assert _reopen(world, post, ver=2).posts[0].ver == 3
    assert (world.post(post).state, world.post(post).shown_version) == (PostState.PUBLISHED, 1)
    world.decide(post, ver=3)
    assert world.told(Lane.PUB)[-1] == ("edit", post)


def test_what_was_taken_back_and_went_to_a_colleague_is_theirs() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    _reopen(world, post)
    world.later(LEASE_MS)
    world.pull(by=MODERATOR_2)
    with pytest.raises(Refusal, match="lease_lost"):
        _reopen(world, post)


def test_a_mute_ends_with_its_time_or_when_it_is_lifted() -> None:
    world = World()
    world.do(_mute(world))
    with pytest.raises(Refusal, match="muted"):
        world.submit()
    assert world.submit(by=guest("2")).state is PostState.PENDING
    world.do(LiftSanction(guest().id, world.room, MODERATOR, world.now))  # type: ignore[arg-type]
    assert world.submit().state is PostState.PENDING
    world.do(_mute(world))
    world.later(60_000)
    assert world.submit().state is PostState.PENDING


def test_a_mute_everywhere_is_told_in_every_room_on_air() -> None:
    world = World()
    world.do(_mute(world, everywhere=True))
    assert world.lane(Lane.MOD)[-1].meta["author"] == guest().id
    with pytest.raises(Refusal, match="muted"):
        world.submit()
    closed = World(state=RoomState.CLOSED)
    closed.do(_mute(closed, everywhere=True))
    assert closed.lane(Lane.MOD) == []


def test_lifting_nothing_tells_nobody() -> None:
    world = World()
    world.do(LiftSanction(guest().id, world.room, MODERATOR, world.now))  # type: ignore[arg-type]
    assert world.lane(Lane.MOD) == []


def _mute(world: World, *, everywhere: bool = False) -> Sanction:
    room = None if everywhere else world.room
    return Sanction(world.ids(), guest().id, room, world.now + 60_000, "spam", 3, MODERATOR, world.now)  # type: ignore[arg-type]


def _reopen(world: World, post: PostId, *, ver: int = 1, by: Actor = MODERATOR) -> Pulled:
    pulled: Pulled = world.do(Reopen(post, ver, by, LEASE_MS, DAY_MS, b"0123456789abcdef", world.now))
    return pulled
