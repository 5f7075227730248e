"""What routes, pages and sockets are given; `wenzheng/bootstrap.py` fills it with the concrete adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from accounts.handlers import Accounts
from accounts.lookups import Lookups, LookupStore
from accounts.ports import AccountStore
from accounts.vouching import Vouching
from gateway.options import GatewayOptions
from gateway.shared import Shared
from gateway.siblings import Siblings
from gateway.throttle import Throttle
from kernel.allowances import Allowances
from kernel.clock import Clock
from kernel.ids import RoomId
from kernel.refusals import Refusal
from moderation.appeals import AppealStore
from moderation.asking import AskingStore
from moderation.auditing import AuditStore
from moderation.evidence import EvidenceStore
from moderation.item_history import ItemHistoryStore
from moderation.ports import ReviewStore
from moderation.proposals import ProposalStore
from moderation.reports import LedgerStore, ReportStore
from moderation.shifts import ShiftStore
from moderation.watching import WatchStore
from rooms.handlers import Rooms
from rooms.overview import Overview
from rooms.ports import Head, RoomStore

if TYPE_CHECKING:
    from moderation.handlers import Posting, Review
    from moderation.lists.keeping import WordLists
    from moderation.trust import TrustKeeping

LEDGER_FRESH_S = 5.0

# A transcript as `RoomStore.transcript` reads it, and the format wanted: "csv" or "md".
RenderTranscript = Callable[[dict[str, Any], str], str]


class EdgeStore(
    RoomStore,
    Overview,
    ShiftStore,
    WatchStore,
    ReviewStore,
    AppealStore,
    AskingStore,
    ReportStore,
    EvidenceStore,
    AuditStore,
    ItemHistoryStore,
    ProposalStore,
    LedgerStore,
    AccountStore,
    LookupStore,
    Protocol,
):
    """The one store behind everything; the edge reads from it and writes only through handlers."""

    async def ping(self) -> None:
        """Returns when the store answers; raises when it does not."""
        ...


class Live(Protocol):
    """What the pages and the API ask of the live room: `rooms/hub.py`."""

    def viewers(self, room: RoomId) -> int: ...

    def stands(self, room: RoomId) -> Head | None: ...

    def on_duty(self, room: RoomId) -> bool:
        """Whether a moderator follows the room."""
        ...

    def stale(self) -> bool:
        """Whether the store has been silent for so long that bodies are no longer given to newcomers (C7)."""
        ...


def _no_renderer(transcript: dict[str, Any], wanted: str) -> str:
    raise Refusal("bad_request", field="format")


def _never() -> bool:
    return False


def _no_lists() -> Mapping[str, int]:
    return {}


def _nothing_measured() -> Mapping[str, float]:
    return {}


@dataclass(slots=True)
class Services:
    """`measures` gives the process's counters by name; a name ending in `_total` only ever grows."""

    accounts: Accounts
    rooms: Rooms
    posting: Posting
    review: Review
    store: EdgeStore
    live: Live
    options: GatewayOptions
    clock: Clock
    render_transcript: RenderTranscript = _no_renderer
    draining: Callable[[], bool] = _never
    bus_healthy: Callable[[], bool] | None = None  # None: the bus is inside this process
    limits_shared: Callable[[], bool] | None = None  # None: there is nobody to share them with
    measures: Callable[[], Mapping[str, float]] = _nothing_measured
    words: WordLists | None = None  # None: a process that keeps no word lists
    vouching: Vouching | None = None  # None: the city vouches for nobody here
    trust: TrustKeeping | None = None  # None: a process that keeps no trust
    pace: Mapping[str, int] | None = None  # how fast a netizen may write in a room: {burst, interval_ms}
    judges: tuple[str, ...] = ()  # judges beside the phases of our own, by the name of their phase
    words_in_force: Callable[[], Mapping[str, int]] = _no_lists  # the version by scope
    words_behind: Callable[[], bool] = _never  # whether this node judges by an older list than the store has
    siblings: Siblings | None = None  # None: the only worker of this machine
    allowances: Allowances | None = None  # None: counted by this process alone
    # Numbers of a whole session need not be of this second; page and call share them.
    ledgers: Shared[dict[str, Any]] = field(default_factory=lambda: Shared(fresh_s=LEDGER_FRESH_S))
    throttle: Throttle = field(init=False)
    lookups: Lookups = field(init=False)

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.options.limits, self.clock, self.allowances)
        self.lookups = Lookups(self.store, self.clock)

    async def ledger(self, room: RoomId) -> dict[str, Any]:
        """How a room was moderated, a few seconds old; `unavailable` where this node has lost the store."""
        if self.live.stale():
            raise Refusal("unavailable")
        return await self.ledgers.get(room, lambda: self.store.ledger(room))
