"""`kill -9` of a node that follows the log: the next ones complete its work, and no write of its is there twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.ids import MonotonicIds, RoomId
from persistence.store import Store, open_store
from rooms.following.follower import Follower
from rooms.model import Lane
from rooms.timers import LoopScheduler
from tests.contracts.store.demo_consumer import Demo, drop_table, make_table, notes
from tests.contracts.store.ground import Ground, lay
from tests.persistence.following_child import PACE

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
ROOMS, POSTS, ENOUGH = 4, 40, 25


async def test_killed_in_the_middle_twice_and_everything_is_written_once(store_url: str) -> None:
    store = await open_store(store_url)
    try:
        await make_table(store)
        rooms = await lay(store, _talk)
        told = [*killed(store_url), *killed(store_url)]
        heir = await _completed(store, len(rooms) * POSTS)
        written = await notes(store, "demo")
        for room in rooms:
            assert [seq for place, _, seq in written if place.stream == room] == list(range(1, POSTS + 1))
        told += [(place.stream, place.lane.value, seq) for place, _, seq in heir.told]
        assert {(stream, seq) for stream, _, seq in told} == {(r, n) for r in rooms for n in range(1, POSTS + 1)}
        await drop_table(store)
    finally:
        await store.close()


def _talk(ground: Ground) -> list[RoomId]:
    rooms = [ground.room() for _ in range(ROOMS)]
    for n in range(POSTS):
        for room in rooms:
            ground.post(room, f"第{n}问")
    return rooms


def killed(url: str) -> list[tuple[str, str, int]]:
    """Lets a node tell of some events, kills it, and answers which."""
    command = [sys.executable, "-m", "tests.persistence.following_child", url]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    said: list[bytes] = []
    with child:
        for line in child.stdout:
            said.append(line)
            if len(said) >= ENOUGH:
                break
        child.kill()
        # What it said before it died and nobody has read yet was said.
        said += [line for line in child.stdout if line.endswith(b"\n")]
        failed = child.stderr.read().decode()
    assert not failed, failed
    assert ENOUGH <= len(said) < ROOMS * POSTS, "killed in the middle"
    words = [line.decode().split() for line in said]
    return [(stream, lane, int(seq)) for stream, lane, seq in words]


async def _completed(store: Store, count: int) -> Demo:
    """A third node works until there is nothing left to do."""
    demo = Demo(lanes=frozenset(Lane))
    follower = Follower(demo, store, LoopScheduler(), MonotonicIds(), PACE)
    async with asyncio.timeout(60):
        while len(await notes(store, "demo")) < count:
            await follower.look()
            await follower.settled()
            await asyncio.sleep(0.02)  # the lease of the dead runs out in real time: they were real processes
    return demo
