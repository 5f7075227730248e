"""The ladder: what each step forbids, what it leaves, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.ids import PostId, SourceKey, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.appeal_commands import Appeal, AppealMade
from moderation.commands import Acknowledge, LiftSanction, Sanction
from moderation.decide_appeals import NEIGHBOURS_HEARD
from moderation.report_commands import Report
from rooms.appeals import AppealState
from rooms.commands import Vote
from rooms.model import Lane
from rooms.sanctions import SanctionEntry, SanctionKind, Via
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


# --- by device and by address -----------------------------------------------------------------------------------------

DEVICE, OTHER_DEVICE, ADDRESS = SourceKey("d:1"), SourceKey("d:2"), SourceKey("a:1")
FIRST = replace(WHO, sources=(DEVICE, ADDRESS))
AGAIN = replace(guest("8"), sources=(DEVICE, ADDRESS))  # the same device, another name
BESIDE = replace(guest("9"), sources=(OTHER_DEVICE, ADDRESS))  # another device at the same address
BY = {Via.DEVICE: (DEVICE, "device_stopped"), Via.ADDRESS: (ADDRESS, "address_stopped")}


def set_by(world: World, via: Via, kind: SanctionKind = SanctionKind.MUTE) -> str:
    made = Sanction(
        world.ids(),
        UserId(str(WHO.id)),
        None,
        world.now + HOUR_MS,
        "请看规则",
        5,
        MODERATOR,
        world.now,
        kind,
        via,
        BY[via][0],
    )
    world.do(made)
    return made.id


@pytest.mark.parametrize("via", BY)
def test_who_comes_again_under_another_name_is_stopped_until_it_ends(via: Via) -> None:
    world = World()
    set_by(world, via)
    for who in (FIRST, AGAIN):
        with pytest.raises(Refusal, match=BY[via][1]):
            world.submit(by=who)
    world.later(HOUR_MS)
    world.submit(by=AGAIN)


def test_another_device_at_the_same_address_is_touched_by_the_address_alone() -> None:
    world = World()
    set_by(world, Via.DEVICE)
    world.submit(by=BESIDE)
    set_by(world, Via.ADDRESS)
    with pytest.raises(Refusal, match="address_stopped"):
        world.submit(by=BESIDE)


def test_the_person_is_not_meant_where_they_write_from_elsewhere() -> None:
    world = World()
    set_by(world, Via.ADDRESS)
    world.submit(by=replace(WHO, sources=(DEVICE,)))


def test_what_a_person_did_is_said_before_what_their_device_did() -> None:
    world = World()
    set_by(world, Via.ADDRESS)
    set_by(world, Via.DEVICE)
    with pytest.raises(Refusal, match="device_stopped"):
        world.submit(by=FIRST)
    set_on(world, SanctionKind.MUTE)
    with pytest.raises(Refusal, match="muted"):
        world.submit(by=FIRST)


@pytest.mark.parametrize(("kind", "forbidden"), [(SanctionKind.MUTE, False), (SanctionKind.SUSPEND, True)])
def test_votes_and_reports_as_by_the_account(kind: SanctionKind, forbidden: bool) -> None:
    world = World()
    shown = world.published().post
    set_by(world, Via.ADDRESS, kind)
    vote = Vote(shown, UserId(str(AGAIN.id)), 1, world.now, AGAIN.sources)
    for deed in (vote, Report(shown, "1", None, AGAIN, world.now)):
        if forbidden:
            with pytest.raises(Refusal, match="address_stopped"):
                world.do(deed)
        else:
            world.do(deed)


def test_it_is_lifted_on_the_card_where_it_was_decided() -> None:
    world = World()
    set_by(world, Via.DEVICE)
    world.do(LiftSanction(UserId(str(WHO.id)), None, MODERATOR, world.now))
    world.submit(by=AGAIN)


def test_of_neighbours_so_many_are_heard_and_whom_it_was_decided_on_always() -> None:
    world = World()
    stopped = set_by(world, Via.ADDRESS)

    def asks(who: Actor) -> AppealState:
        made: AppealMade = world.do(Appeal(world.ids(), None, stopped, None, who, "", world.now))
        return made.state

    crowd = [replace(guest(str(n)), sources=(ADDRESS,)) for n in range(100, 100 + NEIGHBOURS_HEARD)]
    assert {asks(who) for who in crowd} == {AppealState.OPEN}
    with pytest.raises(Refusal, match="appealed"):
        asks(replace(guest("99"), sources=(ADDRESS,)))
    # Who was heard is answered as before.
    assert (asks(crowd[0]), asks(FIRST)) == (AppealState.OPEN, AppealState.OPEN)


def test_moderators_and_the_audit_are_told_by_what_and_not_which() -> None:
    world = World()
    set_by(world, Via.DEVICE)
    told, kept = world.lane(Lane.MOD)[-1], world.ws.audits[-1]
    assert (told.meta["via"], told.meta["author"], kept.detail["via"]) == ("device", WHO.id, "device")
    assert DEVICE not in repr(told) + repr(kept) + repr(world.ws.sanctions)


def test_control_with_the_digest_not_compared_nobody_new_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SanctionEntry, "touches", lambda self, user, sources: self.user == user)
    world = World()
    set_by(world, Via.DEVICE)
    world.submit(by=AGAIN)
