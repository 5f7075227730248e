"""Who watches: the client's rule, and one decoding for all."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.wenzheng.rehearsal.lines import WELCOME, Wire, frame
from wenzheng.rehearsal import screens
from wenzheng.rehearsal.latencies import Latencies
from wenzheng.rehearsal.screens import DECODED_MAX, Screen, Viewer

ROOM = "r1"


class Room:
    """A screen and those before it; `settled` counts whom nobody has to wait for any more."""

    def __init__(self, viewers: int = 1) -> None:
        self.screen = Screen(ROOM, Latencies(), Latencies())
        self.settled = 0
        self.viewers = [self._viewer() for _ in range(viewers)]

    def _viewer(self) -> Viewer:
        viewer = Viewer(b"GET", self.screen, self._count)
        viewer.connection_made(Wire())
        viewer.data_received(WELCOME)
        return viewer

    def _count(self) -> None:
        self.settled += 1

    def say(self, *frames: dict[str, Any]) -> None:
        for viewer in self.viewers:
            viewer.data_received(frame(orjson.dumps(frames)))


def snap(head: int) -> dict[str, Any]:
    return {"t": "snap", "r": ROOM, "l": "pub", "head": head, "x": []}


def events(a: int, b: int) -> dict[str, Any]:
    return {
        "t": "ev",
        "r": ROOM,
        "l": "pub",
        "a": a,
        "b": b,
        "x": [{"s": s, "k": "msg", "id": f"p{s}"} for s in range(a, b + 1)],
    }


def test_a_viewer_has_come_when_the_room_is_on_screen() -> None:
    room = Room(3)
    room.say({"t": "welcome", "id": "h"}, {"t": "joined", "id": "j"})
    assert (room.settled, room.screen.joins.count) == (0, 0)
    room.say(snap(7))
    assert (room.settled, room.screen.joins.count) == (3, 3)
    assert [viewer.applied for viewer in room.viewers] == [7, 7, 7]


def test_each_number_counts_once_and_is_timed_from_its_approval() -> None:
    room = Room()
    room.screen.approved = {"p2": 0.0}
    room.say(events(1, 1))
    room.say(snap(1))
    room.say(events(1, 3), events(2, 2), events(4, 4))
    assert (room.viewers[0].applied, room.screen.delivered, room.screen.shown.count) == (4, 3, 1)
    assert room.screen.troubles == {}


def test_a_hole_is_seen() -> None:
    room = Room()
    room.say(snap(1))
    room.say(events(3, 3))
    assert room.screen.troubles == {"a hole": 1}
    assert (room.screen.behind(3), room.screen.behind(4)) == (0, 1)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ({"t": "err", "code": "no_room"}, "refused: no_room"),
        ({"t": "reset", "why": "epoch"}, "reset"),
        ({"t": "bye", "code": 4000}, "bye"),
        ({"t": "ev", "a": 1}, "a message that is not understood"),
        ({}, "a message that is not understood"),
    ],
)
def test_what_nobody_should_be_told_is_counted(said: dict[str, Any], trouble: str) -> None:
    room = Room(2)
    room.say(said)
    assert room.screen.troubles == {trouble: 2}


def test_who_goes_before_the_room_is_there_is_not_waited_for() -> None:
    room = Room()
    room.viewers[0].connection_lost(None)
    assert (room.settled, room.screen.troubles, room.screen.behind(1)) == (1, {"lost": 1}, 0)


def test_a_message_is_decoded_for_the_first_and_remembered_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    read = screens._read

    def noted(payload: bytes) -> Any:
        decoded.append(payload)
        return read(payload)

    monkeypatch.setattr(screens, "_read", noted)
    room = Room(5)
    room.say(snap(0))
    for number in range(1, 2 * DECODED_MAX):
        room.say(events(number, number))
    assert len(decoded) == 2 * DECODED_MAX
    assert len(room.screen._known) == DECODED_MAX
