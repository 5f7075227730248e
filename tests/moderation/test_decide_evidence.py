"""Seals: what is put under one, and that reading one is an act."""

from __future__ import annotations

import pytest

from kernel.ids import PostId
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade, DecideAppeal
from moderation.commands import Ruling
from moderation.evidence_commands import EraseSealed, KeepSeal, OpenSeal, SealErased, SealOpened
from rooms.appeals import AppealState
from rooms.commands import Redact, Restore, WithdrawPost
from rooms.model import PostKind, PostState
from rooms.sealing import FIRST, chained, digest_of
from tests.factories import HOST, INSPECTOR, MODERATOR, MODERATOR_2, PRICE, guest
from tests.rooms.deciding import World


def sealed(world: World) -> list[tuple[str, str, int]]:
    return [(one.why.value, one.post, one.version) for one in world.ws.seals]


def test_what_is_refused_or_hidden_is_put_under_seal_and_what_is_taken_back_is_not() -> None:
    world = World()
    refused, hidden, machine = world.submit().post, world.published().post, None
    world.ruling(refused, Ruling.REJECT)
    world.do(Redact(hidden, "3", MODERATOR, world.now))
    machine = world.submit(judged=PostState.REJECTED).post
    taken = world.published().post
    world.do(WithdrawPost(taken, guest(), world.now))
    assert sealed(world) == [("refused", refused, 1), ("hidden", hidden, 1), ("refused", machine, 1)]
    assert [one.by for one in world.ws.seals] == [MODERATOR.id, MODERATOR.id, None]


def test_what_is_published_is_not() -> None:
    world = World()
    world.published()
    assert sealed(world) == []


def test_only_what_is_sealed_is_opened_and_the_opening_is_sealed_too() -> None:
    world = World()
    post = world.submit().post
    open_it = OpenSeal(post, 1, "申诉复核", INSPECTOR, world.now)
    with pytest.raises(Refusal, match="no_post"):
        world.do(open_it)
    world.ruling(post, Ruling.REJECT)
    text = world.ws.texts[post, 1]
    world.ws.sealed[post, 1] = digest_of(text.salt, text.body)
    opened: SealOpened = world.do(open_it)
    assert opened.body == text.body
    assert (world.ws.seals[-1].why.value, world.ws.seals[-1].by, world.ws.seals[-1].reason) == (
        "opened",
        INSPECTOR.id,
        "申诉复核",
    )
    assert world.ws.audits[-1].action == "moderation:evidence:open"


def test_what_was_hidden_backstage_is_opened_by_who_may_read_there() -> None:
    world = World()
    note = world.submit(PostKind.NOTE, by=PRICE).post
    world.do(Redact(note, "3", HOST, world.now))
    text = world.ws.texts[note, 1]
    world.ws.sealed[note, 1] = digest_of(text.salt, text.body)
    with pytest.raises(Refusal, match="no_post"):
        world.do(OpenSeal(note, 1, "看一下", MODERATOR, world.now))
    opened: SealOpened = world.do(OpenSeal(note, 1, "看一下", INSPECTOR, world.now))
    assert opened.body == text.body


def under_seal(world: World, post: PostId, ver: int = 1) -> None:
    """As a batch finds it whose commands ask for this seal."""
    text = world.ws.texts[post, ver]
    world.ws.sealed[post, ver] = digest_of(text.salt, text.body)
    world.ws.sealed_at[post, ver] = world.now


def erased(world: World, post: PostId, before: int | None = None) -> bool:
    outcome: SealErased = world.do(EraseSealed(post, 1, world.now + 1 if before is None else before, world.now))
    return outcome.erased


def test_a_sealed_text_is_erased_once_its_time_is_over_and_the_seal_says_so() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    under_seal(world, post)
    before = world.ws.texts[post, 1]
    assert not erased(world, post, world.now)
    assert erased(world, post)
    assert not erased(world, post), "there is nothing left to erase"
    after = world.ws.texts[post, 1]
    assert (after.body, after.salt, after.erased, before.erased) == ("", b"", True, False)
    last = world.ws.seals[-1]
    assert (last.why.value, last.by, last.digest) == ("erased", None, digest_of(before.salt, before.body))
    opened: SealOpened = world.do(OpenSeal(post, 1, "看一下", INSPECTOR, world.now))
    assert (opened.body, opened.digest) == ("", last.digest.hex())


def test_what_is_public_or_waits_stays_however_old_its_seal_is() -> None:
    world = World()
    public, waiting = world.published().post, world.submit().post
    for post in (public, waiting):
        under_seal(world, post)
        assert not erased(world, post)
    world.do(Redact(public, "3", MODERATOR, world.now))
    assert erased(world, public)
    with pytest.raises(Refusal, match="no_post"):
        world.do(Restore(public, "mistake", MODERATOR, world.now))


def test_what_is_appealed_against_stays() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    under_seal(world, post)
    world.do(Appeal("a1", post, None, world.room, guest(), "请再看", world.now))
    assert not erased(world, post)


@pytest.mark.parametrize("hidden", [False, True])
def test_what_was_erased_is_not_appealed_against_any_more(hidden: bool) -> None:
    world = World()
    post = world.published().post if hidden else world.submit().post
    if hidden:
        world.do(Redact(post, "3", MODERATOR, world.now))
    else:
        world.ruling(post, Ruling.REJECT)
    under_seal(world, post)
    assert erased(world, post)
    with pytest.raises(Refusal, match="range_gone"):
        world.do(Appeal("a1", post, None, world.room, guest(), "请再看", world.now))


def test_an_appeal_made_in_time_is_the_same_appeal_after_the_text_was_erased() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    asked = Appeal("a1", post, None, world.room, guest(), "请再看", world.now)
    world.do(asked)
    world.do(DecideAppeal("a1", post, None, world.room, AppealState.UPHELD, None, b"", MODERATOR_2, world.now))
    under_seal(world, post)
    assert erased(world, post)
    assert world.do(asked) == AppealMade("a1", AppealState.UPHELD)


def test_what_is_kept_for_a_dispute_outlives_its_time() -> None:
    world = World()
    post = world.submit().post
    world.ruling(post, Ruling.REJECT)
    with pytest.raises(Refusal, match="no_post"):
        world.do(KeepSeal(post, 1, True, "诉讼未结", INSPECTOR, world.now))
    under_seal(world, post)
    for _ in range(2):
        world.do(KeepSeal(post, 1, True, "诉讼未结", INSPECTOR, world.now))
    assert not erased(world, post)
    world.do(KeepSeal(post, 1, False, "已结案", INSPECTOR, world.now))
    assert erased(world, post)
    assert [one.why.value for one in world.ws.seals] == ["refused", "kept", "released", "erased"]
    with pytest.raises(Refusal, match="bad_state"):
        world.do(KeepSeal(post, 1, True, "太晚了", INSPECTOR, world.now))


def test_every_field_of_an_entry_is_in_its_chain() -> None:
    entry = {"room_id": "r", "post_id": "p", "version": 1, "why": "hidden", "by": "m", "reason": "3", "at": 7}
    whole = chained(FIRST, 1, {**entry, "digest": b"d"})
    others = [chained(FIRST, 1, {**entry, "digest": b"d", name: "another"}) for name in entry]
    others += [chained(FIRST, 2, {**entry, "digest": b"d"}), chained(FIRST, 1, {**entry, "digest": b"e"})]
    assert whole not in others
    assert len(set(others)) == len(others)
