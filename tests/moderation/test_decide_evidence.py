"""Seals: what is put under one, and that reading one is an act."""

from __future__ import annotations

import pytest

from kernel.refusals import Refusal
from moderation.commands import Ruling
from moderation.evidence_commands import OpenSeal, SealOpened
from rooms.commands import Redact, WithdrawPost
from rooms.model import PostKind, PostState
from rooms.sealing import FIRST, chained, digest_of
from tests.factories import HOST, INSPECTOR, MODERATOR, PRICE, guest
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


def test_every_field_of_an_entry_is_in_its_chain() -> None:
    entry = {"room_id": "r", "post_id": "p", "version": 1, "why": "hidden", "by": "m", "reason": "3", "at": 7}
    whole = chained(FIRST, 1, {**entry, "digest": b"d"})
    others = [chained(FIRST, 1, {**entry, "digest": b"d", name: "another"}) for name in entry]
    others += [chained(FIRST, 2, {**entry, "digest": b"d"}), chained(FIRST, 1, {**entry, "digest": b"e"})]
    assert whole not in others
    assert len(set(others)) == len(others)
