"""Who is at the desk of a room and what they are drafting: kept in memory only, and gone with those who are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from kernel.ids import PostId
from kernel.permissions import GRANTS, Action, Actor

PRESENT_MAX: Final = 200
DRAFTS_PER_TEAM: Final = 16
# Who has not been heard of for so long writes no more, and is then no longer at the desk.
WRITING_MS: Final = 60_000
PRESENT_MS: Final = 150_000
# Hosts answer for no department; as colleagues they are one team all the same.
HOSTS: Final = "@host"


class Doing(StrEnum):
    READING = "reading"
    WRITING = "writing"
    IDLE = "idle"


def team_of(actor: Actor) -> str | None:
    """With whom an actor shares drafts: the members of its department. None for whoever does not answer."""
    if actor.role not in GRANTS[Action.DRAFT_SHARE]:
        return None
    return actor.department or HOSTS


def node_of(conn: str) -> str:
    """The node a connection is on, which its name begins with."""
    return conn.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Present:
    """One connection at the desk. `thread` is what `post` belongs to; `since` when it began to do this there."""

    conn: str
    name: str
    dept: str | None
    post: PostId | None
    thread: PostId | None
    doing: Doing
    since: int
    heard: int

    @property
    def team(self) -> str:
        return self.dept or HOSTS

    def to_wire(self) -> dict[str, object]:
        return {
            "conn": self.conn,
            "name": self.name,
            "dept": self.dept,
            "post": self.post,
            "doing": self.doing.value,
            "since": self.since,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """The newest text that a team has for an answer to `post`. An empty `body` says that there is none any more."""

    post: PostId
    team: str
    conn: str
    name: str
    dept: str | None
    body: str
    ver: int
    at: int

    def to_wire(self) -> dict[str, object]:
        by = {"name": self.name} if self.dept is None else {"name": self.name, "dept": self.dept}
        return {"post": self.post, "by": by, "conn": self.conn, "body": self.body, "ver": self.ver, "at": self.at}


class Desk:
    """One room's. `presence_changed` and `writing_changed` are for whoever tells it, and reset there."""

    def __init__(self) -> None:
        self.presence_changed = False
        self.writing_changed = False
        self._present: dict[str, Present] = {}
        self._drafts: dict[str, dict[PostId, Draft]] = {}
        self._untold: dict[tuple[str, PostId], Draft] = {}
        self._shown: list[dict[str, object]] = []

    # --- who is there -----------------------------------------------------------------------------------------------

    def present(self, conn: str) -> Present | None:
        return self._present.get(conn)

    def came(self, new: Present) -> None:
        """Is there, or does something else. Beyond the bound nobody new is shown."""
        old = self._present.get(new.conn)
        if old is None and len(self._present) >= PRESENT_MAX:
            return
        same = old is not None and (old.post, old.doing) == (new.post, new.doing)
        self._present[new.conn] = replace(new, since=old.since) if same and old is not None else new
        if not same:
            self._change()

    def went(self, conn: str) -> None:
        if self._present.pop(conn, None) is not None:
            self._change()

    def settle(self, node: str, present: Iterable[Present]) -> set[str]:
        """These, and no others, are there on that node; answers the teams of who is not there any more."""
        there = {one.conn: one for one in present}
        gone = [one for one in self.everyone() if node_of(one.conn) == node and one.conn not in there]
        for one in gone:
            self.went(one.conn)
        for one in there.values():
            self.came(one)
        return {one.team for one in gone}

    def expire(self, now: int) -> None:
        """Who has fallen silent: a screen left alone must not say for hours that somebody writes."""
        for one in list(self._present.values()):
            silent = now - one.heard
            if silent > PRESENT_MS:
                self.went(one.conn)
            elif silent > WRITING_MS and one.doing is Doing.WRITING:
                self._present[one.conn] = replace(one, doing=Doing.READING, since=now)
                self._change()

    def everyone(self) -> list[Present]:
        return list(self._present.values())

    def everybody(self) -> list[dict[str, object]]:
        """For the desk."""
        return [one.to_wire() for one in self._present.values()]

    def writing(self) -> list[dict[str, object]]:
        """For everyone: which department writes on what since when, and nothing of who or what."""
        since: dict[tuple[str, PostId], int] = {}
        for one in self._present.values():
            if one.doing is Doing.WRITING and one.dept is not None and one.thread is not None:
                key = (one.dept, one.thread)
                since[key] = min(one.since, since.get(key, one.since))
        return [{"dept": dept, "post": thread, "since": at} for (dept, thread), at in sorted(since.items())]

    def _change(self) -> None:
        self.presence_changed = True
        shown = self.writing()
        if shown != self._shown:
            self._shown = shown
            self.writing_changed = True

    # --- drafts -----------------------------------------------------------------------------------------------------

    def drafted(self, draft: Draft) -> None:
        """The newest wins; what one connection said before it said this is not newer, however late it comes."""
        drafts = self._drafts.setdefault(draft.team, {})
        old = drafts.get(draft.post)
        if old is not None and (old == draft or (old.conn == draft.conn and draft.ver < old.ver)):
            return
        if not draft.body:
            if old is not None:
                del drafts[draft.post]
                self._tell(draft)
            return
        drafts.pop(draft.post, None)
        drafts[draft.post] = draft
        while len(drafts) > DRAFTS_PER_TEAM:
            self._end(drafts.pop(next(iter(drafts))))
        self._tell(draft)

    def published(self, item: Mapping[str, Any], at: int) -> None:
        """A team's answer is public: its draft of it is no more."""
        by = item.get("by") or {}
        team = by.get("dept") or (HOSTS if by.get("role") == "host" else None)
        draft = self._drafts.get(team or "", {}).pop(PostId(item.get("reply_to") or ""), None)
        if draft is not None:
            self._end(replace(draft, at=at))

    def disband(self, team: str) -> None:
        """Nobody of the team is left to take its drafts over."""
        for draft in self._drafts.pop(team, {}).values():
            self._untold.pop((team, draft.post), None)

    def teams(self) -> list[str]:
        """Those that may have drafts."""
        return list(self._drafts)

    def clear_drafts(self) -> None:
        for drafts in self._drafts.values():
            for draft in drafts.values():
                self._end(draft)
        self._drafts = {}

    def drafts(self, team: str) -> list[Draft]:
        """Newest first."""
        return list(self._drafts.get(team, {}).values())[::-1]

    def untold(self) -> Iterable[Draft]:
        """What changed since the last call, each draft once."""
        untold, self._untold = self._untold, {}
        return untold.values()

    def _end(self, draft: Draft) -> None:
        self._tell(replace(draft, body=""))

    def _tell(self, draft: Draft) -> None:
        self._untold[draft.team, draft.post] = draft
