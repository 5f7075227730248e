"""The bus of one process: told at once, each told alone."""

from __future__ import annotations

import pytest

from gateway.bus_memory import MemoryBus
from kernel.ids import RoomId
from rooms.model import Lane
from rooms.ports import Hint

HINT = Hint(RoomId("r"), Lane.PUB, "e", 1, 1, [])


def test_every_subscriber_is_told_at_once() -> None:
    bus = MemoryBus()
    told: list[tuple[str, Hint]] = []
    for name in ("a", "b"):
        bus.subscribe(lambda hint, name=name: told.append((name, hint)))  # type: ignore[misc]
    bus.publish(HINT)
    assert told == [("a", HINT), ("b", HINT)]
    assert bus.healthy


def test_who_unsubscribes_is_told_nothing_more() -> None:
    bus = MemoryBus()
    told: list[Hint] = []
    unsubscribe = bus.subscribe(told.append)
    unsubscribe()
    unsubscribe()
    bus.publish(HINT)
    assert told == []


def test_one_that_fails_hurts_neither_the_others_nor_the_commit(caplog: pytest.LogCaptureFixture) -> None:
    bus = MemoryBus()
    told: list[Hint] = []

    def failing(hint: Hint) -> None:
        raise RuntimeError("out of order")

    bus.subscribe(failing)
    bus.subscribe(told.append)
    bus.publish(HINT)
    assert told == [HINT]
    assert "out of order" in caplog.text
