"""The audit as those read it who look over everybody's shoulder: who changed what, when and why; never a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from moderation.evidence import ChainReport

LISTED_MAX: Final = 200
# What is asked for is never longer than what is stored.
TERM_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Every condition that is given must hold; `since` and `until` in milliseconds, `until` is the first one after."""

    begins: str | None = None  # of the action: `moderation:user:`
    by: str | None = None  # a user name, or an id
    subject: str | None = None  # the id of a post, a room, a person, an appeal, or the scope of a list
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """`name` is "" where `by` has no account: a netizen, or the settings' file."""

    id: str
    action: str
    by: str
    name: str
    subject: str
    detail: Mapping[str, Any]
    at: int


class AuditStore(Protocol):
    async def audit_log(
        self, wanted: AuditFilter, cursor: str | None, limit: int
    ) -> tuple[list[AuditLine], str | None]:
        """Newest first, and where the next page begins."""
        ...

    async def check_seals(self) -> ChainReport: ...


class Auditing:
    def __init__(self, store: AuditStore) -> None:
        self._store = store

    def check(self, actor: Actor) -> None:
        """Raises unless the actor reads the audit."""
        require(actor, Action.AUDIT_READ)

    async def log(
        self, actor: Actor, wanted: AuditFilter, cursor: str | None, limit: int
    ) -> tuple[list[AuditLine], str | None]:
        self.check(actor)
        if not 1 <= limit <= LISTED_MAX:
            raise Refusal("bad_request", field="limit")
        if any(len(asked) > TERM_MAX for asked in (wanted.by or "", wanted.subject or "", cursor or "")):
            raise Refusal("bad_request", field="cursor" if len(cursor or "") > TERM_MAX else "subject")
        return await self._store.audit_log(wanted, cursor, limit)

    async def verify(self, actor: Actor) -> ChainReport:
        """Walks the chains of all seals, as `wenzheng moderation evidence verify` does."""
        require(actor, Action.EVIDENCE_AUDIT)
        return await self._store.check_seals()
