"""The history of one post, put together from its versions, the audit, appeals and reports, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, false, literal, or_, select, tuple_

from kernel.ids import PostId
from kernel.refusals import Refusal
from persistence.reader import page, storable
from persistence.schema import account, audit, event, post, post_version, ruling
from persistence.schema_redress import appeal, report_case, seal
from rooms.appeals import AppealState
from rooms.model import Lane, PostKind, PostState
from rooms.sealing import Sealed

Entry: TypeAlias = dict[str, Any]
# Of what happened in the same millisecond a text comes first, and what was decided about it after.
_VERSION, _APPEAL, _REPORTS, _DEED, _WITHDRAWN, _APPEAL_END = range(6)
_WITHDRAWN_BY: Final = "withdrawn"
_ID_DIGITS: Final = 20  # versions and numbers as texts that sort like numbers
# Domain and subject of what the last word of an action alone would not tell.
_SUBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {"moderation:report": "reports.", "moderation:evidence": "evidence.", "room:redaction": "proposal."}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends; what is older follows."""

    at: int
    rank: int
    id: str

    @classmethod
    def of(cls, cursor: str) -> Place:
        at, _, rest = cursor.partition(".")
        rank, _, entry = rest.partition(".")
        numbers = all(one.isascii() and one.isdigit() and len(one) <= 16 for one in (at, rank))
        if not numbers or not entry or not storable(entry):
            raise Refusal("bad_request", field="cursor")
        return cls(int(at), int(rank), entry)


def read_item(
    connection: Connection, wanted: PostId, cursor: str | None, limit: int, *, unpublished: bool
) -> tuple[list[Entry], str | None] | None:
    row = connection.execute(select(post).where(post.c.id == wanted)).one_or_none()
    if row is None or row.kind == PostKind.NOTE.value:
        return None
    reading = _Reading(connection, row, None if cursor is None else Place.of(cursor), page(limit), unpublished)
    found = sorted(reading.all(), key=lambda one: one[0], reverse=True)
    entries = [entry for _, entry in found[: reading.size]]
    if len(found) <= reading.size:
        return entries, None
    at, rank, last = found[reading.size - 1][0]
    return entries, f"{at}.{rank}.{last}"


@dataclass(slots=True)
class _Reading:
    connection: Connection
    post: Row[Any]
    after: Place | None
    size: int
    unpublished: bool

    def all(self) -> list[tuple[tuple[int, int, str], Entry]]:
        return [*self._versions(), *self._deeds(), *self._appeals(), *self._reports(), *self._withdrawn()]

    def _older(self, rank: int, at: ColumnElement[int], entry: ColumnElement[Any], of: Any) -> ColumnElement[bool]:
        """Those of one kind that come after the page before; `of` reads the place's id as the column has it."""
        if self.after is None:
            return at >= 0
        if rank != self.after.rank:
            return at <= self.after.at if rank < self.after.rank else at < self.after.at
        place = tuple_(literal(self.after.at, BigInteger), of(self.after.id))
        return tuple_(at, entry) < place

    def _versions(self) -> list[tuple[tuple[int, int, str], Entry]]:
        columns = post_version.c
        query = (
            select(columns.version, columns.body, columns.created_by, columns.created_at, account.c.name)
            .outerjoin(account, account.c.id == columns.created_by)
            .where(columns.post_id == self.post.id)
            .where(self._older(_VERSION, columns.created_at, columns.version, _number))
            .order_by(columns.created_at.desc(), columns.version.desc())
            .limit(self.size + 1)
        )
        rows = self.connection.execute(query).all()
        versions = [row.version for row in rows]
        public = self._public(versions)
        sealed = self._sealed(versions)
        found = []
        for row in rows:
            seals = sealed.get(row.version, set())
            shown = self._text(row, public=row.version in public, covered=Sealed.MASKED.value in seals)
            if Sealed.ERASED.value in seals:
                shown = {**shown, "body": "", "gone": Sealed.ERASED.value}
            elif "gone" in shown and seals and shown["gone"] != _WITHDRAWN_BY:
                # Whoever may open it, with a reason, finds it there.
                shown["sealed"] = True
            key = (row.created_at, _VERSION, str(row.version).zfill(_ID_DIGITS))
            found.append((key, {"what": "version", "at": row.created_at, "by": self._who(row), **shown}))
        return found

    def _public(self, versions: list[int]) -> set[int]:
        """Which of them an event of the public lane published."""
        query = select(event.c.version).where(
            event.c.ref == self.post.id, event.c.lane == Lane.PUB.value, event.c.version.in_(versions)
        )
        return set(self.connection.execute(query).scalars())

    def _sealed(self, versions: list[int]) -> dict[int, set[str]]:
        """Why each was sealed; that one was opened is no seal of its own."""
        query = select(seal.c.version, seal.c.why).distinct()
        query = query.where(seal.c.post_id == self.post.id, seal.c.version.in_(versions))
        found: dict[int, set[str]] = {}
        for row in self.connection.execute(query.where(seal.c.why != Sealed.OPENED.value)):
            found.setdefault(row.version, set()).add(row.why)
        return found

    def _text(self, row: Any, *, public: bool, covered: bool) -> Entry:
        newest = row.version == self.post.version
        shown: Entry = {"ver": row.version, "public": public, "body": ""}
        if newest and self.post.reasons:
            shown["reasons"] = [_told(reason) for reason in self.post.reasons]
        # A text that waits has to be read, whatever became of the one before.
        waits = newest and self.post.waiting and self.unpublished
        if self.post.state == PostState.WITHDRAWN.value or self.post.hidden == _WITHDRAWN_BY:
            return {**shown, "gone": _WITHDRAWN_BY}
        if covered:
            return {**shown, "gone": "masked"}
        if self.post.hidden is not None and not waits:
            return {**shown, "gone": "hidden"}
        if not public and not self.unpublished:
            return {**shown, "gone": "unpublished"}
        if "reasons" in shown and self.unpublished and not public:
            shown["reasons"] = self.post.reasons
        return {**shown, "body": row.body}

    def _who(self, row: Any) -> Entry:
        if row.created_by == self.post.author_id:
            return {"id": row.created_by, "name": self.post.author_name, "role": self.post.author_role}
        return {"id": row.created_by, "name": row.name or ""}

    def _deeds(self) -> list[tuple[tuple[int, int, str], Entry]]:
        """A refusal's words to the author stand with its ruling."""
        query = (
            select(audit, account.c.name)
            .outerjoin(account, account.c.id == audit.c.actor_id)
            .where(audit.c.subject == self.post.id, self._older(_DEED, audit.c.at, audit.c.id, literal))
            .order_by(audit.c.at.desc(), audit.c.id.desc())
            .limit(self.size + 1)
        )
        rows = self.connection.execute(query).all()
        notes = self._notes(rows)
        found = []
        for row in rows:
            detail = dict(row.detail)
            ver = detail.pop("ver", None)
            subject, _, deed = row.action.rpartition(":")
            # What a covering or a reinstating decided is the version after the one it was asked of.
            told = notes.get((ver + 1 if deed in ("mask", "reinstate") else ver) if isinstance(ver, int) else -1)
            entry = {
                "what": _SUBJECTS.get(subject, "") + deed,
                "at": row.at,
                "by": {"id": row.actor_id, "name": row.name or ""},
                "ver": ver,
                "reason": detail.pop("reason", None),
                "note": told if deed in ("publish", "reject", "mask", "reinstate") and self.unpublished else None,
                "detail": detail,
            }
            found.append(((row.at, _DEED, row.id), {k: v for k, v in entry.items() if v not in (None, {})}))
        return found

    def _notes(self, deeds: Sequence[Row[Any]]) -> dict[int, str | None]:
        judged = {ver for row in deeds if isinstance(ver := row.detail.get("ver"), int)}
        query = select(ruling.c.version, ruling.c.note).where(
            ruling.c.post_id == self.post.id, ruling.c.version.in_(judged | {ver + 1 for ver in judged})
        )
        return {row.version: row.note for row in self.connection.execute(query)}

    def _appeals(self) -> list[tuple[tuple[int, int, str], Entry]]:
        columns = appeal.c
        made = self._older(_APPEAL, columns.at, columns.id, literal)
        ended = self._older(_APPEAL_END, columns.decided_at, columns.id, literal)
        query = (
            select(appeal, account.c.name)
            .outerjoin(account, account.c.id == columns.decided_by)
            .where(columns.post_id == self.post.id, or_(made, and_(columns.decided_at.is_not(None), ended)))
            .order_by(columns.id.desc())
            .limit(self.size + 1)
        )
        found = []
        author = {"id": self.post.author_id, "name": self.post.author_name, "role": self.post.author_role}
        for row in self.connection.execute(query):
            asked = {"what": "appeal", "at": row.at, "by": author, "detail": {"of": row.what}}
            found.append(((row.at, _APPEAL, row.id), asked))
            if row.state != AppealState.OPEN.value:
                note = {"note": row.note} if row.note and self.unpublished else {}
                ended_by = {"id": row.decided_by, "name": row.name or ""}
                end = {"what": f"appeal.{row.state}", "at": row.decided_at, "by": ended_by, **note}
                found.append(((row.decided_at, _APPEAL_END, row.id), end))
        return [one for one in found if self.after is None or one[0] < _key(self.after)]

    def _reports(self) -> list[tuple[tuple[int, int, str], Entry]]:
        """Who reported is told to nobody."""
        row = self.connection.execute(select(report_case).where(report_case.c.post_id == self.post.id)).one_or_none()
        if row is None or not self.unpublished:
            return []
        key = (row.opened_at, _REPORTS, "0")
        entry = {"what": "reports", "at": row.opened_at, "by": None, "detail": {"reports": row.reports}}
        return [] if self.after is not None and key >= _key(self.after) else [(key, entry)]

    def _withdrawn(self) -> list[tuple[tuple[int, int, str], Entry]]:
        """Of what was public; what was taken back while it waited left no time behind."""
        told = event.c.meta["reason"].as_string() == _WITHDRAWN_BY if self.post.hidden == _WITHDRAWN_BY else false()
        query = select(event.c.at, event.c.seq).where(
            event.c.ref == self.post.id, event.c.lane == Lane.MOD.value, event.c.kind == "hidden", told
        )
        author = {"id": self.post.author_id, "name": self.post.author_name, "role": self.post.author_role}
        rows = self.connection.execute(query.order_by(event.c.seq.desc()).limit(1)).all()
        found = [
            ((row.at, _WITHDRAWN, str(row.seq).zfill(_ID_DIGITS)), {"what": "withdrawn", "at": row.at, "by": author})
            for row in rows
        ]
        return [one for one in found if self.after is None or one[0] < _key(self.after)]


def _told(reason: Mapping[str, Any]) -> Entry:
    """A term that was found is a piece of the text, or of the one below that was covered, and of a list."""
    return {name: value for name, value in reason.items() if name not in ("term", "from", "to")}


def _number(entry: str) -> ColumnElement[int]:
    if not (entry.isascii() and entry.isdigit() and len(entry) <= _ID_DIGITS):
        raise Refusal("bad_request", field="cursor")
    return literal(int(entry), BigInteger)


def _key(place: Place) -> tuple[int, int, str]:
    return place.at, place.rank, place.id
