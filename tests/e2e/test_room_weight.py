"""What the first view of a room costs a phone: bytes, script, and the time until it can be read."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.people import PHONE, person
from tests.e2e.test_reading import demo_room
from tests.e2e.watching import watch
from tests.services.server import ROOT, ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

STATIC = ROOT / "gateway" / "static"
SCRIPT_BYTES = 30_000
FIRST_VIEW_BYTES = 60_000
LARGEST_PAINT_MS = 1_500
# One of them must find the machine as it is when nobody else works on it.
TRIES = 4


def room_scripts(manifest: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The files of every reader, and the catalogues, of which each loads one."""
    waiting, everybody, catalogues = ["src/room.ts"], set[str](), list[str]()
    while waiting:
        chunk = manifest[waiting.pop()]
        if chunk["file"] in everybody:
            continue
        everybody.add(chunk["file"])
        waiting.extend(chunk.get("imports", ()))
        for lazy in chunk.get("dynamicImports", ()):
            if "messages" in lazy:
                catalogues.append(manifest[lazy]["file"])
            else:
                waiting.append(lazy)
    return sorted(everybody), catalogues


def weight(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 9))


@pytest.fixture
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STATIC / "manifest.room.json").read_text("utf-8"))
    return found


def test_the_room_page_has_at_most_thirty_kilobytes_of_script(manifest: dict[str, Any]) -> None:
    scripts, catalogues = room_scripts(manifest)
    assert len(catalogues) == 2
    everything = sum(map(weight, scripts)) + max(map(weight, catalogues))
    assert everything <= SCRIPT_BYTES, {name: weight(name) for name in (*scripts, *catalogues)}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_the_first_view_is_small_and_soon_there(server: ServerProcess, browser: Browser, lang: str) -> None:
    room = await demo_room(server)
    paints = []
    for _ in range(TRIES):
        reader = await person(browser, server.base, lang=lang, **PHONE)
        watched = await watch(reader.page)
        await watched.slow_processor(4)
        await watched.slow_network(megabits=1.6, latency_ms=150)
        await reader.go(f"/rooms/{room}")
        await reader.page.wait_for_selector("#stream [role=log]", timeout=60_000)
        seen = await watched.seen()
        await reader.context.close()
        assert watched.bytes <= FIRST_VIEW_BYTES, watched.by_name()
        assert seen["shift"] < 0.1, seen
        paints.append(seen["lcp"])
        if 0 < seen["lcp"] < LARGEST_PAINT_MS:
            return
    pytest.fail(f"largest paints at {paints} ms")


async def test_everything_can_be_read_before_any_script_ran(server: ServerProcess, browser: Browser) -> None:
    room = await demo_room(server)
    for query in ("", "?size=large", "?lang=en"):
        reader = await person(browser, server.base, script=False, **PHONE)
        await reader.go(f"/rooms/{room}{query}")
        for place in (
            ".rhead h1",
            ".plates li",
            ".onstage .qtext",
            ".filters .chip",
            ".thread .part .body",
            "#ask-body",
        ):
            assert await reader.page.locator(place).first.is_visible(), (query, place)
        assert await reader.overflow() <= 0
        root = reader.page.locator("html")
        assert await root.get_attribute("lang") == ("en" if "lang" in query else "zh-CN")
        assert await root.get_attribute("data-size") == ("large" if "size" in query else None)
        await reader.context.close()


async def test_sorting_and_filtering_need_no_script(server: ServerProcess, browser: Browser) -> None:
    room = await demo_room(server)
    reader = await person(browser, server.base, script=False, **PHONE)
    await reader.go(f"/rooms/{room}")
    await reader.page.click(".filters >> text=等答复")
    assert await reader.page.locator("#stream .badge.ok").count() == 0
    assert await reader.page.locator("#stream .thread").count() > 0
    await reader.page.click(".filters >> text=市地铁公司")
    assert (
        await reader.page.locator("#stream .thread").count()
        == await reader.page.locator(".thread:has(.part.d3)").count()
    )
    await reader.context.close()
