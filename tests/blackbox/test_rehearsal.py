"""A short rehearsal against the real server: it is timed, it approves only its own, and it leaves nothing open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.services.server import ServerProcess
from wenzheng.conformance.people import DEMO, guest, member
from wenzheng.conformance.target import Target, target_of
from wenzheng.conformance.verdict import Unreachable
from wenzheng.rehearsal.people import NAME, Accounts
from wenzheng.rehearsal.plan import Budget, Plan
from wenzheng.rehearsal.progress import Now
from wenzheng.rehearsal.report import Report, faults
from wenzheng.rehearsal.run import rehearse

pytestmark = pytest.mark.anyio

# This is no measurement: a busy machine may take its time.
PATIENT = Budget(*[30_000] * 4)
PLAN = Plan(viewers=20, posters=3, rooms=1, seconds=1.0, rate=8.0, arrivals=200, budget=PATIENT)
STAFF = Accounts(DEMO.moderator, DEMO.host)


@pytest.fixture(scope="module")
def target(server: ServerProcess) -> Target:
    return target_of(server.base)


async def open_rooms(target: Target) -> list[str]:
    host = await member(target, DEMO.host, "host")
    live = (await host.api.get("/rooms?state=live&limit=200"))["items"]
    return [room["id"] for room in live if room["title"].startswith(NAME)]


def silent(now: Now) -> None:
    """Nobody looks on."""


async def test_everybody_comes_asks_is_approved_and_sees_it(target: Target) -> None:
    phases: list[str] = []
    report = await rehearse(target, PLAN, STAFF, lambda now: phases.append(now.phase))
    assert faults(report) == []
    assert (report.joined, report.behind) == (20, 0)
    assert report.asked == report.published == report.queued.count == 8
    assert report.delivered == report.screen.count == 20 * 8
    assert list(dict.fromkeys(phases)) == ["guests", "viewers", "load"]
    assert await open_rooms(target) == []


async def test_interrupted_it_says_what_it_had_and_closes_its_rooms(target: Target) -> None:
    begun = asyncio.Event()

    def show(now: Now) -> None:
        if now.phase == "load":
            begun.set()

    async with asyncio.TaskGroup() as group:
        running: asyncio.Task[Report] = group.create_task(rehearse(target, replace(PLAN, seconds=600), STAFF, show))
        async with asyncio.timeout(30):
            await begun.wait()
        assert await open_rooms(target) != []
        running.cancel()
    report = running.result()
    assert (report.interrupted, report.joined) == (True, 20)
    assert await open_rooms(target) == []


async def test_in_a_room_that_is_given_only_its_own_questions_are_approved(target: Target) -> None:
    host, netizen = await member(target, DEMO.host, "host"), await guest(target)
    room = (await host.api.post("/rooms", {"title": "given", "departments": ["price"], "open": True}))["id"]
    asked = await netizen.api.post(f"/rooms/{room}/posts", {"cid": "c", "kind": "question", "body": "何时通车？"})
    plan = replace(PLAN, given=(room,), viewers=2, posters=1, seconds=1.0, rate=2.0)
    report = await rehearse(target, plan, Accounts(DEMO.moderator, None), silent)
    assert (faults(report), report.published) == ([], 2)
    (mine,) = (await netizen.api.get(f"/rooms/{room}/mine"))["posts"]
    assert (mine["post"], mine["state"]) == (asked["post"], "pending")
    assert (await host.api.get(f"/rooms/{room}"))["state"] == "live", "it is not the rehearsal's to close"
    await host.api.post(f"/rooms/{room}/close")


async def test_a_server_that_dies_under_it_is_the_verdict_and_the_end(tmp_path: Path) -> None:
    process = ServerProcess(tmp_path, "--demo").start()

    def show(now: Now) -> None:
        if now.phase == "load":
            process.kill()

    async with asyncio.timeout(60):
        report = await rehearse(target_of(process.base), PLAN, STAFF, show)
    assert report.troubles["lost"] == report.joined == 20
    assert report.refusals["lost"] > 0
    assert not report.interrupted


async def test_where_nothing_waits_for_a_moderator_nothing_is_begun(target: Target) -> None:
    host = await member(target, DEMO.host, "host")
    made = {"title": "free", "departments": ["price"], "open": True, "policy": {"premoderate": False}}
    room = (await host.api.post("/rooms", made))["id"]
    given = replace(PLAN, given=(room,))
    with pytest.raises(Unreachable, match="nothing waits for a moderator"):
        await rehearse(target, given, Accounts(DEMO.moderator, None), silent)
    await host.api.post(f"/rooms/{room}/close")
    with pytest.raises(Unreachable, match="not live"):
        await rehearse(target, given, Accounts(DEMO.moderator, None), silent)
