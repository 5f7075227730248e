"""The ladder: what each step forbids, what it leaves, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.ids import PostId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Acknowledge, LiftSanction, Sanction
from moderation.report_commands import Report
from rooms.commands import Vote
from rooms.model import Lane
from rooms.sanctions import SanctionKind
from tests.factories import MODERATOR, guest
from tests.rooms.deciding import World

HOUR_MS = 3_600_000
WHO = guest("7")


def set_on(world: World, kind: SanctionKind, who: Actor = WHO) -> str:
    room = None if kind in {SanctionKind.SUSPEND, SanctionKind.BAN} else world.room
    made = Sanction(world.ids(), who.id, room, world.now + HOUR_MS, "请看规则", 5, MODERATOR, world.now, kind)  # type: ignore[arg-type]
    world.do(made)
    return made.id


def deeds(world: World, post: PostId) -> dict[str, Any]:
    return {
        "post": lambda: world.submit(by=WHO),
        "vote": lambda: world.do(Vote(post, WHO.id, 1, world.now)),  # type: ignore[arg-type]
        "report": lambda: world.do(Report(post, "1", None, WHO, world.now)),
    }


@pytest.mark.parametrize(
    ("kind", "forbidden", "code"),
    [
        (SanctionKind.WARN, set(), ""),
        (SanctionKind.MUTE, {"post"}, "muted"),
        (SanctionKind.SUSPEND, {"post", "vote", "report"}, "suspended"),
        (SanctionKind.BAN, {"post", "vote", "report"}, "banned"),
    ],
)
def test_each_step_forbids_what_it_says_and_nothing_else(kind: SanctionKind, forbidden: set[str], code: str) -> None:
    world = World()
    shown = world.published().post
    set_on(world, kind)
    for deed, act in deeds(world, shown).items():
        if deed in forbidden:
            with pytest.raises(Refusal, match=code):
                act()
        else:
            act()


@pytest.mark.parametrize("kind", SanctionKind)
def test_each_step_has_an_end_and_can_be_lifted_before(kind: SanctionKind) -> None:
    for lift in (True, False):
        world = World()
        shown = world.published().post
        set_on(world, kind)
        if lift:
            room = None if kind in {SanctionKind.SUSPEND, SanctionKind.BAN} else world.room
            world.do(LiftSanction(WHO.id, room, MODERATOR, world.now))  # type: ignore[arg-type]
        else:
            world.later(HOUR_MS)
        for act in deeds(world, shown).values():
            act()


def test_of_several_the_gravest_is_said() -> None:
    world = World()
    for kind in (SanctionKind.MUTE, SanctionKind.BAN, SanctionKind.SUSPEND):
        set_on(world, kind)
    with pytest.raises(Refusal, match="banned"):
        world.submit(by=WHO)


def test_nobody_else_is_touched() -> None:
    world = World()
    shown = world.published().post
    set_on(world, SanctionKind.BAN)
    world.submit(by=guest("8"))
    world.do(Vote(shown, guest("8").id, 1, world.now))  # type: ignore[arg-type]


def test_moderators_are_told_which_step_and_until_when() -> None:
    world = World()
    set_on(world, SanctionKind.WARN)
    told = world.lane(Lane.MOD)[-1]
    assert (told.kind, told.meta["kind"], told.meta["until"], told.meta["rule"]) == (
        "sanction",
        "warn",
        world.now + HOUR_MS,
        5,
    )


def test_a_warning_is_acknowledged_by_whom_it_is_for_and_stays_on_record() -> None:
    world = World()
    warned = set_on(world, SanctionKind.WARN)
    with pytest.raises(Refusal, match="forbidden"):
        world.do(Acknowledge(warned, world.room, guest("8"), world.now))
    with pytest.raises(Refusal, match="no_appeal"):
        world.do(Acknowledge("unknown", world.room, WHO, world.now))
    world.do(Acknowledge(warned, world.room, WHO, world.now))
    first = world.now
    world.later(5)
    world.do(Acknowledge(warned, world.room, WHO, world.now))
    assert world.ws.sanctions[warned].acknowledged_at == first
    assert world.ws.sanctions[warned].in_force(world.now)
