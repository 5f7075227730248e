"""What became of one post from its first version on, for who judges it: who did what when and why, and what it said."""

from __future__ import annotations

from typing import Any, Final, Protocol

from kernel.ids import PostId
from kernel.permissions import Action, Actor, permits, require
from kernel.refusals import Refusal

HISTORY_MAX: Final = 100


class ItemHistoryStore(Protocol):
    async def item_history(
        self, post: PostId, cursor: str | None, limit: int, *, unpublished: bool
    ) -> tuple[list[dict[str, Any]], str | None] | None:
        """Newest first, a page; None where there is no such post, or it is a note: those belong to the desk.

        Each `{what, at, by{id, name} | None}`; `what` is `version` (`ver`, `body`, `reasons?` of the newest, `public`:
        whether it ever was), a deed of the audit (`publish`, `reject`, `mask`, `redact`, `restore`, `reopen`, …, with
        `ver?`, `reason?`, `note?`, `detail`), `appeal` and its end, `reports`, or `withdrawn`.
        A text is "" with `gone` saying why, and `sealed` where it can be opened with a reason: the post is hidden or
        taken back, the version was covered, or it never was public and `unpublished` is false. What was found in it,
        and where, stands in `reasons` only beside a text that never was public, and where `unpublished` is true.
        """
        ...


async def read(
    store: ItemHistoryStore, actor: Actor, post: PostId, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Moderators read what waits and what was refused; who only looks on reads what was public and still is."""
    require(actor, Action.ITEM_READ)
    if not 1 <= limit <= HISTORY_MAX:
        raise Refusal("bad_request", field="limit")
    found = await store.item_history(post, cursor, limit, unpublished=permits(actor, Action.REVIEW))
    if found is None:
        raise Refusal("no_post")
    return found
