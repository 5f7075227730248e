"""Negative controls: with one safeguard switched off, the judge must find that a promise is broken."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.hint_codec import HintCodec
from moderation import decide
from persistence import epochs, flush
from persistence.known_heads import KnownHeads
from rooms import decide_posts
from rooms.commands import SubmitPost
from rooms.feed import LaneFeed
from rooms.ports import Hint
from rooms.probe import HeadProbe
from rooms.ring import Entry, Ring
from tests.simulation.plan import Deed, Plan, plan_of, with_fail_overs
from tests.simulation.run import run

TRIES = 30


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def rush(seed: int) -> Plan:
    """Everybody wants the same few posts at the same moment, over and over."""
    kinds = ("ask", "ask", "ask", "pull", "pull", "pull", "pull", "withdraw", "revise", "redact")
    moments = [(at + 0.01 * place, what) for at in range(8) for place, what in enumerate(kinds)]
    deeds = tuple(Deed(at, what, 1_000 * seed + n) for n, (at, what) in enumerate(moments))
    return replace(plan_of(seed), deeds=deeds)


def found(rules: set[str], plan: Callable[[int], Plan] = plan_of, **weather: Any) -> set[str]:
    """The rules of these that a few plans with this weather break; the first that does is enough."""
    for seed in range(500, 500 + TRIES):
        broken = rules & {violation.rule for violation in run(replace(plan(seed), **weather)).violations}
        if broken:
            return broken
    return set()


def test_without_the_head_probe_somebody_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def blind(self: HeadProbe) -> None:
        self.pulse.answered(self._scheduler.now())

    monkeypatch.setattr(HeadProbe, "once", blind)
    assert found({"I7"}, lost=0.3)


def test_without_the_sequence_check_there_are_holes(monkeypatch: pytest.MonkeyPatch) -> None:
    def credulous(self: LaneFeed, hint: Hint) -> None:
        if hint.epoch == self.epoch:
            self._apply(hint.items)

    def take_all(self: LaneFeed, items: list[Any]) -> None:
        for item in items:
            self.ring._entries.append(Entry(item))
        self._on_items(self, items)

    monkeypatch.setattr(LaneFeed, "receive", credulous)
    monkeypatch.setattr(LaneFeed, "_apply", take_all)
    assert found({"I3", "I4"}, lost=0.3)


def test_without_the_rewritten_ring_what_is_hidden_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ring, "_hide", lambda self, post: None)
    assert found({"I8"}, rush)


def test_without_the_lease_fence_somebody_decides_what_another_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.decide_leases.holds", lambda post, moderator, now: post.waiting)
    assert found({"I6"})


def test_without_the_compare_and_set_an_old_view_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush, "compare_and_set", lambda changed: None)
    assert found({"I1", "I4", "I5", "I6"}, rush, old_view=0.7)


def test_without_the_known_cids_a_resend_is_a_second_post(monkeypatch: pytest.MonkeyPatch) -> None:
    real = decide_posts.submit

    def forgetful(ws: Any, command: Any) -> Any:
        ws.cids.clear()
        return real(ws, replace(command, cid=f"{command.cid}-{command.id}"[-40:]))

    monkeypatch.setattr(decide, "_DECISIONS", {**decide._DECISIONS, SubmitPost: forgetful})
    assert found({"I1"}, unknown=0.2)


def test_without_the_hint_signature_a_stranger_speaks_in_a_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def intruded(seed: int) -> Plan:
        plan = plan_of(seed)
        return replace(plan, deeds=(*plan.deeds, *(Deed(7.0 + n / 10, "forge", n) for n in range(5))))

    monkeypatch.setattr(HintCodec, "_genuine", lambda self, mac, ours: True)
    assert found({"I2", "I5"}, intruded, bare=False, lost=0.0)


def test_without_fingerprint_and_known_heads_a_replica_that_lags_gives_numbers_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(epochs, "settle", lambda connection, present, known: False)
    monkeypatch.setattr(KnownHeads, "went_back", lambda self, room, lane, now: False)
    assert found({"I2"}, lambda seed: with_fail_overs(seed - 191))
