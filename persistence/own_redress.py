"""What became of one's own posts afterwards: appeals made, and refusals that were mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from kernel.ids import RoomId, UserId
from persistence.schema import ruling
from persistence.schema_redress import appeal
from rooms.appeals import Appealed, hiding_subject, refusal_subject, sanction_subject


class Redress:
    """The appeals of one user, and the rulings of those of their posts that have more than one version."""

    def __init__(
        self, connection: Connection, user: UserId, room: RoomId | None, posts: Sequence[Row[Any]], *, sanctioned: bool
    ) -> None:
        self._user = user
        # Who was never refused, hidden or sanctioned has nothing to appeal against: most people, at every reading.
        touched = any(row.hidden_seq is not None or row.version > 1 or row.state == "rejected" for row in posts)
        self._appeals = _appeals(connection, user, room) if touched or sanctioned else {}
        revised = [row.id for row in posts if row.version > 1]
        rulings = select(ruling).where(ruling.c.post_id.in_(revised))
        self._rulings = {(row.post_id, row.version): row for row in connection.execute(rulings)} if revised else {}

    def of_post(self, row: Row[Any], *, refused: bool) -> dict[str, Any]:
        """`{appeal?, reinstated?}` of a post: the appeal against how it stands, or the one that changed it."""
        mended = self._rulings.get((row.id, row.version))
        before = self._rulings.get((row.id, row.version - 1))
        found: dict[str, Any] = {}
        subject = hiding_subject(row.id, row.hidden_seq or 0) if row.hidden else refusal_subject(row.id, row.version)
        if mended is not None and mended.reason == "reinstated":
            subject = (
                hiding_subject(row.id, row.hidden_seq or 0) if row.hidden else refusal_subject(row.id, row.version - 1)
            )
            found["reinstated"] = {
                "at": mended.at,
                "refused_at": None if before is None else before.at,
                "reason": None if before is None else before.reason,
                "colleague": before is None or before.moderator_id != mended.moderator_id,
            }
        made = self._appeals.get(subject)
        if made is not None:
            found["appeal"] = told(made)
        elif not row.hidden and not refused and (shown := self._shown_again(row)) is not None:
            found["appeal"] = told(shown)
        return found

    def _shown_again(self, row: Row[Any]) -> Row[Any] | None:
        """The newest appeal by which a hidden post was shown again."""
        of = [one for one in self._appeals.values() if one.post_id == row.id and one.what == Appealed.HIDING.value]
        return max(of, key=lambda one: str(one.id)) if of else None

    @property
    def sanctions(self) -> list[str]:
        """Those appealed against."""
        return [one.sanction_id for one in self._appeals.values() if one.sanction_id is not None]

    def of_sanction(self, sanction_id: str) -> dict[str, Any] | None:
        made = self._appeals.get(sanction_subject(sanction_id))
        made = made or self._appeals.get(sanction_subject(sanction_id, self._user))
        return None if made is None else told(made)


def _appeals(connection: Connection, user: UserId, room: RoomId | None) -> dict[str, Row[Any]]:
    query = select(appeal).where(appeal.c.author_id == user)
    if room is not None:
        query = query.where(or_(appeal.c.room_id == room, appeal.c.room_id.is_(None)))
    return {row.subject: row for row in connection.execute(query)}


def told(made: Row[Any]) -> dict[str, Any]:
    """As its author is told; who decided stays among moderators."""
    answer: dict[str, Any] = {"appeal": made.id, "of": made.what, "state": made.state, "at": made.at}
    if made.decided_at is not None:
        answer |= {"decided_at": made.decided_at} | ({} if made.note is None else {"note": made.note})
    return answer
