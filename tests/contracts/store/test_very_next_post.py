"""A switch of policy takes effect on the very next post, at the node where it was made and at every other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, IdSource, PostId, RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.handlers import Posting
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from moderation.trust import KNOWN_FROM, TRUSTED_FROM, TrustKeeping, derive
from persistence.store import Store
from rooms.commands import SetRoom
from rooms.model import PostKind, Trust
from tests.factories import HOST, MODERATOR, PRICE, guest, published, scheduled_room, steer

pytestmark = pytest.mark.anyio


@dataclass
class World:
    """Two nodes, one room; `say` posts at a node and answers what became of it."""

    here: Store
    there: Store
    clock: FrozenClock
    ids: IdSource
    room: RoomId
    question: PostId

    async def set(self, freeze: bool | None = None, **policy: Any) -> None:
        await self.here.commit(SetRoom(self.room, policy, freeze, HOST, self.clock.now_ms()))

    async def watch(self, level: Trust | None) -> None:
        await TrustKeeping(self.here, self.clock).say(MODERATOR, _of(REGULAR), level, "总在刷屏")

    async def say(self, node: Store, by: Actor, kind: PostKind = PostKind.QUESTION) -> str:
        pace = Pace(OwnAllowances(self.clock), burst=1000)
        posting = Posting(node, self.clock, self.ids, standard_pipeline(), pace)
        about = self.question if kind is PostKind.REPLY else None
        body = unlike_any(self.ids)
        try:
            receipt = await posting.submit(by, self.room, cid=self.ids(), kind=kind, body=body, reply_to=about)
        except Refusal as refusal:
            return refusal.code.name
        return " ".join([receipt.state.value, *(reason.phase for reason in receipt.reasons)])


REGULAR = guest("regular")


def unlike_any(ids: IdSource) -> str:
    return sha256(ids().encode()).hexdigest()[:20]


def _of(actor: Actor) -> UserId:
    assert actor.id is not None
    return actor.id


@pytest.fixture
async def world(store: Store, other: Store, clock: FrozenClock, ids: CountingIds) -> World:
    """An open room where the regular has been published often enough to be known."""
    room = (await scheduled_room(store, clock, ids, on_air=True, premoderate=False)).id
    for number in range(KNOWN_FROM):
        receipt = await published(store, room, clock, ids, by=REGULAR, body=f"第{number}问，换乘怎么算")
    return World(store, other, clock, ids, room, receipt.post)


Switch = Callable[[World], Awaitable[None]]
PUBLISHED, HELD = "published", "pending premoderation"


async def _both(world: World, by: Actor, kind: PostKind = PostKind.QUESTION) -> list[str]:
    return [await world.say(world.here, by, kind), await world.say(world.there, by, kind)]


@pytest.mark.parametrize(
    ("before", "after", "by", "kind", "was", "becomes"),
    [
        ({}, {"premoderate": True}, REGULAR, PostKind.QUESTION, PUBLISHED, HELD),
        ({"premoderate": True}, {"premoderate": False}, REGULAR, PostKind.QUESTION, HELD, PUBLISHED),
        ({"premoderate": True}, {"trust": "known"}, REGULAR, PostKind.QUESTION, HELD, PUBLISHED),
        ({"premoderate": True, "trust": "known"}, {"trust": "trusted"}, REGULAR, PostKind.QUESTION, PUBLISHED, HELD),
        ({"premoderate": True, "trust": "known"}, {"trust": "nobody"}, REGULAR, PostKind.QUESTION, PUBLISHED, HELD),
        ({}, {"staff": "review"}, PRICE, PostKind.REPLY, PUBLISHED, HELD),
        ({}, {"guests": False}, REGULAR, PostKind.QUESTION, PUBLISHED, "forbidden"),
        ({}, {"slow_ms": 60_000}, REGULAR, PostKind.QUESTION, PUBLISHED, "slow_mode"),
        ({}, {"freeze": True}, REGULAR, PostKind.QUESTION, PUBLISHED, "room_paused"),
    ],
)
async def test_a_switch_counts_for_the_next_post_at_both_nodes(
    world: World,
    before: dict[str, Any],
    after: dict[str, Any],
    by: Actor,
    kind: PostKind,
    was: str,
    becomes: str,
) -> None:
    await world.set(**before)
    assert await _both(world, by, kind) == [was, was]

    await world.set(**after)

    assert await _both(world, by, kind) == [becomes, becomes]


@pytest.mark.parametrize("policy", ["before", "after"])
async def test_what_a_room_takes_before_and_after_counts_for_the_next_post(world: World, policy: str) -> None:
    if policy == "after":
        await steer(world.here, world.clock, world.room, "close")
        kind, shut, follow_up = PostKind.COMMENT, "room_closed", world.question
    else:
        world.room = (await scheduled_room(world.here, world.clock, world.ids, premoderate=False)).id
        kind, shut, follow_up = PostKind.QUESTION, "room_paused", None
    posting = Posting(
        world.there, world.clock, world.ids, standard_pipeline(), Pace(OwnAllowances(world.clock), burst=1000)
    )

    for allowed in (True, False, True):
        await world.set(**{policy: allowed})
        body = unlike_any(world.ids)
        asked = posting.submit(REGULAR, world.room, cid=world.ids(), kind=kind, body=body, reply_to=follow_up)
        if allowed:
            assert (await asked).state.value == "published"
        else:
            with pytest.raises(Refusal, match=shut):
                await asked


async def test_whoever_is_watched_waits_from_the_next_post_on_in_every_room(world: World) -> None:
    assert await _both(world, REGULAR) == [PUBLISHED, PUBLISHED]

    await world.watch(Trust.WATCHED)
    assert await _both(world, REGULAR) == ["pending trust", "pending trust"]
    assert await _both(world, guest("another")) == [PUBLISHED, PUBLISHED]

    await world.set(premoderate=True, trust="known")
    assert await _both(world, REGULAR) == ["pending trust premoderation"] * 2
    await world.watch(None)
    assert await _both(world, REGULAR) == [PUBLISHED, PUBLISHED]


async def test_a_moderators_word_lets_a_newcomer_pass_where_the_trusted_do(world: World) -> None:
    newcomer = guest("newcomer")
    await world.set(premoderate=True, trust="trusted")
    assert await _both(world, newcomer) == [HELD, HELD]

    await TrustKeeping(world.there, world.clock).say(MODERATOR, _of(newcomer), Trust.TRUSTED, "电视台记者")

    assert await _both(world, newcomer) == [PUBLISHED, PUBLISHED]


async def test_a_switch_between_judging_and_storing_holds_too(world: World) -> None:
    """The policy is read again under the room's lock: what the phases admitted under the old one does not slip by."""
    posting = Posting(
        world.there, world.clock, world.ids, standard_pipeline(), Pace(OwnAllowances(world.clock), burst=1000)
    )
    commit = world.there.commit

    async def switched_first(command: Any) -> Any:
        await world.set(premoderate=True)
        return await commit(command)

    world.there.commit = switched_first  # type: ignore[method-assign]  # the moment between reading and storing
    receipt = await posting.submit(REGULAR, world.room, cid="x", kind=PostKind.QUESTION, body="就在这一刻")

    assert (receipt.state.value, [reason.phase for reason in receipt.reasons]) == ("pending", ["premoderation"])


async def test_every_switch_is_in_the_audit_with_what_stood_before(world: World) -> None:
    await world.set(premoderate=True)
    world.clock.advance(1)
    await world.set(trust="known")
    world.clock.advance(1)
    await world.set(freeze=True)

    frozen, trusting, _ = await world.there.policy_changes(world.room, 10)

    assert (frozen["to"], frozen["was"]) == ({"freeze": True}, {"freeze": False})
    assert (trusting["was"]["policy"]["trust"], trusting["to"]["policy"]["trust"]) == ("nobody", "known")
    assert frozen["by"] == {"id": HOST.id, "name": HOST.name}


async def test_the_stakes_are_counted_among_the_newest_of_the_room(world: World) -> None:
    await world.set(premoderate=True)
    await world.say(world.here, guest("somebody"))
    await world.watch(Trust.TRUSTED)

    stakes = await world.there.policy_stakes(world.room)

    assert stakes == {
        "waiting": 1,
        "looked_at": KNOWN_FROM + 1,
        "held": 1,
        "refused": 0,
        "authors": {"watched": 0, "new": 1, "known": 0, "trusted": 1},
    }


async def test_what_a_moderator_said_is_told_with_who_and_why(world: World) -> None:
    await world.watch(Trust.WATCHED)

    standing = await world.there.standing(_of(REGULAR))

    assert (standing.level, standing.derived) == (Trust.WATCHED, Trust.KNOWN)
    assert standing.said is not None
    assert (standing.said.reason, standing.said.by_name) == ("总在刷屏", MODERATOR.name)


@pytest.mark.parametrize(
    ("published_posts", "refused", "is_guest", "level"),
    [
        (0, 0, True, Trust.NEW),
        (KNOWN_FROM, 0, True, Trust.KNOWN),
        (KNOWN_FROM, 1, True, Trust.NEW),
        (TRUSTED_FROM, 0, True, Trust.KNOWN),
        (TRUSTED_FROM, 0, False, Trust.TRUSTED),
        (TRUSTED_FROM, 1, False, Trust.KNOWN),
    ],
)
def test_posts_speak_for_their_author(published_posts: int, refused: int, is_guest: bool, level: Trust) -> None:
    assert derive(published_posts, refused, guest=is_guest) is level


async def test_a_node_that_remembered_would_be_found_out(world: World) -> None:
    """The control: with what was read for the post before, a person watched since then would slip by."""
    asked = world.there.surroundings
    remembered: dict[UserId, Any] = {}

    async def as_before(room: RoomId, user: UserId, kind: PostKind) -> Any:
        if user not in remembered:
            remembered[user] = await asked(room, user, kind)
        return remembered[user]

    world.there.surroundings = as_before  # type: ignore[method-assign]  # a cache, as nobody should add one
    assert await world.say(world.there, REGULAR) == PUBLISHED
    await world.watch(Trust.WATCHED)

    assert await world.say(world.there, REGULAR) == PUBLISHED
    assert await world.say(world.here, REGULAR) == "pending trust"
