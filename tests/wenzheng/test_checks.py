"""What the doctor thinks of what it sees, one thing amiss at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from gateway.redis_facts import RedisFacts
from persistence.facts import StoreFacts
from wenzheng.checks import CHECKS, Finding, Seen, findings
from wenzheng.machine import Machine
from wenzheng.settings import BusSettings, ServerSettings, Settings

POSTGRES = StoreFacts(
    engine="postgresql",
    version=(18, 4),
    schema="0002",
    newest="0002",
    settings=(("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")),
    clock_ms=3,
    connections=100,
    encrypted=True,
    tells_timeline=True,
)
SQLITE = StoreFacts("sqlite", (3, 40, 1), "0002", newest="0002", settings=(("journal_mode", "wal"),))
MACHINE = Machine(
    folder=Path("/var/lib/wenzheng"),
    exists=True,
    writable=True,
    mode=0o750,
    free=10 * 1024**3,
    open_files=65_536,
    python=(3, 11, 7),
    now=1_800_000_000,
    zone="CST",
)
SERVER = ServerSettings(public_origin="https://wz.example.gov.cn", trusted_proxies=(ip_network("10.0.0.2/32"),))
WELL = Seen(Settings(server=SERVER), MACHINE, POSTGRES)


def seen(*, store: Any = POSTGRES, machine: dict[str, Any] | None = None, server: dict[str, Any] | None = None) -> Seen:
    return Seen(Settings(server=replace(SERVER, **(server or {}))), replace(MACHINE, **(machine or {})), store)


def amiss(found: Seen) -> list[tuple[str, str]]:
    return [(one.name, one.status) for one in findings(found) if one.status != "ok"]


@pytest.mark.parametrize("store", [POSTGRES, SQLITE])
def test_a_well_kept_place_has_nothing_amiss(store: StoreFacts) -> None:
    assert amiss(replace(WELL, store=store)) == []
    assert len(findings(WELL)) == len(CHECKS)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (seen(store="the store does not answer"), ("store", "fail")),
        (seen(store=replace(POSTGRES, version=(13, 9))), ("store", "fail")),
        (seen(store=replace(POSTGRES, version=(19, 0))), ("store", "warn")),
        (seen(store=replace(SQLITE, version=(3, 34, 1))), ("store", "fail")),
        (seen(store=replace(POSTGRES, schema="0001")), ("schema", "warn")),
        (seen(store=replace(POSTGRES, schema=None)), ("schema", "warn")),
        (seen(store=replace(POSTGRES, schema="0099", newer=True)), ("schema", "fail")),
        (seen(store=replace(POSTGRES, tells_timeline=False)), ("fail-over", "warn")),
        (seen(store=replace(POSTGRES, settings=(("fsync", "off"),))), ("durability", "fail")),
        (seen(store=replace(POSTGRES, settings=(("full_page_writes", "off"),))), ("durability", "fail")),
        (seen(store=replace(POSTGRES, settings=(("synchronous_commit", "off"),))), ("durability", "warn")),
        (seen(store=replace(SQLITE, settings=(("journal_mode", "delete"),))), ("durability", "fail")),
        (seen(store=replace(POSTGRES, connections=19)), ("connections", "warn")),
        (seen(server={"workers": 10}), ("connections", "warn")),
        (seen(store=replace(POSTGRES, encrypted=False)), ("line to the store", "warn")),
        (seen(store=replace(POSTGRES, clock_ms=-1_001)), ("clock", "warn")),
        (seen(store=replace(POSTGRES, clock_ms=3_600_000)), ("clock", "fail")),
        (seen(machine={"now": 0.0}), ("clock", "fail")),
        (seen(machine={"writable": False}), ("data folder", "fail")),
        (seen(machine={"mode": 0o755}), ("data folder", "warn")),
        (seen(machine={"free": 900 * 1024**2}), ("space", "warn")),
        (seen(machine={"free": 90 * 1024**2}), ("space", "fail")),
        (seen(machine={"open_files": 1_024}), ("open files", "warn")),
        (seen(server={"public_origin": ""}), ("public_origin", "warn")),
        (seen(server={"public_origin": "http://wz.example.gov.cn"}), ("public_origin", "warn")),
        (seen(server={"trusted_proxies": (ip_network("0.0.0.0/0"),)}), ("trusted_proxies", "fail")),
        (seen(server={"trusted_proxies": (ip_network("::/0"),)}), ("trusted_proxies", "fail")),
        (seen(server={"trusted_proxies": ()}), ("trusted_proxies", "warn")),
        (replace(WELL, demo_users=("admin",)), ("passwords", "fail")),
    ],
)
def test_one_thing_amiss_is_one_finding_with_something_to_do(found: Seen, expected: tuple[str, str]) -> None:
    assert amiss(found) == [expected]
    [told] = [one for one in findings(found) if one.status != "ok"]
    assert told.do


NEAR, FAR = "redis://127.0.0.1:6379/0", "redis://10.0.0.9:6379/0"


@pytest.mark.parametrize(
    ("bus", "told", "expected"),
    [
        (BusSettings(NEAR), RedisFacts((6, 2, 14), 0.3), []),
        (BusSettings("rediss://10.0.0.9"), RedisFacts((8, 0), 0.3), []),
        (BusSettings(NEAR), RedisFacts((6, 0, 9), 0.3), [("bus", "fail")]),
        (BusSettings(NEAR, sharded=True), RedisFacts((6, 2, 14), 0.3), [("bus", "fail")]),
        (BusSettings(NEAR, sharded=True), RedisFacts((7, 0, 15), 0.3), []),
        (BusSettings(NEAR), RedisFacts((8, 0), 45.0), [("bus", "warn")]),
        (BusSettings(NEAR), "it does not answer", [("bus", "fail")]),
        (BusSettings(FAR), RedisFacts((8, 0), 0.3), [("line to the bus", "warn")]),
    ],
)
def test_a_bus_is_new_near_and_private_enough(
    bus: BusSettings, told: RedisFacts | str, expected: list[tuple[str, str]]
) -> None:
    assert amiss(replace(WELL, settings=replace(WELL.settings, bus=bus), bus=told)) == expected


def test_on_loopback_nothing_needs_tls() -> None:
    assert amiss(seen(server={"public_origin": "http://127.0.0.1:8000", "trusted_proxies": ()})) == []


def test_a_store_that_does_not_answer_is_asked_nothing_more() -> None:
    names = [one.name for one in findings(seen(store="away"))]
    assert {"schema", "durability", "connections", "line to the store", "passwords"}.isdisjoint(names)
    assert Finding("bus", "ok", "in process: one server process") in findings(seen(store="away"))
