"""What word lists need from a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from kernel.ids import PostId, RoomId
from kernel.permissions import Actor
from moderation.lists.model import ListHead, ListVersion
from rooms.model import Policy, PostKind


@dataclass(frozen=True, slots=True)
class RecentText:
    """A netizen's text to try a list on; never one that is hidden or was withdrawn."""

    post: PostId
    room: RoomId
    kind: PostKind
    body: str
    at: int
    policy: Policy


class WordListStore(Protocol):
    """All raise `Refusal("unavailable")` without a store."""

    async def word_list_changes(self) -> int:
        """Counts the changes of all lists: one row, asked for every second by every node."""
        ...

    async def word_list_heads(self) -> tuple[int, Mapping[str, ListHead]]:
        """The same count, and the newest version of every scope that has one, in one view."""
        ...

    async def word_list(self, scope: str, number: int | None = None) -> ListVersion | None:
        """The newest version, or the numbered one, with its texts; None: there is none."""
        ...

    async def word_list_versions(
        self, scope: str, before: int | None, limit: int
    ) -> tuple[list[ListVersion], int | None]:
        """Newest first, without texts; the number before which the next page begins."""
        ...

    async def add_word_list(self, version: ListVersion, by: Actor | None) -> None:
        """Adds the version after `number - 1`, with its entry in the audit; `by` None: the settings' file.

        Refused: `stale_version` if another one came first, `no_room` for a scope that is no room.
        """
        ...

    async def recent_texts(self, room: RoomId | None, limit: int) -> list[RecentText]:
        """The newest texts of netizens, of one room or of all, newest first."""
        ...
