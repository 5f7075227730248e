"""A store of word lists in memory, as far as those who live by it need one; the real ones are the contract suite's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.ids import RoomId, UserId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.lists.model import CITY, ListHead, ListVersion, digest_of, read_written
from moderation.lists.ports import RecentText


@dataclass
class FakeLists:
    versions: dict[str, list[ListVersion]] = field(default_factory=dict)
    texts: list[RecentText] = field(default_factory=list)
    changes: int = 0
    away: bool = False
    asked: int = 0

    def put(self, terms: str, exceptions: str = "", scope: str = CITY) -> None:
        """The next version of a scope; what cannot be read goes in unread, as only a fault could bring it there."""
        known = self.versions.setdefault(scope, [])
        try:
            written = read_written(terms, exceptions)
            terms, digest, count = written.as_csv(), digest_of(written), len(written.terms)
        except ValueError:
            digest, count = "broken", 1
        known.append(ListVersion(scope, len(known) + 1, UserId("m"), "m", 0, "", count, 0, digest, terms, exceptions))
        self.changes += 1

    async def word_list_changes(self) -> int:
        self._answer()
        return self.changes

    async def word_list_heads(self) -> tuple[int, Mapping[str, ListHead]]:
        self._answer()
        newest = {scope: known[-1] for scope, known in self.versions.items()}
        return self.changes, {scope: ListHead(one.number, one.digest) for scope, one in newest.items()}

    async def word_list(self, scope: str, number: int | None = None) -> ListVersion | None:
        self._answer()
        known = self.versions.get(scope, [])
        return next((one for one in reversed(known) if number in (None, one.number)), None)

    async def word_list_versions(
        self, scope: str, before: int | None, limit: int
    ) -> tuple[list[ListVersion], int | None]:
        return list(reversed(self.versions.get(scope, [])))[:limit], None

    async def add_word_list(self, version: ListVersion, by: Actor | None) -> None:
        known = self.versions.setdefault(version.scope, [])
        if version.number != len(known) + 1:
            raise Refusal("stale_version")
        known.append(version)
        self.changes += 1

    async def recent_texts(self, room: RoomId | None, limit: int) -> list[RecentText]:
        return [one for one in self.texts if room in (None, one.room)][:limit]

    def _answer(self) -> None:
        self.asked += 1
        if self.away:
            raise Refusal("unavailable")
