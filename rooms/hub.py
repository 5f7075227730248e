"""The live rooms of this node: which are hosted, who is in them, and how what is committed reaches those who watch."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from kernel.clock import Clock
from kernel.ids import RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from rooms.asides import Asides, at_desk
from rooms.audience import GONE, Listener, Sink, View, Wire
from rooms.fanout import Fanout
from rooms.feed import Feed, LaneFeed
from rooms.health import STALE_S, Health, for_staff, health_frame
from rooms.heartbeat import Heartbeat, fresh, hb_frame
from rooms.hosted import Hosted
from rooms.model import Lane
from rooms.parking import Parking
from rooms.ports import Bus, Head, Hint, Item, RoomStore
from rooms.presence import Here, Presence
from rooms.probe import HeadProbe
from rooms.recovery import Recovery
from rooms.snapshots import Snapshots
from rooms.tally import Tallies, tally_frame
from rooms.telling import Audience, Telling
from rooms.timers import Scheduler, Timer

__all__ = ["Hub", "HubOptions", "Listener", "Sink", "View", "Wire"]

TICK_S: Final = 0.5
# A room is followed for a while after the last viewer left: a whole audience may be about to come back.
LINGER_S: Final = 30.0

Watch = Callable[[RoomId, Lane, list[Item]], None]
Stands = Callable[[RoomId, Lane, Head], None]


@dataclass(frozen=True, slots=True)
class HubOptions:
    probe_s: float = 0.4
    heartbeat_s: float = 15.0
    park_s: float = 10.0
    park_bytes: int = 256 * 1024
    node: str = ""  # what others call this one


class Hub:
    """Synchronous but for what asks the store; belongs to one event loop."""

    def __init__(
        self,
        store: RoomStore,
        bus: Bus,
        wire: Wire,
        clock: Clock,
        scheduler: Scheduler,
        options: HubOptions | None = None,
        presence: Presence | None = None,
        counts: Counter[str] | None = None,
    ) -> None:
        self.options = options or HubOptions()
        self.presence = presence or Presence()
        self.counts: Counter[str] = Counter() if counts is None else counts
        self.wire = wire
        self.hosted: dict[RoomId, Hosted] = {}
        self.snapshots = Snapshots(store, wire, self.counts)
        self.parking = Parking(self.options.park_s, self.options.park_bytes, self.counts)
        self._store = store
        self._bus = bus
        self._clock = clock
        self._scheduler = scheduler
        self._feeds: dict[RoomId, Feed] = {}
        self._recovery = Recovery(store, self.snapshots, wire, self.counts)
        self.probe = HeadProbe(store, bus, self._feeds, scheduler, self.options.probe_s, self._recovery.kick)
        self._telling = Telling(wire, scheduler, self.park)
        self.asides = Asides(self.options.node, bus, clock, wire, self._telling, self.hosted, self.health)
        self._told_health = Health()
        self._tallies = Tallies()
        self._tallied_at = scheduler.now()
        self._starting: dict[RoomId, asyncio.Task[Hosted | Refusal]] = {}
        self._watchers: list[Watch] = []
        self._on_head: Stands = lambda room, lane, head: None
        self._unsubscribe: Callable[[], None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._ticker: Timer | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._unsubscribe = self._bus.subscribe(self.receive, self.missed)
        self._probing = spawn(self.probe.run(), name="head probe")
        self._tick_on()

    def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._probing is not None:
            self._probing.cancel()
        if self._ticker is not None:
            self._ticker.cancel()
        self.close_rooms()

    def close_rooms(self) -> None:
        for room in list(self.hosted):
            self._unhost(room)

    def watch(self, watcher: Watch) -> None:
        """Tells every item applied here, of every lane: for what concerns single users. Must return at once."""
        self._watchers.append(watcher)

    def on_head(self, told: Stands) -> None:
        """Tells where a lane stands whenever items were applied here, wherever they were committed."""
        self._on_head = told

    # --- what others ask --------------------------------------------------------------------------------------------

    def viewers(self, room: RoomId) -> int:
        return self.presence.viewers(room).count

    def on_duty(self, room: RoomId) -> bool:
        """Whether a moderator follows the room, here or on another node."""
        hosted = self.hosted.get(room)
        return (hosted is not None and hosted.on_duty) or self.presence.duty_elsewhere(room)

    def stands(self, room: RoomId) -> Head | None:
        """Where the public lane stands, as far as this node has applied it; None for a room it does not follow."""
        hosted = self.hosted.get(room)
        return None if hosted is None else hosted.stands

    def here(self) -> Mapping[RoomId, Here]:
        """What other nodes are told: the rooms that are watched on this one."""
        return {
            room: Here(self.presence.here(room), hosted.on_duty)
            for room, hosted in self.hosted.items()
            if hosted.listeners
        }

    def changed_elsewhere(self, rooms: Iterable[RoomId]) -> None:
        """Whether a moderator follows a room is told with the next heartbeat, which comes soon then."""
        for room in rooms:
            if (hosted := self.hosted.get(room)) is not None:
                hosted.heartbeat.active(self._scheduler.now())

    def stale(self) -> bool:
        return self.probe.pulse.silent_s(self._scheduler.now()) > STALE_S

    def health(self) -> Health:
        return Health(self.probe.pulse.state(self._scheduler.now()), self._bus.healthy)

    def measures(self) -> Mapping[str, float]:
        present = {"rooms": len(self.hosted), "listeners": sum(len(room.listeners) for room in self.hosted.values())}
        silent = {"store_silent_seconds": self.probe.pulse.silent_s(self._scheduler.now())}
        windows = (fanout.window_s for hosted in self.hosted.values() for fanout in hosted.fanouts.values())
        joined = {"window_seconds": max(windows, default=0.0)}
        return {**present, "parked": len(self.parking), **joined, **self.health().measures(), **silent}

    # --- hosting ----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def hosting(self, room: RoomId) -> AsyncIterator[Hosted]:
        """The room, followed at least until the block ends. Raises `no_room`, or `unavailable`."""
        hosted = self.hosted.get(room)
        if hosted is None:
            hosted = await self._host(room)
        hosted.leases += 1
        try:
            yield hosted
        finally:
            hosted.leases -= 1
            hosted.idle_since = self._scheduler.now()

    async def _host(self, room: RoomId) -> Hosted:
        task = self._starting.get(room)
        if task is None:
            task = self._starting[room] = spawn(self._begin(room), name=f"host {room}")
            task.add_done_callback(lambda _: self._starting.pop(room, None))
        answer = await asyncio.shield(task)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def _begin(self, room: RoomId) -> Hosted | Refusal:
        try:
            heads = await self._store.heads([room])
        except Refusal as refusal:
            return refusal
        make = partial(
            LaneFeed,
            store=self._store,
            scheduler=self._scheduler,
            encode=self.wire.item,
            on_items=self._applied,
            on_reset=self._void,
            counts=self.counts,
        )
        lanes = {lane: make(room, lane, heads[room, lane]) for lane in Lane if (room, lane) in heads}
        if len(lanes) < len(Lane):
            return Refusal("no_room")
        now = self._scheduler.now()
        feed = Feed(room, lanes, now)
        fanouts = {
            lane: Fanout(
                lane_feed,
                wire=self.wire,
                scheduler=self._scheduler,
                on_parked=self._park,
                on_behind=self._recovery.want,
            )
            for lane, lane_feed in lanes.items()
        }
        hosted = self.hosted[room] = Hosted(feed, fanouts, Heartbeat(self.options.heartbeat_s, now), now)
        self._feeds[room] = feed
        # Only now: what was committed since the heads were read is found by the look that follows the subscription.
        self._bus.follow(room)
        return hosted

    def _unhost(self, room: RoomId) -> None:
        hosted = self.hosted.pop(room)
        del self._feeds[room]
        self._bus.forget(room)
        hosted.feed.close()
        for fanout in hosted.fanouts.values():
            fanout.close()
            self._recovery.forget(fanout)
        self.snapshots.forget(room)
        self._tallies.forget(room)

    # --- who watches ------------------------------------------------------------------------------------------------

    def enter(self, listener: Listener, hosted: Hosted, views: tuple[View, ...]) -> None:
        """From now on the listener gets what its views do not have; views it had in the room are given up."""
        room = hosted.feed.room
        was_at_desk = at_desk(listener, room)
        self._leave(listener, room)
        listener.rooms[room] = views
        hosted.listeners[listener] = None
        for view in views:
            view.fanout.views[view] = None
        self._duty_may_change(hosted, views)
        if listener.counted:
            self.presence.entered(room)
        if was_at_desk and not at_desk(listener, room):
            self.asides.left(room, listener)

    def leave(self, listener: Listener, room: RoomId) -> None:
        was_at_desk = at_desk(listener, room)
        self._leave(listener, room)
        if was_at_desk:
            self.asides.left(room, listener)

    def _leave(self, listener: Listener, room: RoomId) -> None:
        views = listener.rooms.pop(room, None)
        if views is None:
            return
        for view in views:
            view.cursor = GONE
            view.fanout.views.pop(view, None)
        if listener.counted:
            self.presence.left(room)
        hosted = self.hosted.get(room)
        if hosted is not None:
            hosted.listeners.pop(listener, None)
            hosted.idle_since = self._scheduler.now()
            self._duty_may_change(hosted, views)

    def _duty_may_change(self, hosted: Hosted, views: tuple[View, ...]) -> None:
        """Told with the next heartbeat, which comes soon then."""
        if any(view.fanout.feed.lane is Lane.MOD for view in views):
            hosted.heartbeat.active(self._scheduler.now())

    def drop(self, listener: Listener) -> None:
        """The socket is gone."""
        for room in list(listener.rooms):
            self.leave(listener, room)
        self.parking.leave(listener)

    def resumed(self, listener: Listener) -> None:
        """The socket takes bytes again."""
        self.parking.leave(listener)
        for views in tuple(listener.rooms.values()):
            for view in views:
                view.fanout.serve(view)
        for room in listener.settle():
            self.asides.greet(room, listener, empty=True)

    def park(self, listener: Listener) -> None:
        """The socket holds bytes unsent."""
        self.parking.enter(listener, self._scheduler.now())

    def _park(self, view: View) -> None:
        self.park(view.listener)

    # --- what is committed ------------------------------------------------------------------------------------------

    def receive(self, hint: Hint) -> None:
        feed = self._feeds.get(hint.room)
        if feed is None:
            return
        if hint.aside is not None:
            self.asides.receive(hint)
        if hint.tally:
            self._tallies.note(hint.room, hint.tally)
        feed.receive(hint)

    def missed(self) -> None:
        """Hints may not have been heard: what is stored is looked for, what is not is asked for."""
        self.probe.hurry()
        self.asides.missed()

    def _applied(self, lane: LaneFeed, items: list[Item]) -> None:
        self._on_head(lane.room, lane.lane, Head(lane.epoch, lane.applied))
        hosted = self.hosted[lane.room]
        hosted.heartbeat.active(self._scheduler.now())
        hosted.fanouts[lane.lane].changed()
        self.asides.applied(hosted, lane.lane, items)
        if any(item["k"] == "seat" for item in items):
            self.snapshots.changed(lane.room)
        for watcher in self._watchers:
            watcher(lane.room, lane.lane, items)

    def _void(self, lane: LaneFeed, why: str) -> None:
        self.snapshots.changed(lane.room)
        self.hosted[lane.room].fanouts[lane.lane].void(why)

    # --- time -------------------------------------------------------------------------------------------------------

    def _tick_on(self) -> None:
        self._ticker = self._scheduler.call_later(TICK_S, self._tick_on)
        self.tick()

    def tick(self) -> None:
        """Everything that is due now: heartbeats, counts of votes, slow viewers, rooms nobody watches."""
        now = self._scheduler.now()
        for room, hosted in list(self.hosted.items()):
            if hosted.listeners or hosted.leases:
                self._beat(hosted, now)
            elif now - hosted.idle_since > LINGER_S:
                self._unhost(room)
        if now - self._tallied_at >= 1.0:
            self._tallied_at = now
            self._tell_tallies()
        self.asides.tick(now)
        self._tell_health()
        self.parking.sweep(now)

    def _beat(self, hosted: Hosted, now: float) -> None:
        if not hosted.heartbeat.due(now) or not fresh(hosted.feed, now):
            return
        hosted.heartbeat.beaten(now)
        room = hosted.feed.room
        viewers, duty, at = self.presence.viewers(room), self.on_duty(room), self._clock.now_ms()

        def frame(audience: Audience) -> dict[str, object]:
            return hb_frame(hosted.feed, audience.lanes, viewers, duty, at)

        self._telling.tell(room, hosted.listeners, frame)

    def _tell_health(self) -> None:
        health = self.health()
        if health == self._told_health:
            return
        self._told_health = health
        for room, hosted in self.hosted.items():
            self._telling.tell(room, hosted.listeners, for_staff(health_frame(room, health)), owed=True)

    def _tell_tallies(self) -> None:
        for room, counts in self._tallies.take().items():
            if (hosted := self.hosted.get(room)) is not None:
                self.snapshots.changed(room)
                self._telling.tell(room, hosted.listeners, partial(_only_on_pub, tally_frame(room, counts)))


def _only_on_pub(frame: Mapping[str, object], audience: Audience) -> Mapping[str, object] | None:
    return frame if Lane.PUB in audience.lanes else None
