"""`wenzheng doctor`: looks at settings, store and machine, changes nothing, says what to do; 1 if it fails."""

from __future__ import annotations

import asyncio

import orjson

from accounts.passwords import Passwords
from gateway.redis_facts import RedisFacts, redis_facts
from gateway.redis_link import FAULTS as REDIS_FAULTS
from gateway.redis_link import RedisLink
from persistence.facts import StoreFacts, store_facts
from persistence.looking import FAULTS, NoStore, reason
from wenzheng.checks import Finding, Seen, Status, findings
from wenzheng.demo import DEMO_PASSWORD, DEMO_USERS
from wenzheng.machine import examine
from wenzheng.settings import Settings

_MARKS: dict[Status, str] = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def diagnose(settings: Settings, *, as_json: bool) -> int:
    """Prints a line for each finding, or one JSON object `{status, checks: [{name, status, said, do}]}`."""
    found = findings(_look(settings))
    worst = _worst(found)
    if as_json:
        checks = [{"name": one.name, "status": one.status, "said": one.said, "do": one.do} for one in found]
        print(orjson.dumps({"status": worst, "checks": checks}).decode())
    else:
        for one in found:
            print(f"{_MARKS[one.status]}  {one.name}: {one.said}" + (f"\n      → {one.do}" if one.do else ""))
    return 1 if worst == "fail" else 0


def _look(settings: Settings) -> Seen:
    machine, bus = examine(settings.data_dir), _bus(settings)
    try:
        facts = store_facts(settings.store_url, DEMO_USERS)
    except NoStore:
        # A file that the first start will make; the folder's own checks say whether it can.
        return Seen(settings, machine, _fresh(), bus)
    except FAULTS as fault:
        return Seen(settings, machine, f"the store does not answer: {reason(fault)}", bus)
    return Seen(settings, machine, facts, bus, asyncio.run(_with_demo_password(facts)))


def _bus(settings: Settings) -> RedisFacts | str | None:
    if not settings.bus.url:
        return None
    link = RedisLink(settings.bus.url, settings.bus.prefix)
    try:
        return asyncio.run(redis_facts(link))
    except REDIS_FAULTS as fault:
        return f"{link.shown} does not answer: {reason(fault)}"


def _fresh() -> StoreFacts:
    import sqlite3

    return StoreFacts("sqlite", sqlite3.sqlite_version_info, None)


async def _with_demo_password(facts: StoreFacts) -> tuple[str, ...]:
    passwords = Passwords()
    try:
        return tuple([name for name, held in facts.password_hashes if await passwords.matches(held, DEMO_PASSWORD)])
    finally:
        passwords.close()


def _worst(found: list[Finding]) -> Status:
    held = {one.status for one in found}
    return "fail" if "fail" in held else "warn" if "warn" in held else "ok"
