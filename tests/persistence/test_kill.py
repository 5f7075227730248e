"""`kill -9` in the middle of everything: what was acknowledged is there, once, and no number is missing or double."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kernel.clock import SystemClock
from kernel.ids import CountingIds, PostId, RoomId, UserId
from persistence.store import Store, open_store
from rooms.model import Lane, PostState
from tests.contracts.store.invariants import assert_sound
from tests.factories import guest, live_room

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 400  # acknowledged posts, and a tenth of that published


async def test_every_acknowledged_post_survives_once(store_url: str, ids: CountingIds) -> None:
    store = await open_store(store_url)
    room = (await live_room(store, SystemClock(), ids)).id
    await store.close()
    said = [*killed(store_url, room), *killed(store_url, room)]
    store = await open_store(store_url)
    try:
        await _check(store, room, said)
    finally:
        await store.close()


def killed(url: str, room: RoomId) -> list[list[str]]:
    """Lets a process work until it has acknowledged enough, kills it, and answers what it said."""
    command = [sys.executable, "-m", "tests.persistence.busy_child", url, room]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    said: list[list[str]] = []
    with child:
        for line in child.stdout:
            said.append(line.decode().split())
            if len(said) >= ENOUGH and sum(words[0] == "published" for words in said) >= ENOUGH // 10:
                break
        child.kill()
        # What it said before it died and nobody has read yet was said.
        said += [line.decode().split() for line in child.stdout if line.endswith(b"\n")]
        failed = child.stderr.read().decode()
    assert not failed, failed
    return said


async def _check(store: Store, room: RoomId, said: list[list[str]]) -> None:
    await assert_sound(store)
    posts = {PostId(words[3]): words for words in said if words[0] == "posted"}
    published = {PostId(words[1]): words for words in said if words[0] == "published"}
    assert len(posts) >= ENOUGH
    for post, (_, name, cid, _) in list(posts.items())[:: max(1, len(posts) // 200)]:
        receipt = await store.receipt(room, _id(name), cid)
        assert receipt is not None
        assert receipt.post == post
        if post in published:
            shown = (receipt.state, str(receipt.seq), str(receipt.number))
            assert shown == (PostState.PUBLISHED, published[post][2], published[post][3])
    await _check_lane(store, room, set(published))


async def _check_lane(store: Store, room: RoomId, published: set[PostId]) -> None:
    head = (await store.heads([room]))[room, Lane.PUB].seq
    items = [item for after in range(0, head, 200) for item in (await store.events(room, Lane.PUB, after, 200)).items]
    assert [item["s"] for item in items] == list(range(1, head + 1))
    shown = [item["id"] for item in items if item["k"] == "msg"]
    assert len(shown) == len(set(shown))
    assert published <= set(shown)


def _id(name: str) -> UserId:
    user = guest(name).id
    assert user is not None
    return user
