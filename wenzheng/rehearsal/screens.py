"""Who watches: viewers that apply the client's rule and hold a number each, before a screen all of a room share."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from wenzheng.rehearsal.latencies import Latencies
from wenzheng.rehearsal.socket import Socket

# A message is the same for everybody: it is decoded for the first and looked up by the others.
DECODED_MAX: Final = 128


class Events(NamedTuple):
    """Items `a` to `b`; `posts` has the id of each that shows a post, else ""."""

    a: int
    b: int
    posts: tuple[str, ...]


class Stand(NamedTuple):
    """A snapshot: the lane as it stands at `head`."""

    head: int


class Trouble(NamedTuple):
    """What a viewer should not be told during a rehearsal."""

    what: str


Told: TypeAlias = Events | Stand | Trouble


class Screen:
    """One room. `approved` says when each post was let through; what is seen after that is timed."""

    def __init__(self, room: str, joins: Latencies, shown: Latencies) -> None:
        self.room = room
        self.greeting = orjson.dumps(
            [{"t": "hello", "id": "h"}, {"t": "join", "id": "j", "room": room, "lanes": ["pub"], "tail": 1}]
        )
        self.viewers: list[Viewer] = []
        self.approved: dict[str, float] = {}
        self.joins = joins
        self.shown = shown
        self.delivered = 0
        self.troubles: Counter[str] = Counter()
        self._known: dict[bytes, tuple[Told, ...]] = {}

    def told(self, payload: bytes) -> tuple[Told, ...]:
        known = self._known.get(payload)
        if known is None:
            if len(self._known) >= DECODED_MAX:
                del self._known[next(iter(self._known))]
            known = self._known[payload] = _read(payload)
        return known

    def behind(self, head: int) -> int:
        """How many are on the line and have not seen everything up to `head`."""
        return sum(viewer.usable and viewer.applied < head for viewer in self.viewers)


class Viewer(Socket):
    """`settled` is called once: when the room is on screen, or will not be."""

    __slots__ = ("_began", "_screen", "_settled", "applied")

    def __init__(self, request: bytes, screen: Screen, settled: Callable[[], None]) -> None:
        super().__init__(request)
        self.applied = -1
        self._began = time.monotonic()
        self._screen = screen
        self._settled: Callable[[], None] | None = settled
        screen.viewers.append(self)

    def opened(self) -> None:
        self.send(self._screen.greeting)

    def message(self, payload: bytes) -> None:
        for told in self._screen.told(payload):
            if type(told) is Events:
                self._apply(told)
            elif type(told) is Stand:
                self._stand(told.head)
            elif type(told) is Trouble:
                self._screen.troubles[told.what] += 1

    def ended(self, why: str) -> None:
        self._screen.troubles[why] += 1
        self._settle()

    def _stand(self, head: int) -> None:
        if self.applied < 0:
            self.applied = head
            self._screen.joins.add(time.monotonic() - self._began)
            self._settle()

    def _apply(self, events: Events) -> None:
        screen, applied = self._screen, self.applied
        if applied < 0 or events.b <= applied:
            return
        if events.a > applied + 1:
            screen.troubles["a hole"] += 1
        new = events.posts[max(applied + 1 - events.a, 0) :]
        self.applied = events.b
        screen.delivered += len(new)
        now = time.monotonic()
        for post in new:
            if post in screen.approved:
                screen.shown.add(now - screen.approved[post])

    def _settle(self) -> None:
        settled, self._settled = self._settled, None
        if settled is not None:
            settled()


def _read(payload: bytes) -> tuple[Told, ...]:
    try:
        return tuple(told for frame in orjson.loads(payload) if (told := _frame(frame)) is not None)
    except (ValueError, TypeError, LookupError, AttributeError):
        return (Trouble("a message that is not understood"),)


def _frame(frame: dict[str, Any]) -> Told | None:
    kind = frame["t"]
    if kind == "ev":
        posts = tuple(item["id"] if item["k"] == "msg" else "" for item in frame["x"])
        return Events(frame["a"], frame["b"], posts)
    if kind == "snap":
        return Stand(frame["head"])
    if kind == "err":
        return Trouble(f"refused: {frame['code']}")
    if kind in ("reset", "bye"):
        return Trouble(kind)
    return None
