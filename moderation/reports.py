"""Reports of viewers on what is published: made by anybody once for each post, judged by moderators."""

from __future__ import annotations

from typing import Any, Final, Protocol

from kernel.clock import Clock
from kernel.ids import PostId, RoomId
from kernel.permissions import Action, Actor, Role, require
from kernel.refusals import Refusal
from kernel.text import clean_text, is_blank
from moderation.inputs import author_of, expect, note_of
from moderation.pace import Pace
from moderation.ports import ModerationStore
from moderation.report_commands import JudgeReports, Report, Reported
from rooms.inputs import reason_of
from rooms.proposals import HIDING_MS
from rooms.reports import CaseState

NOTE_MAX: Final = 200
LISTED_MAX: Final = 200
# The numbers of the rules that can be broken in public, and what fits none of them.
REPORT_REASONS: Final = ("1", "2", "3", "4", "5", "8", "other")


class ReportStore(Protocol):
    async def report_cases(
        self, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """`{post, room, state, reports, reasons{code: n}, notes, at, kind, body, by, number?, approved, decided}`.

        `open` (or None): of posts still shown, oldest first; judged ones newest first. Never who reported.
        """
        ...


class LedgerStore(Protocol):
    async def ledger(self, room: RoomId) -> dict[str, Any]:
        """How a room was moderated, in numbers: `{posts{received, published, hidden, refused, waiting, withdrawn},

        refused_by{code: n}, hidden_by{code: n}, verdicts, wait_p50_s, wait_p90_s, appeals{open, upheld, reversed},
        reports{made, open, dismissed, redacted}, two_person{confirmed, declined}, unanswered}`.

        Never a text, never a name.
        """
        ...


class ReportDesk(ModerationStore, ReportStore, Protocol):
    """What reports stand on."""


class Reports:
    def __init__(self, store: ReportDesk, clock: Clock, pace: Pace, hiding_ms: int = HIDING_MS) -> None:
        self._store = store
        self._clock = clock
        self._pace = pace
        self._hiding_ms = hiding_ms

    async def make(self, actor: Actor, post: PostId, reason: str, note: str | None) -> Reported:
        """Asks that a moderator look; again by the same person is the same report and costs nothing."""
        require(actor, Action.REPORT_MAKE)
        by = author_of(actor).id
        if reason not in REPORT_REASONS:
            raise Refusal("bad_request", field="reason")
        text = _note_of(note)
        charged = await self._pace.report(by) if actor.role is Role.NETIZEN else None
        try:
            command = Report(post=post, reason=reason, note=text, by=actor, at=self._clock.now_ms())
            made = expect(Reported, await self._store.commit(command))
        except Refusal:
            if charged is not None:
                await self._pace.refund(charged)
            raise
        if made.repeated and charged is not None:
            await self._pace.refund(charged)
        return made

    async def judge(
        self, actor: Actor, post: PostId, outcome: CaseState, reason: str | None, note: str | None
    ) -> Reported:
        """Dismisses, or hides the post; `note` is for those who reported."""
        require(actor, Action.REPORT_JUDGE)
        if outcome is CaseState.REDACTED and reason is None:
            raise Refusal("bad_request", field="reason")
        command = JudgeReports(
            post=post,
            outcome=outcome,
            # Whoever sees the gap is told it, as of every hiding.
            reason=None if reason is None else reason_of(reason),
            note=note_of(note, "note"),
            by=actor,
            at=self._clock.now_ms(),
            lasts_ms=self._hiding_ms,
        )
        return expect(Reported, await self._store.commit(command))

    async def listed(
        self, actor: Actor, room: RoomId | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        require(actor, Action.REPORT_JUDGE)
        if not 1 <= limit <= LISTED_MAX:
            raise Refusal("bad_request", field="limit")
        if room is not None and await self._store.room(room) is None:
            raise Refusal("no_room")
        return await self._store.report_cases(room, state, cursor, limit)


def _note_of(raw: str | None) -> str | None:
    text = clean_text(raw or "")
    if len(text) > NOTE_MAX:
        raise Refusal("too_large", field="note")
    return None if is_blank(text) else text
