"""A deployment that compresses keeps the protocol, whoever takes part in it, and hides what is hidden in it too."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame

from gateway.engine.deflate import WORTH_BYTES
from tests.e2e.people import chromium
from tests.services.server import ServerProcess
from wenzheng.conformance import wire
from wenzheng.conformance.people import DEMO, sign_in
from wenzheng.conformance.suite import plan, run
from wenzheng.conformance.target import Api, Target, target_of

pytestmark = pytest.mark.anyio

# Where messages go to many: snapshots, events, replays, and what must not be in them any more.
CHECKS = ["lanes.snapshot", "lanes.order", "lanes.resume", "lanes.same-items", "hiding", "messages.too-large"]


@pytest.fixture(scope="module")
def compressing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder: Path = tmp_path_factory.mktemp("compressing")
    process = ServerProcess(folder, "--demo", settings={"WENZHENG_SERVER__COMPRESSION": "true"}).start()
    yield target_of(process.base)
    assert process.stop() == 0, process.log()[-4000:]


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Clients offer compression from now on; counts what comes to them packed and plain."""
    came: Counter[str] = Counter()
    decode = PerMessageDeflate.decode

    def counted(self: PerMessageDeflate, frame: Frame, **options: Any) -> Frame:
        came["packed" if frame.rsv1 else "plain"] += 1
        return decode(self, frame, **options)

    monkeypatch.setattr(PerMessageDeflate, "decode", counted)
    monkeypatch.setattr(wire, "connect", lambda *to, **how: connect(*to, **{**how, "compression": "deflate"}))
    return came


async def conforms(target: Target) -> None:
    results = await run(target, await sign_in(target, DEMO), plan(CHECKS))
    assert [f"{one.name} {one.codec}: {one.problem}" for one in results if one.problem is not None] == []


async def test_who_offers_it_gets_what_is_public_packed(compressing: Target, packed: Counter[str]) -> None:
    await conforms(compressing)
    assert packed["packed"] > 0
    assert packed["plain"] > 0, "answers to one socket are not worth it"


async def test_beside_them_others_are_served_plainly(compressing: Target) -> None:
    await conforms(compressing)


JOIN = """async ([url, room]) => {
  const socket = new WebSocket(url, ['wenzheng.v1.json'])
  await new Promise((opened, failed) => { socket.onopen = opened; socket.onerror = () => failed('not opened') })
  const snapshot = new Promise((found, failed) => {
    socket.onmessage = (event) => event.data.startsWith('[{"t":"snap"') && found(event.data)
    socket.onclose = (event) => failed(`closed with ${event.code}`)
  })
  socket.send(JSON.stringify([{ t: 'hello', id: 1 }, { t: 'join', id: 2, room, unknown: '问'.repeat(2000) }]))
  return [socket.extensions, await snapshot]
}"""


@pytest.mark.browser
async def test_a_browser_offers_it_by_itself_and_understands(compressing: Target) -> None:
    room = (await Api(compressing).get("/rooms?state=live"))["items"][0]
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(f"{compressing.http}/healthz")
        extensions, snapshot = await page.evaluate(JOIN, [compressing.ws, room["id"]])
    assert extensions.startswith("permessage-deflate")
    assert len(snapshot) > WORTH_BYTES, "long enough to have come packed"
    assert json.loads(snapshot)[0]["r"] == room["id"]


async def test_by_default_nobody_is_compressed_whatever_is_offered(server: ServerProcess, packed: Counter[str]) -> None:
    target = target_of(server.base)
    results = await run(target, await sign_in(target, DEMO), plan(["lanes.snapshot"]))
    assert [one.problem for one in results if one.problem is not None] == []
    assert packed["packed"] == 0
