"""An emergency holds from the very next post, for everybody it means, and ends by itself at its time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.ids import RoomId, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from rooms.commands import EndEmergency, RoomChanged, SetRoom
from rooms.emergency import CALM, Emergency
from rooms.model import Lane, PostKind, PostState
from tests.factories import HOST, PRICE, guest
from tests.rooms.deciding import World

VOUCHED = Actor(UserId("v:" + "0" * 20 + "vouchd"), "周念", Role.NETIZEN, verified=True)
ACCOUNT = Actor(UserId("0" * 20 + "netizn"), "周念", Role.NETIZEN)


def declared(world: World, **closed: Any) -> RoomChanged:
    freeze = closed.pop("freeze", None)
    changed: RoomChanged = world.do(SetRoom(world.room, {}, freeze, HOST, world.now, **closed))
    return changed


def test_while_everything_is_held_staff_wait_too_but_not_backstage() -> None:
    world = World(premoderate=False)
    question = world.published().post
    declared(world, hold=True)
    assert world.submit().state is PostState.PENDING
    answer = world.submit(PostKind.REPLY, by=PRICE, reply_to=question)
    assert answer.state is PostState.PENDING
    assert world.submit(PostKind.NOTICE, by=HOST).state is PostState.PENDING
    assert world.submit(PostKind.NOTE, by=PRICE).state is PostState.PUBLISHED
    # A correction of what stands waits too, and the old text stands meanwhile.
    earlier = world.ruling(answer.post)
    assert world.revise(answer.post, "更正", by=PRICE, ver=1).state is PostState.PUBLISHED
    assert (world.post(earlier.post).waiting, world.post(earlier.post).shown_version) == (True, 1)
    declared(world, hold=False)
    assert world.submit().state is PostState.PUBLISHED
    assert world.ws.rooms[world.room].room.emergency == CALM


def test_verified_only_lets_accounts_post_and_guests_read() -> None:
    world = World()
    declared(world, verified=True)
    with pytest.raises(Refusal, match="forbidden"):
        world.submit(by=guest())
    assert world.submit(by=ACCOUNT).state is PostState.PENDING


def test_whom_the_city_vouches_for_writes_in_the_room_it_vouches_for() -> None:
    world = World(guests=False)
    for closed in (False, True):
        declared(world, verified=closed)
        assert world.submit(by=VOUCHED).state is PostState.PENDING
        own = world.submit(by=replace(VOUCHED, verified_in=world.room)).post
        with pytest.raises(Refusal, match="forbidden"):
            world.submit(by=replace(VOUCHED, verified_in=RoomId("another")))
        with pytest.raises(Refusal, match="forbidden"):
            world.revise(own, "换一种说法", by=replace(VOUCHED, verified_in=RoomId("another")))


def test_verified_only_takes_no_other_words_of_guests_either() -> None:
    world = World(premoderate=False)
    earlier, own = world.published(by=guest()).post, world.published(by=ACCOUNT).post
    declared(world, verified=True)
    with pytest.raises(Refusal, match="forbidden"):
        world.revise(earlier, "换一种说法")
    assert world.revise(own, "换一种说法", by=ACCOUNT).version == 2
    declared(world, verified=False)
    assert world.revise(earlier, "换一种说法").version == 2


def test_it_ends_by_itself_to_the_millisecond_and_is_said_once() -> None:
    world = World(premoderate=False)
    declared(world, freeze=True, hold=True, until=world.now + 60_000)
    with pytest.raises(Refusal, match="room_paused"):
        world.submit()
    world.do(EndEmergency(world.room, world.now))
    assert world.lane(Lane.PUB)[-1].meta["freeze"] is True
    world.later(60_000)
    assert world.submit().state is PostState.PUBLISHED
    drafts = len(world.lane(Lane.PUB))
    for _ in range(2):
        world.do(EndEmergency(world.room, world.now))
    (told,) = world.lane(Lane.PUB)[drafts:]
    assert told.meta == {"freeze": False, "hold": False, "verified": False, "until": 0}
    assert [one.action for one in world.ws.audits][-1] == "room:room:calm"


def test_lifting_the_last_of_it_forgets_its_end() -> None:
    world = World()
    declared(world, freeze=True, until=world.now + 60_000)
    declared(world, freeze=False)
    assert world.ws.rooms[world.room].room.emergency == CALM
    assert world.lane(Lane.PUB)[-1].meta == {"freeze": False, "until": 0}


def test_what_is_declared_after_one_ran_out_is_not_ended_with_it() -> None:
    world = World(premoderate=False)
    declared(world, freeze=True, verified=True, until=world.now + 60_000)
    world.later(60_000)
    declared(world, hold=True)
    # Who watches is told all that has changed: that of before is over.
    assert world.lane(Lane.PUB)[-1].meta == {"freeze": False, "hold": True, "verified": False, "until": 0}
    world.do(EndEmergency(world.room, world.now))
    assert world.submit().state is PostState.PENDING
    room = world.ws.rooms[world.room].room
    assert (room.frozen, room.emergency) == (False, Emergency(hold=True))
