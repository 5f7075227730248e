"""What rooms need from a store and from a bus. Implemented elsewhere, each under one suite in `tests/contracts/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kernel.ids import PostId, RoomId, SourceKey, UserId
from rooms.model import Lane, Room, RoomState

# One entry of a lane as contract §4 shows it: {s, k, id, at, …}. Bodies are joined when read.
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """Where a lane stands: `seq` is the number of its last event, 0 before the first."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Events `after+1 … after+len(items)` of a lane, contiguous, with the head of the same read."""

    epoch: str
    head: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A lane as it stands at `head`, read in one transaction.

    `items` are present `msg` items in order of `s`: the newest `tail` roots, pinned and staged ones, each with its
    replies. `more`: older roots exist.
    """

    epoch: str
    head: int
    state: dict[str, Any]
    items: list[Item]
    pinned: list[PostId]
    stage: list[PostId]
    tally: dict[PostId, tuple[int, int]]
    more: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """What a node says after a commit: "look here". May be lost, doubled, reordered; never load-bearing.

    `items` cover `a..b`. `tally` carries votes, which have no number; `aside` what is stored nowhere (`Asides`).
    """

    room: RoomId
    lane: Lane
    epoch: str
    a: int
    b: int
    items: list[Item]
    tally: dict[PostId, tuple[int, int]] = field(default_factory=dict)
    aside: Mapping[str, Any] | None = None


class Bus(Protocol):
    """Between nodes. Hints may be lost, doubled, late or reordered, and nobody waits for them."""

    async def start(self) -> None:
        """Begins to hear and to tell. Nobody to hear is no fault: it goes on trying."""
        ...

    async def close(self) -> None: ...

    def publish(self, hint: Hint) -> None:
        """Never blocks and never raises. On this node the hint is told at once, whatever becomes of it elsewhere."""
        ...

    def subscribe(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        """Answers how to end it. `on_gap`: hints may have been missed up to now, so look at the store at once."""
        ...

    def follow(self, room: RoomId) -> None:
        """From now on hints of the room are wanted here; a gap is told once those of other nodes arrive."""
        ...

    def forget(self, room: RoomId) -> None: ...

    @property
    def healthy(self) -> bool:
        """Whether hints arrive, as far as can be known: the last probe was heard."""
        ...


class RoomStore(Protocol):
    """Reads of the live room. Every read is one consistent view; all raise `Refusal("unavailable")` without a store."""

    async def room(self, room: RoomId) -> Room | None: ...

    async def rooms(self, state: RoomState | None, cursor: str | None, limit: int) -> tuple[list[Room], str | None]:
        """Newest first, and the cursor of the next page; `Refusal("bad_request")` for a cursor not of ours."""
        ...

    async def room_by_code(self, code: str) -> Room | None: ...

    async def post_room(self, post: PostId) -> RoomId | None:
        """The room a post belongs to, for permission checks before a command is built."""
        ...

    async def thread_of(self, post: PostId) -> tuple[RoomId, PostId] | None:
        """The room of a public post and the root of its thread; None for any other: unknown, unpublished, hidden."""
        ...

    async def over(self, now: int) -> list[RoomId]:
        """Rooms, at most 100, whose emergency has run out and that still say they are closed."""
        ...

    async def seated(self, room: RoomId, user: UserId) -> bool: ...

    async def heads(self, rooms: Sequence[RoomId]) -> dict[tuple[RoomId, Lane], Head]:
        """One query for all hosted rooms: the head probe."""
        ...

    async def renew_epoch(self, room: RoomId, lane: Lane, epoch: str) -> Head:
        """Replaces `epoch` by a fresh one if it still stands, and answers how the lane stands then.

        For a lane whose head went back: its numbers will repeat, so no position of before may mean anything. Of many
        nodes that notice, one makes the change and the others are answered with it.
        """
        ...

    async def events(self, room: RoomId, lane: Lane, after: int, limit: int) -> Slice: ...
    async def snapshot(self, room: RoomId, lane: Lane, tail: int) -> Snapshot: ...

    async def questions(self, room: RoomId, before: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Threads, newest first: the question's `msg` item with `replies` (items), `tally` and `number`."""
        ...

    async def my(self, room: RoomId, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        """What concerns only this user: `me`, `{posts:[…], mute, warnings, reports, votes, wait_p50_s}`.

        A post: `{post, cid, kind, state, ver, waiting, body, at, q, number?, seq?, reply_to?, reasons?, rule?, reason?,
        note?, hidden?, ahead?}`; `ahead` counts the waiting posts before it in the room, `reason` and `note` are those
        of a moderator's refusal, the body of a hidden post is "". `mute` is None or `{until, reason, rule}`,
        with `by` where it is on one of `sources`, from where the user writes.
        Posts come newest first. `votes` has 1 or -1 by post; `wait_p50_s` says how long a text typically waited here
        for its verdict, None before the first.
        """
        ...

    async def transcript(self, room: RoomId) -> dict[str, Any]:
        """`{room, epoch, head, items, questions, hidden, hidden_at, corrected}`, redactions applied.

        `items` are every present `msg` item of `pub` in order, `questions` the threads `{number, q, item, replies,
        tally}` over the same items. By post: `hidden` gives the reason of each gap and `hidden_at` its time,
        `corrected` the `{s, at}` of each change of a published text.
        """
        ...
