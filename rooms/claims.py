"""Which waiting posts moderators hold, as far as this node was told while it follows the room: the store knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

CLAIMS_MAX: Final = 500

Claim = Mapping[str, Any]  # {post, by{name, id}, until}; `until` 0: held no longer
_NOTHING: Final[Claim] = {"until": 0}


class Claims:
    """One room's."""

    def __init__(self) -> None:
        self._held: dict[str, Claim] = {}
        self._untold: dict[str, Claim] = {}

    def note(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            post = claim["post"]
            self._held.pop(post, None)
            if claim["until"]:
                self._held[post] = claim
            if len(self._held) > CLAIMS_MAX:
                del self._held[next(iter(self._held))]
            if len(self._untold) < CLAIMS_MAX or post in self._untold:
                self._untold[post] = claim

    def learn(self, claims: Iterable[Claim]) -> None:
        """As another node knows it: news only where this one knows nothing, or of a shorter time."""
        self.note([claim for claim in claims if claim["until"] > self._held.get(claim["post"], _NOTHING)["until"]])

    def held(self, now: int) -> list[Claim]:
        """Those that have not run out."""
        self._held = {post: claim for post, claim in self._held.items() if claim["until"] > now}
        return list(self._held.values())

    def untold(self) -> list[Claim]:
        """What changed since the last call, each post once."""
        untold, self._untold = self._untold, {}
        return list(untold.values())
