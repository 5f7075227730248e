"""`kill -9` in the middle of the work: what was acknowledged is there once, and everybody comes back alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.client import Api, Live, Refused, guest, sign_in
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

POSTERS = 20
# Enough under way for the kill to land between a commit and its answer; posts go on after the restart.
ACKED_BEFORE_KILL = 60
ACKED_AFTER_KILL = 40

Frame = dict[str, Any]


class Crowd:
    """Posters that ask without a pause, and what the server acknowledged to them."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.acked: dict[str, Frame] = {}
        self.changed = asyncio.Event()
        self.stopping = False

    async def keep_posting(self, client: Live, who: int) -> None:
        n = 0
        while not self.stopping:
            cid = f"{who}-{n}"
            try:
                answer = await client.post(self.room, cid, "notice", f"{who} 号的第 {n} 条")
            except Refused as refused:
                # `rate`: resend later under the same cid; `unavailable`: the outcome is unknown, so resend too.
                await asyncio.sleep(refused.frame.get("retry_ms", 100) / 1000)
                continue
            self.acked[cid] = answer
            self.changed.set()
            n += 1

    async def keep_moderating(self, client: Live, decided: dict[str, Frame]) -> None:
        while not self.stopping:
            try:
                pulled = await client.ask("mod.pull", room=self.room, n=10)
                for waiting in pulled["posts"]:
                    decided[waiting["post"]] = await client.ask(
                        "mod.decide", post=waiting["post"], ver=waiting["ver"], verdict="publish"
                    )
                if not pulled["posts"]:
                    await asyncio.sleep(0.02)
            except Refused:
                await asyncio.sleep(0.05)  # the lease may have run out, or the answer of a first try stands

    async def until_acked(self, count: int) -> None:
        async with asyncio.timeout(90):
            while len(self.acked) < count:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "sqlite":
        return {}
    return {"WENZHENG_STORE__URL": request.getfixturevalue("postgres_url")}


async def test_kill_minus_nine(tmp_path: Path, settings: dict[str, str]) -> None:
    server = ServerProcess(tmp_path, "--demo", settings=settings)
    await asyncio.to_thread(server.start)
    clients: list[Live] = []
    apis: list[Api] = []
    try:
        host = await sign_in(server.base, "host")
        apis.append(host)
        # Staff under review: their pace is theirs to choose, and every post goes through the moderator.
        asked = {"title": "压力", "departments": ["price"], "open": True, "policy": {"staff": "review"}}
        room = (await host.post("/rooms", asked))["id"]
        crowd = Crowd(room)
        decided: dict[str, Frame] = {}

        tokens = [(await sign_in(server.base, name)).token for name in ("price1", "price2", "host")]
        for who in range(POSTERS):
            client = Live(server.base, token=tokens[who % 3], codec=("json", "msgpack")[who % 2])
            client.backoff_s = 0.1
            clients.append(await client.start())
        moderator = await Live(server.base, token=(await sign_in(server.base, "moderator1")).token).start()
        viewer = await Live(server.base, token=(await guest(server.base)).token).start()
        clients += [moderator, viewer]
        moderator.backoff_s = viewer.backoff_s = 0.1
        await viewer.join(room)

        async with asyncio.TaskGroup() as work:
            for who, client in enumerate(clients[:POSTERS]):
                work.create_task(crowd.keep_posting(client, who))
            work.create_task(crowd.keep_moderating(moderator, decided))
            await crowd.until_acked(ACKED_BEFORE_KILL)
            assert await asyncio.to_thread(server.kill) == -9
            at_kill = len(crowd.acked)
            await asyncio.to_thread(server.start)
            await crowd.until_acked(at_kill + ACKED_AFTER_KILL)
            crowd.stopping = True

        events: list[Frame] = []
        while True:
            page = await host.get(f"/rooms/{room}/events?lane=pub&after={len(events)}&limit=200")
            events += page["items"]
            if len(events) >= page["head"]:
                break
        assert [item["s"] for item in events] == list(range(1, page["head"] + 1)), "a number is missing or double"
        published = Counter(item["id"] for item in events if item["k"] == "msg")
        assert max(published.values(), default=1) == 1, "a post was published twice"
        by_body = Counter(item["body"] for item in events if item["k"] == "msg")
        assert max(by_body.values(), default=1) == 1, "a resent post became two"

        waiting: dict[str, Frame] = {}
        cursor: str | None = ""
        mod_api = await sign_in(server.base, "moderator1")
        apis.append(mod_api)
        while cursor is not None:
            queue = await mod_api.get(f"/rooms/{room}/queue?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            waiting |= {entry["post"]: entry for entry in queue["items"]}
            cursor = queue["next"]
        lost = [cid for cid, ack in crowd.acked.items() if ack["post"] not in published and ack["post"] not in waiting]
        assert lost == [], "acknowledged posts are gone"
        assert [post for post in decided if post not in published] == [], "an acknowledged verdict is gone"

        # The viewer came back alone and holds exactly the log, each number once.
        lane = viewer.rooms[room].lanes["pub"]
        await viewer.until(lambda: lane.seq >= page["head"])
        assert viewer.connects >= 2
        first = lane.items[0]["s"]
        assert [item["s"] for item in lane.items] == list(range(first, page["head"] + 1))
    finally:
        for client in clients:
            await client.stop()
        for api in apis:
            await api.close()
        if server.process is not None and server.process.poll() is None:
            assert await asyncio.to_thread(server.stop) == 0
