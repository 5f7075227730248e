"""The product as `wenzheng serve` assembles it, with one difference: how many commands a commit may take together.

`python -m bench.posting_server URL BATCH FOLDER` says its port and then serves until killed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvloop

from bench.serving import tell
from kernel.clock import SystemClock
from kernel.tasks import spawn
from persistence.migrate import migrate
from persistence.store import open_store
from persistence.streams import Streams
from wenzheng.bootstrap import assemble
from wenzheng.demonstration import seed
from wenzheng.settings import load


async def main(url: str, batch_max: int, folder: Path) -> None:
    clock = SystemClock()
    environment = {
        "WENZHENG_DATA_DIR": str(folder),
        "WENZHENG_STORE__URL": url,
        "WENZHENG_SERVER__PORT": "0",
        "WENZHENG_MODERATION__PACE_BURST": "1000000",
        "WENZHENG_LIMITS__COMMANDS_NETIZEN": "[100000, 100000]",
        "WENZHENG_LOG__REQUESTS": "false",
    }
    settings = load(None, environment)
    await asyncio.to_thread(migrate, url)
    store = await open_store(url, clock=clock, streams=Streams(batch_max=batch_max))
    node = await assemble(settings, store, clock, demo=True)
    await seed(store, clock)
    await node.bus.start()
    await node.live.start()
    serving = spawn(node.server.serve(), name="serve")
    while not node.server.started:
        await asyncio.sleep(0.02)
    tell(node.server.port)
    await serving


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
