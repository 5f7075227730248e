"""`serve --workers 2` on real services: clients neither know nor care who serves them, and who dies meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.engine.listening import listen
from tests.client import Api, Frame, LaneView, Live, Refused, sign_in
from tests.services.postgres import Postgres
from tests.services.redis import Redis
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

WORKERS = 2
POSTERS, VIEWERS = 8, 4
CODECS = ("json", "msgpack")
# Posts acknowledged before, while and after somebody is harmed.
ENOUGH = 20
LONG_S = 60.0


class Workers(ServerProcess):
    """A supervisor, its workers, and what they log."""

    def entries(self, event: str) -> list[dict[str, Any]]:
        lines = [line for line in self.log().splitlines() if line.startswith("{") and line.endswith("}")]
        return [entry for line in lines if (entry := json.loads(line))["event"] == event]

    def ready(self) -> list[dict[str, Any]]:
        """One entry for each time that a worker became ready."""
        return self.entries("a worker is ready")

    def pid_of(self, worker: int) -> int:
        return int([entry["pid"] for entry in self.ready() if entry["worker"] == worker][-1])

    def processes(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self.pid)
        return [supervisor, *supervisor.children()]


async def until(met: Callable[[], object]) -> None:
    async with asyncio.timeout(LONG_S):
        while not met():
            await asyncio.sleep(0.02)


def started(data: Path, store: str, redis: Redis) -> Workers:
    settings = {
        "WENZHENG_STORE__URL": store,
        "WENZHENG_BUS__URL": redis.url,
        "WENZHENG_TIMES__DRAIN_S": "0.5",
        "WENZHENG_LOG__REQUESTS": "false",
    }
    server = Workers(data, "--demo", "--workers", str(WORKERS), settings=settings)
    server.start(90)
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, redis: Redis) -> Iterator[Workers]:
    store = postgres.borrow_database()
    running = started(tmp_path_factory.mktemp("workers"), store, redis)
    yield running
    everybody = running.processes()
    assert running.stop() == 0, running.log()[-4000:]
    assert not any(process.is_running() for process in everybody)
    assert "Traceback" not in running.log(), running.log()[-4000:]
    postgres.return_database(store)


@pytest.fixture
async def host(server: Workers) -> AsyncIterator[Api]:
    api = await sign_in(server.base, "host")
    yield api
    await api.close()


class Room:
    """One with people who post without a pause, and viewers; `judge` compares what they saw with what is kept."""

    def __init__(self, server: Workers, host: Api, room: str) -> None:
        self.server = server
        self.host = host
        self.id = room
        self.acked: dict[str, str] = {}  # the post of each cid
        self.viewers: list[Live] = []
        self._stopping = False

    async def keep_posting(self, client: Live, who: int) -> None:
        n = 0
        while not self._stopping:
            cid = f"{who}-{n}"
            try:
                answer = await client.post(self.id, cid, "notice", f"{who} 号的第 {n} 条")
            except Refused as refused:
                if not refused.frame["temporary"]:
                    raise
                await asyncio.sleep(refused.frame.get("retry_ms", 100) / 1000)
                continue
            self.acked[cid] = answer["post"]
            n += 1

    async def more(self) -> None:
        """Enough posts are acknowledged that were not by now."""
        wanted = len(self.acked) + ENOUGH
        await until(lambda: len(self.acked) >= wanted)

    def stop(self) -> None:
        self._stopping = True

    async def judge(self) -> None:
        """Every acknowledged post is there exactly once, and every viewer has the log without hole or repetition."""
        log = await whole_log(self.host, self.id)
        assert [item["s"] for item in log] == list(range(1, len(log) + 1))
        kept = Counter(item["id"] for item in log if item["k"] == "msg")
        assert {post for post in self.acked.values() if kept[post] != 1} == set(), "lost or doubled"
        bodies = Counter(item["body"] for item in log if item["k"] == "msg")
        assert max(bodies.values()) == 1, "a resent post became two"
        for viewer in self.viewers:
            lane = await seen(viewer, self.id, lambda lane: lane.seq >= len(log))
            # Never a second snapshot: whoever came back went on where it was, at whatever worker.
            assert (lane.snaps, lane.resets, lane.holes) == (1, 0, 0)
            assert lane.snap is not None
            assert lane.items == log[lane.snap["head"] :]


async def seen(viewer: Live, room: str, met: Callable[[LaneView], bool]) -> LaneView:
    """The public lane on this viewer's screen, once it is so."""
    lane = viewer.rooms[room].lanes["pub"]
    await viewer.until(lambda: met(lane))
    return lane


async def token_of(server: Workers, username: str) -> str | None:
    api = await sign_in(server.base, username)
    await api.close()
    return api.token


async def whole_log(api: Api, room: str) -> list[Frame]:
    events: list[Frame] = []
    while True:
        page = await api.get(f"/rooms/{room}/events?lane=pub&after={len(events)}&limit=200")
        events += page["items"]
        if len(events) >= page["head"]:
            return events


@asynccontextmanager
async def busy(server: Workers, host: Api) -> AsyncIterator[Room]:
    """A room under load; the load ends with the block."""
    asked = {"title": "多个进程", "departments": ["price"], "open": True}
    room = Room(server, host, (await host.post("/rooms", asked))["id"])
    tokens = [host.token, await token_of(server, "price1"), await token_of(server, "price2")]
    clients: list[Live] = []
    try:
        clients += [Live(server.base, codec=CODECS[n % 2], token=tokens[n % 3]) for n in range(POSTERS)]
        room.viewers += [Live(server.base, codec=CODECS[n % 2]) for n in range(VIEWERS)]
        clients += room.viewers
        for client in clients:
            client.backoff_s = 0.1
            await client.start()
        for viewer in room.viewers:
            await viewer.join(room.id)
        async with asyncio.TaskGroup() as work:
            for n, client in enumerate(clients[:POSTERS]):
                work.create_task(room.keep_posting(client, n))
            await room.more()
            yield room
            await room.more()
            room.stop()
        await room.judge()
    finally:
        for client in clients:
            await client.stop()


def served_by(client: Live) -> str:
    """The process: a connection's name begins with its node's."""
    assert client.welcome is not None
    return str(client.welcome["conn"]).partition("-")[0]


async def test_a_client_resumes_exactly_at_any_worker(server: Workers, host: Api) -> None:
    room = (await host.post("/rooms", {"title": "续接", "departments": ["price"], "open": True}))["id"]
    async with Live(server.base) as here:
        await here.join(room)
        await host.post(f"/rooms/{room}/posts", {"cid": "first", "kind": "notice", "body": "第一条"})
        lane = here.rooms[room].lanes["pub"]
        await here.until(lambda: any(item.get("body") == "第一条" for item in lane.items))
        position = lane.position()
    missed = lane.seq
    for n in range(3):
        await host.post(f"/rooms/{room}/posts", {"cid": f"missed {n}", "kind": "notice", "body": f"错过的第 {n} 条"})

    # Until every worker has been come back to: the kernel chooses.
    workers: set[str] = set()
    async with asyncio.timeout(LONG_S):
        while len(workers) < WORKERS:
            async with Live(server.base) as there:
                joined = await there.join(room, pos={"pub": position})
                workers.add(served_by(there))
                assert joined["lanes"]["pub"]["mode"] == "replay"
                # A worker that has not heard of the newest yet tells the rest when it has.
                lane = await seen(there, room, lambda lane: lane.seq >= missed + 3)
                assert (lane.snaps, lane.resets, lane.holes, lane.dropped) == (0, 0, 0, 0)
                assert [item["s"] for item in lane.items] == [missed + 1, missed + 2, missed + 3]


async def test_what_one_worker_commits_reaches_viewers_of_every_worker(server: Workers, host: Api) -> None:
    room = (await host.post("/rooms", {"title": "各处", "departments": ["price"], "open": True}))["id"]
    viewers: dict[str, Live] = {}
    async with asyncio.timeout(LONG_S):
        while len(viewers) < WORKERS:
            viewer = await Live(server.base).start()
            if viewers.setdefault(served_by(viewer), viewer) is not viewer:
                await viewer.stop()
    for viewer in viewers.values():
        await viewer.join(room)

    post = (await host.post(f"/rooms/{room}/posts", {"cid": "c", "kind": "notice", "body": "给所有人"}))["post"]

    for viewer in viewers.values():
        await seen(viewer, room, lambda lane: any(item["id"] == post for item in lane.items))
        await viewer.stop()


async def test_workers_killed_under_load_are_replaced_and_nobody_loses_anything(server: Workers, host: Api) -> None:
    before = len(server.ready())
    async with busy(server, host) as room:
        comings = sum(viewer.connects for viewer in room.viewers)
        os.kill(server.pid_of(2), signal.SIGKILL)
        os.kill(server.pid_of(1), signal.SIGKILL)
        await until(lambda: len(server.ready()) == before + 2)

    # Negative control: they were cut off indeed.
    assert sum(viewer.connects for viewer in room.viewers) > comings


async def test_a_rolling_restart_under_load_loses_nothing(server: Workers, host: Api) -> None:
    pids = {server.pid_of(1), server.pid_of(2)}
    rolled = len(server.entries("every worker is a new one"))
    async with busy(server, host) as room:
        os.kill(server.pid, signal.SIGHUP)
        await until(lambda: len(server.entries("every worker is a new one")) > rolled)
        await until(lambda: not any(psutil.pid_exists(pid) for pid in pids))

    assert all(viewer.connects > 1 for viewer in room.viewers)
    # Told to go and come back, not cut off.
    assert {code for viewer in room.viewers for code, _ in viewer.closes} == {4000}


async def test_any_worker_tells_the_numbers_of_all(server: Workers) -> None:
    await until(lambda: told(server)["wenzheng_worker_up"] == {"1": 1, "2": 1})

    numbers = told(server)
    assert numbers["process_resident_memory_bytes"].keys() == {"1", "2"}
    assert sum(numbers["wenzheng_handshakes_total"].values()) >= 0


async def test_every_worker_says_who_it_is_in_its_log(server: Workers) -> None:
    assert {entry["worker"] for entry in server.entries("serving") if "worker" in entry} == {1, 2}


async def test_without_its_supervisor_everybody_is_told_to_go_and_nobody_stays(
    tmp_path: Path, postgres_url: str, redis: Redis
) -> None:
    server = await asyncio.to_thread(started, tmp_path, postgres_url, redis)
    await until(lambda: len(server.processes()) == 2 + WORKERS)
    everybody = server.processes()
    viewer = await Live(server.base).start()

    await asyncio.to_thread(server.kill)
    await viewer.until(lambda: viewer.closes)
    await viewer.stop()
    assert viewer.closes[0][0] == 4000
    await until(lambda: not any(process.is_running() for process in everybody))

    # Nor does the port.
    for listener in listen("127.0.0.1", server.port):
        listener.close()


def told(server: Workers) -> dict[str, dict[str, float]]:
    """By name, then by worker."""
    text = httpx2.get(server.base + "/metrics", trust_env=False).text
    numbers: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            numbers.setdefault(sample.name, {})[sample.labels["worker"]] = sample.value
    return numbers
