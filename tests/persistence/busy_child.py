"""A process that stores as fast as it can and says on its output what was acknowledged; made to be killed.

`python -m tests.persistence.busy_child URL ROOM`: twenty clients post, one moderator publishes.
"""

from __future__ import annotations

import asyncio
import os
import sys

from kernel.clock import SystemClock
from kernel.ids import MonotonicIds, RoomId
from kernel.refusals import Refusal
from moderation.commands import Decide, Pull, Pulled, Ruling
from persistence.store import Store, open_store
from rooms.commands import PostReceipt
from tests.factories import LEASE_MS, MODERATOR, guest, post_command

CLIENTS = 20


async def main(url: str, room: RoomId) -> None:
    store = await open_store(url)
    async with asyncio.TaskGroup() as group:
        for n in range(CLIENTS):
            group.create_task(post_for_ever(store, room, str(n)))
        group.create_task(publish_for_ever(store, room))


async def post_for_ever(store: Store, room: RoomId, name: str) -> None:
    clock, ids, n = SystemClock(), MonotonicIds(), 0
    while True:
        n += 1
        cid = f"{name}-{n}"
        command = post_command(room, clock, ids, by=guest(name), cid=cid, body=f"第{n}问")
        receipt = await store.commit(command)
        if isinstance(receipt, PostReceipt):
            say("posted", name, cid, receipt.post)


async def publish_for_ever(store: Store, room: RoomId) -> None:
    clock = SystemClock()
    while True:
        pulled = await store.commit(Pull(room, 10, MODERATOR, LEASE_MS, clock.now_ms()))
        posts = pulled.posts if isinstance(pulled, Pulled) else ()
        for waiting in posts:
            ruling = Decide(waiting.post, waiting.ver, Ruling.PUBLISH, None, None, MODERATOR, clock.now_ms())
            try:
                receipt = await store.commit(ruling)
            except Refusal:
                continue
            if isinstance(receipt, PostReceipt):
                say("published", waiting.post, receipt.seq, receipt.number)


def say(*words: object) -> None:
    """One write, so that a line is there whole or not at all."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], RoomId(sys.argv[2])))
