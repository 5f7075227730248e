"""Any mixture of commits, bad hints, stuck sockets, late joins and outages: in the end all hold the same lane."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.model import Lane
from rooms.ports import Head, Hint
from rooms.ring import Ring
from tests.rooms.world import Viewer, World, settle

FATES = ("arrives", "lost", "doubled", "late")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(FATES)),
        st.tuples(st.sampled_from(("edit", "redact", "restore")), st.integers(0, 5), st.sampled_from(FATES)),
        st.tuples(st.just("join"), st.integers(0, 30)),
        st.tuples(st.sampled_from(("stick", "flow", "leave")), st.integers(0, 5)),
        st.tuples(st.just("time"), st.sampled_from((0.0, 0.004, 0.02, 0.05, 0.5))),
        st.tuples(st.just("outage")),
        st.tuples(st.just("shrink"), st.integers(0, 5)),
    ),
    max_size=60,
)


class Story:
    """Plays steps; texts are unique, so that a leak can be told from a body that is still shown."""

    def __init__(self) -> None:
        self.world = World()
        self.viewers: list[Viewer] = []
        self.late: list[Hint] = []
        self.posts: list[str] = []
        self.count = 0

    async def play(self, steps: list[tuple[Any, ...]]) -> None:
        self.viewers.append(await self.world.viewer().join())
        for name, *arguments in steps:
            step: Callable[..., Any] = getattr(self, f"do_{name}")
            outcome = step(*arguments)
            if asyncio.iscoroutine(outcome):
                await outcome
            await settle(8)
        await self.calm()

    async def calm(self) -> None:
        """The network and the store are well again, and a second or two goes by."""
        self.world.store.away = False
        for hint in self.late:
            self.world.bus.publish(hint)
        for viewer in self.viewers:
            viewer.flow()
        for _ in range(4):
            await self.world.pass_time(0.5)
            await settle(40)

    def do_say(self, fate: str) -> None:
        self.count += 1
        post = f"p{self.count}"
        self.posts.append(post)
        self.send(self.world.store.message(post, f"text-{self.count}-of-{post};"), fate)

    def do_edit(self, which: int, fate: str) -> None:
        self.change("edit", which, fate)

    def do_redact(self, which: int, fate: str) -> None:
        self.change("redact", which, fate)

    def do_restore(self, which: int, fate: str) -> None:
        self.change("restore", which, fate)

    def change(self, kind: str, which: int, fate: str) -> None:
        if not self.posts:
            return
        post = self.posts[which % len(self.posts)]
        hidden = post in self.world.store.hidden
        if hidden is not (kind == "restore"):
            return  # the store would answer that it is so already
        self.count += 1
        fields = {"reason": "privacy"} if kind == "redact" else {"body": f"text-{self.count}-of-{post};", "ver": 2}
        self.send(self.world.store.append(kind, post, **fields), fate)

    def send(self, hint: Hint, fate: str) -> None:
        if fate == "late":
            self.late.append(hint)
        for _ in range({"arrives": 1, "doubled": 2}.get(fate, 0)):
            self.world.bus.publish(hint)

    async def do_join(self, back: int) -> None:
        if self.world.store.away or len(self.viewers) > 6:
            return
        head = len(self.world.store.logs["room1", Lane.PUB])  # type: ignore[index]
        pos = {Lane.PUB: Head("ep1", max(0, head - back))} if back % 2 else None
        self.viewers.append(await self.world.viewer().join(pos=pos))

    def do_stick(self, which: int) -> None:
        self.viewers[which % len(self.viewers)].stick()

    def do_flow(self, which: int) -> None:
        self.viewers[which % len(self.viewers)].flow()

    def do_leave(self, which: int) -> None:
        if len(self.viewers) > 1:
            self.world.hub.drop(self.viewers.pop(which % len(self.viewers)).listener)

    async def do_time(self, seconds: float) -> None:
        self.world.scheduler.advance(seconds)

    def do_outage(self) -> None:
        self.world.store.away = not self.world.store.away

    def do_shrink(self, count: int) -> None:
        """Memory is short: the ring gives up its oldest."""
        hosted = self.world.hub.hosted.get("room1")  # type: ignore[call-overload]
        if hosted is not None:
            ring = hosted.feed.lanes[Lane.PUB].ring
            ring._drop(min(count, ring.head - ring.base))

    def failures(self) -> list[str]:
        head = len(self.world.store.logs["room1", Lane.PUB])  # type: ignore[index]
        # `position` asserts order and the absence of holes on its way.
        held = {number: viewer.position() for number, viewer in enumerate(self.viewers) if viewer.sink.closed is None}
        return [f"viewer {number} is at {seq} of {head}" for number, seq in held.items() if seq != head]

    async def leaks(self) -> list[str]:
        """What a newcomer and a full replay show that the store does not."""
        fresh = await self.world.viewer().join()
        replayed = await self.world.viewer().join(pos={Lane.PUB: Head("ep1", 0)})
        await settle(40)
        store = self.world.store
        texts = [event for event in store.logs["room1", Lane.PUB] if "body" in event]  # type: ignore[index]
        hidden = [event["body"] for event in texts if event["id"] in store.hidden]
        shown = fresh.raw() + replayed.raw()
        faults = [body for body in hidden if body.encode() in shown]
        read = await store.events("room1", Lane.PUB, 0, 1_000)  # type: ignore[arg-type]
        if replayed.items() != read.items:
            faults.append("a replay differs from the store")
        return faults


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_everybody_ends_with_the_lane_of_the_store(steps: list[tuple[Any, ...]]) -> None:
    async def run() -> None:
        story = Story()
        await story.play(steps)
        assert story.failures() == []
        assert await story.leaks() == []

    asyncio.run(run())


def test_negative_control_without_the_head_probe_somebody_is_left_behind() -> None:
    async def run() -> list[str]:
        story = Story()

        async def blind() -> None:
            story.world.hub.probe.pulse.answered(story.world.scheduler.now())

        story.world.hub.probe.once = blind  # type: ignore[method-assign]
        await story.play([("say", "arrives"), ("say", "lost")])
        return story.failures()

    assert asyncio.run(run())


def test_negative_control_without_the_rewritten_ring_a_replay_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ring, "_hide", lambda self, post: None)

    async def run() -> list[str]:
        story = Story()
        await story.play([("say", "arrives"), ("redact", 0, "arrives")])
        return await story.leaks()

    assert asyncio.run(run())
