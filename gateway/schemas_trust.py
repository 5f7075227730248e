"""Bodies and answers of the calls about trust and about what holds posts in a room."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.schemas import Body, PolicyShown, Shown, Time

Level = Literal["watched", "new", "known", "trusted"]


class TrustWord(Body):
    level: Level | None = None  # null: what the posts say counts again
    reason: Annotated[str, Field(max_length=1000)]


class TrustSaid(Shown):
    level: str
    reason: str
    by: dict[str, str]
    at: Time


class TrustShown(Shown):
    level: str
    derived: str
    said: TrustSaid | None


class EffectivePolicy(Shown):
    room: str
    policy: PolicyShown
    frozen: bool
    holds: list[dict[str, Any]]  # {what, from, value?, at?, by?}: what makes a post wait here
    changes: list[dict[str, Any]]  # {at, by, was, to}: the newest switches
