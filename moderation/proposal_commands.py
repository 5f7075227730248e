"""What ends a proposal to hide an answer, beside the second `Redact` that confirms it."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import PostId
from kernel.permissions import Actor
from rooms.proposals import ProposalState


@dataclass(frozen=True, slots=True)
class DeclineHiding:
    """The answer stays: declined by a second person, withdrawn by who proposed. Outcome: `ProposalEnded`.

    `proposal` names the one that was read; None: whichever is open. The same again by the same person: the recorded
    answer. Refused: `no_post` (nothing was proposed), `decided`, `stale_version` (the text has changed since).
    """

    post: PostId
    proposal: int | None
    note: str | None
    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class EndHiding:
    """Says that a proposal has run out, or that its text is gone. Outcome: `ProposalEnded`; an open one stays."""

    post: PostId
    at: int


@dataclass(frozen=True, slots=True)
class ProposalEnded:
    post: PostId
    state: ProposalState
