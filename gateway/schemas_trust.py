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
    holds: list[dict[str, Any]]  # {what, from, value?, at?, by?, why?}: what makes a post wait here
    changes: list[dict[str, Any]]  # {at, by, was, to, why}: the newest switches
    since: dict[str, dict[str, Any]]  # {at, by, why} of each field of the policy that was switched lately
    made_at: Time
    made_by: str
    limits: PaceShown | None


class PaceShown(Shown):
    """How fast one netizen may write in a room, by the settings: so many at once, then one each `interval_ms`."""

    burst: int
    interval_ms: int


class LevelsShown(Shown):
    watched: int
    new: int
    known: int
    trusted: int


class PolicyStakes(Shown):
    """Of the newest posts of netizens in the room; `held` by its own rule alone, `refused` of these by a person."""

    waiting: int
    viewers: int
    looked_at: int
    held: int
    refused: int
    authors: LevelsShown
