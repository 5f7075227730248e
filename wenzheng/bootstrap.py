"""Puts the parts together: the only module that names concrete adapters."""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from accounts.assertions import SECRET_MIN, Assertions
from accounts.handlers import Accounts
from accounts.vouched import Pseudonyms, VouchedTokens
from accounts.vouching import Vouching
from gateway.alarm_http import HttpAlarm
from gateway.app import create_app
from gateway.bus_memory import MemoryBus
from gateway.bus_redis import RedisBus, RedisBusOptions
from gateway.bus_routes import UnsuitableRedis
from gateway.engine.server import Server, build_server
from gateway.i18n import translate
from gateway.judge_http import HttpJudge
from gateway.live import Live, build_live
from gateway.redis_link import RedisLink
from gateway.redis_sharing import RedisSharing
from gateway.services import Services
from kernel.allowances import Allowances, OwnAllowances
from kernel.clock import Clock
from kernel.ids import MonotonicIds, RoomId
from kernel.refusals import Refusal
from kernel.tasks import spawn
from moderation.alarms import Alarms
from moderation.drafts import Phase
from moderation.handlers import Posting, Review
from moderation.judges import Judges
from moderation.lapsing import Lapsing
from moderation.lists.keeping import WordLists
from moderation.lists.live import LiveWords
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from moderation.phases.crowd import Crowd
from moderation.plugins import BadPlugin, load_plugins
from moderation.retention import Retention
from moderation.sightings import Sightings
from moderation.trust import TrustKeeping
from moderation.wordlist import FILE_BYTES_MAX, BadTerms, WordList
from persistence.exporting import render_transcript
from persistence.migrate import migrate
from persistence.store import SchemaOutdated, Store, open_store
from rooms.calming import Calming
from rooms.following.following import Following
from rooms.handlers import Rooms
from rooms.ports import Hint
from rooms.presence import Presence
from wenzheng.cli import CommandError
from wenzheng.request_log import RequestLog
from wenzheng.service_manager import tell
from wenzheng.settings import Settings

_HOUR_MS = 3_600_000
HOOK_SECRET_MIN = 16

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Node:
    """One process, assembled and listening, not yet accepting."""

    services: Services
    bus: MemoryBus | RedisBus
    live: Live
    server: Server
    following: Following
    sharing: RedisSharing | None  # None: there are no other nodes
    words: LiveWords
    calming: Calming
    retention: Retention
    lapsing: Lapsing
    sightings: Sightings


async def assemble(
    settings: Settings, store: Store, clock: Clock, *, demo: bool, listeners: Sequence[socket.socket] = ()
) -> Node:
    """From the store outwards: handlers, live room, HTTP, sockets: those given, or new ones.

    Raises `ListenError` if the port is not ours.
    """
    options = settings.gateway_options(demo=demo)
    ids = MonotonicIds(clock)
    secret = await store.deployment_secret()
    session_ms, guest_ms = options.session_hours * _HOUR_MS, options.guest_days * 24 * _HOUR_MS
    vouched = VouchedTokens(secret, settings.vouching.secret) if settings.vouching.secret else None
    accounts = Accounts(store, clock, secret, session_ms, guest_ms, options.ticket_s * 1000, vouched=vouched)
    hiding_ms = settings.moderation.hiding_proposal_s * 1000
    rooms = Rooms(store, clock, ids, hiding_ms=hiding_ms)
    name = secrets.token_hex(4)
    sharing = _sharing(settings, secret, clock, name)
    allowances: Allowances = OwnAllowances(clock) if sharing is None else sharing.allowances
    presence = None if sharing is None else Presence(sharing.presence.viewers, sharing.presence.duty)
    plugins, judges = judges_of(settings, clock)
    live_words = LiveWords(store)
    words = WordLists(store, clock, published=live_words.look)
    kept = settings.moderation
    sightings = Sightings(store, clock, device_days=kept.device_days, address_days=kept.address_days)
    pipeline, pace = standard_pipeline(live_words, plugins, Crowd(clock)), _pace(settings, allowances)
    posting = Posting(store, clock, ids, pipeline, pace, judges, hiding_ms=hiding_ms, sightings=sightings)
    bus = _bus(settings, secret)
    lease_ms = options.lease_s * 1000
    review = Review(store, clock, ids, lease_ms=lease_ms, bus=bus, shared_address=kept.shared_address)
    review.shifts.alarms = alarms_of(settings, store, clock)

    def publish(hints: list[Hint]) -> None:
        for hint in hints:
            bus.publish(hint)

    store.on_commit(publish)
    live = build_live(store, bus, accounts, rooms, posting, review, options, clock, _say, presence, name)
    live.hub.on_head(store.seen)
    services = Services(
        accounts,
        rooms,
        posting,
        review,
        store,
        live.hub,
        options,
        clock,
        render_transcript=render_transcript,
        allowances=allowances,
        words=words,
        vouching=vouching_of(settings, store, clock, secret, vouched),
        trust=TrustKeeping(store, clock),
        pace=_pace_shown(settings),
        judges=(*(phase.name for phase in plugins), *judges.names),
        words_in_force=live_words.numbers,
        words_behind=lambda: bool(live_words.behind()),
    )

    # Domains that follow the log are named here, as consumers; the list is empty until there is one.
    following = Following([], store, bus, ids)

    def drain(seconds: float) -> None:
        tell("STOPPING=1")
        spawn(live.drain(seconds), name="drain")

    app = create_app(services)
    outermost = RequestLog(app) if settings.log.requests else app
    at = (settings.server.host, settings.server.port)
    server = build_server(outermost, live.peers, options, *at, drain=drain, listeners=listeners)
    services.draining = server.draining
    retention = Retention(store, clock, settings.moderation.evidence_days)
    services.measures = _measures(bus, live, server, following, sharing, live_words, judges, review, retention)
    if isinstance(bus, RedisBus):
        services.bus_healthy = lambda: bus.healthy
    if sharing is not None:
        services.limits_shared = lambda: sharing.allowances.together
    calming, lapsing = Calming(store, clock), Lapsing(store, clock)
    return Node(services, bus, live, server, following, sharing, live_words, calming, retention, lapsing, sightings)


async def start_bus(node: Node) -> None:
    """A Redis that does not answer only slows (C9); one that cannot do what is asked of it stops the start."""
    try:
        await node.bus.start()
    except UnsuitableRedis as fault:
        raise CommandError(str(fault)) from None


def migrate_store(settings: Settings) -> None:
    """Brings the store to the schema of this version."""
    try:
        settings.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        migrate(settings.store_url)
    except (SQLAlchemyError, OSError, RuntimeError, Refusal) as fault:
        cause = getattr(fault, "orig", None) or fault
        # The first line alone: what follows may quote statements.
        said = str(cause).strip().splitlines()[:1] or [type(cause).__name__]
        raise CommandError(f"the store cannot be brought up to date: {said[0]}") from None


async def open_node_store(settings: Settings, clock: Clock) -> Store:
    """The store of these settings, at the schema of this version."""
    try:
        return await open_store(settings.store_url, clock=clock)
    except SchemaOutdated as fault:
        raise CommandError(str(fault)) from None
    except Refusal:
        raise CommandError("the store does not answer") from None


def check_terms(settings: Settings) -> None:
    """A file of terms that cannot be used stops the start: moderation fails closed."""
    _read_terms(settings, WordList.load)


async def start_words(node: Node, settings: Settings) -> None:
    """Takes the settings' file into the store, if it is still the file's list, and brings all lists into force."""
    terms = _read_terms(settings, lambda path: path.read_bytes()[: FILE_BYTES_MAX + 1].decode("utf-8"))
    if terms is not None and node.services.words is not None:
        taken = await node.services.words.take_from_settings(terms)
        _log.info("moderation.terms_file %s", "read" if taken else "is in the store already, or not in charge any more")
    await node.words.start()


def _read_terms(settings: Settings, read: Callable[[Path], T]) -> T | None:
    if not settings.moderation.terms_file:
        return None
    try:
        return read(Path(settings.moderation.terms_file))
    except BadTerms as fault:
        raise CommandError(f"bad value for moderation.terms_file: {fault}") from None
    except OSError as fault:
        raise CommandError(f"bad value for moderation.terms_file: {fault.strerror}") from None


def judges_of(settings: Settings, clock: Clock) -> tuple[list[Phase], Judges]:
    """The city's own phases, and the judges that are asked after all phases."""
    chosen = settings.moderation
    try:
        phases, judges = load_plugins(chosen.plugins)
    except BadPlugin as fault:
        raise CommandError(f"bad value for moderation.plugins: {fault}") from None
    if chosen.hook_url:
        _check_secret("hook_secret", chosen.hook_secret)
        judges.append(HttpJudge(chosen.hook_url, chosen.hook_secret, clock))
    rooms = frozenset(RoomId(room) for room in chosen.hook_rooms)
    return phases, Judges(judges, clock, timeout_s=chosen.hook_timeout_ms / 1000, rooms=rooms)


def alarms_of(settings: Settings, store: Store, clock: Clock) -> Alarms | None:
    """Who is told when nobody is at the queue; None: nobody."""
    check_alarm(settings)
    chosen = settings.moderation
    if not chosen.alarm_url:
        return None
    return Alarms(store, HttpAlarm(chosen.alarm_url, chosen.alarm_secret, clock), clock)


def check_alarm(settings: Settings) -> None:
    if settings.moderation.alarm_url:
        _check_secret("alarm_secret", settings.moderation.alarm_secret)


def _check_secret(key: str, secret: str) -> None:
    if len(secret) < HOOK_SECRET_MIN:
        raise CommandError(f"bad value for moderation.{key}: shorter than {HOOK_SECRET_MIN} characters")


def _pace_shown(settings: Settings) -> dict[str, int]:
    chosen = settings.moderation
    return {"burst": chosen.pace_burst, "interval_ms": int(chosen.pace_interval_s * 1000)}


def vouching_of(
    settings: Settings, store: Store, clock: Clock, secret: bytes, tokens: VouchedTokens | None
) -> Vouching | None:
    """The door for whom the city's portal vouches for; None where nothing is shared with one."""
    chosen = settings.vouching
    if tokens is None:
        return None
    session_ms = chosen.session_hours * _HOUR_MS
    return Vouching(store, clock, Assertions(chosen.secret), Pseudonyms(secret), tokens, session_ms)


def check_vouching(settings: Settings) -> None:
    """A door that could not open, or that a short secret would leave ajar, stops the start."""
    chosen = settings.vouching
    if (chosen.secret or chosen.url) and len(chosen.secret) < SECRET_MIN:
        raise CommandError(f"bad value for vouching.secret: shorter than {SECRET_MIN} characters")


def _pace(settings: Settings, allowances: Allowances) -> Pace:
    chosen = settings.moderation
    return Pace(allowances, burst=chosen.pace_burst, interval_ms=int(chosen.pace_interval_s * 1000))


def _say(language: str, code: str) -> str:
    return translate(language, f"err.{code}")


def _bus(settings: Settings, secret: bytes) -> MemoryBus | RedisBus:
    chosen = settings.bus
    if not chosen.url:
        return MemoryBus()
    options = RedisBusOptions(sharded=chosen.sharded, probe_s=chosen.probe_s)
    return RedisBus(RedisLink(chosen.url, chosen.prefix), secret, options)


def _sharing(settings: Settings, secret: bytes, clock: Clock, name: str) -> RedisSharing | None:
    chosen = settings.bus
    if not chosen.url:
        return None
    return RedisSharing(RedisLink(chosen.url, chosen.prefix), secret, clock, name, settings.server.workers)


def _measures(
    bus: MemoryBus | RedisBus,
    live: Live,
    server: Server,
    following: Following,
    sharing: RedisSharing | None,
    words: LiveWords,
    judges: Judges,
    review: Review,
    retention: Retention,
) -> Any:
    def measured() -> Mapping[str, float]:
        counted = {f"live_{name}_total": float(count) for name, count in live.counters.items()}
        if isinstance(bus, RedisBus):
            counted |= {f"bus_{name}_total": float(count) for name, count in bus.counts.items()}
        shared = {} if sharing is None else sharing.measures()
        own = {**server.measures(), **live.hub.measures(), **following.measures(), **words.measures()}
        desk = {**review.shifts.measures(), **judges.measures(), **retention.measures()}
        return {**own, **desk, **shared, **counted}

    return measured
