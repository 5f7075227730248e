"""The shortest way to ask one phase about one text."""

from __future__ import annotations

from kernel.permissions import Actor
from moderation.drafts import Context, Draft, Judge
from moderation.verdicts import Verdict
from rooms.model import Policy, PostKind
from tests.moderation.fake_store import NETIZEN


def ask(
    judge: Judge,
    body: str,
    *,
    author: Actor = NETIZEN,
    policy: Policy | None = None,
    recent: tuple[str, ...] = (),
) -> Verdict | None:
    return judge(Draft(author, PostKind.QUESTION, body), Context(policy or Policy(), recent))


def categories(verdict: Verdict | None) -> list[str | None]:
    return [] if verdict is None else [reason.category for reason in verdict.reasons]
