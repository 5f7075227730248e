"""One order for everybody: same numbers, same items (I2), no hole (I3), no repetition (I4), no missing end (I7), no
epoch twice (I10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.history.recorder import History, Item, Sight
from tests.history.truth import Truth, Violation

Key = tuple[str, str, str, int]


@dataclass(slots=True)
class Passage:
    """One client on one lane: what it stands on."""

    epoch: str | None = None
    seq: int | None = None
    awaits_snap: bool = True
    ended: set[str] = field(default_factory=set)

    def opens(self, sight: Sight) -> None:
        self.epoch, self.seq = sight.epoch, sight.seq
        self.awaits_snap = sight.seq is None


def check_order(history: History, truth: Truth) -> Iterator[Violation]:
    passages: dict[tuple[str, str, str], Passage] = {}
    first: dict[Key, Item] = {}
    for (room, lane), held in truth.lanes.items():
        first.update({(room, lane, held.epoch, place): item for place, item in enumerate(held.items, 1)})
    for (room, lane), held in truth.lanes.items():
        for place, item in enumerate(held.items, 1):
            if item["s"] != place:
                yield Violation("I3", f"the store's {room} {lane} has {item['s']} in place {place}")
    for sight in history.sights:
        passage = passages.setdefault((sight.process, sight.room, sight.lane), Passage())
        for rule, what in _step(passage, sight, truth, first):
            yield Violation(rule, f"{sight.room} {sight.lane}: {what}", sight.process, sight.at)


def _step(passage: Passage, sight: Sight, truth: Truth, first: dict[Key, Item]) -> Iterator[tuple[str, str]]:
    if sight.what == "open":
        passage.opens(sight)
    elif sight.what == "reset":
        yield from _renew(passage, sight.epoch)
        passage.epoch, passage.seq, passage.awaits_snap = sight.epoch, None, True
    elif sight.what == "snap":
        yield from _snap(passage, sight)
        yield from _stored(sight, truth)
        for item in sight.items:
            yield from _same(sight, item, first, whole=False)
    elif sight.what == "item":
        yield from _item(passage, sight)
        yield from _stored(sight, truth)
        yield from _same(sight, sight.items[0], first, whole=True)
    elif sight.what == "rest":
        yield from _rest(passage, sight, truth)


def _renew(passage: Passage, epoch: str | None) -> Iterator[tuple[str, str]]:
    if epoch in passage.ended:
        yield "I10", f"epoch {epoch} came back"
    if passage.epoch is not None and passage.epoch != epoch:
        passage.ended.add(passage.epoch)


def _snap(passage: Passage, sight: Sight) -> Iterator[tuple[str, str]]:
    if not passage.awaits_snap:
        yield "I3", f"a snapshot at {sight.seq} that no reset announced, after {passage.seq}"
    yield from _renew(passage, sight.epoch)
    over = [item["s"] for item in sight.items if item["s"] > (sight.seq or 0)]
    if over:
        yield "I2", f"a snapshot at {sight.seq} with {over}"
    passage.epoch, passage.seq, passage.awaits_snap = sight.epoch, sight.seq, False


def _item(passage: Passage, sight: Sight) -> Iterator[tuple[str, str]]:
    seq = sight.seq or 0
    if passage.awaits_snap or passage.seq is None:
        yield "I3", f"{seq} before a snapshot"
    elif passage.epoch != sight.epoch:
        yield "I3", f"{seq} of epoch {sight.epoch} after {passage.epoch} without a reset"
    elif seq <= passage.seq:
        yield "I4", f"{seq} again, after {passage.seq}"
    elif seq != passage.seq + 1:
        yield "I3", f"{seq} after {passage.seq}"
    # Judged once for each fault, not for all that follows from it.
    passage.epoch, passage.seq, passage.awaits_snap = sight.epoch, max(seq, passage.seq or 0), False


def _stored(sight: Sight, truth: Truth) -> Iterator[tuple[str, str]]:
    held = truth.lanes.get((sight.room, sight.lane))
    if held is not None and held.epoch == sight.epoch and (sight.seq or 0) > held.head:
        yield "I2", f"{sight.seq} was shown and is not stored: the lane ends at {held.head}"


def _same(sight: Sight, item: Item, first: dict[Key, Item], *, whole: bool) -> Iterator[tuple[str, str]]:
    """A snapshot shows a message as it stands; only what never changes is the same there."""
    key = (sight.room, sight.lane, str(sight.epoch), int(item["s"]))
    known = first.setdefault(key, item) if whole else first.get(key, item)
    if known is item:
        return
    full = whole and not known.get("redacted") and not item.get("redacted")
    if (dict(known) != dict(item)) if full else (_core(known) != _core(item)):
        yield "I2", f"{item['s']} is {_brief(item)} here and {_brief(known)} elsewhere"
    elif whole and known.get("redacted") and not item.get("redacted"):
        first[key] = item


def _core(item: Mapping[str, Any]) -> tuple[Any, ...]:
    return item["k"], item["id"], item.get("at")


def _brief(item: Mapping[str, Any]) -> str:
    return " ".join(str(item[name]) for name in ("k", "id", "ver", "body", "at") if name in item)


def _rest(passage: Passage, sight: Sight, truth: Truth) -> Iterator[tuple[str, str]]:
    held = truth.lanes.get((sight.room, sight.lane))
    if held is None:
        yield "I7", "rests on a lane that is not stored"
    elif passage.epoch != held.epoch:
        yield "I7", f"rests in epoch {passage.epoch}, the lane is in {held.epoch}"
    elif passage.seq != held.head:
        yield "I7", f"rests at {passage.seq} of {held.head}"
