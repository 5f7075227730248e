"""Items of the public lane as pages show them: threads with their replies, numbers, gaps and votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rooms.model import PostKind, RoomDepartment
from rooms.ports import Item, Snapshot


@dataclass(slots=True)
class Message:
    """One published post; of a hidden one there are only its number, its time and what answers it."""

    id: str
    seq: int
    at: int
    redacted: bool
    kind: str = ""
    name: str = ""
    role: str = ""
    department: RoomDepartment | None = None
    body: str = ""
    ver: int = 1
    number: int | None = None
    reply_to: str | None = None
    askers: int = 1
    up: int = 0
    down: int = 0
    replies: list[Message] = field(default_factory=list)

    @property
    def revised(self) -> bool:
        return self.ver > 1

    @property
    def answered(self) -> bool:
        return any(reply.kind == PostKind.REPLY for reply in self.replies)

    @property
    def answering(self) -> list[RoomDepartment]:
        """The departments that speak here, each once, in the order of their answers."""
        found = {reply.department.id: reply.department for reply in self.replies if reply.department}
        return list(found.values())


@dataclass(slots=True)
class RoomView:
    """The public lane of a room, newest thread first."""

    threads: list[Message]
    pinned: list[Message]
    staged: Message | None
    stage_ids: frozenset[str]
    pin_ids: frozenset[str]

    def staged_by(self, lead: str | None, departments: Sequence[RoomDepartment]) -> list[tuple[RoomDepartment, bool]]:
        """Who has answered what is on stage, and the lead where its answer is still waited for."""
        done = {department.id for department in self.staged.answering} if self.staged else set()
        return [(one, one.id in done) for one in departments if one.id in done or one.id == lead]

    @property
    def open(self) -> list[Message]:
        """Questions nobody has answered, oldest first: who waits longest stands first."""
        return [root for root in reversed(self.threads) if _is_open(root)]

    @property
    def done(self) -> list[Message]:
        return [root for root in self.threads if root.kind == PostKind.QUESTION and root.answered]


def _is_open(root: Message) -> bool:
    return root.kind == PostKind.QUESTION and not root.redacted and not root.answered


class Threads:
    """Gathers items, in order of `s`, below what they answer."""

    def __init__(self, departments: Sequence[RoomDepartment]) -> None:
        self._departments = {department.id: department for department in departments}
        self._messages: dict[str, Message] = {}
        self._root_of: dict[str, Message] = {}
        self.roots: list[Message] = []

    def add(self, item: Item, tally: Sequence[int] = (0, 0), number: int | None = None) -> Message:
        message = self.message(item, tally)
        message.number = number or message.number
        root = self._root_of.get(message.reply_to) if message.reply_to else None
        if root is None:
            self.roots.append(message)
        else:
            root.replies.append(message)
        self._messages[message.id] = message
        self._root_of[message.id] = root or message
        return message

    def below(self, root: Message, item: Item) -> None:
        """A reply whose place is known although it says nothing of itself: a gap."""
        message = self.message(item)
        root.replies.append(message)
        self._messages[message.id] = message
        self._root_of[message.id] = root

    def get(self, post: str) -> Message | None:
        return self._messages.get(post)

    def message(self, item: Item, tally: Sequence[int] = (0, 0)) -> Message:
        if item.get("redacted"):
            return Message(id=str(item["id"]), seq=item["s"], at=item["at"], redacted=True)
        by = item["by"]
        return Message(
            id=str(item["id"]),
            seq=item["s"],
            at=item["at"],
            redacted=False,
            kind=item["kind"],
            name=by["name"],
            role=by["role"],
            department=self._departments.get(by.get("dept")),
            body=item["body"],
            ver=item["ver"],
            number=item.get("number"),
            reply_to=item.get("reply_to"),
            askers=item.get("askers", 1),
            up=tally[0],
            down=tally[1],
        )


def view_of_snapshot(snapshot: Snapshot, departments: Sequence[RoomDepartment]) -> RoomView:
    threads = Threads(departments)
    tally: Mapping[str, tuple[int, int]] = {str(post): votes for post, votes in snapshot.tally.items()}
    for item in snapshot.items:
        threads.add(item, tally.get(str(item["id"]), (0, 0)))
    marked = (_found(threads, snapshot.pinned), _found(threads, snapshot.stage))
    return RoomView(
        threads=sorted(threads.roots, key=lambda root: -root.seq),
        pinned=marked[0],
        staged=marked[1][-1] if marked[1] else None,
        stage_ids=frozenset(snapshot.stage),
        pin_ids=frozenset(snapshot.pinned),
    )


def view_of_questions(questions: Iterable[Mapping[str, Any]], departments: Sequence[RoomDepartment]) -> RoomView:
    """A page of older threads, as `RoomStore.questions` gives them."""
    threads = Threads(departments)
    for thread in questions:
        add_thread(threads, thread, thread)
    return RoomView(threads.roots, [], None, frozenset(), frozenset())


def add_thread(threads: Threads, thread: Mapping[str, Any], item: Item | Mapping[str, Any]) -> None:
    root = threads.add(dict(item), thread["tally"], thread["number"])
    for reply in thread["replies"]:
        threads.below(root, reply)


def _found(threads: Threads, posts: Sequence[str]) -> list[Message]:
    found = (threads.get(post) for post in posts)
    return [message for message in found if message is not None and not message.redacted]
