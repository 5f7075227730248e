"""By device or address: for whom, for how long, and how many may be touched without having been seen."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kernel.clock import FrozenClock
from kernel.ids import SourceKey, UserId
from kernel.permissions import VISITOR
from kernel.refusals import Refusal
from moderation.neighbours import BySource, Neighbours
from moderation.sightings import LATELY_MS, Source
from rooms.sanctions import SanctionKind, Via
from tests.moderation.fake_store import HOST, MODERATOR, NETIZEN

pytestmark = pytest.mark.anyio

WHO = UserId("g:lin")
HOUR, DAY = 3_600_000, 86_400_000
DEVICE, ADDRESS = SourceKey("d:1"), SourceKey("a:1")


class Seen:
    """A store in which the person wrote from a device of their own and an address shared with `others`."""

    def __init__(self, others: int) -> None:
        self.found: Mapping[Via, Source] = {Via.DEVICE: Source(DEVICE, 2), Via.ADDRESS: Source(ADDRESS, others)}
        self.since = 0

    async def sources_of(self, user: UserId, since: int) -> Mapping[Via, Source]:
        self.since = since
        return self.found if user == WHO else {}


def by_source(others: int, clock: FrozenClock | None = None) -> BySource:
    return BySource(Seen(others), clock or FrozenClock())  # type: ignore[arg-type]  # only what is read


async def refused(
    others: int, via: Via, kind: SanctionKind = SanctionKind.MUTE, lasts_ms: int = HOUR, said: int | None = None
) -> str | None:
    try:
        await by_source(others).aim(WHO, via, kind, lasts_ms, said)
    except Refusal as refusal:
        return refusal.code.name + (f" {refusal.field}" if refusal.field else "")
    return None


async def test_moderators_are_told_numbers_of_the_last_seven_days(clock: FrozenClock) -> None:
    store = Seen(38)
    found = await BySource(store, clock).neighbours(MODERATOR, WHO)  # type: ignore[arg-type]  # only what is read
    assert found == Neighbours(device=2, address=38, most=20)
    assert store.since == clock.now_ms() - LATELY_MS
    assert await by_source(38).neighbours(MODERATOR, UserId("g:other")) == Neighbours(None, None, 20)
    for nobody in (NETIZEN, HOST, VISITOR):
        with pytest.raises(Refusal):
            await by_source(38).neighbours(nobody, WHO)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


async def test_by_the_account_nothing_is_looked_up() -> None:
    assert await by_source(38).aim(UserId("nobody"), Via.ACCOUNT, SanctionKind.WARN, DAY * 30, None) is None


async def test_the_digest_is_the_one_last_seen_and_there_must_be_one() -> None:
    assert await by_source(3).aim(WHO, Via.DEVICE, SanctionKind.BAN, DAY * 30, None) == DEVICE
    assert await by_source(3).aim(WHO, Via.ADDRESS, SanctionKind.SUSPEND, DAY, None) == ADDRESS
    for via in (Via.DEVICE, Via.ADDRESS):
        with pytest.raises(Refusal, match="no_source"):
            await by_source(3).aim(UserId("g:other"), via, SanctionKind.MUTE, HOUR, None)


@pytest.mark.parametrize(
    ("via", "kind", "lasts_ms", "code"),
    [
        (Via.DEVICE, SanctionKind.WARN, HOUR, "bad_request kind"),
        (Via.ADDRESS, SanctionKind.WARN, HOUR, "bad_request kind"),
        (Via.ADDRESS, SanctionKind.BAN, HOUR, "bad_request kind"),
        (Via.DEVICE, SanctionKind.MUTE, 30 * DAY, None),
        (Via.DEVICE, SanctionKind.MUTE, 30 * DAY + 1, "bad_request until"),
        (Via.ADDRESS, SanctionKind.MUTE, DAY, None),
        (Via.ADDRESS, SanctionKind.MUTE, DAY + 1, "bad_request until"),
    ],
)
async def test_less_is_possible_and_for_less_long(
    via: Via, kind: SanctionKind, lasts_ms: int, code: str | None
) -> None:
    assert await refused(3, via, kind, lasts_ms) == code


@pytest.mark.parametrize(
    ("others", "said", "code"),
    [
        (20, None, None),
        (21, None, "shared_address"),
        (21, 0, "shared_address"),
        (21, 19, None),
        (21, 18, "shared_address"),
        (400, 360, None),
        (400, 359, "shared_address"),
        (400, 440, None),
        (400, 441, "shared_address"),
    ],
)
async def test_many_at_an_address_are_not_stopped_by_who_did_not_see_how_many(
    others: int, said: int | None, code: str | None
) -> None:
    assert await refused(others, Via.ADDRESS, said=said) == code


async def test_a_device_is_not_asked_for_a_number() -> None:
    assert await refused(38, Via.DEVICE) is None
