"""The external judge: one signed HTTP request for each post, one small JSON answer, nothing believed beyond that."""

from __future__ import annotations

import secrets
from typing import Annotated, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from gateway.signed_post import BadAnswer, SignedPost
from kernel.clock import Clock
from moderation.drafts import Context, Draft
from moderation.verdicts import Strength, Verdict
from rooms.model import Reason

NAME: Final = "hook"
REASONS_MAX: Final = 10
_STRENGTHS = {"admit": Strength.ADMIT, "hold": Strength.HOLD, "refuse": Strength.REFUSE}


class _Why(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    category: Annotated[str, Field(min_length=1, max_length=32)]
    start: Annotated[int | None, Field(ge=0, alias="from")] = None
    end: Annotated[int | None, Field(ge=0, alias="to")] = None
    text: Annotated[str, Field(max_length=100)] | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    verdict: Literal["admit", "hold", "refuse"]
    reasons: Annotated[list[_Why], Field(max_length=REASONS_MAX)] = Field(default_factory=list)


class HttpJudge:
    """Whatever it does not answer as agreed holds the post."""

    name = NAME

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self._line = SignedPost(url, secret)
        self._clock = clock

    async def judge(self, draft: Draft, context: Context) -> Verdict | None:
        """Raises for whatever is no answer as agreed; the caller bounds the time."""
        now, number = self._clock.now_ms(), secrets.token_hex(16)
        body = orjson.dumps(
            {
                "id": number,
                "at": now,
                "room": context.room,
                "kind": draft.kind.value,
                # The same author is the same word, and nobody outside can say which one it is.
                "author": self._line.sign(b"author." + str(draft.author.id).encode())[:16],
                "trust": context.trust.value,
                "body": draft.body,
            }
        )
        status, answered = await self._line.post(now, number, body)
        if status != 200:
            raise BadAnswer
        return _verdict(answered, len(draft.body))


def _verdict(answered: bytes, length: int) -> Verdict:
    answer = _Answer.model_validate(orjson.loads(answered))
    reasons = tuple(_reason(why, length) for why in answer.reasons)
    if not reasons and answer.verdict != "admit":
        reasons = (Reason(NAME, category="unexplained"),)
    return Verdict(_STRENGTHS[answer.verdict], reasons)


def _reason(why: _Why, length: int) -> Reason:
    """A place that is none in this text is a mistake of the judge's: told without one."""
    placed = why.start is not None and why.end is not None and why.start < why.end <= length
    return Reason(
        NAME,
        category=why.category,
        term=why.text,
        start=why.start if placed else None,
        end=why.end if placed else None,
    )
