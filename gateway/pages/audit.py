"""审计: who changed what and why, what is under seal and who opened it, and whether the chains are whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.days import start_of
from gateway.pages.forms import needed, number, read_form, text
from gateway.pages.rendering import render, sentence_of
from gateway.services import Services
from gateway.shared import Shared
from kernel.ids import PostId
from kernel.permissions import Action
from kernel.refusals import Refusal
from moderation.auditing import AuditFilter, Auditing
from moderation.evidence import ChainReport
from moderation.evidence_commands import SealOpened
from rooms.sealing import SEALING

PARTS = ("log", "seals", "check")
# What is looked for, by the beginning of its action.
KINDS: Mapping[str, str] = {
    "rulings": "moderation:post:",
    "people": "moderation:user:",
    "appeals": "moderation:appeal:",
    "reports": "moderation:report:",
    "evidence": "moderation:evidence:",
    "words": "moderation:wordlist:",
    "posts": "room:post:",
    "redactions": "room:redaction:",
    "rooms": "room:room:",
    "seats": "room:seat:",
    "invitations": "room:department:",
}
_LISTED = 50
_ROOMS = 50
# Walking all chains is not done at every press.
_CHECK_FRESH_S = 60.0


class Draft(NamedTuple):
    """What was typed into the form of one seal, `post.version`."""

    of: str
    words: str


NO_DRAFT = Draft("", "")


def routes(services: Services) -> list[Route]:
    page = _AuditPage(services)
    return [
        GuardedRoute("/audit", page.read, action=Action.AUDIT_READ),
        GuardedRoute("/audit/open", page.open, action=Action.EVIDENCE_OPEN, methods=["POST"]),
        GuardedRoute("/audit/keep", page.keep, action=Action.EVIDENCE_KEEP, methods=["POST"]),
        GuardedRoute("/audit/check", page.check, action=Action.EVIDENCE_AUDIT, methods=["POST"]),
    ]


class _AuditPage:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._auditing = Auditing(services.store)
        self._checks: Shared[ChainReport] = Shared(fresh_s=_CHECK_FRESH_S)

    async def read(self, request: Request) -> Response:
        part = request.query_params.get("part", PARTS[0])
        if part not in PARTS:
            raise Refusal("not_found")
        return await self._show(request, part)

    async def open(self, request: Request) -> Response:
        """The text is on this one answer; that it was read is recorded first."""
        actor, form = actor_of(request), await read_form(request)
        # Who may not see the page would be told nothing of what they opened: that is asked before it is recorded.
        self._auditing.check(actor)
        post, ver, why = PostId(needed(form, "post")), number(form, "ver"), text(form, "why")
        try:
            opened = await self._services.review.evidence.open(actor, post, ver, why)
        except Refusal as refusal:
            return await self._show(request, "seals", refusal, post=post, draft=Draft(f"{post}.{ver}", why))
        return await self._show(request, "seals", opened=opened, post=post)

    async def keep(self, request: Request) -> Response:
        form = await read_form(request)
        post, ver, why = PostId(needed(form, "post")), number(form, "ver"), text(form, "why")
        on = needed(form, "on") == "1"
        try:
            await self._services.review.evidence.keep(actor_of(request), post, ver, why, on=on)
        except Refusal as refusal:
            return await self._show(request, "seals", refusal, post=post, draft=Draft(f"{post}.{ver}", why))
        return await self._show(request, "seals", post=post)

    async def check(self, request: Request) -> Response:
        actor = actor_of(request)
        try:
            found = await self._checks.get("all", lambda: self._auditing.verify(actor))
        except Refusal as refusal:
            return await self._show(request, "check", refusal)
        return await self._show(request, "check", report=found)

    async def _show(
        self,
        request: Request,
        part: str,
        refusal: Refusal | None = None,
        *,
        post: PostId | None = None,
        draft: Draft = NO_DRAFT,
        opened: SealOpened | None = None,
        report: ChainReport | None = None,
    ) -> Response:
        """One part; `post` is whose seals are shown after a form about it."""
        self._auditing.check(actor := actor_of(request))
        asked = request.query_params
        subject = post or asked.get("subject", "").strip()
        lines: Any = []
        seals: Any = []
        after: str | None = None
        cursor = asked.get("cursor") or None
        if part == "log":
            lines, after = await self._auditing.log(actor, _wanted(asked), cursor, _LISTED)
        elif part == "seals":
            of = PostId(subject) if subject else None
            seals, after = await self._services.review.evidence.log(actor, None, cursor, _LISTED, of)
        response = render(
            request,
            "audit.html",
            status=200 if refusal is None else refusal.code.status,
            here="audit",
            part=part,
            kinds=KINDS,
            asked={name: asked.get(name, "") for name in ("kind", "by", "from", "to")},
            subject=subject,
            lines=lines,
            seals=seals,
            sealing={one.value for one in SEALING},
            after=after,
            told=told,
            opened=opened,
            draft=draft,
            report=report,
            rooms=(await self._services.store.rooms(None, None, _ROOMS))[0] if part == "check" else [],
            refused=None if refusal is None else sentence_of(request, refusal),
        )
        response.headers["cache-control"] = "no-store"
        return response


def _wanted(asked: Mapping[str, str]) -> AuditFilter:
    kind = asked.get("kind") or ""
    if kind and kind not in KINDS:
        raise Refusal("bad_request", field="kind")
    since, last = _day(asked, "from"), _day(asked, "to")
    return AuditFilter(
        begins=KINDS[kind] if kind else None,
        by=asked.get("by", "").strip() or None,
        subject=asked.get("subject", "").strip() or None,
        since=None if since is None else start_of(since),
        until=None if last is None else start_of(last + timedelta(days=1)),
    )


def _day(asked: Mapping[str, str], name: str) -> date | None:
    written = asked.get(name, "")
    try:
        found = date.fromisoformat(written) if written else None
    except ValueError:
        raise Refusal("bad_request", field=name) from None
    if found is not None and not 2000 <= found.year < 2100:
        raise Refusal("bad_request", field=name)
    return found


def told(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an entry says beside who and when: names and values as they were recorded."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in detail.items()
        if value is not None
    ]
