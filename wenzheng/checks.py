"""What `wenzheng doctor` thinks of what it sees: pure functions of settings, store and machine, in the order shown."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from gateway.redis_facts import RedisFacts
from persistence.facts import StoreFacts
from wenzheng.machine import Machine
from wenzheng.settings import Settings

Status = Literal["ok", "warn", "fail"]

POSTGRES_OLDEST, POSTGRES_NEWEST = 14, 18
SQLITE_OLDEST = (3, 35, 0)
REDIS_OLDEST, REDIS_SHARDED = (6, 2), (7,)
ANSWER_WARN_MS = 20.0
CLOCK_WARN_MS, CLOCK_FAIL_MS = 1_000, 30_000
FREE_WARN, FREE_FAIL = 1024**3, 100 * 1024**2
# One process holds so many connections to PostgreSQL; beside them stand backups, monitoring and whoever looks.
CONNECTIONS_EACH, CONNECTIONS_SPARE = 10, 10
RESERVED_FILES = 256
# No machine of ours is older; one that says so has lost its clock.
BUILT = 1_767_225_600


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what is so, and what to do unless it is well."""

    name: str
    status: Status
    said: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence in place of facts is why there are none; `bus` is None if it is in process.

    `demo_users` are those with the published password.
    """

    settings: Settings
    machine: Machine
    store: StoreFacts | str
    bus: RedisFacts | str | None = None
    demo_users: tuple[str, ...] = ()


def findings(seen: Seen) -> list[Finding]:
    return [found for check in CHECKS for found in check(seen)]


def store(seen: Seen) -> Iterator[Finding]:
    facts = seen.store
    if isinstance(facts, str):
        yield Finding("store", "fail", facts, "check store.url, the network, and that the database runs")
        return
    said = f"{'PostgreSQL' if facts.engine == 'postgresql' else 'SQLite'} {facts.version_text} answers"
    if facts.engine == "sqlite":
        old = facts.version < SQLITE_OLDEST
        yield Finding("store", "fail" if old else "ok", said, "3.35 or newer is needed" if old else "")
    elif facts.version[0] < POSTGRES_OLDEST:
        yield Finding("store", "fail", said, f"{POSTGRES_OLDEST} or newer is needed")
    elif facts.version[0] > POSTGRES_NEWEST:
        yield Finding("store", "warn", said, f"tested up to {POSTGRES_NEWEST}")
    else:
        yield Finding("store", "ok", said)


def schema(seen: Seen) -> Iterator[Finding]:
    facts = seen.store
    if isinstance(facts, str):
        return
    if facts.schema == facts.newest:
        yield Finding("schema", "ok", f"{facts.schema}, the newest")
    elif facts.newer:
        said = f"{facts.schema}, newer than this version's {facts.newest}"
        yield Finding("schema", "fail", said, "run the version that made it, or a newer one")
    elif facts.schema is None:
        yield Finding("schema", "warn", "the store is empty", "`wenzheng migrate`; the first start does it too")
    else:
        said = f"{facts.schema}, this version needs {facts.newest}"
        yield Finding("schema", "warn", said, "`wenzheng backup`, then `wenzheng migrate`; a start does it too")


def durability(seen: Seen) -> Iterator[Finding]:
    """C1: what was acknowledged is on the disk."""
    facts = seen.store
    if isinstance(facts, str) or facts.schema is None:
        return
    wanted = {"journal_mode": "wal"} if facts.engine == "sqlite" else _POSTGRES_DURABLE
    wrong = [f"{name}={held}" for name, held in facts.settings if held != wanted.get(name, held)]
    if wrong:
        yield Finding("durability", "fail", ", ".join(wrong), "a power cut can take what was acknowledged: set it back")
    elif ("synchronous_commit", "off") in facts.settings:
        do = "servers ask for `on` themselves; whatever else writes here does not"
        yield Finding("durability", "warn", "synchronous_commit=off is this database's default", do)
    else:
        yield Finding("durability", "ok", ", ".join(f"{name}={held}" for name, held in facts.settings))


_POSTGRES_DURABLE = {"fsync": "on", "full_page_writes": "on"}


def connections(seen: Seen) -> Iterator[Finding]:
    facts = seen.store
    if isinstance(facts, str) or facts.connections is None:
        return
    workers = seen.settings.server.workers
    needed = workers * CONNECTIONS_EACH + CONNECTIONS_SPARE
    said = f"the database allows {facts.connections}, {workers} process(es) here take {workers * CONNECTIONS_EACH}"
    if facts.connections < needed:
        yield Finding(
            "connections", "warn", said, f"raise max_connections: {needed} and as many for each other machine"
        )
    else:
        yield Finding("connections", "ok", said)


def store_line(seen: Seen) -> Iterator[Finding]:
    facts = seen.store
    if isinstance(facts, str) or facts.encrypted is None:
        return
    if facts.encrypted:
        yield Finding("line to the store", "ok", "encrypted")
    else:
        do = "add ?ssl=require to store.url, or see that this network is nobody else's"
        yield Finding("line to the store", "warn", "not encrypted, and it leaves this machine", do)


def fail_over(seen: Seen) -> Iterator[Finding]:
    """Whether nodes notice by themselves that another database has taken over."""
    facts = seen.store
    if isinstance(facts, str) or facts.tells_timeline is None:
        return
    if facts.tells_timeline:
        yield Finding("fail-over", "ok", "the database tells its timeline: another one begins new epochs")
    else:
        do = "after a fail-over that may have lost something: stop every server, `wenzheng renew-epochs`"
        yield Finding("fail-over", "warn", "the database does not tell this user its timeline", do)


def clock(seen: Seen) -> Iterator[Finding]:
    do = "let both machines follow one time server"
    if seen.machine.now < BUILT:
        yield Finding("clock", "fail", "this machine's clock stands before this program was written", do)
        return
    facts = seen.store
    apart = None if isinstance(facts, str) else facts.clock_ms
    if apart is None:
        yield Finding("clock", "ok", f"plausible; time zone {seen.machine.zone}, times are kept in UTC")
        return
    said = f"the store's clock is {abs(apart)} ms {'ahead of' if apart > 0 else 'behind'} ours"
    worst: Status = "fail" if abs(apart) > CLOCK_FAIL_MS else "warn" if abs(apart) > CLOCK_WARN_MS else "ok"
    yield Finding("clock", worst, said, "" if worst == "ok" else do)


def bus(seen: Seen) -> Iterator[Finding]:
    chosen, facts = seen.settings.bus, seen.bus
    if facts is None:
        yield Finding("bus", "ok", "in process: one server process")
        return
    if isinstance(facts, str):
        do = "check bus.url, the network, and that Redis runs; until then everything takes up to a second longer"
        yield Finding("bus", "fail", facts, do)
        return
    oldest = REDIS_SHARDED if chosen.sharded else REDIS_OLDEST
    said = f"Redis {'.'.join(map(str, facts.version))} answers in {facts.answer_ms:.1f} ms"
    if facts.version < oldest:
        for_what = " for bus.sharded" if chosen.sharded else ""
        yield Finding("bus", "fail", said, f"{'.'.join(map(str, oldest))} or newer is needed{for_what}")
    elif facts.answer_ms > ANSWER_WARN_MS:
        yield Finding("bus", "warn", said, "it belongs into the same room: every post waits for it on its way")
    else:
        yield Finding("bus", "ok", said)
    if chosen.url.startswith("redis:") and not _near(urlsplit(chosen.url).hostname or ""):
        do = "rediss://, or see that this network is nobody else's"
        yield Finding("line to the bus", "warn", "not encrypted, and it leaves this machine", do)


def folder(seen: Seen) -> Iterator[Finding]:
    machine, wanted = seen.machine, seen.settings.data_dir
    if not machine.writable:
        yield Finding("data folder", "fail", f"{machine.folder} cannot be written", "give it to the service's user")
    elif not machine.exists:
        yield Finding("data folder", "ok", f"{wanted} will be made at the first start")
    elif machine.mode & 0o007:
        do = f"chmod 0750 {wanted}: the store is in it"
        yield Finding("data folder", "warn", f"{wanted} is open to every user of this machine", do)
    else:
        yield Finding("data folder", "ok", f"{wanted} can be written, and only by its owner")


def space(seen: Seen) -> Iterator[Finding]:
    free = seen.machine.free
    said = f"{free // 1024**2} MiB free at {seen.machine.folder}"
    if free < FREE_FAIL:
        yield Finding("space", "fail", said, "make room: a full disk refuses every post")
    else:
        yield Finding("space", "ok" if free >= FREE_WARN else "warn", said, "" if free >= FREE_WARN else "make room")


def open_files(seen: Seen) -> Iterator[Finding]:
    needed = seen.settings.limits.sockets + RESERVED_FILES
    said = f"{min(seen.machine.open_files, 2**31)} may be open, limits.sockets and the rest need {needed}"
    if seen.machine.open_files < needed:
        yield Finding("open files", "warn", said, "LimitNOFILE in the unit, or ulimit -n; fewer viewers fit until then")
    else:
        yield Finding("open files", "ok", said)


def origin(seen: Seen) -> Iterator[Finding]:
    held = seen.settings.server.public_origin
    host = urlsplit(held).hostname or ""
    if not held:
        do = "set it to https://…, or whatever Host header comes is believed"
        yield Finding("public_origin", "warn", "server.public_origin is not set", do)
    elif held.startswith("http:") and not _near(host):
        do = "put a proxy with TLS in front: passwords and questions travel readable"
        yield Finding("public_origin", "warn", f"{held} is without TLS", do)
    else:
        yield Finding("public_origin", "ok", held)


def proxies(seen: Seen) -> Iterator[Finding]:
    server = seen.settings.server
    everyone = [str(network) for network in server.trusted_proxies if network.prefixlen == 0]
    if everyone:
        do = "name the proxy's address alone: now anybody says what address they have"
        yield Finding("trusted_proxies", "fail", f"{', '.join(everyone)} trusts everybody", do)
    elif server.public_origin.startswith("https:") and not server.trusted_proxies:
        do = "name the proxy in server.trusted_proxies: limits for one address now count all visitors as one"
        yield Finding("trusted_proxies", "warn", "TLS ends at a proxy, and none is trusted", do)
    else:
        yield Finding("trusted_proxies", "ok", ", ".join(map(str, server.trusted_proxies)) or "none, none needed")


def passwords(seen: Seen) -> Iterator[Finding]:
    if seen.demo_users:
        said = f"{len(seen.demo_users)} account(s) with the published demo password: {', '.join(seen.demo_users)}"
        yield Finding("passwords", "fail", said, "a store with demo data is for trying only: begin with an empty one")
    elif not isinstance(seen.store, str):
        yield Finding("passwords", "ok", "no account has the demo password")


CHECKS: tuple[Callable[[Seen], Iterator[Finding]], ...] = (
    store,
    schema,
    durability,
    connections,
    store_line,
    fail_over,
    clock,
    bus,
    folder,
    space,
    open_files,
    origin,
    proxies,
    passwords,
)


def _near(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
