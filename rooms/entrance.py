"""Coming into a lane: from a position, with every item since; or from a snapshot, which says so when it voids one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.audience import REACH_PARKED, REACH_RESUME, Listener, View
from rooms.feed import LaneFeed
from rooms.hosted import Hosted
from rooms.hub import Hub
from rooms.model import Lane
from rooms.ports import Head
from rooms.recovery import reset_frame
from rooms.snapshots import Shot

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Entrance:
    """How one lane is entered. `shot` None: replay. `void`: why the position brought along counts for nothing."""

    view: View
    epoch: str
    head: int
    shot: Shot | None
    void: str | None

    def to_wire(self) -> dict[str, object]:
        return {"ep": self.epoch, "head": self.head, "mode": "replay" if self.shot is None else "snapshot"}


async def prepare(
    hub: Hub, hosted: Hosted, listener: Listener, lanes: Sequence[Lane], tail: int, positions: dict[Lane, Head]
) -> list[Entrance]:
    """Asks the store what it must; nothing is sent and nobody has entered yet."""
    entrances: list[Entrance] = []
    for _ in range(_ATTEMPTS):
        entrances = [await _prepare(hub, hosted, listener, lane, tail, positions.get(lane)) for lane in lanes]
        if not any(_outdated(entrance) for entrance in entrances):
            break
    return entrances


def enter(hub: Hub, hosted: Hosted, listener: Listener, entrances: Sequence[Entrance]) -> None:
    """Sends what each lane begins with; in one go with `joined`, so that nothing can come between."""
    hub.enter(listener, hosted, tuple(entrance.view for entrance in entrances))
    for entrance in entrances:
        _begin(hub, entrance)
    if not listener.sink.writable:
        hub.park(listener)


async def _prepare(
    hub: Hub, hosted: Hosted, listener: Listener, lane: Lane, tail: int, position: Head | None
) -> Entrance:
    fanout = hosted.fanouts[lane]
    feed = fanout.feed
    void = None
    if position is not None:
        if position.epoch != feed.epoch or position.seq > feed.applied:
            # Another node may have told the client more than this one knows yet.
            await feed.refresh()
        void = _void(feed, position)
        if void is None:
            hub.counts["joins_replay"] += 1
            return Entrance(
                View(listener, fanout, position.seq, tail, REACH_RESUME), feed.epoch, feed.applied, None, None
            )
    hub.counts["joins_snapshot"] += 1
    shot = await hub.snapshots.get(feed, tail)
    return Entrance(View(listener, fanout, shot.head, tail, REACH_PARKED), shot.epoch, shot.head, shot, void)


def _void(feed: LaneFeed, position: Head) -> str | None:
    if position.epoch != feed.epoch:
        return "epoch"
    if position.seq > feed.applied:
        return "ahead"
    return "behind" if feed.applied - position.seq > REACH_RESUME else None


def _outdated(entrance: Entrance) -> bool:
    """Whether something was hidden while the other lanes were read: such a snapshot must not be given out."""
    return entrance.shot is not None and entrance.shot.head < entrance.view.fanout.feed.hidden_seq


def _begin(hub: Hub, entrance: Entrance) -> None:
    view = entrance.view
    feed, sink, codec = view.fanout.feed, view.listener.sink, view.listener.codec
    if entrance.epoch != feed.epoch or _outdated(entrance):
        view.lose("epoch")
    elif entrance.shot is not None:
        if entrance.void is not None:
            sink.write(hub.wire.message(codec, reset_frame(view, entrance.epoch, entrance.void)))
        sink.write(entrance.shot.framed(view.listener.form))
    elif view.cursor == feed.applied:
        # Nothing was missed; said all the same, because a client waits for the first `ev` of the lane.
        sink.write(hub.wire.ev(codec, feed.room, feed.lane, feed.epoch, view.cursor + 1, view.cursor, []))
    view.fanout.serve(view)
