"""Which places are ripe: by one's own clock, and by nothing but what has been seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms.following import waiting
from rooms.following.pace import Pace
from rooms.following.ports import Behind, Place, Position
from rooms.following.waiting import Waiting
from rooms.model import Lane
from rooms.ports import Head

PACE = Pace(lease_s=10, first_s=1, longest_s=60)
FREE = Behind(Place("room1", Lane.PUB), Head("e", 5), Position("e", 2), None, 7, 0)


class Hand:
    def __init__(self) -> None:
        self.s = 1_000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def now() -> Hand:
    return Hand()


def test_what_is_free_is_ripe(now: Hand) -> None:
    assert Waiting(now, PACE).ripe(FREE)


def test_a_holder_is_left_alone_while_it_gives_signs_of_life(now: Hand) -> None:
    waiting_for = Waiting(now, PACE)
    held = replace(FREE, claim="other")
    for beat in range(20):
        assert not waiting_for.ripe(replace(held, beat=beat))
        now.s += 9.9
    assert not waiting_for.ripe(replace(held, beat=19))
    assert waiting_for.next_s() == pytest.approx(0.1)
    now.s += 0.1
    assert waiting_for.due() == [FREE.place]
    assert waiting_for.ripe(replace(held, beat=19))


def test_each_failure_doubles_the_pause_up_to_a_bound(now: Hand) -> None:
    pauses = []
    for failures in (1, 2, 3, 4, 20, 10_000):
        waiting_for = Waiting(now, PACE)
        assert not waiting_for.ripe(replace(FREE, failures=failures))
        pauses.append(waiting_for.next_s())
    assert pauses == [1, 2, 4, 8, 60, 60]


def test_a_try_under_way_is_a_holder_like_any_other(now: Hand) -> None:
    waiting_for = Waiting(now, PACE)
    assert not waiting_for.ripe(replace(FREE, failures=1, claim="other"))
    assert waiting_for.next_s() == PACE.lease_s


def test_only_so_many_are_watched_and_the_first_get_their_turn(now: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WATCHED_MAX", 2)
    waiting_for = Waiting(now, PACE)
    many = [replace(FREE, place=Place(f"room{n}", Lane.PUB), failures=1) for n in range(3)]
    assert [waiting_for.ripe(one) for one in many] == [False] * 3
    now.s += 1
    assert [waiting_for.ripe(one) for one in many] == [True, True, False]
    waiting_for.forget(many[0].place)
    assert not waiting_for.ripe(many[2])
    now.s += 1
    assert waiting_for.ripe(many[2])


def test_what_nobody_is_behind_at_is_forgotten(now: Hand) -> None:
    waiting_for = Waiting(now, PACE)
    waiting_for.ripe(replace(FREE, failures=1))
    waiting_for.keep({FREE.place})
    assert waiting_for.next_s() == 1
    waiting_for.keep(set())
    assert waiting_for.next_s() is None
