"""Durable posts a second through the committer: group commit beside one command a commit, in one run on one disk.

`python -m bench.store [posts]` prints one JSON line. Absolute numbers belong to the machine and its disk, the ratio is
the result. Set WENZHENG_BENCH_POSTGRES_URL to an empty database to measure that too.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from accounts.model import Account, Department
from kernel.clock import SystemClock
from kernel.ids import DepartmentId, MonotonicIds, PostId, RoomId, UserId
from kernel.permissions import Role
from persistence.migrate import migrate
from persistence.store import Store, open_store
from persistence.streams import BATCH_MAX, Streams
from rooms.commands import CreateRoom, SubmitPost
from rooms.model import Author, Policy, PostKind, PostState

POSTS = 2_000
# So many clients wait for their answer at once.
CLIENTS = 64
POSTGRES_URL = "WENZHENG_BENCH_POSTGRES_URL"

HOST = Author(UserId("host"), "host", Role.HOST)
BODY = "地铁一号线起步价两元能坐几站？换乘公交有没有优惠，学生和老人怎么办？"


async def posts_per_second(url: str, posts: int, batch_max: int) -> float:
    """Every post answered after its durable commit; published ones, which also take a number and write an event."""
    ids = MonotonicIds()
    store = await open_store(url, streams=Streams(batch_max=batch_max))
    try:
        room = await room_of(store, ids)
        waiting = iter(range(posts))

        async def client() -> None:
            for number in waiting:
                await store.commit(post(PostId(ids()), room, f"{number}"))

        await store.commit(post(PostId(ids()), room, "warm"))
        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return posts / (time.perf_counter() - began)
    finally:
        await store.close()


async def room_of(store: Store, ids: MonotonicIds) -> RoomId:
    department = DepartmentId("price")
    if await store.department(department) is None:
        await store.add_department(Department(department, "市物价局", "Price Bureau", "价", 1))
        await store.add_account(Account(HOST.id, "host", "host", Role.HOST, None, ""))
    room, now = RoomId(ids()), SystemClock().now_ms()
    await store.commit(
        CreateRoom(room, room[-8:].upper(), "bench", "", (department,), None, None, True, Policy(), HOST.id, now)
    )
    return room


def post(number: PostId, room: RoomId, cid: str) -> SubmitPost:
    return SubmitPost(
        id=number,
        room=room,
        author=HOST,
        guest=False,
        cid=cid,
        kind=PostKind.NOTICE,
        body=BODY,
        reply_to=None,
        judged=PostState.PUBLISHED,
        reasons=(),
        salt=os.urandom(16),
        at=SystemClock().now_ms(),
    )


def compared(name: str, url: str, posts: int) -> dict[str, object]:
    migrate(url)
    grouped = asyncio.run(posts_per_second(url, posts, BATCH_MAX))
    # Fewer of them: one commit each takes its time, and a rate needs no more.
    single = asyncio.run(posts_per_second(url, max(posts // 10, 50), 1))
    return {
        "bench": "store",
        "store": name,
        "clients": CLIENTS,
        "grouped_posts_per_s": round(grouped),
        "single_posts_per_s": round(single),
        "ratio": round(grouped / single, 1),
    }


def main() -> None:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else POSTS
    # Beside the checkout, not in memory: a commit there would cost nothing and prove nothing.
    with tempfile.TemporaryDirectory(dir=Path(__file__).resolve().parents[1]) as folder:
        print(json.dumps(compared("sqlite", f"sqlite:///{folder}/bench.db", posts)), flush=True)
    if url := os.environ.get(POSTGRES_URL):
        print(json.dumps(compared("postgresql", url, posts)), flush=True)


if __name__ == "__main__":
    main()
