"""The conformance suite passes on the server, on both databases, and each part of it fails on a server that lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.blackbox import lying
from tests.services.server import ServerProcess
from wenzheng.conformance.people import DEMO, People, sign_in
from wenzheng.conformance.suite import CHECKS, Plan, plan, run
from wenzheng.conformance.target import Target, target_of
from wenzheng.conformance.verdict import Result

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def target(server: ServerProcess) -> Target:
    return target_of(server.base)


@pytest.fixture(scope="module")
async def people(target: Target) -> People:
    return await sign_in(target, DEMO)


def failed(results: list[Result]) -> list[str]:
    return [f"{one.name} {one.codec}: {one.problem}" for one in results if one.problem is not None]


async def test_the_server_conforms_on_sqlite(target: Target, people: People) -> None:
    results = await run(target, people, Plan())
    assert failed(results) == []
    assert len(results) == 2 * len(CHECKS)
    rooms = (await people.host.api.get("/rooms?state=live&limit=200"))["items"]
    assert not [room for room in rooms if room["title"].startswith("符合性检查")], "the rooms of a run are closed"


async def test_the_server_conforms_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    """What the store has a part in, in one codec: the rest knows no store."""
    wanted = plan(["lanes", "posting", "moderation", "hiding", "states"], ["msgpack"])
    wanted = Plan(tuple(check for check in wanted.checks if check != "lanes.heartbeat"), wanted.codecs)
    process = ServerProcess(tmp_path, "--demo", settings={"WENZHENG_STORE__URL": postgres_url}).start()
    try:
        reached = target_of(process.base)
        assert failed(await run(reached, await sign_in(reached, DEMO), wanted)) == []
    finally:
        assert process.stop() == 0, process.log()[-4000:]


LIES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("drops a number", {"down": lying.drops_a_number}, "lanes.order"),
    ("another epoch", {"down": lying.wrong_epoch}, "lanes.order"),
    ("resumes late", {"down": lying.resumes_late}, "lanes.resume"),
    ("takes any epoch", {"down": lying.takes_any_epoch}, "lanes.other-epoch"),
    ("lets everybody in", {"down": lying.lets_everybody_in}, "lanes.access"),
    ("delivers what waits", {"leak": True}, "moderation.unseen"),
    ("lets everybody decide", {"down": lying.lets_everybody_in}, "moderation.for-moderators"),
    ("changes its mind", {"down": lying.changes_its_mind}, "moderation.one-verdict"),
    ("shows what is hidden", {"down": lying.shows_what_is_hidden}, "hiding.redact"),
    ("forgets cids", {"up": lying.forgets_cids}, "posting.once"),
    ("rounds ids", {"down": lying.rounds_ids}, "vectors.echoed"),
    ("normalises ids", {"down": lying.normalises_ids}, "vectors.echoed"),
    ("understands everything", {"down": lying.understands_everything}, "vectors.refused"),
    ("understands wrong types", {"down": lying.understands_everything}, "messages.wrong-types"),
    ("changes texts", {"down": lying.changes_texts}, "vectors.text"),
)


@pytest.mark.parametrize(("lie", "check"), [one[1:] for one in LIES], ids=[one[0] for one in LIES])
async def test_a_server_that_lies_is_found_out(target: Target, people: People, lie: dict[str, Any], check: str) -> None:
    async with lying.lying(target, **lie) as seen:
        (result,) = await run(seen, people, Plan((check,), ("json",)))
    assert result.problem is not None
    assert "another shape" not in result.problem, "found out by what is checked, not by accident"


async def test_the_same_proxy_without_a_lie_is_not(target: Target, people: People) -> None:
    checks = tuple(sorted({check for _, _, check in LIES}))
    async with lying.lying(target) as seen:
        assert failed(await run(seen, people, Plan(checks))) == []
