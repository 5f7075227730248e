"""审计 by plain forms: who may look, what is found, and that a sealed text is read with a reason and once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import i18n
from gateway.pages.days import city_day
from tests.gateway.api.conftest import Edge
from tests.gateway.api.test_appeals import refused
from tests.gateway.pages.conftest import Browser, browser

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]
TEXT = "独一无二的话"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("inspector1", 200),
        ("admin", 200),
        ("moderator1", 403),
        ("host", 403),
        ("coordinator1", 403),
        ("price1", 403),
    ],
)
async def test_each_role_by_the_table(edge: Edge, who: str, status: int) -> None:
    somebody = await browser(edge).sign_in(who)
    for part in ("log", "seals", "check"):
        assert (await somebody.get(f"/audit?part={part}")).status_code == status
    assert (await somebody.post("/audit/check")).status_code == status


def test_every_deed_of_the_audit_has_a_name_in_both_languages() -> None:
    """What has none would stand on the page as the record spells it."""
    written = re.compile(r'"((?:moderation|room):[a-z]+:[a-z]+)"')
    folders = [ROOT / name for name in ("moderation", "rooms", "persistence")]
    files = [path for folder in folders for path in folder.glob("*.py")]
    deeds = {found for path in files for found in written.findall(path.read_text("utf-8"))}
    assert len(deeds) > 20
    for lang in i18n.LANGUAGES:
        catalogue = i18n.catalogue(lang)
        assert [one for one in sorted(deeds) if f"audit.do.{one.replace(':', '_')}" not in catalogue] == [], lang


async def inspector(edge: Edge) -> Browser:
    return await browser(edge).sign_in("inspector1")


async def test_the_log_is_found_by_kind_person_object_and_day(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await refused(edge, room, TEXT)
    auditor = await inspector(edge)
    whole = (await auditor.get("/audit")).text
    assert "不予发布" in whole
    assert "创建访谈室" in whole
    assert TEXT not in whole
    day = city_day(edge.clock.now_ms())
    for query, found in (
        ("kind=rulings", True),
        ("kind=people", False),
        ("by=moderator1", True),
        ("by=host", False),
        (f"subject={post}", True),
        (f"subject={room}", False),
        (f"from={day}&to={day}", True),
        (f"to={day - timedelta(days=1)}", False),
        ("by=%00", False),
    ):
        page = await auditor.get(f"/audit?{query}")
        assert (page.status_code, f"<code>{post}</code>" in page.text) == (200, found), query


@pytest.mark.parametrize(
    "query", ["kind=everything", "from=yesterday", "to=9999-12-31", "subject=" + "x" * 65, "cursor=" + "x" * 65]
)
async def test_what_nobody_could_ask_for_is_refused(edge: Edge, query: str) -> None:
    assert (await (await inspector(edge)).get(f"/audit?{query}")).status_code == 400


async def test_a_sealed_text_is_read_with_a_reason_on_one_answer_only(edge: Edge) -> None:
    post = await refused(edge, (await edge.a_room())["id"], TEXT)
    auditor = await inspector(edge)
    assert TEXT not in (await auditor.get(f"/audit?part=seals&subject={post}")).text
    for why, status in (("", 400), ("看" * 201, 413)):
        again = await auditor.post("/audit/open", post=post, ver="1", why=why)
        assert (again.status_code, TEXT in again.text) == (status, False)
    assert 'value="' + "看" * 201 in again.text, "what was typed is kept"
    opened = await auditor.post("/audit/open", post=post, ver="1", why="核对投诉")
    assert (opened.status_code, TEXT in opened.text) == (200, True)
    assert opened.headers["cache-control"] == "no-store"
    later = (await auditor.get(f"/audit?part=seals&subject={post}")).text
    assert TEXT not in later
    assert later.count("核对投诉") == 1
    assert "核对投诉" in (await auditor.get("/audit?kind=evidence")).text


async def test_who_may_not_see_the_page_opens_nothing_through_it(edge: Edge) -> None:
    post = await refused(edge, (await edge.a_room())["id"], TEXT)
    moderator = await browser(edge).sign_in("moderator1")
    assert (await moderator.post("/audit/open", post=post, ver="1", why="看看")).status_code == 403
    assert "看看" not in (await (await inspector(edge)).get(f"/audit?part=seals&subject={post}")).text


async def test_a_text_is_kept_for_a_dispute_and_released(edge: Edge) -> None:
    post = await refused(edge, (await edge.a_room())["id"], TEXT)
    admin = await browser(edge).sign_in("admin")
    page = await admin.post("/audit/keep", post=post, ver="1", on="1", why="诉讼未结")
    assert (page.status_code, page.text.count("诉讼未结")) == (200, 1)
    assert "看封存的原文" not in page.text, "an administrator reads the chain and no text"
    assert (await admin.post("/audit/keep", post=post, ver="1", on="0", why="已结案")).text.count("已结案") == 1
    assert (await admin.post("/audit/keep", post="0" * 26, ver="1", on="1", why="没有")).status_code == 404


async def test_the_chains_are_checked_once_a_minute_however_often_it_is_pressed(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = (await edge.a_room())["id"]
    await refused(edge, room, TEXT)
    asked, check = [], edge.store.check_seals

    async def counted() -> object:
        asked.append(1)
        return await check()

    monkeypatch.setattr(edge.store, "check_seals", counted)
    auditor = await inspector(edge)
    for _ in range(2):
        page = await auditor.post("/audit/check")
        assert "链条完整。" in page.text
        assert f"/rooms/{room}/ledger" in page.text
    assert len(asked) == 1
