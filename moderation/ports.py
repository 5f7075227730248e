"""What moderation needs from a store: the one door for writes, the queue, and what the phases look back at."""

from __future__ import annotations

from typing import Any, Final, Protocol

from kernel.ids import PostId, RoomId, UserId
from moderation.commands import Command, Outcome, WaitingPost
from moderation.shifts import ShiftStore
from rooms.commands import PostReceipt
from rooms.model import PostKind, Room, Trust
from rooms.ports import RoomStore

# What the phases look back at.
RECENT_MAX: Final = 8


class Commits(Protocol):
    """Group commit: what waits for a stream is made durable together, each command with its own outcome."""

    async def commit(self, command: Command) -> Outcome:
        """Answers after the durable commit. Raises the command's own `Refusal`; `queue_full` when the bounded queue

        is full, `unavailable` when the store does not answer (the outcome is then unknown: resend with the same cid).
        """
        ...


class ReviewStore(Commits, Protocol):
    async def queue(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int, now: int
    ) -> tuple[list[WaitingPost], str | None]:
        """Oldest first. `state`: `waiting` (free), `leased`, None for both; `decided`, or of these `published` or

        `rejected` by their ruling, newest first.
        """
        ...

    async def waiting_beside(self, post: PostId, now: int) -> list[WaitingPost]:
        """The newest that wait in this post's room, at most 500, and this post if it waits; then what stands there

        in public: the newest questions that are no gap, at most 200, with their numbers.
        """
        ...

    async def receipt(self, room: RoomId, user: UserId, cid: str) -> PostReceipt | None:
        """The post this author already made under this cid, where it stands now."""
        ...

    async def surroundings(
        self, room: RoomId, user: UserId, kind: PostKind
    ) -> tuple[Room | None, tuple[str, ...], Trust]:
        """The room, the author's `RECENT_MAX` newest bodies of this kind there, newest first, and what is thought of

        the author: in one read. In a room that holds everything from everybody that is not asked, and is `new`.
        """
        ...

    async def author_history(self, author: UserId, room: RoomId | None) -> dict[str, Any]:
        """Of an author, for moderators: `{counts{published, hidden, refused, withdrawn, pending}, posts, sanctions}`.

        The ten newest posts, their text "" where hidden or withdrawn: `{post, room, kind, state, ver, waiting, body,
        at, number?, hidden?, reason?}`; ten sanctions, the longest first: `{kind, room, until, …}`.
        Never notes: they belong to the desk.
        """
        ...

    async def muted_until(self, room: RoomId, user: UserId, now: int) -> int | None:
        """The end of the longest sanction in force."""
        ...


class ModerationStore(RoomStore, ShiftStore, ReviewStore, Protocol):
    """What posting and review stand on: the room they happen in, the queue, and the door for writes."""
