"""Posts below posts: who answers whom, and the items of whole threads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from persistence.items import item_of, present_items
from persistence.schema import event, post
from rooms.model import Lane, PostKind
from rooms.ports import Item

# Published on the public lane; a note has a number too, but of the desk lane.
PUBLIC: ColumnElement[bool] = and_(post.c.seq.is_not(None), post.c.kind != PostKind.NOTE.value)


@dataclass(slots=True)
class Thread:
    """A root with everything below it, in order of publication; `root` is its row, for what an item does not show."""

    root: Row[Any]
    item: Item
    replies: list[Item] = field(default_factory=list)

    @property
    def tally(self) -> tuple[int, int]:
        return (0, 0) if self.root.hidden else (self.root.up, self.root.down)


def thread_rows(connection: Connection, roots: Sequence[str]) -> Sequence[Row[Any]]:
    """The roots and everything public below them, in order of `s`."""
    if not roots:
        return ()
    tree = select(post.c.id).where(post.c.id.in_(roots), PUBLIC).cte("tree", recursive=True)
    below = select(post.c.id).join(tree, post.c.reply_to == tree.c.id).where(PUBLIC)
    tree = tree.union(below)
    query = present_items(Lane.PUB).where(post.c.id.in_(select(tree.c.id))).order_by(event.c.seq)
    return connection.execute(query).all()


def threads_of(rows: Iterable[tuple[Row[Any], Item]]) -> list[Thread]:
    """Groups rows, given in order of `s`: what is answered was published before its answer."""
    threads: dict[str, Thread] = {}  # by the id of every post in it
    roots: list[Thread] = []
    for row, item in rows:
        thread = threads.get(row.reply_to)
        if thread is None:
            thread = Thread(row, item)
            roots.append(thread)
        else:
            thread.replies.append(item)
        threads[row.post_id] = thread
    return roots


def with_items(rows: Iterable[Row[Any]]) -> list[tuple[Row[Any], Item]]:
    return [(row, item_of(row)) for row in rows]
