"""Pictures of every screen and state, in both languages, on two devices, in three looks: `make shots`, into `shots/`.

Each picture is a page of its own, looked at by axe-core too; `shots/index.html` shows all of them. Names of screens as
arguments take only those: `python -m tests.e2e.shots portal room-live`.
"""

from __future__ import annotations

import asyncio
import html
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Error, Page

from tests.client import Refused
from tests.e2e.axe import violations
from tests.e2e.people import DESKTOP, PHONE, chromium, person
from tests.e2e.screens import SCREENS, Screen, show, signed_in
from tests.e2e.stage import Stage, build_stage
from tests.services.server import ROOT, ServerProcess

FOLDER = ROOT / "shots"
DEVICES: dict[str, dict[str, Any]] = {"phone": PHONE, "desktop": DESKTOP}
LOOKS = ("light", "dark", "large")
LANGUAGES = ("zh-CN", "en")
# Two pages at a time: one draws while the other waits for the server.
AT_ONCE = 2
BAR_PX = 80
# What lies over the page, or is a window of its own, is pictured as the window shows it.
FITTED = ("moderation", "ask", "frozen", "reinstated")


@dataclass(frozen=True)
class Shot:
    screen: Screen
    device: str
    look: str
    lang: str
    faults: list[str] = field(default_factory=list)

    @property
    def file(self) -> str:
        return f"{self.screen.name}.{self.device}.{self.look}.{self.lang}.png"


def wanted(names: list[str]) -> Iterator[Shot]:
    for screen in SCREENS:
        if names and screen.name not in names:
            continue
        for lang in LANGUAGES:
            for look in LOOKS:
                for device in DEVICES:
                    yield Shot(screen, device, look, lang)


async def take(shot: Shot, browser: Browser, base: str, stage: Stage, *, again: bool = True) -> None:
    somebody = await person(browser, base, lang=shot.lang, reduced_motion="reduce", **DEVICES[shot.device])
    chosen = {
        "wz_lang": shot.lang,
        "wz_theme": "dark" if shot.look == "dark" else "light",
        "wz_size": "large" if shot.look == "large" else "normal",
    }
    cookies: list[Any] = [{"name": name, "value": value, "url": base} for name, value in chosen.items()]
    await somebody.context.add_cookies(cookies)
    try:
        await signed_in(somebody, shot.screen.who)
        await show(shot.screen, somebody, stage)
        shot.faults.extend(await violations(somebody.page))
        if (wider := await somebody.overflow()) > 0:
            shot.faults.append(f"wider than the screen by {wider} px")
        await unrolled(somebody.page)
        whole = not any(word in shot.screen.name for word in FITTED)
        await somebody.page.screenshot(path=FOLDER / shot.file, full_page=whole, animations="disabled")
    except Refused as fault:
        # Two pages of one moderator at a time may want the same post: once more, with the next.
        if again:
            return await take(shot, browser, base, stage, again=False)
        shot.faults.append(f"not reached: {fault}")
    except (Error, AssertionError) as fault:
        shot.faults.append(f"not reached: {str(fault)[:300]}")
    finally:
        await somebody.context.close()


async def unrolled(page: Page) -> None:
    """A page of the console scrolls within itself: the window grows until all of it is in the picture."""
    height = "document.querySelector('.console-scroll')?.scrollHeight ?? 0"
    size = page.viewport_size
    if size is not None and (all_of_it := int(await page.evaluate(height)) + BAR_PX) > size["height"]:
        await page.set_viewport_size({"width": size["width"], "height": all_of_it})


def sheet(shots: list[Shot]) -> str:
    """Every picture on one page, screen by screen."""
    rows = []
    for screen in dict.fromkeys(shot.screen.name for shot in shots):
        cells = []
        for shot in (one for one in shots if one.screen.name == screen):
            faults = "".join(f"<li>{html.escape(fault)}</li>" for fault in shot.faults)
            cells.append(
                f'<figure class="{shot.device}"><a href="{shot.file}"><img loading="lazy" src="{shot.file}" alt=""></a>'
                f"<figcaption>{shot.device} · {shot.look} · {shot.lang}</figcaption><ul>{faults}</ul></figure>"
            )
        rows.append(f'<section><h2>{screen}</h2><div class="row">{"".join(cells)}</div></section>')
    style = (
        "body{font:14px system-ui;margin:16px;background:#777;color:#fff}.row{display:flex;flex-wrap:wrap}"
        "figure{margin:0 12px 12px 0}.phone{width:195px}.desktop{width:480px}img{width:100%;max-height:640px;"
        "object-fit:cover;object-position:top}ul{margin:0;padding-left:16px;background:#a00}"
    )
    return f'<!doctype html><meta charset="utf-8"><title>Screens</title><style>{style}</style>{"".join(rows)}'


async def run(names: list[str]) -> int:
    shots = list(wanted(names))
    if not shots:
        print("known screens: " + " ".join(screen.name for screen in SCREENS))
        return 2
    FOLDER.mkdir(exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="wenzheng-shots-"))
    server = ServerProcess(data, "--demo").start()
    try:
        stage = await build_stage(server.base)
        async with chromium() as browser:
            turns = asyncio.Semaphore(AT_ONCE)

            async def one(shot: Shot) -> None:
                async with turns:
                    await take(shot, browser, server.base, stage)
                    print("✗" if shot.faults else "·", end="", flush=True)

            async with asyncio.TaskGroup() as group:
                for shot in shots:
                    group.create_task(one(shot), name=shot.file)
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)
    (FOLDER / "index.html").write_text(sheet(shots), encoding="utf-8")
    faults = [f"{shot.file}: {fault}" for shot in shots for fault in shot.faults]
    print("", *faults, f"{len(shots)} pictures, {len(faults)} faults: {FOLDER / 'index.html'}", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
