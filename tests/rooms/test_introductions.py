"""Two nodes follow one room: what is told and not stored is known on both, also to the one that came later."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kernel.ids import PostId
from rooms.desk import PRESENT_MS, Doing, Draft, Present
from rooms.model import Lane
from rooms.ports import Hint
from tests.rooms.world import ROOM, Viewer, World

pytestmark = pytest.mark.anyio

Q = PostId("q1")
HOUR_MS = 3_600_000


class Node(World):
    """One of two; `deaf` hears nothing of the other."""

    def __init__(self, name: str) -> None:
        super().__init__(node=name)
        self.name = name
        self.deaf = False
        self.said: Counter[str] = Counter()
        self._seats = 0

    def hear(self, hint: Hint) -> None:
        if not self.deaf:
            self.hub.receive(hint)

    def note(self, hint: Hint) -> None:
        if hint.aside is not None:
            self.said[hint.aside["k"]] += 1

    async def sit(self, team: str = "price", *lanes: Lane) -> Viewer:
        """Somebody of a department, at the desk."""
        viewer = self.viewer()
        self._seats += 1
        viewer.listener.conn, viewer.listener.team = f"{self.name}-{self._seats}", team
        return await viewer.join(*(lanes or (Lane.PUB, Lane.DESK)))

    def writes(self, viewer: Viewer, body: str = "") -> None:
        conn, team, now = viewer.listener.conn, viewer.listener.team or "", self.clock.now_ms()
        self.hub.asides.come(ROOM, Present(conn, f"name of {conn}", team, Q, Q, Doing.WRITING, now, now))
        if body:
            self.hub.asides.draft(ROOM, Draft(Q, team, conn, f"name of {conn}", team, body, 1, now))

    def holds(self, post: str, until: int, by: str = "mod") -> None:
        claim = {"post": post, "by": {"name": by, "id": by}, "until": until}
        self.bus.publish(Hint(ROOM, Lane.MOD, "", 0, 0, [], aside={"k": "claims", "x": [claim]}))

    def at_desk(self) -> list[str]:
        return [one.conn for one in self.hub.hosted[ROOM].desk.everyone()]


class Two:
    def __init__(self) -> None:
        self.near, self.far = Node("near"), Node("far")
        for one, other in ((self.near, self.far), (self.far, self.near)):
            one.bus.receivers += [one.note, other.hear]

    async def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.5)):
            for node in (self.near, self.far):
                await node.pass_time(0.5)
                node.clock.advance(500)


@pytest.fixture
def two() -> Two:
    return Two()


def last(viewer: Viewer, kind: str) -> Any:
    return viewer.of(kind)[-1]


def asides(viewer: Viewer) -> Counter[str]:
    return Counter(frame["t"] for frame in viewer.frames if frame["t"] in {"presence", "draft", "claims"})


async def test_who_comes_later_learns_who_is_there_what_they_draft_and_what_is_held(two: Two) -> None:
    writer = await two.near.sit()
    two.near.writes(writer, "起步价两元")
    two.near.holds("p1", two.near.clock.now_ms() + 30_000)
    await two.pass_time(1)
    colleague = await two.far.sit("price", Lane.PUB, Lane.DESK, Lane.MOD)
    stranger = await two.far.sit("metro")
    citizen = await two.far.viewer().join()

    two.far.bus.gap()
    await two.pass_time(2)

    assert [one["conn"] for one in last(colleague, "presence")["x"]] == ["near-1"]
    assert last(colleague, "draft")["body"] == "起步价两元"
    assert [held["post"] for held in last(colleague, "claims")["x"]] == ["p1"]
    assert not stranger.of("draft")
    assert [(one["dept"], one["post"]) for one in last(citizen, "presence")["x"]] == [("price", "q1")]


async def test_who_does_not_ask_does_not_know(two: Two) -> None:
    """The control of the test above: nothing but the question brings it."""
    two.near.writes(await two.near.sit(), "起步价两元")
    await two.pass_time(1)
    colleague = await two.far.sit()
    await two.pass_time(3)
    assert not colleague.of("presence")
    assert not colleague.of("draft")


async def test_who_left_while_nothing_was_heard_is_not_there_any_more(two: Two) -> None:
    leaver, stayer, watcher = await two.near.sit(), await two.near.sit(), await two.far.sit("metro")
    two.near.writes(leaver, "稿")
    two.near.writes(stayer)
    two.far.writes(watcher)
    assert two.far.at_desk() == ["near-1", "near-2", "far-1"]

    two.far.deaf = True
    two.near.hub.drop(leaver.listener)
    two.far.deaf = False
    two.far.bus.gap()
    await two.pass_time(2)

    assert two.far.at_desk() == ["near-2", "far-1"]
    assert two.near.at_desk() == ["near-2", "far-1"]


async def test_answers_are_for_all_who_asked_and_come_once_a_second(two: Two) -> None:
    two.near.writes(await two.near.sit(), "稿")
    await two.far.sit()
    for _ in range(10):
        for _ in range(20):
            two.far.bus.publish(Hint(ROOM, Lane.DESK, "", 0, 0, [], aside={"k": "who"}))
        await two.pass_time(0.5)
    assert two.near.said["present"] == 5


async def test_who_misses_something_over_and_over_asks_every_five_seconds(two: Two) -> None:
    await two.far.sit()
    for _ in range(40):
        two.far.bus.gap()
        await two.pass_time(0.5)
    assert two.far.said["who"] == 4


async def test_what_is_known_is_no_news(two: Two) -> None:
    writer, colleague = await two.near.sit(), await two.far.sit("price", Lane.PUB, Lane.DESK, Lane.MOD)
    two.near.writes(writer, "稿")
    two.near.holds("p1", two.near.clock.now_ms() + 30_000)
    await two.pass_time(2)
    before = asides(colleague)

    for node in (two.near, two.far):
        node.bus.gap()
    await two.pass_time(2)

    assert before == {"presence": 1, "draft": 1, "claims": 1}
    assert asides(colleague) == before
    assert two.near.said["present"] >= 1, "it was told again, and was no news"


async def test_a_node_that_is_no_more_has_nobody_at_the_desk(two: Two) -> None:
    two.near.writes(await two.near.sit(), "稿")
    watcher = await two.far.sit("metro")
    two.far.writes(watcher)
    await two.pass_time(1)

    two.far.hub.asides.lost("near")
    await two.pass_time(1)

    assert [one["conn"] for one in last(watcher, "presence")["x"]] == ["far-1"]
    assert two.far.hub.hosted[ROOM].desk.drafts("price") == [], "with the last of a team its drafts go"


async def test_clocks_of_nodes_do_not_matter(two: Two) -> None:
    two.far.clock.advance(HOUR_MS)
    two.near.writes(await two.near.sit())
    await two.far.sit()
    two.far.bus.gap()
    await two.pass_time(2)
    assert two.far.at_desk() == ["near-1"]
    shown = two.far.hub.hosted[ROOM].desk.everyone()[0]
    assert abs(two.far.clock.now_ms() - shown.since) < 10_000, "by the clock of this node"

    await two.pass_time(PRESENT_MS / 1_000 + 2)
    assert two.far.at_desk() == [], "who falls silent is gone here as there"


async def test_the_last_of_a_department_here_leaves_its_drafts_to_colleagues_elsewhere(two: Two) -> None:
    writer, colleague = await two.near.sit(), await two.far.sit()
    two.far.writes(colleague)
    two.near.writes(writer, "接手吧")
    two.near.hub.drop(writer.listener)

    newcomer = await two.near.sit()
    two.near.hub.asides.greet(ROOM, newcomer.listener)
    assert last(newcomer, "draft")["body"] == "接手吧"

    two.near.hub.drop(newcomer.listener)
    two.far.hub.drop(colleague.listener)
    for node in (two.near, two.far):
        assert node.hub.hosted[ROOM].desk.drafts("price") == []


async def test_what_is_held_is_learned_only_where_it_was_not_known_for_as_long(two: Two) -> None:
    moderator = await two.far.sit("", Lane.MOD)
    claims = two.far.hub.hosted[ROOM].claims
    now = two.far.clock.now_ms()
    known = {"post": "p1", "by": {"name": "a", "id": "a"}, "until": now + 20_000}
    claims.note([known])
    await two.pass_time(1)
    claims.learn([{**known, "until": now + 9_000}, known])
    await two.pass_time(1)
    assert len(moderator.of("claims")) == 1

    claims.learn([{**known, "until": now + 30_000}])
    await two.pass_time(1)
    assert last(moderator, "claims")["x"][0]["until"] == now + 30_000


async def test_a_moderator_who_comes_elsewhere_is_told_with_the_next_heartbeat(two: Two) -> None:
    citizen = await two.near.viewer().join()
    two.near.hub.presence.duty_elsewhere = lambda room: True
    two.near.hub.changed_elsewhere([ROOM])
    await two.pass_time(4)
    assert [beat["duty"] for beat in citizen.of("hb")] == [True]


async def test_other_nodes_are_told_of_rooms_that_are_watched(two: Two) -> None:
    viewer, moderator = await two.near.viewer().join(), await two.near.sit("", Lane.MOD)
    assert two.near.hub.here() == {ROOM: (2, True)}
    two.near.hub.drop(moderator.listener)
    assert two.near.hub.here() == {ROOM: (1, False)}
    two.near.hub.drop(viewer.listener)
    assert two.near.hub.here() == {}
