"""Sanctions by device and by address: who else writes from there, and when that is too many to be stopped unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.clock import Clock
from kernel.ids import SourceKey, UserId
from kernel.permissions import Action, Actor, require
from kernel.refusals import Refusal
from moderation.sightings import LATELY_MS, SightingStore
from rooms.sanctions import VIA_SOURCE, VIA_SOURCE_LONGEST_MS, SanctionKind, Via

# An address with more others than this is stopped only by somebody who has seen how many they are.
SHARED_ADDRESS: Final = 20
# Between looking and pressing some more may have written: so many, or a tenth.
_MORE: Final = 2


@dataclass(frozen=True, slots=True)
class Neighbours:
    """How many other guests wrote lately from where somebody wrote last; None: from no known device or address."""

    device: int | None
    address: int | None
    most: int  # past this many at an address, `others` has to be said


class BySource:
    def __init__(self, store: SightingStore, clock: Clock, shared_address: int = SHARED_ADDRESS) -> None:
        self._store = store
        self._clock = clock
        self._most = shared_address

    async def neighbours(self, actor: Actor, user: UserId) -> Neighbours:
        """Numbers alone: no moderator is told which device or address it is, or who the others are."""
        require(actor, Action.SANCTION_SET)
        found = await self._store.sources_of(user, self._since())
        counted: Mapping[Via, int] = {via: source.others for via, source in found.items()}
        return Neighbours(counted.get(Via.DEVICE), counted.get(Via.ADDRESS), self._most)

    async def aim(
        self, user: UserId, via: Via, kind: SanctionKind, lasts_ms: int, others: int | None
    ) -> SourceKey | None:
        """What a sanction is to find people by; None: by the account. `others` is the number that was seen.

        `bad_request`: not by this, or not for so long; `no_source`: not known; `shared_address`: more people than were
        seen, or than may be stopped unseen.
        """
        if via is Via.ACCOUNT:
            return None
        if kind not in VIA_SOURCE[via]:
            raise Refusal("bad_request", field="kind")
        if lasts_ms > VIA_SOURCE_LONGEST_MS[via]:
            raise Refusal("bad_request", field="until")
        source = (await self._store.sources_of(user, self._since())).get(via)
        if source is None:
            raise Refusal("no_source")
        if via is Via.ADDRESS and source.others > self._most and not _seen(others, source.others):
            raise Refusal("shared_address")
        return source.key

    def _since(self) -> int:
        return self._clock.now_ms() - LATELY_MS


def _seen(said: int | None, others: int) -> bool:
    return said is not None and abs(said - others) <= max(_MORE, others // 10)
