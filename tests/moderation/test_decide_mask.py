"""A text published with parts of it covered: nothing else changes, the original is in no event, its author is told."""

from __future__ import annotations

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Mask
from rooms.commands import PostReceipt
from rooms.model import Lane, PostKind, PostState, StaffReview
from tests.factories import MODERATOR, MODERATOR_2, PRICE
from tests.rooms.deciding import World

BODY = "电话 13800138000，起步价几元？"
PHONE = ((3, 14),)


def mask(
    world: World, post: PostId, spans: tuple[tuple[int, int], ...] = PHONE, *, by: Actor = MODERATOR, ver: int = 1
) -> PostReceipt:
    receipt: PostReceipt = world.do(Mask(post, ver, spans, None, by, b"s" * 16, world.now))
    return receipt


def test_only_what_was_chosen_is_covered_and_the_original_is_in_no_event() -> None:
    world = World()
    post = world.submit(body=BODY).post
    world.pull()
    receipt = mask(world, post)
    assert (receipt.state, receipt.version, receipt.number) == (PostState.PUBLISHED, 2, 1)
    assert world.ws.texts[post, 2].body == "电话 ***********，起步价几元？"
    assert world.ws.texts[post, 1].body == BODY
    assert [(draft.kind, draft.version) for draft in world.lane(Lane.PUB) if draft.ref] == [("msg", 2)]
    told = world.lane(Lane.MOD)[-1].meta
    assert (told["verdict"], told["reason"], told["ver"]) == ("publish", "masked", 2)
    # Sent again after a lost answer.
    again = mask(world, post)
    assert (again.seq, again.repeated) == (receipt.seq, True)


@pytest.mark.parametrize("spans", [(), ((0, 0),), ((5, 3),), ((0, 99),), ((-1, 2),), ((0, len(BODY)),)])
def test_nothing_covered_or_nothing_left_is_no_masking(spans: tuple[tuple[int, int], ...]) -> None:
    world = World()
    post = world.submit(body=BODY).post
    world.pull()
    with pytest.raises(Refusal, match="bad_frame"):
        mask(world, post, spans)


def test_it_needs_the_lease_and_the_version_that_was_read() -> None:
    world = World()
    post = world.submit(body=BODY).post
    with pytest.raises(Refusal, match="lease_lost"):
        mask(world, post)
    world.pull()
    with pytest.raises(Refusal, match="lease_lost"):
        mask(world, post, by=MODERATOR_2)
    with pytest.raises(Refusal, match="stale_version"):
        mask(world, post, ver=2)


def test_nobody_puts_holes_into_the_words_of_a_department() -> None:
    world = World(staff=StaffReview.REVIEW)
    question = world.published().post
    answer = world.submit(PostKind.REPLY, by=PRICE, body=BODY, reply_to=question).post
    world.pull()
    with pytest.raises(Refusal, match="forbidden"):
        mask(world, answer)
