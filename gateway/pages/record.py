"""The transcript as its page shows it: threads with their gaps and corrections, and what one department said."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.pages.threads import Message, Threads, add_thread
from rooms.model import PostKind, Room


@dataclass(frozen=True, slots=True)
class Gap:
    """Why and when something was withdrawn from view."""

    reason: str
    at: int | None


@dataclass(frozen=True, slots=True)
class Correction:
    seq: int
    at: int


@dataclass(frozen=True, slots=True)
class Record:
    """The whole record at `head`; the three counts are its figures. Equal `version` means equal content."""

    threads: list[Message]
    head: int
    questions: int
    answers: int
    gaps: Mapping[str, Gap]
    corrected: Mapping[str, list[Correction]]
    version: Hashable


@dataclass(frozen=True, slots=True)
class Shown:
    """A thread as the chosen department's readers see it; `folded` answers of others are left out."""

    root: Message
    replies: list[Message]
    folded: int = 0


def record_of(read: Mapping[str, Any], room: Room) -> Record:
    threads = Threads(room.departments)
    for thread in read["questions"]:
        add_thread(threads, thread, thread["item"])
    for item in read["items"]:
        if threads.get(str(item["id"])) is None:
            threads.add(item)
    roots = sorted(threads.roots, key=lambda root: root.seq)
    said = [message for root in roots for message in (root, *root.replies)]
    return Record(
        threads=roots,
        head=read["head"],
        questions=sum(1 for root in roots if root.number),
        answers=sum(1 for message in said if message.kind == PostKind.REPLY),
        gaps={post: Gap(reason, read["hidden_at"].get(post)) for post, reason in read["hidden"].items()},
        corrected={
            post: [Correction(change["s"], change["at"]) for change in changes]
            for post, changes in read["corrected"].items()
        },
        # Votes have no number, so the head alone does not tell them.
        version=(read["epoch"], read["head"], tuple((root.up, root.down) for root in roots)),
    )


def threads_for(record: Record, department: str | None) -> list[Shown]:
    """Everything, or the threads that a department speaks in, with its own words and the follow-ups."""
    if department is None:
        return [Shown(root, root.replies) for root in record.threads]
    shown = []
    for root in record.threads:
        if not any(_speaks(message, department) for message in (root, *root.replies)):
            continue
        kept = [message for message in root.replies if message.kind != PostKind.REPLY or _speaks(message, department)]
        shown.append(Shown(root, kept, len(root.replies) - len(kept)))
    return shown


def _speaks(message: Message, department: str) -> bool:
    return message.department is not None and message.department.id == department
